"""The communes of a scale, and whether one scale is inside another."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fluxrules.model.flux.values import Scale
from fluxrules.text.resources import resource


@dataclass(frozen=True)
class _Place:
    departement: str
    region: str
    territory: str


@cache
def _places() -> Mapping[str, _Place]:
    """Every commune of today and every arrondissement. Read without Polars: a check of conventions must not wait for it."""
    with resource("rulesets/référentiels/communes.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["commune"]: _Place(row["departement"], row["region"], row["territoire"])
            for row in csv.DictReader(file)
            if not row["commune_mere"] or row["nom"]
        }


@cache
def _by(kind: str) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for code, place in _places().items():
        key = {"département": place.departement, "région": place.region, "epci": place.territory}[kind]
        found.setdefault(key, set()).add(code)
    return {k: frozenset(v) for k, v in found.items()}


@cache
def known_communes() -> frozenset[str]:
    """Every commune of the referential."""
    return frozenset(_places())


def communes_of(scale: Scale) -> frozenset[str]:
    """The communes of a scale; empty for a code that the referential does not know (``unknown_codes``)."""
    if scale.kind == "commune":
        found = frozenset(scale.codes)
    elif len(scale.codes) == 1:
        found = _by(scale.kind).get(scale.codes[0], frozenset())
    else:
        found = frozenset().union(*(_by(scale.kind).get(c, frozenset()) for c in scale.codes))
    return found & _by("département").get(scale.within, frozenset()) if scale.within else found


def unknown_codes(scale: Scale) -> tuple[str, ...]:
    """The codes of a scale that the referential does not hold."""
    known = _places() if scale.kind == "commune" else _by(scale.kind)
    missing = tuple(c for c in scale.codes if c not in known)
    return (*missing, scale.within) if scale.within and scale.within not in _by("département") else missing


def departements_of(scale: Scale) -> frozenset[str]:
    """The départements that a scale touches."""
    if scale.kind == "département":
        return frozenset(scale.codes)
    if scale.within:
        return frozenset({scale.within})
    places = _places()
    return frozenset(places[c].departement for c in communes_of(scale) if c in places)


def territory_of(commune: str) -> str | None:
    """The SIREN of the scoring territory of a commune."""
    place = _places().get(commune)
    return (place.territory or None) if place else None
