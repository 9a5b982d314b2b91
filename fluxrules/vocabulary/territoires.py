"""From a commune to the territory that scores: its EPCI, its EPT in the Grand Paris, or Paris itself."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from fluxrules.text.near import fold
from fluxrules.text.resources import resource

if TYPE_CHECKING:  # a check of a grid asks for one name: it must not wait for Polars
    import polars as pl

VINTAGE = "2026 (@etalab/decoupage-administratif 6.0.0)"
"""The year of the perimeters, and the package they come from (``rulesets/référentiels/LISEZMOI.md``)."""

METROPOLE_GRAND_PARIS = "200054781"


@dataclass(frozen=True)
class Territoire:
    """A scoring territory, known by its SIREN. ``nature``: CC, CA, CU, METRO, MET69, EPT, or ``commune`` (Paris)."""

    code: str
    nom: str
    nature: str
    population: int
    departements: tuple[str, ...]


@dataclass(frozen=True)
class HorsCotation:
    """A known group of communes that does not score; ``raison`` says in French why, and what to write instead."""

    code: str
    nom: str
    raison: str


_GRAND_PARIS = HorsCotation(
    METROPOLE_GRAND_PARIS,
    "Métropole du Grand Paris",
    "La Métropole du Grand Paris ne cote pas les demandes : ce sont ses établissements publics territoriaux (EPT) "
    "et la Ville de Paris qui le font. Indiquez le SIREN de l'un d'eux.",
)


@cache
def load_communes() -> pl.DataFrame:
    """One row per code a demande may hold: communes, arrondissements, delegated, associated and former communes.

    ``commune_mere`` is null for a commune of today. A former code has no ``nom``; only communes of today and
    arrondissements have a ``population``. ``territoire`` is null where no territory scores: four islands and the
    collectivités d'outre-mer.
    """
    return _load("communes.csv")


@cache
def known_communes() -> dict[str, str]:
    """Every code of ``load_communes``, with that of its commune of today (itself, for one). Read without Polars."""
    with resource("rulesets/référentiels/communes.csv").open(encoding="utf-8", newline="") as file:
        return {row["commune"]: row["commune_mere"] or row["commune"] for row in csv.DictReader(file)}


def codes_inside(code: str) -> tuple[str, ...]:
    """What a rule that names a commune means: it, its arrondissements, its delegated, associated and former communes."""
    return tuple(dict.fromkeys((code, *(c for c, today in known_communes().items() if today == code))))


def is_commune(code: str) -> bool:
    """Whether a code names a commune of the referential, or a country (99…): people come from abroad."""
    return code in known_communes() or (len(code) == 5 and code.isascii() and code.isdigit() and code.startswith("99"))


@cache
def load_territoires() -> pl.DataFrame:
    """One row per scoring territory; ``departements`` are separated by spaces. A ``nom`` is not always unique."""
    return _load("territoires.csv")


def territoire_de(commune: str) -> str | None:
    """The SIREN of the territory that scores a commune (of today or former) or an arrondissement; None if none does."""
    return _territoire_by_commune().get(commune)


def communes_nommees(nom: str) -> tuple[str, ...]:
    """The codes of the communes of this name, whatever its accents and capitals; arrondissements are named too."""
    wanted = fold(nom)
    with resource("rulesets/référentiels/communes.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["commune"] for row in csv.DictReader(file) if row["nom"] and fold(row["nom"]) == wanted)


def nom_territoire(code: str) -> str | None:
    """The name of a scoring territory, None if ``code`` is not one."""
    found = _territoires().get(code)
    return found.nom if found is not None else None


def territoires_du_departement(code: str) -> tuple[str, ...]:
    """The SIRENs of the scoring territories that have communes in a département, sorted."""
    return tuple(sorted(t.code for t in _territoires().values() if code in t.departements))


def resolve_epci(ref: str) -> Territoire | HorsCotation | None:
    """What a SIREN written in a grid stands for; None if it is unknown."""
    return _GRAND_PARIS if ref == METROPOLE_GRAND_PARIS else _territoires().get(ref)


def attach_territoire(choix: pl.DataFrame) -> pl.DataFrame:
    """``choix`` with the ``territoire`` of each ``code_commune``, null where unknown or none. Same rows, same order."""
    import polars as pl

    known = load_communes().select(pl.col("commune").alias("code_commune"), "territoire")
    return choix.drop("territoire", strict=False).join(known, on="code_commune", how="left", maintain_order="left")


@cache
def _territoire_by_commune() -> dict[str, str | None]:
    return dict(load_communes().select("commune", "territoire").iter_rows())


@cache
def _territoires() -> dict[str, Territoire]:
    with resource("rulesets/référentiels/territoires.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["territoire"]: Territoire(
                row["territoire"], row["nom"], row["nature"], int(row["population"]), tuple(row["departements"].split())
            )
            for row in csv.DictReader(file)
        }


def _load(name: str) -> pl.DataFrame:
    import polars as pl

    # Types are never inferred: a code such as 01001 or 2A004 would lose its zero, or fail past the sampled rows.
    data = resource(f"rulesets/référentiels/{name}").read_bytes()
    return pl.read_csv(data, infer_schema=False, schema_overrides={"population": pl.Int64})
