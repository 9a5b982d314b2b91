"""Which demande a row of another table hangs on."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray


def positions_of(keys: pl.Series, demandes: pl.Series) -> NDArray[Any]:
    """The position in ``demandes`` (distinct keys) of each of ``keys``; -1 where it is not there.

    Rows of one demande mostly stand together, and tables in the same order: runs of equal keys are looked up once, and not at
    all where the runs are the demandes themselves.
    """
    if not len(keys) or not len(demandes):
        return np.full(len(keys), -1, dtype=np.int64)
    starts = (keys != keys.shift(1)).fill_null(True).arg_true().to_numpy()
    heads = keys.gather(starts)
    if len(heads) == len(demandes) and (heads == demandes).all():
        found = np.arange(len(demandes))
    else:
        at = pl.DataFrame({"key": demandes, "at": np.arange(len(demandes))})
        joined = pl.DataFrame({"key": heads}).join(at, on="key", how="left", maintain_order="left")
        found = joined["at"].fill_null(-1).to_numpy()
    return np.repeat(found, np.diff(starts, append=len(keys)))
