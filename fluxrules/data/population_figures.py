"""The figures of the synthetic population, read from ``rulesets/référentiels/population.yaml``, and the laws they make.

Each figure comes with what it is worth: published, calculated from published ones, or assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import yaml

from fluxrules.data.population_laws import Coupled, Joint, Law, collapse, coupled, relative, spread, standardised
from fluxrules.text.resources import resource


@dataclass(frozen=True)
class Figure:
    """One figure of the file: a share or an amount (``value``), or a table of them (``values``)."""

    value: float
    values: Mapping[str, float]
    status: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Laws:
    """Everything that is drawn, ready to draw. A coupled law is looked up by what was drawn before it."""

    figures: Mapping[str, Figure]
    plain: Mapping[str, Law]
    free: Mapping[str, Law]
    blanks: Mapping[str, float]
    documents: Mapping[str, str]
    """The column that each of them proves."""
    age: Coupled
    """By household and ``primo`` or ``mutation``."""
    occupation: Coupled
    """By age band."""
    disability: Coupled
    """By age band."""
    mode: Coupled
    """Outside social housing, by household, age band and occupation."""
    motive: Coupled
    """By present housing, household, ``actif`` or ``inactif``, ``handicap`` or ``valide``."""
    dwelling: Coupled
    """Type wanted, by number of persons from 1 to 6."""
    income_shift: Mapping[str, float]
    income_spread: float
    dalo_by_mode: Mapping[str, float]
    """Multiplies the share of the zone; 1 on average."""

    def value(self, name: str) -> float:
        """A figure that is one number."""
        return self.figures[name].value

    def draw(self, name: str, u: float) -> str:
        """A value of a law that depends on nothing else."""
        return self.plain[name].draw(u)

    def online_share(self, year: int) -> float:
        """The share of demandes filed on the portal that year: on a line between the known years, level outside."""
        known = sorted((int(text), share) for text, share in self.figures["depot_en_ligne"].values.items())
        for (start, before), (end, after) in pairwise(known):
            if start <= year <= end:
                return before + (after - before) * (year - start) / (end - start)
        return known[0][1] if year < known[0][0] else known[-1][1]


def read_yaml(name: str) -> dict[str, Any]:
    """A YAML file that travels with the package."""
    with resource(name).open(encoding="utf-8") as stream:
        loaded: dict[str, Any] = yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def activity(occupation: str) -> str:
    """Whether an occupation goes with a workplace, so with the motives that come from it."""
    return "actif" if occupation in ("CDI", "CDD", "ART", "APP") else "inactif"


@cache
def load_laws() -> Laws:
    """The laws of ``population.yaml``."""
    raw = read_yaml("rulesets/référentiels/population.yaml")
    figures = {name: _figure(given) for name, given in raw["chiffres"].items()}
    plain = {name: Law.of(figure.values) for name, figure in figures.items() if figure.values}
    tables: dict[str, Any] = raw["tables"]
    moved = figures["mutation"].value
    origin = {"primo": 1 - moved, "mutation": moved}

    # Rows grow as the draws go: household, origin, age, occupation, disability, then present housing.
    who: Joint = {(kind, o): w * origin[o] for kind, w in figures["type_menage"].values.items() for o in origin}
    age = coupled(who, figures["age"].values, tables["age"])
    who = spread(who, age, lambda row: row)
    bands = collapse(who, lambda row: (row[2],))
    occupation = coupled(bands, figures["situation_professionnelle"].values, tables["situation_professionnelle"])
    disability = coupled(bands, figures["handicap"].values, tables["handicap"])
    who = spread(who, occupation, lambda row: (row[2],))
    who = spread(who, disability, lambda row: (row[2],))

    primo = {row: weight for row, weight in who.items() if row[1] == "primo"}
    elsewhere = {mode: share for mode, share in figures["mode_logement"].values.items() if mode != "HLM"}
    mode = coupled(collapse(primo, lambda row: (row[0], row[2], row[3])), elsewhere, tables["mode"])
    housed = spread(primo, mode, lambda row: (row[0], row[2], row[3]))
    first = collapse(housed, lambda row: (row[5], row[0], activity(row[3]), row[4]))
    moving = {row: weight for row, weight in who.items() if row[1] == "mutation"}
    again = collapse(moving, lambda row: ("HLM", row[0], activity(row[3]), row[4]))
    motive = {
        **coupled(first, figures["motifs_primo"].values, tables["motif"]),
        **coupled(again, figures["motifs_mutation"].values, tables["motif"]),
    }
    sizes: Joint = {(size,): share for size, share in figures["taille_menage"].values.items()}
    shift, deviation = standardised(tables["niveau"], plain["situation_professionnelle"].shares())
    return Laws(
        figures=figures,
        plain=plain,
        free={name: Law.of(given["valeurs"]) for name, given in raw["champs_libres"].items()},
        blanks=raw["absents"]["valeurs"],
        documents=raw["pieces"],
        age=age,
        occupation=occupation,
        disability=disability,
        mode=mode,
        motive=motive,
        dwelling=coupled(sizes, figures["type_recherche"].values, tables["type_logement"]),
        income_shift=shift,
        income_spread=deviation,
        dalo_by_mode=relative(tables["dalo_mode"], plain["mode_logement"].shares()),
    )


def _figure(given: Mapping[str, Any]) -> Figure:
    return Figure(given.get("valeur", 0.0), given.get("valeurs", {}), given["statut"], tuple(given.get("s", ())))
