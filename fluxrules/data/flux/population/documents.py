"""The texts of a département: conventions, yearly fluxes and orientations, in the language."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import polars as pl

from fluxrules.data.flux.population.dwellings import Parc, programme_names, sirens
from fluxrules.data.flux.population.figures import flux_figures
from fluxrules.data.flux.population.holders import Bond, Holders
from fluxrules.data.flux.population.plan import TERMS, FluxRequest, Plan
from fluxrules.data.flux.population.rights import Rights
from fluxrules.data.flux.population.terms import LOCAL, WORDS, Chance, Fault, faults_of, reservations
from fluxrules.data.population.laws import Draws
from fluxrules.vocabulary.territoires import nom_territoire

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
        lines = _parties(request, bond, names[bond.bailleur], parc.code, fault)
        if designated and fault is None:
            lines += _in_stock(designated)
        elif fault is not None and fault.rule == "FLUX-CONF-DEADLINE":
            lines += _in_stock([_first_programme(parc, named, bond)])
        elif designated:
            lines += ["réservations:", "  - {nom: contingent, au titre de: sans contrepartie, part: 2 % du flux}", *_terms(bond, Chance(*chances[rank]))]  # fmt: skip
        else:
            chance = Chance(*chances[rank])
            lines += reservations(request, bond, rank, rights, chance, fault)
            lines += _terms(bond, chance)
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


def _terms(bond: Bond, chance: Chance) -> list[str]:
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
    if bond.kind == "epci" and bond.place in subject():
        lines.append(f"cohérence: epci-{bond.place}")
    return lines


def fluxes_of(request: FluxRequest, plan: Plan, parc: Parc) -> dict[str, str]:
    """The flux of the last year of each bailleur, measured on its tables: those of the years before are its window."""
    names, size = sirens(plan), np.bincount(plan.bailleur[parc.holding])
    figures = flux_figures()
    window = request.years - 1
    rotation = f"{{définition: sorties / parc, fenêtre: {window} an{'s' if window > 1 else ''}}}"
    if not window:
        rotation = "{définition: écrite, taux: 8,33 %, source: hypothèse}"
    texts: dict[str, str] = {}
    for b in np.flatnonzero(size).tolist():
        year, freed = request.year, size[b] * figures.value("liberation")
        counted = "réalisé: d'après les tables"
        texts[f"{names[b]}-{year}.yaml"] = HEAD + "\n".join([
            f"flux: {names[b]}/{parc.code}/{year}", "nature: constaté",
            f'bailleur: {{siren: "{names[b]}", nom: Bailleur synthétique {b + 1}}}', f"année: {year}", f'échelle: {{département: "{parc.code}"}}',
            "périmètre:", '  si: "nature_logement est « ordinaire » et conventionné et occupation est parmi (« loué » ; « vacant proposé »)"',
            "  QPV: 2024", f"  au: 01/01/{year}", f"rotation: {rotation}",
            f"libérations: {{{counted}}}", "soustractions:", f"  mutations internes: {{prévu: 15 % des libérations, {counted}, source: hypothèse}}",
            f"  renouvellement urbain: {{prévu: {round(freed * 0.03)}, {counted}}}", f"  ORCOD: {{prévu: {round(freed * 0.001)}, {counted}}}",
            f"  habitat indigne: {{prévu: {round(freed * 0.004)}, {counted}}}", f"  ventes: {{prévu: {round(freed * 0.006)}, {counted}}}",
            f"livraisons: {{mode: à part, prévu: {round(size[b] * figures.value('livraisons'))}, {counted}}}",
            f"attributions: {{prévu: {max(round(freed * figures.value('relouees')), 1)}}}", f"mise à jour annuelle: 15/01/{year}",
        ]) + "\n"  # fmt: skip
    return texts


def orientations_of(request: FluxRequest, plan: Plan, code: str) -> dict[str, str]:
    """Those of the EPCI whose inhabitants are most of all in this département."""
    year = request.year
    texts: dict[str, str] = {}
    for siren in sorted(s for s in subject() if home_of()[s] == code):
        name = nom_territoire(siren) or siren
        texts[f"epci-{siren}.yaml"] = HEAD + "\n".join([
            f"orientations: epci-{siren}", f"titre: {json.dumps(f'Orientations synthétiques, {name}', ensure_ascii=False)}",
            f'territoire: {{epci: "{siren}"}}', f"adoptées: {{CIL: 12/06/{year - 6}, CIA: 10/12/{year - 5}, PPGDID: 14/12/{year - 2}}}",
            f"en vigueur: {{du: 01/01/{year - 2}, au: 31/12/{year + 4}}}", "objectifs:",
            "  - {public: premier quartile, où: hors QPV, taux: 25 %, de: baux signés, source: CIA}",
            "  - {public: trois autres quartiles, où: QPV, taux: 50 %, de: baux signés, source: CIA}",
            "  - {public: DALO et prioritaires, taux: 25 %, de: attributions, source: CIA}",
            "travailleurs essentiels: {objectif: 5 %, modalités: fixées par la CIL}",
        ]) + "\n"  # fmt: skip
    return texts


@cache
def _territories() -> pl.DataFrame:
    """Inhabitants by EPCI and département."""
    from fluxrules.vocabulary.territoires import load_communes

    known = load_communes().filter(pl.col("commune_mere").is_null() & pl.col("territoire").is_not_null())
    return known.group_by("territoire", "departement").agg(pl.col("population").sum()).sort("territoire", "departement")


@cache
def straddling() -> frozenset[str]:
    """EPCI over several départements."""
    counts = _territories().group_by("territoire").len().filter(pl.col("len") > 1)
    return frozenset(counts["territoire"].to_list())


@cache
def home_of() -> dict[str, str]:
    """The département where most inhabitants of each EPCI are."""
    most = _territories().sort("population", "departement", descending=[True, False]).unique("territoire", keep="first")
    return dict(most.select("territoire", "departement").iter_rows())


@cache
def subject() -> frozenset[str]:
    """As many EPCI as are bound by the reform, the largest ones: which ones they are was not found."""
    totals = _territories().group_by("territoire").agg(pl.col("population").sum())
    largest = totals.filter(~pl.col("territoire").str.starts_with("21")).sort(
        "population", "territoire", descending=[True, False]
    )
    return frozenset(largest["territoire"].head(int(flux_figures().value("epci_soumis"))).to_list())
