"""The order of demandes by their number: what makes outputs the same whatever the order of the rows that came in."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

_HEAD = 12  # characters in base 36 that fit in 64 bits
_PLAIN = rf"^[0-9A-Z]{{{_HEAD},}}$"


def by_number(numbers: pl.Series) -> NDArray[Any]:
    """The positions of distinct numbers, in the order of their characters. Sorting whole numbers is ten times faster than text."""
    if len(numbers) < 1000 or numbers.null_count() or not numbers.str.contains(_PLAIN).all():
        return numbers.arg_sort().to_numpy()
    heads = numbers.str.slice(0, _HEAD).str.to_integer(base=36, dtype=pl.UInt64).to_numpy()
    order = np.argsort(heads)
    ranked = heads[order]
    same = ranked[1:] == ranked[:-1]
    if not same.any():
        return order
    # Runs of equal heads are sorted by the rest of the number.
    inside = np.concatenate([[False], same]) | np.concatenate([same, [False]])
    places = np.flatnonzero(inside)
    run = np.cumsum(np.concatenate([[True], ~same]))[places]
    tails = pl.DataFrame({"run": run, "number": numbers.gather(order[places]), "at": order[places]})
    order[places] = tails.sort("run", "number")["at"].to_numpy()
    return order
