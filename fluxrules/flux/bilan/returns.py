"""Returns and renunciations with their motives (T9), manual choices (T10). The bilan goes to all: a motive that is free text, and may name a
person, stays in the journal; those of a closed list are counted."""

from __future__ import annotations

import polars as pl

from fluxrules.flux.bilan.basis import KEY, PARTY, Basis
from fluxrules.flux.bilan.dimensions import HOLDER, label
from fluxrules.flux.bilan.table import UNKNOWN, Table, summed
from fluxrules.flux.ledger import RETURNS

DWELLINGS = "Logements"
_WRITTEN = "au journal"


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
        KEY, PARTY, pl.col("acte").replace_strict(acts, default=None, return_dtype=pl.String).alias("Nature"),
        pl.when(pl.col("motif").is_in(RETURNS)).then(pl.col("motif")).otherwise(pl.lit(_WRITTEN)).alias("Motif"),
    )  # fmt: skip
    rows = pl.concat([failed, back]).with_columns(basis.name().fill_null(UNKNOWN).alias(HOLDER))
    found = rows.group_by(HOLDER, "Nature", "Motif").agg(pl.col(KEY).n_unique().cast(pl.Int64).alias(DWELLINGS))
    return Table("T9-retours", "Retours, refus et renoncements, avec leurs motifs", summed(found.sort(HOLDER, "Nature", "Motif"), HOLDER, DWELLINGS),
                 ("Un logement qui revient pour deux motifs est dans deux lignes.",))  # fmt: skip


def overrides(basis: Basis) -> Table:
    """Choices that did not follow the rule: each one, with the entry that says why, and who would have come next."""
    rows = basis.journal.filter((pl.col("acte") == "CHOIX") & basis.in_year("date")).sort("date", "numero")
    frame = rows.select(
        pl.col("date").alias("Le"), pl.col("id_logement").alias("Logement"), basis.name().alias("Réservataire choisi"),
        basis.name("dauphin").alias("Réservataire suivant"), pl.format("écriture n° {}", pl.col("numero")).alias("Motif, au journal"),
    )  # fmt: skip
    return Table("T10-choix", "Choix manuels", frame, ("Un choix manuel est permis ; il se motive. Le motif est un texte libre, qui peut nommer quelqu'un : il reste au journal.",) if len(frame) else ("Le journal n'en porte aucun dans l'année.",))  # fmt: skip
