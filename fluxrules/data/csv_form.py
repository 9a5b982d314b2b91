"""The form of a CSV file: its separator, and the row that breaks it."""

from __future__ import annotations

import csv
from pathlib import Path


def separator_of(head: bytes) -> str:
    """« ; », « , » or a tab, whichever the line of names holds most of."""
    first = head.partition(b"\n")[0]
    return max(";,\t", key=lambda c: first.count(c.encode()))


def uneven_row(file: Path) -> tuple[int, int, int] | None:
    """The first row with more cells than the names have: its number as a spreadsheet shows it, its cells, theirs."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as f:
            separator = separator_of(f.readline().encode())
            f.seek(0)
            rows = csv.reader(f, delimiter=separator)
            names = len(next(rows, []))
            return next(((i, len(row), names) for i, row in enumerate(rows, 2) if len(row) > names > 0), None)
    except (OSError, UnicodeDecodeError, csv.Error):
        return None
