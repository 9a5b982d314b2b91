"""Rebuild ``rulesets/référentiels/{communes,territoires}.csv`` from the unpacked ``@etalab/decoupage-administratif``.

    python tools/build_decoupage.py DOSSIER_DU_PAQUET [DOSSIER_DE_SORTIE]

The same package gives the same bytes: rows are sorted by code.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, cast

METROPOLE_GRAND_PARIS = "200054781"
PARIS = "75056"

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Commune:
    """A row of ``communes.csv``: a code that a demande may hold. ``commune_mere`` is empty for a commune of today."""

    commune: str
    nom: str
    commune_mere: str
    departement: str
    region: str
    population: int | None
    territoire: str


@dataclass(frozen=True)
class Territoire:
    """A row of ``territoires.csv``: one that scores. ``departements`` are separated by spaces."""

    territoire: str
    nom: str
    nature: str
    population: int
    departements: str


def build(package: Path) -> tuple[list[Commune], list[Territoire]]:
    """The rows of both tables, sorted by code. Raises ``ValueError`` when the Grand Paris is not its EPTs and Paris."""
    records, epcis, epts = (_read(package, name) for name in ("communes", "epci", "ept"))
    current = {r["code"]: r for r in records if r["type"] == "commune-actuelle"}
    groups = _scoring_groups(epcis, epts, current)
    owner = {member: group["code"] for group in groups for member in _members(group)}

    # ``setdefault`` keeps the commune of today, whose code a delegated commune often shares.
    rows: dict[str, Commune] = {}
    for code, record in current.items():
        rows[code] = _commune(record, "", record, owner)
    for record in records:
        mother = record.get("commune") or record.get("chefLieu")
        if mother is not None:
            rows.setdefault(record["code"], _commune(record, mother, current[mother], owner))
    for code, record in current.items():
        for former in record.get("anciensCodes", ()):
            rows.setdefault(former, _commune({"code": former}, code, record, owner))

    territoires = [_territoire(group, current) for group in groups]
    return sorted(rows.values(), key=lambda c: c.commune), sorted(territoires, key=lambda t: t.territoire)


def write(package: Path, folder: Path) -> None:
    """Write both tables into ``folder``."""
    communes, territoires = build(package)
    _write_csv(folder / "communes.csv", [f.name for f in fields(Commune)], map(astuple, communes))
    _write_csv(folder / "territoires.csv", [f.name for f in fields(Territoire)], map(astuple, territoires))


def _scoring_groups(epcis: list[Json], epts: list[Json], current: Mapping[str, Json]) -> list[Json]:
    """The groups of communes that score: EPCIs, with EPTs and Paris in the place of the Métropole du Grand Paris."""
    metropole = {m for e in epcis if e["code"] == METROPOLE_GRAND_PARIS for m in _members(e)}
    # Checked, because a commune left out of the EPTs would otherwise silently become a territory, or lose its own.
    if metropole != {m for e in epts for m in _members(e)} | {PARIS}:
        raise ValueError("Les communes de la Métropole du Grand Paris ne sont pas celles des EPT plus Paris.")
    paris = current[PARIS]
    ville = {"code": paris["siren"], "nom": paris["nom"], "type": "commune", "membres": [paris]}
    return [e for e in epcis if e["code"] != METROPOLE_GRAND_PARIS] + epts + [ville]


def _commune(record: Json, mother: str, current: Json, owner: Mapping[str, str]) -> Commune:
    return Commune(
        commune=record["code"],
        nom=record.get("nom", ""),
        commune_mere=mother,
        departement=current["departement"],
        region=current["region"],
        population=record.get("population"),
        territoire=owner.get(current["code"], ""),
    )


def _territoire(group: Json, current: Mapping[str, Json]) -> Territoire:
    members = [current[m] for m in _members(group)]
    return Territoire(
        territoire=group["code"],
        nom=" ".join(group["nom"].split()),
        nature=group["type"],
        # Summed, because the source counts EPCIs at an older census than communes and EPTs.
        population=sum(m.get("population", 0) for m in members),
        departements=" ".join(sorted({m["departement"] for m in members})),
    )


def _members(group: Json) -> list[str]:
    return [m["code"] for m in group["membres"]]


def _read(package: Path, name: str) -> list[Json]:
    return cast(list[Json], json.loads((package / "data" / f"{name}.json").read_text(encoding="utf-8")))


def _write_csv(path: Path, header: list[str], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    default = Path(__file__).resolve().parent.parent / "rulesets" / "référentiels"
    write(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else default)
