"""A table that is made some rows at a time, as it is written: whole, it would take more memory than anything beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
from polars.io.plugins import register_io_source

ROWS = 1 << 16


def in_slices(frame: pl.DataFrame, make: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.LazyFrame:
    """``make(frame)``, for a ``make`` that gives a row for each row and looks at no other."""

    def some(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        for start in range(0, max(len(frame), 1), ROWS):
            made = make(frame.slice(start, ROWS))
            made = made if predicate is None else made.filter(predicate)
            made = made if columns is None else made.select(columns)
            yield made if rows is None else made.head(rows)
            rows = None if rows is None else rows - len(made)
            if rows is not None and rows <= 0:
                return

    return register_io_source(some, schema=make(frame.clear()).schema)
