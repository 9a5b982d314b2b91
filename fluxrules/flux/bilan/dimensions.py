"""The dimensions of CCH R. 441-5-1, as a reader sees them. What is unknown is a value, « non renseigné »: no dwelling is dropped for it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

import polars as pl

from fluxrules.flux.bilan.table import UNKNOWN
from fluxrules.text.resources import resource
from fluxrules.vocabulary.flux import flux_vocabulary

HOLDER, TYPE, FUNDING, QPV = "Réservataire", "Typologie", "Financement", "QPV"
COMMUNE, CODE, PERIOD = "Commune", "Code commune", "Période de construction"
DIMENSIONS = (TYPE, FUNDING, QPV, CODE, COMMUNE, PERIOD)
_PERIODS = ((1949, "avant 1949"), (1975, "1949 à 1974"), (1990, "1975 à 1989"), (2000, "1990 à 1999"), (2010, "2000 à 2009"), (2020, "2010 à 2019"))  # fmt: skip
"""The article asks for a period and fixes none: these are ours."""


@cache
def commune_names() -> Mapping[str, str]:
    """The name of each commune, by its code."""
    with resource("rulesets/référentiels/communes.csv").open(encoding="utf-8", newline="") as file:
        return {row["commune"]: row["nom"] for row in csv.DictReader(file) if row["nom"]}


def label(column: str, nomenclature: str) -> pl.Expr:
    """The label of a code."""
    labels = flux_vocabulary().nomenclatures[nomenclature].labels
    return pl.col(column).cast(pl.String).replace_strict(labels, default=None, return_dtype=pl.String)


def with_dimensions(dwellings: pl.DataFrame) -> pl.DataFrame:
    """Dwellings with their six labels; ``en_qpv`` stays beside, true, false or null."""
    year = pl.col("annee_construction")
    period = pl.lit("depuis 2020")
    for end, name in reversed(_PERIODS):
        period = pl.when(year < end).then(pl.lit(name)).otherwise(period)
    qpv = pl.when(pl.col("en_qpv")).then(pl.lit("QPV")).when(~pl.col("en_qpv")).then(pl.lit("hors QPV"))
    code = pl.col("code_commune")
    return dwellings.with_columns(
        label("typologie", "typologie").fill_null(UNKNOWN).alias(TYPE),
        label("financement", "financement").fill_null(UNKNOWN).alias(FUNDING),
        qpv.otherwise(pl.lit(UNKNOWN)).alias(QPV),
        code.fill_null(UNKNOWN).alias(CODE),
        code.replace_strict(_named(dwellings), default=UNKNOWN, return_dtype=pl.String).alias(COMMUNE),
        pl.when(year.is_null()).then(pl.lit(UNKNOWN)).otherwise(period).alias(PERIOD),
    )


def _named(dwellings: pl.DataFrame) -> dict[str, str]:
    names = commune_names()
    return {c: names.get(c, c) for c in dwellings["code_commune"].unique().drop_nulls()} or {"": ""}
