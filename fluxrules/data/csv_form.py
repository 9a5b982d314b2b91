"""The form of a CSV file: its separator, and the rows that do not have as many cells as the line of names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Form:
    """Rows are numbered as a spreadsheet does, the names being row 1. ``uneven`` holds (row, its cells); a blank line is not uneven.

    ``torn`` is the row where a quote stays open: what follows it cannot be told apart.
    """

    separator: str
    names: int
    uneven: tuple[tuple[int, int], ...] = ()
    torn: int | None = None


def separator_of(head: bytes) -> str:
    """« ; », « , » or a tab, whichever the line of names holds most of."""
    first = head.partition(b"\n")[0]
    return max(";,\t", key=lambda c: first.count(c.encode()))


def form_of(file: Path, separator: str) -> Form:
    """Separators are counted as they stand; only a file with quotes is read cell by cell, which takes longer."""
    mark = separator.encode()
    with file.open("rb") as f:
        names = f.readline().count(mark) + 1
        uneven: list[tuple[int, int]] = []
        f.seek(0)
        for number, line in enumerate(f, 1):
            if b'"' in line:
                return _quoted(file, separator)
            cells = line.count(mark) + 1
            if cells != names and not line.isspace():
                uneven.append((number, cells))
    return Form(separator, names, tuple(uneven))


def _quoted(file: Path, separator: str) -> Form:
    number, names, before = 0, 0, 0
    uneven: list[tuple[int, int]] = []
    with _text(file) as f:
        rows = csv.reader(f, delimiter=separator)
        try:
            for number, row in enumerate(rows, 1):
                names = names or len(row)
                if row and len(row) != names:
                    if rows.line_num - before > 1:
                        return Form(separator, names, torn=number)
                    uneven.append((number, len(row)))
                before = rows.line_num
        except csv.Error:  # a cell longer than any of ours
            return Form(separator, names, torn=number + 1)
    return Form(separator, names, tuple(uneven))


def even_rows(file: Path, form: Form) -> tuple[io.BytesIO, list[int]]:
    """The file without its uneven rows, and the numbers of the rows that stay (the names are not one)."""
    out, numbers = io.StringIO(), []
    wrong = {number for number, _ in form.uneven}
    writer = csv.writer(out, delimiter=form.separator)
    for number, row in _rows(file, form.separator):
        if number not in wrong:
            writer.writerow(row)
            numbers.append(number)
    return io.BytesIO(out.getvalue().encode()), numbers[1:]


def open_quote(file: Path, separator: str) -> int | None:
    """The row with a quote that is not closed, or that something follows."""
    number = 0
    try:
        for number, _ in _rows(file, separator, strict=True):  # noqa: B007
            pass
    except (csv.Error, UnicodeDecodeError):
        return number + 1
    return None


def _rows(file: Path, separator: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    with _text(file, "strict") as f:
        yield from enumerate(csv.reader(f, delimiter=separator, strict=strict), 1)


def _text(file: Path, errors: str = "replace") -> IO[str]:
    return file.open(encoding="utf-8-sig", errors=errors, newline="")
