"""The households of a synthetic population, with what their rows in all the tables say together: what measures are made on."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from fluxrules.data.population.figures import read_yaml
from fluxrules.data.population.household import YEAR
from fluxrules.data.population.laws import Ints
from fluxrules.data.tables import KEY, Tables
from fluxrules.vocabulary.territoires import load_communes

_WEEK_OVER_WEEKEND = 3.5
"""Only the portal takes a demande on Saturday and Sunday: two days in seven of those filed online."""


def households(tables: Tables, reference: date) -> pl.DataFrame:
    """The active demandes, with what their other rows say together; these rows follow the order of the demandes, as generated."""
    assert tables.choix is not None and tables.evenements is not None
    kind, firsts = pl.col("type_evenement"), tables.choix.filter(rang=1)
    followed = tables.evenements.group_by(KEY).agg(
        propositions=(kind == "proposition").sum(),
        refus=(kind == "refus").sum(),
        sans_reponse=(pl.col("motif_refus") == "sans_reponse").sum(),
        decisions=(kind == "decision").sum(),
    )
    lived = load_communes().select("commune", "departement", "region", "territoire")
    couple = pl.col("lien_codemandeur").is_in(["M", "P", "C"]).fill_null(False)
    alone = pl.when(pl.col("enfants") > 0).then(pl.lit("MONO")).otherwise(pl.lit("SEUL"))
    paired = pl.when(pl.col("enfants") > 0).then(pl.lit("CPLE")).otherwise(pl.lit("CPL"))
    homes = (
        tables.demandes.with_columns(
            *_household_sums(tables, reference),
            association=pl.col("type_demandeur") == "association",
            premier=firsts["code_commune"],
            communes=pl.Series(np.bincount(tables.choix[KEY].rle_id().to_numpy())),
        )
        .filter(statut_demande="active")
        .join(followed, on=KEY, how="left", maintain_order="left")
        .join(lived, left_on="code_commune_residence", right_on="commune", how="left", maintain_order="left")
        .join(lived, left_on="premier", right_on="commune", how="left", suffix="_premier", maintain_order="left")
        .with_columns(
            menage=pl.when(couple).then(paired).when(pl.col("adultes") > 1).then(pl.lit("AUTRE")).otherwise(alone),
            personnes=pl.col("adultes") + pl.col("enfants"),
            type_recherche=pl.col("types_logement_recherches").list.first(),
            motif=pl.col("motifs").list.first(),
            # A blank mode is no transfer: the generator never blanks social tenancy.
            mutation=(pl.col("mode_logement_actuel") == "HLM").fill_null(False),
            par_unite=12 * pl.col("ressources_mensuelles_totales") / pl.col("unites"),
            jours=(reference - pl.col("date_depot_initial")).dt.total_days(),
            portail=_WEEK_OVER_WEEKEND * (pl.col("date_depot_initial").dt.weekday() > 5).cast(pl.Float64),
        )
    )
    return homes.with_columns(plafond=pl.Series(_ceilings(homes)))


def _household_sums(tables: Tables, reference: date) -> list[pl.Series]:
    """Sums over the members of each demande; an association, that has none, gets those of nobody."""
    assert tables.membres is not None
    role, years = pl.col("role"), (reference - pl.col("date_naissance")).dt.total_days() / YEAR
    applicant, dependant = role == "demandeur", role == "a_charge"
    holder = applicant | (role == "cotitulaire")
    child = dependant & (pl.col("lien_parente") == "E").fill_null(False)
    flags = tables.membres.select(
        titulaires=holder,
        adultes=holder | (dependant & ~child),
        enfants=child,
        unites=0.5 * (holder | dependant) + 0.5 * applicant - 0.2 * (child & (years < 14)),
        annees=years * applicant,
        annees_ensemble=years * holder,
    )
    at = np.flatnonzero((tables.demandes["type_demandeur"] != "association").to_numpy())[
        tables.membres[KEY].rle_id().to_numpy()
    ]
    size = len(tables.demandes)
    summed = {c.name: np.bincount(at, c.cast(pl.Float64).to_numpy(), minlength=size) for c in flags}
    whole = ("titulaires", "adultes", "enfants")
    return [pl.Series(name, v.astype(np.int64) if name in whole else v) for name, v in summed.items()]


def _ceilings(homes: pl.DataFrame) -> Ints:
    """The PLAI ceiling of each household, disability left aside. Paris counts without the communes around it."""
    table = np.array(list(read_yaml("rulesets/référentiels/population.yaml")["plafonds_plai"].values()))
    zone = pl.when(pl.col("departement") == "75").then(0).when(pl.col("region") == "11").then(1).otherwise(2)
    dependants = pl.col("personnes") - pl.col("titulaires")
    young = (pl.col("titulaires") == 2) & (dependants == 0) & (pl.col("annees_ensemble") <= 55)
    category = dependants + pl.col("titulaires") + ((pl.col("titulaires") == 1) & (dependants > 0)) + young
    rows = homes.select(zone=zone, category=category.clip(1))
    size, at = rows["category"].to_numpy().astype(np.int64), rows["zone"].to_numpy()
    ceilings: Ints = table[at, np.minimum(size, 6) - 1] + table[at, 6] * np.maximum(size - 6, 0)
    return ceilings
