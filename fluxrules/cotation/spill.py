"""Results of several batches on disk, until a range of territories is put together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from numpy.typing import NDArray

from fluxrules.cotation.results import Part, bit_names, part_of
from fluxrules.cotation.run import Scored
from fluxrules.cotation.scoring import class_labels
from fluxrules.data.tables import KEY
from fluxrules.model.grid import Grid

ROW_GROUP = 1 << 15
SLICE = 250_000
_EMPTY = "vides"


@dataclass(frozen=True)
class Spilled:
    """The files of the batches, in a folder each: one a grid and range of territories. ``counts``: results by territory."""

    folders: tuple[Path, ...]
    grids: tuple[Grid, ...]
    counts: NDArray[Any]

    def per_territory(self) -> NDArray[Any]:
        return self.counts

    def parts(self, first: int, last: int) -> list[Part]:
        """The results of the territories from ``first`` to ``last``, that one excluded, by grid."""
        found = []
        for i, grid in enumerate(self.grids):
            files = [
                f for folder in self.folders for f in sorted(folder.glob(f"{i:04}-*.parquet")) if _meets(f, first, last)
            ]
            if not files:
                continue
            frame = _read(files, pl.col("_t").is_between(first, last - 1))
            if len(frame):
                found.append(_part(grid, frame))
        return found

    def nothing(self, grid: Grid) -> Part:
        """An empty part of a grid, for its columns."""
        number = next(i for i, g in enumerate(self.grids) if g is grid)
        return _part(grid, pl.read_parquet(self.folders[0] / _EMPTY / f"{number:04}.parquet", glob=False))


def _read(files: list[Path], inside: pl.Expr) -> pl.DataFrame:
    """The rows asked for, by territory then number. Put in order a column at a time: the rows of several batches, sorted whole,
    would be held three times, and a territory is never cut."""
    rows = pl.scan_parquet(files, glob=False).filter(inside).collect()
    order = rows.select("_t", KEY).with_row_index("_at").sort("_t", KEY)["_at"]
    columns = rows.get_columns()[::-1]
    del rows
    ordered = []
    while columns:
        ordered.append(columns.pop().rechunk().gather(order))
    return pl.DataFrame(ordered)


def _part(grid: Grid, frame: pl.DataFrame) -> Part:
    return Part(grid, frame, bit_names(grid), class_labels(grid.program))


def _meets(file: Path, first: int, last: int) -> bool:
    """Whether a file may hold results of these territories: its name says from which to which it goes (one more, none being 0)."""
    low, high = (int(x) - 1 for x in file.stem.split("-")[1:3])
    return low < last and high >= first


def spill(scored: Scored, folder: Path) -> None:
    """Writes every result of a batch, by grid, then by territory."""
    (folder / _EMPTY).mkdir(parents=True)
    for i, (grid, several) in enumerate(scored.by_grid):
        scored.nothing(grid).frame.write_parquet(folder / _EMPTY / f"{i:04}.parquet")
        for k, scores in enumerate(several):
            where = scores.pairs.territory
            for start in range(0, len(where), SLICE):
                rows = slice(start, min(start + SLICE, len(where)))
                part = part_of(grid, scored.batch, scores, rows)
                name = f"{i:04}-{where[rows.start] + 1:05}-{where[rows.stop - 1] + 1:05}-{k:05}-{start:09}.parquet"
                part.frame.write_parquet(folder / name, compression="lz4", row_group_size=ROW_GROUP)
