"""Who has a convention with whom in a département: the conventions to write, and the codes of the réservataires."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from fluxrules.data.flux.population.dwellings import EXEMPT, Parc
from fluxrules.data.flux.population.plan import FluxRequest, Plan, exempt_of, of_departements, of_epci
from fluxrules.data.population.laws import Ints
from fluxrules.vocabulary.territoires import nom_territoire

_EXEMPT_TYPES = {"gendarmerie": "SI", "armee": "DEF", "hopital": "EPS"}
_EXEMPT_NAMES = {"gendarmerie": "Gendarmerie", "armee": "Armées", "hopital": "Hôpital"}


@dataclass(frozen=True)
class Bond:
    """A convention to write. ``kind``: etat, als, dep, epci, com, or an exempt service. ``dwellings``: of the bailleur on its territory.

    ``place``: the code of the commune, the SIREN of the EPCI, or the département.
    """

    kind: str
    bailleur: int
    code: str
    name: str
    place: str
    dwellings: int
    holdings: tuple[int, ...]


@dataclass(frozen=True)
class Holders:
    """``codes`` of the table, « bailleur » first; ``local``: for each holding of the plan, who designates for collectivités, -1 without."""

    bonds: tuple[Bond, ...]
    codes: tuple[str, ...]
    frame: pl.DataFrame
    local: Ints


def holders_of(request: FluxRequest, plan: Plan, parc: Parc, d: int) -> Holders:
    """The conventions of a département, in the order of bailleurs, then State, Action Logement, and the others."""
    code, held = plan.departements[d], np.flatnonzero(plan.departement == d)
    siren = plan.communes["territoire"].cast(pl.Int64).to_numpy()[plan.commune[held]]
    owner, size = plan.bailleur[held], plan.size[held]
    guarantor = {k % 10_000 for k in of_departements(request, plan.departement, plan.bailleur) if k // 10_000 == d}
    exempt = {k % 10_000 for k in exempt_of(request, plan.departement, plan.bailleur) if k // 10_000 == d}
    by_epci = of_epci(request, plan.communes, plan.departement, plan.bailleur, plan.commune)
    grouped = {(int(k // 10**9 % 10_000), int(k % 10**9)) for k in by_epci if k // 10**9 // 10_000 == d}
    names, insee = plan.communes["nom"].to_list(), plan.communes["commune"].to_list()
    bonds: list[Bond] = []
    for b in np.unique(owner).tolist():
        own = np.flatnonzero(owner == b)
        all_of = tuple(held[own].tolist())
        total = int(size[own].sum())
        bonds.append(Bond("etat", b, f"etat-{code}", f"Préfet ({code})", code, total, all_of))
        bonds.append(Bond("als", b, f"als-{code}", "Action Logement Services", code, total, all_of))
        if b in guarantor:
            bonds.append(Bond("dep", b, f"dep-{code}", f"Département ({code})", code, total, all_of))
        for epci in np.unique(siren[own]).tolist():
            if (b, epci) in grouped:
                at = own[siren[own] == epci]
                name = nom_territoire(str(epci)) or str(epci)
                bonds.append(
                    Bond("epci", b, f"epci-{epci}", name, str(epci), int(size[at].sum()), tuple(held[at].tolist()))
                )
        for i in own.tolist():
            if plan.with_commune[held[i]]:
                c = int(plan.commune[held[i]])
                bonds.append(Bond("com", b, f"com-{insee[c]}", names[c], insee[c], int(size[i]), (int(held[i]),)))
        if b in exempt:
            mine = np.flatnonzero((plan.bailleur[parc.holding_of] == b) & (parc.reserved >= 0))
            kind = EXEMPT[int(parc.reserved[mine[0]])]
            bonds.append(
                Bond(kind, b, f"{kind}-{code}", f"{_EXEMPT_NAMES[kind]} ({code})", code, total, tuple(mine.tolist()))
            )
    return _coded(plan, code, bonds)


def _coded(plan: Plan, code: str, bonds: list[Bond]) -> Holders:
    types = {"etat": "ETAT", "als": "ALS", "dep": "DEP", "epci": "EPCI", "com": "COM", **_EXEMPT_TYPES}
    always = [("bailleur", "", "")] + [
        (f"{kind}-{code}", f"{_EXEMPT_NAMES[kind]} ({code})", types[kind]) for kind in EXEMPT
    ]
    found = {c: (name, kind) for c, name, kind in always}
    for bond in bonds:
        found.setdefault(bond.code, (bond.name, types[bond.kind]))
    codes = tuple(found)
    rank = {c: n for n, c in enumerate(codes)}
    local = np.full(len(plan.size), -1, dtype=np.int64)
    for kind in ("dep", "epci", "com"):  # the nearest one last
        for bond in bonds:
            if bond.kind == kind:
                local[list(bond.holdings)] = rank[bond.code]
    listed = [(c, *found[c]) for c in codes if c != "bailleur"]
    frame = pl.DataFrame(
        [(c, name, kind, c[5:] if kind == "EPCI" else None) for c, name, kind in listed],
        schema={"code": pl.String, "libelle": pl.String, "type_reservataire": pl.String, "siren": pl.String},
        orient="row",
    )
    return Holders(tuple(bonds), codes, frame, local)
