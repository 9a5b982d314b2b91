"""What a population is asked, to be set against the figures: one expression each over the households, null outside its scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import polars as pl

from fluxrules.data.population.figures import WORKING, load_laws
from fluxrules.vocabulary.territoires import load_communes


@dataclass(frozen=True)
class Measure:
    """``value`` is averaged over the households where it is known, each counted ``weight`` times."""

    figure: str
    label: str
    target: float
    value: pl.Expr
    weight: pl.Expr | None = None
    share: bool = True
    """Whether the value is a condition."""


@cache
def measures() -> tuple[Measure, ...]:
    """Every figure that a population of demandes shows, in the order of the report."""
    return (*_places(), *_persons(), *_resources(), *_dwellings(), *_time(), *_laws())


def _given(scope: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(scope).then(value)


def _one(figure: str, label: str, value: pl.Expr, weight: pl.Expr | None = None) -> Measure:
    return Measure(figure, label, load_laws().value(figure), value, weight)


def _mean(figure: str, label: str, value: pl.Expr) -> Measure:
    return Measure(figure, label, load_laws().value(figure), value, share=False)


def _each(figure: str, label: str, column: str, scope: pl.Expr | None = None) -> Iterator[Measure]:
    law = load_laws().plain[figure]
    for value, share in zip(law.values, law.shares[0], strict=True):
        found = pl.col(column) == (int(value) if value.isdigit() and column == "communes" else value)
        yield Measure(figure, f"{label} : {value}", float(share), found if scope is None else _given(scope, found))


def _idf() -> pl.Expr:
    return pl.col("region") == "11"


def _places() -> Iterator[Measure]:
    laws, people = load_laws(), dict(_inhabitants())
    yield from _each("demandes_par_region", "région", "region")
    for region, rate in laws.figures["taux_pour_100000"].values.items():
        scale = laws.value("stock") * 100_000 / people[region]
        label = f"demandes pour 100 000 habitants, région {region}"
        yield Measure("taux_pour_100000", label, rate, (pl.col("region") == region) * scale, share=False)
    same = {
        "commune": pl.col("code_commune_residence") == pl.col("premier"),
        "territoire": (pl.col("territoire") == pl.col("territoire_premier")).fill_null(False),
        "departement": pl.col("departement") == pl.col("departement_premier"),
    }
    # Paris by its own code and by an arrondissement are one place; only those who live elsewhere tell.
    scope = _idf() & (pl.col("departement") != "75")
    relation = (
        pl.when(same["commune"]).then(pl.lit("commune"))
        .when(same["territoire"]).then(pl.lit("territoire"))
        .when(same["departement"]).then(pl.lit("departement"))
        .otherwise(pl.lit("ailleurs"))
    )  # fmt: skip
    law = laws.plain["relation_choix_idf"]
    for value, share in zip(law.values, law.shares[0], strict=True):
        label = f"premier choix en Île-de-France : {value}"
        yield Measure("relation_choix_idf", label, float(share), _given(scope, relation == value))


def _persons() -> Iterator[Measure]:
    moving, hauts_de_seine = pl.col("mutation"), pl.col("departement") == "92"
    yield _one("association", "demandes d'associations", pl.col("association"))
    yield _one("mutation", "mutations", moving)
    yield _one("mutation_recentes", "mutations, demandes de moins d'un an", _given(pl.col("jours") <= 365, moving))
    yield _one("mutation_idf", "mutations, Île-de-France", _given(_idf(), moving))
    yield _one("mutation_92", "mutations, Hauts-de-Seine", _given(hauts_de_seine, moving))
    yield from _each("type_menage", "ménage", "menage")
    yield _one("seuls", "personnes seules (2020)", pl.col("menage") == "SEUL")
    yield _one("monoparentales", "familles monoparentales (2020)", pl.col("menage") == "MONO")
    yield _one("couples", "couples (2020)", pl.col("menage").is_in(["CPL", "CPLE"]))
    yield _one("seuls_idf", "personnes seules, Île-de-France (2022)", _given(_idf(), pl.col("menage") == "SEUL"))
    yield _one("un_seul_adulte", "un seul adulte", pl.col("adultes") == 1)
    persons = pl.col("personnes")
    for size, share in load_laws().figures["taille_sans_garde"].values.items():
        found = persons >= 6 if size == "6" else persons == int(size)
        yield Measure("taille_sans_garde", f"personnes : {size}{' et plus' * (size == '6')}", share, found)
    yield _mean("taille_moyenne", "personnes, moyenne", persons)
    yield _mean("taille_moyenne_idf", "personnes, moyenne, Île-de-France (2022)", _given(_idf(), persons))
    works = pl.col("situation_pro_demandeur").is_in(WORKING)
    poitou = pl.col("departement").is_in(["16", "17", "79", "86"])
    yield _one("en_activite_idf", "actifs occupés, Île-de-France (2022)", _given(_idf(), works))
    yield _one("en_activite_poitou_charentes", "en activité, Poitou-Charentes (2012)", _given(poitou, works))


def _resources() -> Iterator[Measure]:
    laws, absent = load_laws(), pl.col("rfr_n2").is_null()
    poor = pl.col("par_unite") < 12 * laws.value("seuil_pauvrete")
    yield _one("sous_seuil_pauvrete", "sous le seuil de pauvreté (2020, plus de)", poor)
    yield _one("sous_plai", "revenu sous le plafond PLAI", pl.col("rfr_n2") <= pl.col("plafond"))
    yield _one("rfr_absent_portail", "revenu fiscal absent, portail (2017)", absent, pl.col("portail"))
    yield _one("rfr_absent_guichet", "revenu fiscal absent, guichet (2017)", absent, 1 - pl.col("portail"))


def _dwellings() -> Iterator[Measure]:
    main, moving = pl.col("motif"), pl.col("mutation")
    yield _one("motif_primo_01", "primo-demandeurs : sans logement propre", _given(~moving, main == "01"))
    yield _one("motif_primo_09", "primo-demandeurs : trop cher", _given(~moving, main == "09"))
    yield _one("motif_mutation_13", "mutations : trop petit", _given(moving, main == "13"))
    yield _one("motif_mutation_17", "mutations : environnement", _given(moving, main == "17"))
    yield _one("motif_mutation_07_08", "mutations : santé ou handicap", _given(moving, main.is_in(["07", "08"])))
    hosted = pl.col("mode_logement_actuel").is_in(["CPE", "CP", "SLHT"])
    seine = pl.col("departement") == "92"
    yield _one("heberges_92", "hébergés chez un tiers, Hauts-de-Seine (2024, plus de)", _given(seine, hosted))
    kind = pl.col("type_recherche")
    yield from _each("type_recherche", "type recherché", "type_recherche")
    yield _one("type_recherche_t1_t2", "type recherché : T1 ou T2 (2020)", kind.is_in(["T1", "T2"]))
    yield _one("type_recherche_t3", "type recherché : T3 et plus (2020)", ~kind.is_in(["T1", "T2"]))
    yield _one("t1_idf", "type recherché : T1, Île-de-France (2020)", _given(_idf(), kind == "T1"))
    yield _one(
        "t1_seuls_92",
        "T1, personnes seules des Hauts-de-Seine",
        _given(seine & (pl.col("menage") == "SEUL"), kind == "T1"),
    )


def _time() -> Iterator[Measure]:
    waited, laws = pl.col("jours"), load_laws()
    yield _one("anciennete_plus_un_an", "plus d'un an d'ancienneté (2025, plus de)", waited > 365)
    yield _one("anciennete_plus_un_an_2019", "plus d'un an d'ancienneté (2019)", waited > 365)
    yield _mean("anciennete_moyenne_jours", "ancienneté moyenne, jours (2022)", waited)
    corsica = pl.col("region") == "94"
    yield _mean("anciennete_moyenne_corse", "ancienneté moyenne, jours, Corse (2020)", _given(corsica, waited))
    for year in ("2015", "2020"):
        filed = pl.col("date_depot_initial").dt.year() == int(year)
        share = laws.figures["depot_en_ligne"].values[year]
        yield Measure(
            "depot_en_ligne", f"dépôts en ligne en {year}", share, _given(filed, pl.col("portail")), share=False
        )
    issues = laws.plain["issue_proposition"]
    got = {
        "refus": pl.col("refus") - pl.col("sans_reponse"),
        "sans_reponse": pl.col("sans_reponse"),
        "commission": pl.col("decisions"),
    }
    for issue, times in got.items():
        share = float(issues.shares[0, issues.rank(issue)])
        label = f"issue d'une proposition sans bail : {issue.replace('_', ' ')}"
        yield Measure("issue_proposition", label, share, times / pl.col("propositions"), pl.col("propositions"))
    yield _mean(
        "refus_par_menage", "refus par ménage qui a refusé (2010)", _given(pl.col("refus") > 0, pl.col("refus"))
    )


def _laws() -> Iterator[Measure]:
    """The laws that are assumed, value by value."""
    bounds = load_laws().bounds
    for (low, beyond), share, name in zip(
        bounds, load_laws().plain["age"].shares[0], load_laws().plain["age"].values, strict=True
    ):
        years = pl.col("annees")
        found = ((years >= low) | (low == bounds[0, 0])) & ((years < beyond) | (beyond == bounds[-1, 1]))
        yield Measure("age", f"âge : {name}", float(share), found)
    yield from _each("situation_professionnelle", "situation", "situation_pro_demandeur")
    yield from _each("mode_logement", "logement actuel", "mode_logement_actuel")
    yield from _each("nb_communes_choisies", "communes choisies", "communes")
    for status, share in load_laws().figures["dalo"].values.items():
        yield Measure("dalo", f"DALO : {status}", share, pl.col("statut_dalo") == status)


@cache
def _inhabitants() -> tuple[tuple[str, int], ...]:
    whole = load_communes().filter(pl.col("commune_mere").is_null(), pl.col("population") > 0)
    return tuple(whole.group_by("region").agg(pl.col("population").sum()).iter_rows())
