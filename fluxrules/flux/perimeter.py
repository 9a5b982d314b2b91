"""Which dwellings a yearly flux bears on, and conditions on dwellings run by the engine that runs grids."""

from __future__ import annotations

from datetime import date

import polars as pl

from fluxrules.data.flux.tables import NO_QPV
from fluxrules.engines.numpy.run import encode_tables, evaluate
from fluxrules.flux.territory import communes_of
from fluxrules.model.flux.conditions import Condition
from fluxrules.model.flux.year import FluxYear
from fluxrules.vocabulary.flux import PRINCIPAL

KEY = "id_logement"


def holds(condition: Condition, dwellings: pl.DataFrame, day: date) -> pl.Series:
    """Whether a condition holds, row by row: true, false, or null where something it reads is unknown."""
    inputs = encode_tables([condition.program], {PRINCIPAL: dwellings}, principal=PRINCIPAL, key=KEY)
    done = evaluate(condition.program, inputs, day)
    return pl.Series("tient", done.low == 1, dtype=pl.Boolean).set(pl.Series(done.low != done.high), None)


def dwellings_of(year: FluxYear, dwellings: pl.DataFrame, day: date) -> pl.DataFrame:
    """The bailleur's dwellings on the scale of the year, with ``en_qpv`` by the perimeter of QPV that the year names, and ``dans``:
    true in the perimeter, false out of it, null where it is not known. ``a_venir``: it would be in, and enters the parc after ``day``.

    A dwelling that is named for an exempt service (``reserve_stock``) is out; so is one that had not entered, or had left, on ``day``.
    """
    places = pl.Series(sorted(communes_of(year.scale)))
    own = dwellings.filter(
        (pl.col("siren_bailleur") == year.bailleur.code).fill_null(False)
        & pl.col("code_commune").is_in(places.implode()).fill_null(False)
    )
    if year.qpv is not None and f"code_qpv_{year.qpv}" in own.columns:
        own = own.with_columns((pl.col(f"code_qpv_{year.qpv}") != NO_QPV).alias("en_qpv"))  # null: not known
    present = (pl.col("date_entree").is_null() | (pl.col("date_entree") <= day)) & (
        pl.col("date_sortie").is_null() | (pl.col("date_sortie") > day)
    )
    out = pl.col("reserve_stock").is_not_null() | ~present
    inside = (
        holds(year.perimeter, own, day)
        if year.perimeter is not None
        else pl.Series("tient", [True] * len(own), dtype=pl.Boolean)
    )
    later = (pl.col("date_entree") > day).fill_null(False) & pl.col("reserve_stock").is_null()
    return own.with_columns(inside.alias("dans")).with_columns(
        pl.when(out).then(False).otherwise(pl.col("dans")).alias("dans"), (later & pl.col("dans").fill_null(False)).alias("a_venir")
    )  # fmt: skip
