"""Excel workbooks: every text is written as text, so no cell is ever a formula; dates as dates, numbers as numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from fluxrules.data.archive import workbook
from fluxrules.data.cells import flat
from fluxrules.data.write import NotWrittenError

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS = 1_048_576
"""The rows of a sheet, its header included. A longer table goes over several sheets."""
MAX_TEXT = 32_767
BLOCK = 50_000
"""How many rows are held at once."""
_EXACT = 2**53
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a 29 February 1900 that was not
_MISSING = "les fichiers Excel demandent XlsxWriter. Installez-le : pip install 'fluxrules[xlsx]', ou demandez le CSV"


@dataclass(frozen=True)
class Sheet:
    """A table and the name it would like (a lazy one is read as it is written); ``note`` is printed at the top of each page (a watermark)."""

    name: str
    frame: pl.DataFrame | pl.LazyFrame
    note: str = ""


def write_workbook(
    sheets: Sequence[Sheet],
    path: Path,
    notice: Sequence[tuple[str, str]] = (),
    *,
    day: date | None = None,
    rows: int = MAX_ROWS,
    small: bool = False,
) -> dict[str, list[str]]:
    """Writes a workbook, its « Lisez-moi » sheet first, and gives the sheets that each table went to.

    ``rows`` is the limit of a sheet. ``small``: everything holds in memory, which is faster than a temporary file a sheet. ``day`` dates the file, so that the same tables give the same bytes. Raises ``NotWrittenError``.
    """
    try:
        import xlsxwriter  # noqa: F401 (asked for before anything is written)
    except ImportError as error:
        raise NotWrittenError(_MISSING) from error
    frames = [_flat(s.frame) for s in sheets]
    options = {
        "constant_memory": not small,
        "in_memory": small,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    names = _Names()
    placed: dict[str, list[str]] = {}
    with workbook(path, options) as book:
        moment = datetime.combine(day or date(2000, 1, 1), datetime.min.time())
        book.set_properties({"created": moment, "title": "fluxrules", "comments": sheets[0].note if sheets else ""})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        styles = _Styles(head, book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "@"}))
        reader = book.add_worksheet(names.free("Lisez-moi")) if notice else None
        parts = [(s, f, *cut) for s, f in zip(sheets, frames, strict=True) for cut in _cuts(f, rows)]
        placed = _place(parts, names)
        if reader is not None:
            _write_notice(reader, [*notice, *_split_lines(placed)], head, wrapped)
        target = iter([name for found in placed.values() for name in found])
        for sheet, frame, start, length in parts:
            _write_sheet(book.add_worksheet(next(target)), sheet, frame.slice(start, length), styles)
    return placed


def _flat(frame: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame | pl.LazyFrame:
    if isinstance(frame, pl.DataFrame):
        return flat(frame)
    return flat(frame)  # the same, for a type checker that takes one kind at a time


@dataclass(frozen=True)
class _Styles:
    head: Format
    day: Format
    plain: Format


def _cuts(frame: pl.DataFrame | pl.LazyFrame, rows: int) -> list[tuple[int, int]]:
    size = rows - 1
    height = frame.height if isinstance(frame, pl.DataFrame) else int(frame.select(pl.len()).collect().item())
    return [(start, min(size, height - start)) for start in range(0, max(1, height), size)]


def _place(parts: Sequence[tuple[Sheet, pl.DataFrame | pl.LazyFrame, int, int]], names: _Names) -> dict[str, list[str]]:
    placed: dict[str, list[str]] = {}
    for sheet, _, _, _ in parts:
        placed.setdefault(sheet.name, []).append(names.free(sheet.name))
    return placed


def _split_lines(placed: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    for table, found in placed.items():
        if found != [table]:
            yield f"Table « {table} »", f"feuille(s) : {', '.join(found)}"


class _Names:
    """Sheet names: 31 characters, none of []:*?/\\, no two alike whatever the case."""

    def __init__(self) -> None:
        self.taken = {"history", "historique"}  # Excel keeps them for itself

    def free(self, wanted: str) -> str:
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "-", wanted).strip("' ") or "table"
        name, i = base[:31], 1
        while name.lower() in self.taken:
            i += 1
            tail = f" ({i})"
            name = base[: 31 - len(tail)] + tail
        self.taken.add(name.lower())
        return name


def _write_notice(sheet: Worksheet, lines: Sequence[tuple[str, str]], head: Format, wrapped: Format) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 100)
    sheet.set_landscape()
    for row, (label, text) in enumerate(lines):
        _write_text(sheet, row, 0, label, head if not text else wrapped, wrapped)
        if text:
            _write_text(sheet, row, 1, text, wrapped, wrapped)


def _write_sheet(target: Worksheet, sheet: Sheet, frame: pl.DataFrame | pl.LazyFrame, styles: _Styles) -> None:
    target.freeze_panes(1, 0)
    target.set_landscape()
    target.repeat_rows(0)
    if sheet.note:
        target.set_header("&C" + sheet.note.replace("&", "&&")[:250])
    kinds = frame.collect_schema()
    writers = [_writer(target, t, styles) for t in kinds.dtypes()]
    row = 0
    for block in _blocks(frame):
        if not row:
            for column, (name, kind) in enumerate(kinds.items()):
                target.set_column(column, column, _width(name, kind, [values[column] for values in block[:1000]]))
                _write_text(target, 0, column, name, styles.head, styles.head)
        for values in block:
            row += 1
            for column, value in enumerate(values):
                if value is None:
                    continue
                if isinstance(value, str) and len(value) > MAX_TEXT // 2:
                    _hold_length(value, kinds.names()[column], sheet)
                writers[column](row, column, value)


def _blocks(frame: pl.DataFrame | pl.LazyFrame) -> Iterator[list[tuple[Any, ...]]]:
    """The rows, a block at a time; at least one block, be it empty."""
    row = 0
    while True:
        part = frame.slice(row, BLOCK)
        block = (part if isinstance(part, pl.DataFrame) else part.collect()).rows()
        if block or not row:
            yield block
        row += len(block)
        if len(block) < BLOCK:
            return


def _hold_length(text: str, column: str, sheet: Sheet) -> None:
    if len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise NotWrittenError(
            f"la colonne « {column} » de « {sheet.name} » tient un texte trop long pour une cellule d'Excel ; "
            "demandez le CSV ou le Parquet"
        )


def _width(name: str, kind: pl.DataType, values: Sequence[Any]) -> int:
    if kind in (pl.Date, pl.Datetime):
        return max(12, len(name) + 2)
    longest = max((len(str(value)) for value in values if value is not None), default=0)
    return min(60, max(len(name) + 2, longest + 2, 8))


def _writer(sheet: Worksheet, kind: pl.DataType, styles: _Styles) -> Callable[[int, int, Any], None]:
    day, plain = styles.day, styles.plain

    def write_date(row: int, column: int, value: Any) -> None:
        when = value.date() if isinstance(value, datetime) else value
        if when >= _FIRST_DAY:
            sheet.write_datetime(row, column, value.replace(tzinfo=None) if isinstance(value, datetime) else value, day)
        else:
            sheet.write_string(row, column, value.isoformat(), plain)

    def write_number(row: int, column: int, value: Any) -> None:
        if isinstance(value, int) and abs(value) > _EXACT:
            sheet.write_string(row, column, str(value), plain)  # Excel would round it
        elif isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
            sheet.write_string(row, column, str(value), plain)
        else:
            sheet.write_number(row, column, value)

    def write_boolean(row: int, column: int, value: Any) -> None:
        sheet.write_boolean(row, column, value)

    def write_text(row: int, column: int, value: Any) -> None:
        _write_text(sheet, row, column, str(value), plain, plain)

    if kind in (pl.Date, pl.Datetime):
        return write_date
    if kind.is_numeric():
        return write_number
    return write_boolean if kind == pl.Boolean else write_text


def _write_text(sheet: Worksheet, row: int, column: int, text: str, style: Format, other: Format) -> None:
    """XlsxWriter takes a text of the form <r>…</r> for markup: it is cut in two, which a reader joins again."""
    text = text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")  # XML cannot hold them
    if text.startswith("<r>") and text.endswith("</r>"):
        sheet.write_rich_string(row, column, "<r", other, text[2:], style)
    elif text:
        sheet.write_string(row, column, text, style)
