"""Which dwellings a yearly flux bears on, and conditions on dwellings run by the engine that runs grids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import polars as pl

from fluxrules.data.flux.tables import NO_QPV
from fluxrules.engines.numpy.run import encode_tables, evaluate
from fluxrules.flux.territory import communes_of, known_communes
from fluxrules.model.flux.conditions import Condition
from fluxrules.model.flux.values import Convention
from fluxrules.model.flux.year import FluxYear
from fluxrules.vocabulary.flux import PRINCIPAL

KEY = "id_logement"
GONE = ("VENTE", "DEMOLITION")
"""Causes after which a dwelling is not let again."""


def holds(condition: Condition, dwellings: pl.DataFrame, day: date) -> pl.Series:
    """Whether a condition holds, row by row: true, false, or null where something it reads is unknown."""
    inputs = encode_tables([condition.program], {PRINCIPAL: dwellings}, principal=PRINCIPAL, key=KEY)
    done = evaluate(condition.program, inputs, day)
    return pl.Series("tient", done.low == 1, dtype=pl.Boolean).set(pl.Series(done.low != done.high), None)


def dwellings_of(
    year: FluxYear, dwellings: pl.DataFrame, day: date, conventions: Sequence[Convention] = ()
) -> pl.DataFrame:
    """The bailleur's dwellings on the scale of the year, with ``en_qpv`` by the perimeter of QPV that the year names, and ``dans``: true in
    the perimeter on ``day``, false out of it, null where it is not known. ``tient``: the same without what a day changes (stock, entry, exit).

    A dwelling whose commune is not given, or is not known, may be on the scale: it is kept, its place in the perimeter unknown.
    """
    mine = dwellings.filter((pl.col("siren_bailleur") == year.bailleur.code).fill_null(False))
    # Looked for among the few communes of a bailleur: there are 35,000 of them.
    written, places, known = mine["code_commune"].unique().drop_nulls(), communes_of(year.scale), known_communes()
    lost = ~pl.col("code_commune").is_in([c for c in written if c in known]).fill_null(False)
    own = mine.filter(pl.col("code_commune").is_in([c for c in written if c in places]).fill_null(False) | lost)
    if year.qpv is not None and f"code_qpv_{year.qpv}" in own.columns:
        own = own.with_columns((pl.col(f"code_qpv_{year.qpv}") != NO_QPV).alias("en_qpv"))  # null: not known
    inside = (
        holds(year.perimeter, own, day)
        if year.perimeter is not None
        else pl.Series("tient", [True] * len(own), dtype=pl.Boolean)
    )
    named, _ = _named(year, conventions, pl.lit(day))
    out = named.is_not_null() | ~_present(pl.lit(day))
    return own.with_columns(inside.alias("tient")).with_columns(
        pl.when(lost & pl.col("tient").fill_null(True)).then(None).otherwise(pl.col("tient")).alias("tient")
    ).with_columns(pl.when(out).then(False).otherwise(pl.col("tient")).alias("dans"))  # fmt: skip


def freed_of(
    year: FluxYear, own: pl.DataFrame, releases: pl.DataFrame, conventions: Sequence[Convention] = (), back: Collection[str] = ()
) -> pl.DataFrame:  # fmt: skip
    """The libérations of dwellings (``own``, of ``dwellings_of``), each in the perimeter of the day it was freed (``dans``). ``nomme``: the
    réservataire of a dwelling in stock on that day, by a convention or else by the table; ``mixte``: it goes to the flux once sent back (``back``:
    the libérations that were)."""
    day = pl.col("date_liberation")
    named, mixed = _named(year, conventions, day)
    # A dwelling is delivered before it is in the parc, or as it enters it.
    new = (pl.col("cause").cast(pl.String) == "LIVRAISON").fill_null(False)
    there = _present(day) | (new & (pl.col("date_sortie").is_null() | (pl.col("date_sortie") > day)))
    kept = pl.col("nomme").is_not_null() & ~(pl.col("mixte") & pl.col("id_liberation").is_in(list(back)))
    return (
        releases.join(own, on=KEY, how="inner", maintain_order="left")
        .with_columns(named.alias("nomme"), mixed.alias("mixte"))
        .with_columns(
            pl.when(kept | ~there.fill_null(False)).then(False).otherwise(pl.col("tient")).alias("dans")
        )
    )  # fmt: skip


def sent_back(journal: pl.DataFrame | None) -> list[str]:
    """The libérations that a réservataire sent back, by the journal."""
    if journal is None:
        return []
    undone = journal["annule"].drop_nulls()
    returns = journal.filter((pl.col("acte").cast(pl.String) == "RETOUR") & ~pl.col("numero").is_in(undone.implode()))
    return returns["id_liberation"].drop_nulls().to_list()


def flowing(year: FluxYear, placed: pl.DataFrame) -> set[str]:
    """The releases of any year that are of the flux: in the perimeter, not used outside it, not gone, no first letting apart."""
    apart = [*GONE, *(["LIVRAISON"] if year.deliveries_mode != "incluses" else [])]
    kept = placed.filter(
        pl.col("dans").fill_null(False)
        & pl.col("usage_hors_flux").is_null()
        & ~pl.col("cause").cast(pl.String).is_in(apart).fill_null(False)
    )
    return set(kept["id_liberation"])


def _present(day: pl.Expr) -> pl.Expr:
    return (pl.col("date_entree").is_null() | (pl.col("date_entree") <= day)) & (
        pl.col("date_sortie").is_null() | (pl.col("date_sortie") > day)
    )


def _named(year: FluxYear, conventions: Sequence[Convention], day: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Who has a dwelling in stock on a day, and whether under a mixed regime. A convention without its signatures, or that has ended, names
    nothing."""
    holder, mixed = pl.col("reserve_stock"), pl.lit(False)
    for c in reversed(conventions):
        if c.regime == "flux" or not c.designated or c.bailleur.code != year.bailleur.code or not c.fully_signed:
            continue
        runs = (day >= c.since) & ((day <= c.last) if c.last is not None else True)
        names = list(c.designated)
        here = ((pl.col(KEY).is_in(names) | pl.col("programme").is_in(names).fill_null(False)) & runs).fill_null(False)
        holder = pl.when(here).then(pl.lit(c.reservataire.code)).otherwise(holder)
        mixed = pl.when(here).then(pl.lit(c.regime == "mixte")).otherwise(mixed)
    return holder, mixed
