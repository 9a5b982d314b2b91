"""Returns and renunciations with their motives (T9), manual choices (T10)."""

from __future__ import annotations

import polars as pl

from fluxrules.flux.bilan.basis import KEY, PARTY, Basis
from fluxrules.flux.bilan.dimensions import HOLDER, label
from fluxrules.flux.bilan.table import UNKNOWN, Table, summed

DWELLINGS = "Logements"
_NUMBER = r"(?i)[0-9A-Z-]*(\d[ .]?){8,}[0-9A-Z-]*"
_HIDDEN = "motif non repris : il contient un numéro"


def motive(column: str = "motif") -> pl.Expr:
    """A free text, unless it holds a number that could be a person's."""
    text = pl.col(column)
    return pl.when(text.str.contains(_NUMBER)).then(pl.lit(_HIDDEN)).otherwise(text.fill_null(UNKNOWN))


def returns(basis: Basis) -> Table:
    """What came back or failed, by réservataire and motive: each dwelling once for each motive."""
    decided = basis.cases.filter(basis.in_year("date_commission"))
    why = pl.coalesce(
        pl.when(pl.col("issue").is_in(("REFUS", "SANS_REPONSE", "CADUQUE"))).then(label("issue", "issue_attribution")),
        pl.when(pl.col("decision").is_in(("NON_ATTR", "IRREC"))).then(label("decision", "décision_caleol")),
    )
    failed = decided.select(KEY, PARTY, pl.lit("après désignation").alias("Nature"), why.alias("Motif")).drop_nulls(
        "Motif"
    )
    acts = {"RETOUR": "rendu par le réservataire", "REPRISE": "repris pour une location", "CREDIT": "crédit"}
    back = basis.journal.filter(pl.col("acte").is_in(list(acts)) & basis.in_year("date")).select(
        KEY, PARTY, pl.col("acte").replace_strict(acts, default=None, return_dtype=pl.String).alias("Nature"), motive().alias("Motif")
    )  # fmt: skip
    rows = pl.concat([failed, back]).with_columns(basis.name().fill_null(UNKNOWN).alias(HOLDER))
    found = rows.group_by(HOLDER, "Nature", "Motif").agg(pl.col(KEY).n_unique().cast(pl.Int64).alias(DWELLINGS))
    return Table("T9-retours", "Retours, refus et renoncements, avec leurs motifs", summed(found.sort(HOLDER, "Nature", "Motif"), HOLDER, DWELLINGS),
                 ("Un logement qui revient pour deux motifs est dans deux lignes.",))  # fmt: skip


def overrides(basis: Basis) -> Table:
    """Choices that did not follow the rule: each one, with its motive and who would have come next."""
    rows = basis.journal.filter((pl.col("acte") == "CHOIX") & basis.in_year("date")).sort("date", "numero")
    frame = rows.select(
        pl.col("date").alias("Le"), pl.col("id_logement").alias("Logement"), basis.name().alias("Réservataire choisi"),
        basis.name("dauphin").alias("Réservataire suivant"), motive().alias("Motif"),
    )  # fmt: skip
    return Table("T10-choix", "Choix manuels", frame, ("Un choix manuel est permis ; il se motive.",) if len(frame) else ("Le journal n'en porte aucun dans l'année.",))  # fmt: skip
