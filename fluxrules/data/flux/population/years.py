"""The other documents of a département, in the language: the fluxes of each bailleur, the orientations of each EPCI."""

from __future__ import annotations

import json

import numpy as np

from fluxrules.data.flux.population.documents import HEAD
from fluxrules.data.flux.population.dwellings import Parc, sirens
from fluxrules.data.flux.population.figures import flux_figures
from fluxrules.data.flux.population.plan import FluxRequest, Plan
from fluxrules.data.flux.population.territories import home_of, subject
from fluxrules.data.population.laws import Ints
from fluxrules.vocabulary.territoires import nom_territoire

_IN_FLUX = "nature_logement est « ordinaire » et conventionné et occupation est parmi (« loué » ; « vacant proposé »)"


def fluxes_of(request: FluxRequest, plan: Plan, parc: Parc) -> dict[str, str]:
    """For each bailleur, the flux of the last year, as it came, and the forecast of the next one."""
    names, size = sirens(plan), np.bincount(plan.bailleur[parc.holding])
    return {
        f"{names[b]}-{year}.yaml": _flux(request, parc.code, names[b], int(size[b]), year)
        for b in np.flatnonzero(size).tolist()
        for year in (request.year, request.year + 1)
    }


def _flux(request: FluxRequest, code: str, siren: str, size: int, year: int) -> str:
    figures = flux_figures()
    freed, past = size * figures.value("liberation"), request.years - (year == request.year)
    rotation = f"{{définition: sorties / parc, fenêtre: {past} an{'s' if past > 1 else ''}}}"
    if not past:
        rotation = "{définition: écrite, taux: 8,33 %, source: hypothèse}"
    came = "réalisé: d'après les tables"
    expected = {
        "renouvellement urbain": round(freed * figures.share("hors_flux", "RU")),
        "ORCOD": round(freed * figures.share("hors_flux", "ORCOD")),
        "habitat indigne": round(freed * figures.share("hors_flux", "LHI")),
        "ventes": round(freed * figures.share("hors_flux", "VENTE")),
    }
    return HEAD + "\n".join([
        f"flux: {siren}/{code}/{year}",
        f"nature: {'constaté' if year == request.year else 'prévisionnel'}",
        f'bailleur: {{siren: "{siren}", nom: Bailleur synthétique {int(siren) - 900_000_000}}}',
        f"année: {year}",
        f'échelle: {{département: "{code}"}}',
        "périmètre:",
        f'  si: "{_IN_FLUX}"',
        "  QPV: 2024",
        f"  au: 01/01/{year}",
        f"rotation: {rotation}",
        f"libérations: {{{came}}}",
        "soustractions:",
        f"  mutations internes: {{prévu: 15 % des libérations, {came}, source: hypothèse}}",
        *(f"  {use}: {{prévu: {number}, {came}}}" for use, number in expected.items()),
        f"livraisons: {{mode: à part, prévu: {round(size * figures.value('livraisons'))}, {came}}}",
        f"attributions: {{prévu: {max(round(freed * figures.value('relouees')), 1)}}}",
        f"mise à jour annuelle: 15/01/{year}",
    ]) + "\n"  # fmt: skip


def orientations_of(request: FluxRequest, plan: Plan, parc: Parc) -> dict[str, str]:
    """Those of the EPCI whose inhabitants are most of all in this département, with an objective for each bailleur there."""
    held = np.flatnonzero(plan.departement == plan.departements.index(parc.code))
    territory = plan.communes["territoire"].gather(plan.commune[held])
    return {
        f"epci-{siren}.yaml": _orientations(request, plan, siren, held[(territory == siren).to_numpy()])
        for siren in subject()
        if home_of()[siren] == parc.code
    }


def _orientations(request: FluxRequest, plan: Plan, siren: str, held: Ints) -> str:
    year, name, names, figures = request.year, nom_territoire(siren) or siren, sirens(plan), flux_figures()
    owned = np.bincount(plan.bailleur[held], plan.size[held]) if len(held) else np.zeros(0)
    outside = figures.value("liberation") * figures.value("relouees") * (1 - figures.value("qpv"))
    own = [
        f'  - {{public: premier quartile, où: hors QPV, nombre: {int(n * outside / 4)} par an, bailleur: "{names[b]}", source: CIA}}'
        for b, n in enumerate(owned.tolist())
        if int(n * outside / 4)
    ]
    return HEAD + "\n".join([
        f"orientations: epci-{siren}",
        f"titre: {json.dumps(f'Orientations synthétiques, {name}', ensure_ascii=False)}",
        f'territoire: {{epci: "{siren}"}}',
        f"adoptées: {{CIL: 12/06/{year - 6}, CIA: 10/12/{year - 5}, PPGDID: 14/12/{year - 2}}}",
        f"en vigueur: {{du: 01/01/{year - 2}, au: 31/12/{year + 4}}}",
        "objectifs:",
        "  - {public: premier quartile, où: hors QPV, taux: 25 %, de: baux signés, source: CIA}",
        "  - {public: trois autres quartiles, où: QPV, taux: 50 %, de: baux signés, source: CIA}",
        "  - {public: DALO et prioritaires, taux: 25 %, de: attributions, source: CIA}",
        *own,
        "travailleurs essentiels: {objectif: 5 %, modalités: fixées par la CIL}",
    ]) + "\n"  # fmt: skip
