"""A table on disk: one file ``name.parquet``, or a folder ``name/`` of numbered parts where it is large.

Parts of the same number in ``demandes/``, ``membres/``, ``choix/`` and ``evenements/`` hold the same demandes when a writer of
this project made them; readers check it, they never assume it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

PART_DIGITS = 5


def parquet_parts(folder: Path, name: str) -> list[Path]:
    """The Parquet files of a table, in order; none when the folder does not hold it."""
    whole, parts = folder / f"{name}.parquet", folder / name
    if whole.is_file():
        return [whole]
    return sorted(parts.glob("*.parquet")) if parts.is_dir() else []


def part_path(folder: Path, name: str, number: int) -> Path:
    """Where the part of that number goes."""
    return folder / name / f"{number:0{PART_DIGITS}}.parquet"


def scan_table(folder: Path, name: str) -> pl.LazyFrame:
    """A table written by this project, as a lazy frame. Raises ``FileNotFoundError`` when it is not there."""
    import polars as pl

    files = parquet_parts(folder, name)
    if not files:
        raise FileNotFoundError(folder / name)
    return pl.scan_parquet(files, glob=False)
