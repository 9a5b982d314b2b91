"""The figures of the synthetic population, read from ``rulesets/référentiels/population.yaml``, and the laws they make.

Each figure comes with what it is worth: published, calculated from published ones, or assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import yaml

from fluxrules.data.population.laws import Floats, Law, coupled, relative, standardised
from fluxrules.text.resources import resource

ORIGINS = ("primo", "mutation")
ACTIVITY = ("inactif", "actif")
HEALTH = ("valide", "handicap")
AREAS = ("autres", "idf")
WORKING = ("CDI", "CDD", "ART", "APP")
_FAMILIES = ("famille_couple", "famille_mono", "famille_seul_jeune", "famille_seul_mur", "famille_seul_age")
_FAMILY = ("C", "M", "D", "S", "P", "U", "V")


@dataclass(frozen=True)
class Figure:
    """One figure of the file: a share or an amount (``value``), or a table of them (``values``)."""

    value: float
    values: Mapping[str, float]
    status: str
    sources: tuple[str, ...]
    tolerance: float | None
    """How far a population may be: in the unit of a share, or as a part of an amount. ``None``: the usual one."""
    at_least: bool
    """Published as "more than": only what is under it departs from it."""
    reason: str
    """Why it is not met, in French; empty where it is."""


@dataclass(frozen=True)
class Laws:
    """Everything that is drawn, ready to draw. A coupled law has one row for each outcome of the draws before it."""

    figures: Mapping[str, Figure]
    plain: Mapping[str, Law]
    free: Mapping[str, Law]
    blanks: Mapping[str, float]
    documents: Mapping[str, str]
    """The column that each of them proves."""
    kinds: tuple[str, ...]
    works: tuple[str, ...]
    modes: tuple[str, ...]
    bounds: Floats
    """Of each age band: the first age, and the first one beyond."""
    age: Law
    """By household and origin."""
    family: Law
    """Couple, single parent, alone and young, alone, alone and old."""
    occupation: Law
    """By age band."""
    disability: Law
    """By age band."""
    mode: Law
    """Outside social housing, by household, age band, occupation, and Île-de-France or not."""
    motive: Law
    """By present housing, household, activity, disability."""
    dwelling: Law
    """Type wanted, by number of persons from 1 to 6 and Île-de-France or not."""
    seniority: Law
    """By origin."""
    working: Floats
    """Whether an occupation goes with a workplace, so with the motives that come from it."""
    income_shift: Floats
    income_spread: float
    dalo_by_mode: Floats
    """Multiplies the share of the zone; 1 on average."""

    def value(self, name: str) -> float:
        """A figure that is one number."""
        return self.figures[name].value

    def table(self, name: str, keys: Sequence[str], default: float = 0.0) -> Floats:
        """A figure that is a table, in the order of these keys."""
        return np.array([self.figures[name].values.get(key, default) for key in keys], dtype=np.float64)

    def online_share(self, years: Any) -> Floats:
        """The share of demandes filed on the portal each year: on a line between the known years, level outside."""
        known = sorted((int(text), share) for text, share in self.figures["depot_en_ligne"].values.items())
        shares: Floats = np.interp(years, *np.array(known).T)
        return shares


def read_yaml(name: str) -> dict[str, Any]:
    """A YAML file that travels with the package."""
    with resource(name).open(encoding="utf-8") as stream:
        loaded: dict[str, Any] = yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def read_figures(name: str) -> dict[str, Figure]:
    """The figures of a file that travels with the package."""
    return figures_of(read_yaml(name))


def figures_of(raw: Mapping[str, Any]) -> dict[str, Figure]:
    return {name: _figure(given) for name, given in raw["chiffres"].items()}


@cache
def load_laws() -> Laws:
    """The laws of ``population.yaml``."""
    raw = read_yaml("rulesets/référentiels/population.yaml")
    figures = figures_of(raw)
    plain = {name: Law.of(tuple(f.values), list(f.values.values())) for name, f in figures.items() if f.values}
    tables: dict[str, Any] = raw["tables"]
    of = {name: figure.values for name, figure in figures.items()}
    kinds, bands, works, modes = (
        tuple(of[n]) for n in ("type_menage", "age", "situation_professionnelle", "mode_logement")
    )
    moved, idf = figures["mutation"].value, plain["demandes_par_region"]
    origin = np.array([1 - moved, moved])
    area = np.array([1 - idf.shares[0, idf.rank("11")], idf.shares[0, idf.rank("11")]])

    # Axes: k household, o origin, b age band, w occupation, d disability, i area, m present housing, a activity.
    ko = np.outer(plain["type_menage"].shares[0], origin)
    age = coupled(ko, of["age"], tables["age"], kinds, ORIGINS)
    kob = ko[..., None] * age
    occupation = coupled(kob.sum((0, 1)), of["situation_professionnelle"], tables["situation_professionnelle"], bands)
    health = {state: of["handicap"][state] for state in HEALTH}
    disability = coupled(kob.sum((0, 1)), health, tables["handicap"], bands)
    working = np.array([work in WORKING for work in works], dtype=np.float64)
    activity = np.stack([1 - working, working], axis=1)
    elsewhere = {**of["mode_logement"], "HLM": 0.0}
    kbwi = np.einsum("kb,bw,i->kbwi", kob[:, 0], occupation, area)
    mode = coupled(kbwi, elsewhere, tables["mode"], kinds, bands, works, AREAS)
    first = np.einsum("kbwi,kbwim,bd,wa->mkad", kbwi, mode, disability, activity)
    motive = coupled(first, of["motifs_primo"], tables["motif"], modes, kinds, ACTIVITY, HEALTH)
    again = np.einsum("kb,bw,bd,wa->kad", kob[:, 1], occupation, disability, activity)[None]
    motives = {code: of["motifs_mutation"].get(code, 0.0) for code in of["motifs_primo"]}
    moving = coupled(again, motives, tables["motif"], ("HLM",), kinds, ACTIVITY, HEALTH)
    motive[modes.index("HLM")] = moving[0]
    sizes = np.outer(plain["taille_menage"].shares[0], area)
    dwelling = coupled(sizes, of["type_recherche"], tables["type_logement"], tuple(of["taille_menage"]), AREAS)
    seniority = coupled(origin, of["anciennete"], tables["anciennete"], ORIGINS)
    shift, deviation = standardised(
        np.array([tables["niveau"][work] for work in works]), plain["situation_professionnelle"].shares[0]
    )
    dalo = np.array([tables["dalo_mode"].get(m, 1.0) for m in modes])
    return Laws(
        figures=figures,
        plain=plain,
        free={n: Law.of(tuple(g["valeurs"]), list(g["valeurs"].values())) for n, g in raw["champs_libres"].items()},
        blanks=raw["absents"]["valeurs"],
        documents=raw["pieces"],
        kinds=kinds,
        works=works,
        modes=modes,
        bounds=np.array([[int(x) for x in band.split("-")] for band in bands], dtype=np.float64) + [0, 1],
        age=Law.of(bands, age),
        family=Law.of(_FAMILY, [[of[name].get(code, 0.0) for code in _FAMILY] for name in _FAMILIES]),
        occupation=Law.of(works, occupation),
        disability=Law.of(HEALTH, disability),
        mode=Law.of(modes, mode),
        motive=Law.of(tuple(motives), motive),
        dwelling=Law.of(tuple(of["type_recherche"]), dwelling),
        seniority=Law.of(tuple(of["anciennete"]), seniority),
        working=working,
        income_shift=shift,
        income_spread=deviation,
        dalo_by_mode=relative(dalo, plain["mode_logement"].shares[0]),
    )


def _figure(given: Mapping[str, Any]) -> Figure:
    return Figure(
        given.get("valeur", 0.0),
        given.get("valeurs", {}),
        given["statut"],
        tuple(given.get("s", ())),
        given.get("tolérance"),
        given.get("au moins", False),
        given.get("raison", ""),
    )
