"""The commission of each dwelling: three demandes at least, or one exception of the law with its proof (CCH R. 441-3, L. 441-2)."""

from __future__ import annotations

import polars as pl

from fluxrules.flux.bilan.basis import KEY, PARTY, Basis
from fluxrules.flux.bilan.dimensions import HOLDER, label
from fluxrules.flux.bilan.masks import small
from fluxrules.flux.bilan.table import Table

LEAST = 3
FINE, UNPROVEN, FEWER, UNKNOWN, UNFIT, UNDECIDED = (
    "trois demandes au moins", "exception sans preuve", "moins de trois, sans exception", "nombre de demandes non renseigné",
    "exception que le logement contredit", "décision non renseignée",
)  # fmt: skip
WRONG = (UNPROVEN, FEWER, UNFIT)
_EXCEPTION = "exception prouvée : "
PROVEN = "exception prouvée (laquelle : masqué, petits nombres)"


def judged(basis: Basis) -> pl.DataFrame:
    """The commissions of the year, each with its ``verdict``."""
    few = pl.col("demandes_examinees") < LEAST
    has, proof = pl.col("exception_caleol").is_not_null(), pl.col("preuve_exception").is_not_null()
    state = [c for c, k in basis.kinds.items() if k == "ETAT"]
    # An adapted PLAI is a financing; a person designated by the préfet comes from the State's réservation, and is recognised.
    unfit = (
        (pl.col("exception_caleol") == "PLAI_ADAPTE") & (pl.col("financement") != "PLAIA").fill_null(False)
    ) | ((pl.col("exception_caleol") == "DALO_PREFET") & (~pl.col("dalo") | ~pl.col(PARTY).is_in(state)).fill_null(False))  # fmt: skip
    verdict = (
        pl.when(pl.col("decision").is_null()).then(pl.lit(UNDECIDED))
        .when(~few).then(pl.lit(FINE))
        .when(has & unfit.fill_null(False)).then(pl.lit(UNFIT))
        .when(has & proof).then(pl.lit(_EXCEPTION) + label("exception_caleol", "exception_caleol"))
        .when(has).then(pl.lit(UNPROVEN))
        .when(few).then(pl.lit(FEWER))
        .otherwise(pl.lit(UNKNOWN))
    )  # fmt: skip
    return basis.cases.filter(basis.in_year("date_commission")).with_columns(verdict.alias("verdict"))


def summary(basis: Basis, rows: pl.DataFrame) -> Table:
    proven = pl.col("verdict").str.starts_with(_EXCEPTION)
    designated = rows.filter(proven & (pl.col("exception_caleol").cast(pl.String) == "DALO_PREFET"))[KEY].n_unique()
    if small(designated):
        rows = rows.with_columns(pl.when(proven).then(pl.lit(PROVEN)).otherwise("verdict").alias("verdict"))
    frame = rows.group_by(pl.col("verdict").alias("Constat")).agg(pl.col(KEY).n_unique().cast(pl.Int64).alias("Logements"), pl.len().cast(pl.Int64).alias("Décisions"))  # fmt: skip
    return Table("caleol", "Commissions : demandes examinées", frame.sort("Logements", "Constat", descending=[True, False]),
                 ("CCH R. 441-3 : trois demandes au moins par logement, sauf trop peu de candidats, personne désignée par le préfet (DALO), ou PLAI adapté.",
                  "Un logement passé deux fois en commission peut être dans deux lignes."))  # fmt: skip


def decisions(basis: Basis, rows: pl.DataFrame) -> Table:
    what = label("decision", "décision_caleol").fill_null("non renseignée")
    frame = rows.group_by(what.alias("Décision")).agg(pl.col(KEY).n_unique().cast(pl.Int64).alias("Logements"), pl.len().cast(pl.Int64).alias("Décisions"))  # fmt: skip
    return Table("caleol-decisions", "Commissions : décisions", frame.sort("Décision"), ("La liste des décisions est fermée (CCH R. 441-3).",))  # fmt: skip


def irregular(basis: Basis, rows: pl.DataFrame) -> Table:
    """The commissions to look at again; a dwelling and a day, nobody. Which exception is not said: one of them is a public, and a dwelling has
    one household."""
    wrong = rows.filter(pl.col("verdict").is_in((*WRONG, UNKNOWN))).sort("date_commission", KEY)
    frame = wrong.select(
        pl.col("date_commission").alias("Commission"), pl.col(KEY).alias("Libération"), basis.name().alias(HOLDER),
        pl.col("demandes_examinees").alias("Demandes examinées"), pl.when(pl.col("exception_caleol").is_not_null()).then(pl.lit("oui")).alias("Exception"),
        pl.col("verdict").alias("Constat"),
    )  # fmt: skip
    return Table("caleol-a-revoir", "Commissions à revoir", frame, () if len(frame) else ("Aucune.",))
