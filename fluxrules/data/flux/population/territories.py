"""EPCI: those over several départements, where each is at home, and those taken to be bound by the reform."""

from __future__ import annotations

from functools import cache

import polars as pl

from fluxrules.data.flux.population.figures import flux_figures
from fluxrules.vocabulary.territoires import load_communes


@cache
def _territories() -> pl.DataFrame:
    """Inhabitants by EPCI and département."""
    known = load_communes().filter(pl.col("commune_mere").is_null() & pl.col("territoire").is_not_null())
    return known.group_by("territoire", "departement").agg(pl.col("population").sum()).sort("territoire", "departement")


@cache
def straddling() -> frozenset[str]:
    """EPCI over several départements."""
    counts = _territories().group_by("territoire").len().filter(pl.col("len") > 1)
    return frozenset(counts["territoire"].to_list())


@cache
def home_of() -> dict[str, str]:
    """The département where most inhabitants of each EPCI are."""
    most = _territories().sort("population", "departement", descending=[True, False]).unique("territoire", keep="first")
    return dict(most.select("territoire", "departement").iter_rows())


@cache
def subject() -> dict[str, int]:
    """As many EPCI as are bound by the reform, the largest ones with their inhabitants, in order: which ones they are was not found."""
    totals = _territories().group_by("territoire").agg(pl.col("population").sum())
    largest = totals.filter(~pl.col("territoire").str.starts_with("21")).sort(
        "population", "territoire", descending=[True, False]
    )
    kept = largest.head(int(flux_figures().value("epci_soumis")))
    return dict(kept.select("territoire", "population").iter_rows())
