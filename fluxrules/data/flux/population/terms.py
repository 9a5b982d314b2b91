"""What each synthetic convention says: its shares, its terms, and the rule that some break on purpose."""

from __future__ import annotations

from dataclasses import dataclass

from fluxrules.data.flux.population.holders import Bond
from fluxrules.data.flux.population.plan import FluxRequest
from fluxrules.data.flux.population.rights import Rights

WORDS = {
    "etat": "état", "als": "action logement", "dep": "département", "epci": "epci", "com": "commune",
    "gendarmerie": "sécurité intérieure", "armee": "défense nationale", "hopital": "établissement public de santé",
}  # fmt: skip
LOCAL = ("dep", "epci", "com")
MOST = {"dep": 6, "epci": 8, "com": 6}
"""The greatest share of each guarantor, in points: 20 together on any commune (CCH R. 441-5-3)."""


@dataclass(frozen=True)
class Fault:
    """A rule that a convention breaks: ``rule`` is its identifier in the law."""

    rule: str
    what: str


FAULTS = {
    "etat": (
        Fault("FLUX-PREF-MAX", "la part de l'État est de 32 %"),
        Fault("FLUX-PREF-AGENTS", "la part des agents est de 7 %"),
        Fault("FLUX-PREF-HQPV", "la part hors QPV est de 26 % sans stipulation contraire"),
        Fault("FLUX-PREF-DEROG", "la dérogation préfectorale dure deux ans"),
        Fault("FLUX-CONV-SIGNED", "la signature du réservataire manque"),
    ),
    "als": (
        Fault("FLUX-CONV-SIGNED", "la signature du réservataire manque"),
        Fault("FLUX-CONV-TRANSMIT", "la transmission au préfet manque"),
    ),
    "local": (
        Fault("FLUX-COLL-20", "la garantie d'un seul garant donne 24 % du flux"),
        Fault("FLUX-CONF-DEADLINE", "la convention est restée en stock"),
        Fault("FLUX-CONV-TRANSMIT", "la transmission au préfet manque"),
    ),
    "exempt": (Fault("FLUX-STOCK-EXEMPT", "un service exempté est passé en flux"),),
}


def faults_of(kind: str) -> tuple[Fault, ...]:
    return FAULTS.get(kind, FAULTS["local"] if kind in LOCAL else FAULTS["exempt"])


@dataclass(frozen=True)
class Chance:
    """Numbers from 0 to 1 for one convention, each for its own question."""

    share: float
    form: float
    agents: float
    delay: float
    counted: float
    carried: float
    land: float


def reservations(
    request: FluxRequest, bond: Bond, rank: int, rights: Rights, chance: Chance, fault: Fault | None
) -> list[str]:
    """The lines of « réservations », and of what goes with the shares."""
    match bond.kind:
        case "etat":
            return _state(request, chance, fault)
        case "als":
            return _action_logement(request, bond, rights, chance)
        case _:
            return _local(request, bond, rank, rights, chance, fault)


def _state(request: FluxRequest, chance: Chance, fault: Fault | None) -> list[str]:
    """30 % everywhere most often; less only where the convention says so outside QPV too."""
    broken = fault.rule if fault else ""
    share = 30 if chance.form < 0.8 or broken else 26 + int(chance.share * 4)
    total = 32 if broken == "FLUX-PREF-MAX" else 26 if broken == "FLUX-PREF-HQPV" else share
    agents = 7 if broken == "FLUX-PREF-AGENTS" else 3 + int(chance.agents * 3)
    lines = [
        "réservations:",
        "  - nom: contingent préfectoral",
        f"    part: {total} % du flux",
        f"    dont agents civils et militaires de l'État: {agents} % du flux",
        f"hors QPV: {min(total, 30)} %",
        "par commune: identique",
        "gouvernance: {mise en demeure: 2 mois, échanges d'information: tableau mensuel}",
        "signalement: {mode: portail du bailleur, délai: 8 jours, contenu: [adresse, typologie, financement, loyer et charges]}",
        "nouveaux candidats: 15 jours",
        "reprise par le bailleur: pour une location",
        "programmes neufs: {concertation: à la déclaration de projet, répartition: au programme, délai: 12 mois avant la livraison}",
    ]
    if share < 30:
        lines.append('stipulations contraires: [{sur: hors QPV, article: "5.1"}]')
    if broken == "FLUX-PREF-DEROG":
        lines.append(
            f"dérogation préfectorale: {{acte: arrêté du 02/01/{request.year}, motif: sécurité publique, "
            f"du: 02/01/{request.year}, au: 31/12/{request.year + 1}, part: 31 %}}"
        )
    return lines


def _action_logement(request: FluxRequest, bond: Bond, rights: Rights, chance: Chance) -> list[str]:
    held = rights.reserved.get(bond.bailleur, 0)
    lines = ["réservations:", "  - nom: droits de suite convertis", "    au titre de: financement"]
    if chance.form < 0.5 and held:
        lines.append(f"    part: {{méthode: poids du stock, logements réservés: {held}, parc: {bond.dwellings}}}")
    elif chance.form < 0.6 and held:
        year = max(round(bond.dwellings * 0.0683), 1)
        lines.append(
            f"    part: {{méthode: droits de suite et rotation, logements réservés: {held}, rotation: 8 %, assiette: {year}}}"
        )
        lines.append("    base: assiette")
    else:
        lines.append(f"    part: {8 + int(chance.share * 13)} % du flux")
    return lines


def _local(
    request: FluxRequest, bond: Bond, rank: int, rights: Rights, chance: Chance, fault: Fault | None
) -> list[str]:
    points = 2 + int(chance.share * (MOST[bond.kind] - 1))
    lines = ["réservations:", "  - nom: garanties d'emprunt", "    au titre de: garantie d'emprunt"]
    if fault is not None and fault.rule == "FLUX-COLL-20":
        lines.append("    part: 24 % du flux")
    elif chance.form < 0.12 and points > 2:
        lines.append(
            f"    part: {{01/01/{request.year - 1}: {points - 1} % du flux, 01/01/{request.year}: {points} % du flux}}"
        )
    else:
        lines.append(f"    part: {points} % du flux")
    lines.append(f"    prêts: [{rights.loans[rank]}]")
    if bond.kind == "epci" and chance.form > 0.85 and points > 3:
        lines.append("    dont:")
        lines.append(
            '      - {nom: petits logements, part: 2 % du flux, si: "typologie est parmi (« T1 » ; « T2 »)", au moins: non}'
        )
    # Land and funding come on top of the 20 %; at most 3 % of the attributions of a year here, so that the sum stays under 100 %.
    yearly = int(bond.dwellings * 0.06 * 0.03)
    if chance.land < 0.3 and yearly >= 1:
        since, until = request.year - 1, request.year + 8
        lines += [
            "  - nom: terrain apporté",
            "    au titre de: apport de terrain",
            f"    part: {10 * yearly} droits uniques sur 10 ans",
            "    base: attributions",
            f"    du: 01/01/{since}",
            f"    au: 31/12/{until}",
        ]
    elif chance.land > 0.95 and yearly >= 1:
        lines += [
            "  - nom: subvention",
            "    au titre de: financement",
            f"    part: {yearly} logements par an",
            "    base: assiette",
        ]
    return lines
