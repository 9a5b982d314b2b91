"""A table of a bilan: what it is called, what it holds, and what its reader must know."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

UNKNOWN = "non renseigné"
TOTAL = "Total"


@dataclass(frozen=True)
class Table:
    """``frame`` has French headers. ``masked``: an empty number is one that is hidden, for it is about few persons.

    ``chart``: the column of labels and that of numbers to draw, where a drawing helps; the table always comes with it.
    """

    name: str
    title: str
    frame: pl.DataFrame
    notes: tuple[str, ...] = ()
    masked: bool = False
    chart: tuple[str, str] | None = None


def summed(frame: pl.DataFrame, first: str, *numbers: str) -> pl.DataFrame:
    """The frame and its total line. Texts other than ``first`` are left empty there."""
    sums = {c: [frame[c].sum() if c in numbers else TOTAL if c == first else None] for c in frame.columns}
    return pl.concat([frame, pl.DataFrame(sums, schema=frame.schema)])
