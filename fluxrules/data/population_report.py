"""A synthetic population set against the figures it was drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from fluxrules.data.population_draws import YEAR
from fluxrules.data.population_figures import load_laws
from fluxrules.data.tables import KEY, Tables
from fluxrules.vocabulary.territoires import load_communes

_COMPARED: Mapping[str, str] = {
    "type_menage": "type_menage",
    "age": "age",
    "situation_professionnelle": "situation_pro_demandeur",
    "mode_logement": "mode_logement_actuel",
    "type_recherche": "type_recherche",
    "nb_communes_choisies": "communes",
    "demandes_par_region": "region",
}
"""Laws compared value by value, and the column that shows them."""

_SCHEMA = {"mesure": pl.String, "cible": pl.Float64, "obtenu": pl.Float64, "statut": pl.String, "sources": pl.String}
_Line = tuple[str, float, float | None, str, str]


def describe(tables: Tables, reference: date) -> pl.DataFrame:
    """What was aimed at and what was obtained, with what each figure is worth (``statut``) and its sources.

    Targets are those of France: a population kept to some territories departs from them, as it should. Some published
    figures only anchor an assumption (another year, a floor): they are shown as read, and a gap is not an error.
    """
    if tables.membres is None or tables.choix is None or tables.demandes.is_empty():
        raise ValueError("Une population se décrit avec ses membres et ses choix, et avec au moins une demande.")
    laws, homes = load_laws(), _households(tables.demandes, tables.membres, tables.choix, reference)
    # A blank mode is no transfer: the generator never blanks social tenancy.
    moving, motive = (pl.col("mode_logement_actuel") == "HLM").fill_null(False), pl.col("motifs").list.first()
    primo, mutation = homes.filter(~moving), homes.filter(moving)
    obtained = {
        "mutation": _mean(homes, moving),
        "un_seul_adulte": _mean(homes, pl.col("adultes") == 1),
        "motif_primo_01": _mean(primo, motive == "01"),
        "motif_primo_09": _mean(primo, motive == "09"),
        "motif_mutation_13": _mean(mutation, motive == "13"),
        "motif_mutation_17": _mean(mutation, motive == "17"),
        "motif_mutation_07_08": _mean(mutation, motive.is_in(["07", "08"])),
        "type_recherche_t1_t2": _mean(homes, pl.col("type_recherche").is_in(["T1", "T2"])),
        "anciennete_plus_un_an": _mean(homes, pl.col("jours") > 365),
        "anciennete_moyenne_jours": _mean(homes, pl.col("jours")),
        "premier_quartile": homes["par_unite"].quantile(0.25),
    }
    lines = [_line(name, name, laws.value(name), value) for name, value in obtained.items()]
    online = [laws.online_share(year) for year in homes["date_depot_initial"].dt.year()]
    portal, counter = laws.value("rfr_absent_portail"), laws.value("rfr_absent_guichet")
    blank = counter + (portal - counter) * sum(online) / len(online)
    lines.append(_line("rfr_absent_portail", "rfr_absent", blank, _mean(homes, pl.col("rfr_n2").is_null())))
    for name, column in _COMPARED.items():
        for value, share in laws.plain[name].shares().items():
            lines.append(_line(name, f"{name} {value}", share, _mean(homes, pl.col(column) == value)))
    return pl.DataFrame(lines, schema=_SCHEMA, orient="row")


def _line(figure: str, label: str, aim: float, obtained: float | None) -> _Line:
    known = load_laws().figures[figure]
    return label, aim, obtained, known.status, " ".join(known.sources)


def _households(demandes: pl.DataFrame, membres: pl.DataFrame, choix: pl.DataFrame, reference: date) -> pl.DataFrame:
    """The demandes with what their other rows say together: adults, type of household, income per consumption unit."""
    role, years = pl.col("role"), (reference - pl.col("date_naissance")).dt.total_days() / YEAR
    holders = role.is_in(["demandeur", "cotitulaire"])
    child = (role == "a_charge") & (pl.col("lien_parente") == "E").fill_null(False)
    unit = pl.when(role == "demandeur").then(1.0).when(child & (years < 14)).then(0.3).otherwise(0.5)
    homes = membres.group_by(KEY).agg(
        adultes=(holders | ((role == "a_charge") & ~child)).sum(),
        enfants=child.sum(),
        unites=unit.filter(holders | (role == "a_charge")).sum(),
        annees=years.filter(role == "demandeur").first(),
    )
    chosen = choix.group_by(KEY).agg(communes=pl.len().cast(pl.String))
    regions = load_communes().select(pl.col("commune").alias("code_commune_residence"), "region")
    bands = list(load_laws().figures["age"].values)
    couple = pl.col("lien_codemandeur").is_in(["M", "P", "C"]).fill_null(False)
    alone = pl.when(pl.col("enfants") > 0).then(pl.lit("MONO")).otherwise(pl.lit("SEUL"))
    paired = pl.when(pl.col("enfants") > 0).then(pl.lit("CPLE")).otherwise(pl.lit("CPL"))
    age = pl.lit(bands[0])
    for band in bands[1:]:
        age = pl.when(pl.col("annees") >= int(band.split("-")[0])).then(pl.lit(band)).otherwise(age)
    return (
        demandes.join(homes, on=KEY, how="left")
        .join(chosen, on=KEY, how="left")
        .join(regions, on="code_commune_residence", how="left")
        .with_columns(
            type_menage=pl.when(couple).then(paired).when(pl.col("adultes") > 1).then(pl.lit("AUTRE")).otherwise(alone),
            age=age,
            type_recherche=pl.col("types_logement_recherches").list.first(),
            par_unite=12 * pl.col("ressources_mensuelles_totales") / pl.col("unites"),
            jours=(reference - pl.col("date_depot_initial")).dt.total_days(),
        )
    )


def _mean(rows: pl.DataFrame, value: pl.Expr) -> float | None:
    """The mean, or the share of a condition, over the rows where it is known."""
    mean: float | None = rows.select(value.mean()).item()
    return mean
