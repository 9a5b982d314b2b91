"""The état des lieux of legacy rights: what each réservataire holds on a day, by nature and counterpart, and where the bailleur's list
and the réservataire's own list differ.

A stock right is counted, never a rate of the stock: shares differ from programme to programme (Ardennes: 15 to 25 %), and each was
rounded down in its deed (Rouen: 20 % of 114 is 22).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from fluxrules.flux.extinction import after_repayment

OURS = "bailleur"


@dataclass(frozen=True)
class Held:
    """Rights of one réservataire on a day. ``lasting``: droits de suite (dwellings); ``single``: droits uniques left by the list; ``None`` where
    a line gives no number, or not the nature of its right."""

    reservataire: str
    counterpart: str | None
    lasting: int | None
    single: int | None


@dataclass(frozen=True)
class Difference:
    """A programme (or a dwelling) on which the two lists do not agree, for one nature and one counterpart of rights; ``None``: the list does not
    have it, or, where ``listed`` says that it has (the bailleur's, then the réservataire's), not its number."""

    reservataire: str
    place: str
    nature: str | None
    bailleur: int | None
    own: int | None
    counterpart: str | None = None
    listed: tuple[bool, bool] = (True, True)


def running(rights: pl.DataFrame, day: date, repaid: Mapping[str, date | None]) -> pl.DataFrame:
    """The rights of a day, with ``dernier_jour``: the written end, or five years after the repayment of the loan, the earlier of both."""
    ends = {loan: after_repayment(paid) for loan, paid in repaid.items() if paid is not None}
    by_loan = pl.col("id_pret").replace_strict(list(ends), list(ends.values()), default=None, return_dtype=pl.Date)
    last = pl.min_horizontal("date_fin", by_loan.alias("prêt"))
    started = pl.col("date_debut").is_null() | (pl.col("date_debut") <= day)
    return rights.with_columns(last.alias("dernier_jour")).filter(
        started & (pl.col("dernier_jour").is_null() | (pl.col("dernier_jour") >= day))
    )


def held(rights: pl.DataFrame) -> tuple[Held, ...]:
    """Sums by réservataire and counterpart, of the bailleur's own list."""
    rows = (
        _of_list(rights, ours=True)
        .group_by("reservataire", "contrepartie")
        .agg(_known("DS").alias("suite"), _known("DU").alias("unique"))
        .sort("reservataire", "contrepartie", nulls_last=True)
    )
    return tuple(Held(*row) for row in rows.iter_rows())


def differences(rights: pl.DataFrame) -> tuple[Difference, ...]:
    """Where a réservataire gave its own list, the places on which it differs from the bailleur's."""
    given = _of_list(rights, ours=False)["reservataire"].unique()
    keys = ["reservataire", "place", "nature_droit", "contrepartie"]
    ours, theirs = (
        _of_list(rights, ours=side)
        .filter(pl.col("reservataire").is_in(given.implode()))
        .with_columns(pl.coalesce("programme", "id_logement").fill_null("lieu non renseigné").alias("place"))
        .group_by(keys)
        .agg(
            pl.when(pl.col("nombre").null_count() == 0).then(pl.col("nombre").sum()).alias("nombre"),
            pl.lit(True).alias("là"),
        )
        for side in (True, False)
    )
    both = ours.join(theirs, on=keys, how="full", coalesce=True, nulls_equal=True, suffix="_autre")
    apart = both.filter(
        ~pl.col("nombre").eq_missing(pl.col("nombre_autre")) | pl.col("là").is_null() | pl.col("là_autre").is_null()
    )
    rows = apart.sort(keys, nulls_last=True).select(*keys, "nombre", "nombre_autre", "là", "là_autre").iter_rows()
    return tuple(
        Difference(holder, place, nature, ours, own, why, (there is True, there_too is True))
        for holder, place, nature, why, ours, own, there, there_too in rows
    )


def _known(nature: str) -> pl.Expr:
    """The sum of a nature; unknown as soon as a number, or a nature, is."""
    mine = pl.col("nature_droit") == nature
    lacking = (pl.col("nature_droit").is_null() | (mine & pl.col("nombre").is_null())).any()
    return pl.when(~lacking).then(pl.col("nombre").filter(mine).sum())


def _of_list(rights: pl.DataFrame, *, ours: bool) -> pl.DataFrame:
    """The rows of the bailleur's list (also those that name no list), or of those of réservataires."""
    mine = pl.col("liste").is_null() | (pl.col("liste") == OURS)
    return rights.filter(mine if ours else ~mine)
