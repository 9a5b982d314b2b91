"""The figures of the synthetic population, and the laws that agree with all of them at once.

The figures are data (``rulesets/référentiels/population.yaml``), each with what it is worth: published, calculated, assumed.
Only ``Random.random`` feeds the laws: Python promises that this stream is the same in every version.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import sqrt
from typing import Any

import yaml

from fluxrules.text.resources import resource

Key = tuple[str, ...]
_ROUNDS = 40


@dataclass(frozen=True)
class Figure:
    """One figure of the file: a share or an amount (``value``) or a table of them (``values``)."""

    value: float
    values: Mapping[str, float]
    status: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Law:
    """Values and their cumulated shares, the last one being 1."""

    values: tuple[str, ...]
    cumulated: tuple[float, ...]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> Law:
        """The law with these weights, whatever their sum; values without weight are left out."""
        kept = {value: weight for value, weight in weights.items() if weight > 0}
        total = sum(kept.values())
        sums = [part / total for part in accumulate(kept.values())]
        return cls(tuple(kept), (*sums[:-1], 1.0))

    def draw(self, u: float) -> str:
        """The value at ``u``, drawn uniformly from 0 included to 1 excluded."""
        return self.values[bisect_right(self.cumulated, u)]

    def shares(self) -> dict[str, float]:
        """The share of each value."""
        before = (0.0, *self.cumulated)
        return {value: self.cumulated[i] - before[i] for i, value in enumerate(self.values)}


Joint = Mapping[Key, float]
Coupled = Mapping[Key, Law]


@dataclass(frozen=True)
class Laws:
    """Everything that is drawn, ready to draw. A coupled law is looked up by what was drawn before it."""

    figures: Mapping[str, Figure]
    plain: Mapping[str, Law]
    free: Mapping[str, Law]
    blanks: Mapping[str, float]
    documents: tuple[str, ...]
    age: Coupled
    """By household and ``primo`` or ``mutation``."""
    occupation: Coupled
    """By age band."""
    disability: Coupled
    """By age band."""
    mode: Coupled
    """Outside social housing, by household, age band and occupation."""
    motive: Coupled
    """By present housing, household, ``actif`` or ``inactif``."""
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

    who: Joint = {(kind, o): w * origin[o] for kind, w in figures["type_menage"].values.items() for o in origin}
    age = coupled(who, figures["age"].values, tables["age"])
    who = _spread(who, age, lambda row: row)
    bands = _collapse(who, lambda row: (row[2],))
    occupation = coupled(bands, figures["situation_professionnelle"].values, tables["situation_professionnelle"])
    who = _spread(who, occupation, lambda row: (row[2],))

    newcomers = {row: weight for row, weight in who.items() if row[1] == "primo"}
    elsewhere = {mode: share for mode, share in figures["mode_logement"].values.items() if mode != "HLM"}
    mode = coupled(_collapse(newcomers, lambda row: (row[0], *row[2:])), elsewhere, tables["mode"])
    housed = _spread(newcomers, mode, lambda row: (row[0], *row[2:]))
    first = _collapse(housed, lambda row: (row[4], row[0], activity(row[3])))
    moving = {row: weight for row, weight in who.items() if row[1] == "mutation"}
    again = _collapse(moving, lambda row: ("HLM", row[0], activity(row[3])))
    motive = {
        **coupled(first, figures["motifs_primo"].values, tables["motif"]),
        **coupled(again, figures["motifs_mutation"].values, tables["motif"]),
    }
    sizes: Joint = {(size,): share for size, share in figures["taille_menage"].values.items()}
    shift, spread = _standardised(tables["niveau"], plain["situation_professionnelle"].shares())
    return Laws(
        figures=figures,
        plain=plain,
        free={name: Law.of(given["valeurs"]) for name, given in raw["champs_libres"].items()},
        blanks=raw["absents"]["valeurs"],
        documents=tuple(raw["pieces"]),
        age=age,
        occupation=occupation,
        disability=coupled(bands, figures["handicap"].values, tables["handicap"]),
        mode=mode,
        motive=motive,
        dwelling=coupled(sizes, figures["type_recherche"].values, tables["type_logement"]),
        income_shift=shift,
        income_spread=spread,
        dalo_by_mode=relative(tables["dalo_mode"], plain["mode_logement"].shares()),
    )


def coupled(rows: Joint, columns: Mapping[str, float], affinity: Mapping[str, Mapping[str, float]]) -> Coupled:
    """The law of the columns in each row, such that over all the rows the columns keep their own shares.

    ``affinity`` says what goes with what, by part of the row; iterative proportional fitting does the rest. A column moves
    a little if the affinities leave no room for it.
    """
    total, wanted = sum(rows.values()), sum(columns.values())
    cells = {
        row: [_affinity(affinity, row, column) for column in columns] for row, weight in rows.items() if weight > 0
    }
    targets = [share / wanted for share in columns.values()]
    for _ in range(_ROUNDS):
        for row, line in cells.items():
            scale = rows[row] / total / sum(line)
            cells[row] = [cell * scale for cell in line]
        scales = [target / sum(line) for target, line in zip(targets, zip(*cells.values(), strict=True), strict=True)]
        cells = {row: [cell * scale for cell, scale in zip(line, scales, strict=True)] for row, line in cells.items()}
    return {row: Law.of(dict(zip(columns, line, strict=True))) for row, line in cells.items()}


def relative(factors: Mapping[str, float], shares: Mapping[str, float]) -> Mapping[str, float]:
    """The factors (1 when not given) rescaled so that their mean over ``shares`` is 1."""
    mean = sum(share * factors.get(value, 1.0) for value, share in shares.items())
    return {value: factors.get(value, 1.0) / mean for value in shares}


def _affinity(affinity: Mapping[str, Mapping[str, float]], row: Key, column: str) -> float:
    weight = 1.0
    for part in row:
        weight *= affinity.get(part, {}).get(column, 1.0)
    return weight


def _spread(rows: Joint, laws: Coupled, key: Callable[[Key], Key]) -> Joint:
    return {(*row, v): w * share for row, w in rows.items() for v, share in laws[key(row)].shares().items()}


def _collapse(rows: Joint, key: Callable[[Key], Key]) -> Joint:
    merged: dict[Key, float] = {}
    for row, weight in rows.items():
        merged[key(row)] = merged.get(key(row), 0.0) + weight
    return merged


def _standardised(shift: Mapping[str, float], shares: Mapping[str, float]) -> tuple[Mapping[str, float], float]:
    """Shifts of mean zero, and the spread around them that leaves the whole with variance one."""
    mean = sum(share * shift[value] for value, share in shares.items())
    variance = sum(share * (shift[value] - mean) ** 2 for value, share in shares.items())
    return {value: shift[value] - mean for value in shares}, sqrt(1 - variance)


def _figure(given: Mapping[str, Any]) -> Figure:
    return Figure(given.get("valeur", 0.0), given.get("valeurs", {}), given["statut"], tuple(given.get("s", ())))
