"""The file of the journal: read as it stands, and never rewritten but by what follows its lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from fluxrules.data.write import read_csv, whole_file, write_csv


def read_journal(path: Path, kinds: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame | None:
    """The lines of a journal, typed; ``None`` when the file is not a journal (a column is missing). A value that does not fit is null."""
    try:
        frame = read_csv(path)
    except pl.exceptions.PolarsError:
        return None
    if not set(kinds) <= set(frame.columns):
        return None
    return frame.select(
        pl.col(name).str.to_date("%Y-%m-%d", strict=False) if kind == pl.Date else pl.col(name).cast(kind, strict=False)
        for name, kind in kinds.items()
    )


def append_journal(path: Path, new: pl.DataFrame) -> None:
    """Add lines after those of the file, whose bytes stay as they are; the longer file takes the place of the old one in one move.

    Raises ``NotWrittenError``.
    """
    with whole_file(path, replace=True) as work:
        write_csv(new, work)
        if path.exists():
            old = path.read_bytes()
            added = work.read_bytes().split(b"\n", 1)[1]
            work.write_bytes(old if not added else old + (b"" if old.endswith(b"\n") else b"\n") + added)
