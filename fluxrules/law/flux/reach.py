"""Objectives that what is signed cannot reach: too few dwellings on the territory, or no right there at all. Found before signature."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Label, Severity
from fluxrules.flux.territory import communes_of
from fluxrules.language.numbers import show_number
from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case
from fluxrules.law.flux.context import WHOLE, Context
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.flux.values import Convention, Objective, Scale

_IN_QPV = {"QPV": True, "hors QPV": False}
ONE = Fraction(1)


def check_own_reach(case: Case) -> Iterator[Found]:
    """An objective of a convention, as a number a year, against its own share of the flux of its territory."""
    if case.law.get("FLUX-COHERENCE") is None or case.total is None:
        return
    for objective in case.terms.objectives:
        if objective.number is None:
            continue
        amount = case.context.amount(
            case.convention.bailleur.code, case.convention.scale, case.day.year, in_qpv=_IN_QPV.get(objective.where)
        )
        if amount is not None and case.total * amount < objective.number:
            yield Found("FLUX-COHERENCE", "FX8136", f"L'objectif de {objective.number} par an (« {objective.public} ») dépasse ce que la convention donne : {show_number(case.total * amount, 2)} logements par an.",
                        objective.place, "Réduisez l'objectif, ou augmentez la part.", case.flux_label, most=Severity.AVERTISSEMENT)  # fmt: skip


def check_reach(document: Orientations, context: Context) -> Iterator[Found]:
    """An objective of an EPCI put on a bailleur or a réservataire, against the conventions that bear on the EPCI."""
    if context.law(context.day).get("FLUX-COHERENCE") is None:
        return
    here = communes_of(Scale("epci", (document.territory,)))
    for objective in document.objectives:
        if objective.reservataire is None and (objective.number is None or objective.bailleur is None):
            continue
        concerned = [c for c in context.dossier.conventions if c.nature in WHOLE and _concerns(c, objective)]
        if not concerned:
            continue
        there = [c for c in concerned if not here.isdisjoint(communes_of(c.scale))]
        labels = tuple(Label(c.place, f"« {c.name} »") for c in (there or concerned)[:3])
        if objective.reservataire is not None and not there:
            yield Found("FLUX-COHERENCE", "FX8136", f"L'objectif (« {objective.public} ») vise « {objective.reservataire} », dont aucune convention ne porte sur ce territoire.",
                        objective.place, "Retirez l'objectif, ou signez une convention sur ce territoire.", labels, most=Severity.AVERTISSEMENT)  # fmt: skip
            continue
        reached = _reached(objective, there, here, context)
        if objective.number is not None and reached is not None and reached < objective.number:
            yield Found("FLUX-COHERENCE", "FX8136", f"L'objectif de {objective.number} par an (« {objective.public} », {objective.where}) dépasse les {show_number(reached, 2)} logements par an que les conventions donnent sur ce territoire.",
                        objective.place, "Réduisez l'objectif, ou augmentez les parts avant de signer.", labels, most=Severity.AVERTISSEMENT)  # fmt: skip


def _concerns(convention: Convention, objective: Objective) -> bool:
    return objective.bailleur in (None, convention.bailleur.code) and objective.reservataire in (
        None,
        convention.reservataire.code,
    )


def _reached(objective: Objective, there: list[Convention], here: frozenset[str], context: Context) -> Fraction | None:
    """Dwellings a year: all the flux of the bailleur where no réservataire is named, the share of the réservataire otherwise."""
    reached = Fraction(0)
    seen: set[str] = set()
    for convention in there:
        if objective.reservataire is None and convention.bailleur.code in seen:
            continue
        seen.add(convention.bailleur.code)
        year = context.year_of(convention.bailleur.code, convention.scale, context.day.year)
        if year is None:
            return None
        places = here & communes_of(convention.scale) if objective.reservataire else here
        amount = context.assiette(year).on(places, _IN_QPV.get(objective.where))
        share = Case(convention, context.day, context).total if objective.reservataire else ONE
        if amount is None or share is None:
            return None
        reached += share * amount
    return reached
