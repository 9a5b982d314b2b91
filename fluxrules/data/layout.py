"""Lays large tables out again, so that each part holds all the rows of its demandes: a demande goes where its number hashes to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from fluxrules.data.parts import LINE, Parts
from fluxrules.data.tables import KEY

PART = 250_000
SLICE = 500_000


def lay_out(parts: Parts, work: Path, columns: frozenset[str]) -> Parts:
    """The same tables in ``work``, with the columns named, in parts of about 250,000 demandes. Rows keep their number in their table."""
    count = max(1, -(-parts.rows // PART))
    files: list[dict[str, tuple[Path, ...]]] = [{} for _ in range(count)]
    for table in parts.tables:
        sources = dict.fromkeys(f for p in parts.parts for f in p.get(table, ()))
        pieces: list[list[Path]] = [[] for _ in range(count)]
        done = 0
        for source in sources:
            done = _spread(source, work / table, count, columns | {KEY}, done, pieces)
        for number in range(count):
            files[number][table] = tuple(pieces[number])
    shown: Mapping[str, str] = {name: text.rstrip("/") for name, text in parts.shown.items()}
    return Parts(tuple(files), parts.rows, PART, shown)


def _spread(source: Path, work: Path, count: int, columns: frozenset[str], done: int, pieces: list[list[Path]]) -> int:
    """Writes the rows of one file where their number hashes to; ``done`` rows of the table came before."""
    plan = pl.scan_parquet(source)
    held = [c for c in plan.collect_schema() if c in columns]
    rows: int = plan.select(pl.len()).collect().item()
    for start in range(0, rows, SLICE):
        frame = plan.select(held).slice(start, SLICE).collect().with_row_index(LINE, offset=done + start + 1)
        key = pl.col(KEY).cast(pl.String).str.strip_chars()
        for (number,), rows_of in (
            frame.with_columns(_part=key.hash() % count).partition_by("_part", as_dict=True).items()
        ):
            target = work / f"{int(number):05}" / f"{done + start:012}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            rows_of.drop("_part").write_parquet(target, compression="lz4")
            pieces[int(number)].append(target)
    return done + rows
