"""The conventions of a département, in the language."""

from __future__ import annotations

import json

import numpy as np

from fluxrules.data.flux.population.dwellings import Parc, programme_names, sirens
from fluxrules.data.flux.population.figures import flux_figures
from fluxrules.data.flux.population.holders import Bond, Holders
from fluxrules.data.flux.population.plan import TERMS, FluxRequest, Plan
from fluxrules.data.flux.population.rights import Rights
from fluxrules.data.flux.population.terms import LOCAL, WORDS, Chance, Fault, faults_of, reservations
from fluxrules.data.flux.population.territories import home_of, straddling, subject
from fluxrules.data.population.laws import Draws

HEAD = "# Données synthétiques : bailleurs, conventions et nombres sont inventés.\nlangage: 1\n"
_COUNTED = ("à la mise à disposition", "à la décision de la commission", "au bail")
_FALLBACK = (
    "[autre réservataire en retard, bailleur pour un tour]",
    "[autre réservataire en retard, bailleur]",
    "[maire, bailleur]",
    "[bailleur]",
)
_CARRIED = ("{solde: reporté, au plus: 5 logements, pendant: 3 ans}", "{solde: reporté}", "{solde: remis à zéro}")
_YES_NO = ("oui", "non")


def conventions_of(
    request: FluxRequest, plan: Plan, parc: Parc, holders: Holders, rights: Rights, d: int
) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Texts by file name, and (file name, rule, what is wrong) for those that break one."""
    draws, size = Draws(request.seed, d + 1, TERMS), len(holders.bonds)
    chances = np.stack([draws(size) for _ in range(7)], axis=1).tolist()
    wrong = draws(size) < flux_figures().value("irregularite")
    which = draws(size)
    named = programme_names(plan, parc)
    names = sirens(plan)
    texts: dict[str, str] = {}
    broken: list[tuple[str, str, str]] = []
    for rank, bond in enumerate(holders.bonds):
        possible = faults_of(bond.kind)
        fault = possible[int(which[rank] * len(possible))] if wrong[rank] else None
        file = f"{names[bond.bailleur]}-{bond.code}.yaml"
        designated = [named[p] for p in bond.holdings] if bond.kind not in ("etat", "als", *LOCAL) else []
        coherent = _coherent(plan, bond, parc.code)
        lines = _parties(request, bond, names[bond.bailleur], parc.code, fault)
        if designated and fault is None:
            lines += _in_stock(designated)
        elif fault is not None and fault.rule == "FLUX-CONF-DEADLINE":
            lines += _in_stock([_first_programme(parc, named, bond)])
        elif designated:
            lines += ["réservations:", "  - {nom: contingent, au titre de: sans contrepartie, part: 2 % du flux}", *_terms(bond, Chance(*chances[rank]), coherent)]  # fmt: skip
        else:
            chance = Chance(*chances[rank])
            lines += reservations(request, bond, rank, rights, chance, fault)
            lines += _terms(bond, chance, coherent)
        texts[file] = HEAD + "\n".join(lines) + "\n"
        if fault is not None:
            broken.append((file, fault.rule, fault.what))
    return texts, broken


def _parties(request: FluxRequest, bond: Bond, siren: str, code: str, fault: Fault | None) -> list[str]:
    kind, year, rule = bond.kind, request.year, fault.rule if fault else ""
    holder = f"{{type: {WORDS[kind]}, code: {bond.code}, nom: {json.dumps(bond.name, ensure_ascii=False)}"
    holder += f', siren: "{bond.place}"}}' if kind == "epci" else "}"
    place = {"epci": f'epci: "{bond.place}"', "com": f'commune: "{bond.place}"'}.get(kind, f'département: "{code}"')
    if kind == "epci" and bond.place in straddling():
        place += f', dans le département: "{code}"'
    signed = f"bailleur: {10 + bond.bailleur % 18}/11/{year - 2}"
    if rule != "FLUX-CONV-SIGNED":
        signed += f", réservataire: {1 + bond.bailleur % 20:02}/12/{year - 2}"
    lines = [
        f"convention: {siren}/{bond.code}" + (f"/{code}" if kind == "epci" else ""),
        "nature: en vigueur",
        f"titre: {json.dumps(f'Convention synthétique entre le bailleur {siren} et {bond.name}', ensure_ascii=False)}",
        f'bailleur: {{siren: "{siren}", nom: Bailleur synthétique {bond.bailleur + 1}, patrimoine: {bond.dwellings} logements}}',
        f"réservataire: {holder}",
        f"échelle: {{{place}}}",
        f"signée le: {{{signed}}}",
    ]
    if rule != "FLUX-CONV-TRANSMIT":
        lines.append(f"transmise au préfet le: 21/12/{year - 2}")
    return [*lines, f"en vigueur: {{du: 01/01/{year - 1}, au: 31/12/{year + 1}}}", "renouvellement: exprès"]


def _in_stock(programmes: list[str]) -> list[str]:
    return [
        "régime: stock",
        f"logements désignés: [{', '.join(programmes)}]",
        "délai de désignation: 1 mois",
        "départ du délai: information de la vacance",
        "silence: relance",
    ]


def _first_programme(parc: Parc, named: list[str], bond: Bond) -> str:
    return named[int(np.flatnonzero(parc.holding_of == bond.holdings[0])[0])]


def _terms(bond: Bond, chance: Chance, coherent: str | None) -> list[str]:
    delegated = bond.kind in LOCAL and chance.delay > 0.8
    delay = "1 mois" if chance.delay < 0.8 else "15 jours" if chance.delay < 0.9 else "21 jours"
    answers = (chance.counted < 0.5, chance.carried < 0.3, chance.share < 0.8, chance.agents < 0.1)
    said = [_YES_NO[0 if a else 1] for a in answers]
    rate = "100 %" if bond.kind == "etat" else "25 %"
    lines = [
        f"gestion: {'déléguée au bailleur' if delegated else 'directe'}",
        f"délai de désignation: {delay}",
        "départ du délai: information de la vacance",
        "silence: renonciation",
        f"à défaut de candidat: {_FALLBACK[int(chance.agents * len(_FALLBACK))]}",
        f"compté: {_COUNTED[int(chance.counted * 3)]}",
        f"décompte: {{sans candidat: {said[2]}, candidat refuse: {said[0]}, commission refuse: {said[1]}, "
        f"réservataire renonce: oui, logement inadapté: non, tour rendu: {said[3]}}}",
        f"report: {_CARRIED[int(chance.carried * 3)]}",
        "arrondi: plus fort reste",
        "livraisons: à part",
        f"objectifs: [{{public: DALO et prioritaires, taux: {rate}, de: attributions, source: CCH L. 441-1}}]",
        "bilan: {avant le: 28/02, destinataires: [tous les réservataires, EPCI, préfet]}",
    ]
    if not delegated:
        lines.append("candidats: 3")
    return lines if coherent is None else [*lines, f"cohérence: epci-{coherent}"]


def _coherent(plan: Plan, bond: Bond, code: str) -> str | None:
    """The EPCI whose orientations a convention follows: that of its commune, or the largest of its département."""
    if bond.kind in ("epci", "com"):
        siren = bond.place if bond.kind == "epci" else plan.communes["territoire"][int(plan.commune[bond.holdings[0]])]
        return siren if siren in subject() else None
    return next((s for s in subject() if home_of()[s] == code), None)
