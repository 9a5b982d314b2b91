"""Lays large tables out again, so that each part holds all the rows of its demandes: a demande goes where its number hashes to."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from fluxrules.data.parts import LINE, Parts, reading
from fluxrules.data.tables import KEY

PART = 250_000
SLICE = 500_000


def lay_out(parts: Parts, work: Path, columns: frozenset[str]) -> None:
    """Writes the tables in ``work``, with the columns named, in parts of about 250,000 demandes. Rows keep their number in their table."""
    for table in parts.tables:
        done = 0
        for source in dict.fromkeys(f for p in parts.parts for f in p.get(table, ())):
            with reading(parts.name_of(table, [source])):
                plan = pl.scan_parquet(source, glob=False)
                rows: int = plan.select(pl.len()).collect().item()
            for start in range(0, rows, SLICE):
                with reading(parts.name_of(table, [source])):
                    held = [c for c in plan.collect_schema() if c in columns | {KEY}]
                    frame = plan.select(held).slice(start, SLICE).collect()
                _spread(frame.with_row_index(LINE, offset=done + start + 1), work / table, _count(parts))
            done += rows


def laid_out(parts: Parts, work: Path) -> Parts:
    """The parts that ``lay_out`` made of some tables."""
    numbers = range(_count(parts))
    files = tuple(
        {table: tuple(sorted((work / table / f"{i:05}").glob("*.parquet"))) for table in parts.tables} for i in numbers
    )
    return Parts(files, parts.rows, PART, {name: text.rstrip("/") for name, text in parts.shown.items()}, numbered=True)


def _count(parts: Parts) -> int:
    return max(1, -(-parts.rows // PART))


def _spread(frame: pl.DataFrame, work: Path, count: int) -> None:
    """Writes rows where their number hashes to."""
    first = frame[LINE][0]
    place = pl.col(KEY).cast(pl.String).str.strip_chars().hash() % count
    for (number,), rows in frame.with_columns(_part=place).partition_by("_part", as_dict=True).items():
        target = work / f"{int(number):05}" / f"{first:012}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        rows.drop("_part").write_parquet(target, compression="lz4")
