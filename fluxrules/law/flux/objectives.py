"""Objectives by public: at least those of the law, each with its own denominator (TRAP-28), and coherent with the EPCI's orientations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fluxrules.diagnostics.diagnostic import Label, Severity
from fluxrules.flux.territory import communes_of
from fluxrules.law.case import Found
from fluxrules.law.flux.case import STATE, Case, percent
from fluxrules.law.flux.context import Context
from fluxrules.law.rules import Law
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.flux.values import LOCAL, Objective, Scale

PRIORITY, FIRST, OTHERS = "DALO et prioritaires", "premier quartile", "trois autres quartiles"
SIGNED, ATTRIBUTED = "baux signés", "attributions"
_WHERE = {FIRST: "hors QPV", OTHERS: "QPV"}
_BASE = {FIRST: SIGNED, OTHERS: SIGNED, PRIORITY: ATTRIBUTED}


def check_objectives(case: Case) -> Iterator[Found]:
    """Those of a convention."""
    if case.of_state:
        return
    yield from _objectives(case.terms.objectives, case.law, case.kind)


def check_orientations(document: Orientations, law: Law, context: Context) -> Iterator[Found]:
    """Those of an EPCI, and what its documents must hold."""
    yield from _objectives(document.objectives, law, "")
    if law.get("ATTR-ESSENTIAL") is not None and document.essential is None:
        yield Found("ATTR-ESSENTIAL", "FX8139", "Les orientations ne disent pas l'objectif pour les travailleurs essentiels.", document.place,
                    "Ajoutez « travailleurs essentiels: {objectif: …, modalités: …} » ; aucun texte ne fixe ce taux.")  # fmt: skip
    here = communes_of(Scale("epci", (document.territory,)))
    bailleurs = {
        c.bailleur.code: c.bailleur.name
        for c in context.dossier.conventions
        if not here.isdisjoint(communes_of(c.scale))
    }
    missing = [name for code, name in bailleurs.items() if not any(o.bailleur == code for o in document.objectives)]
    if missing and law.get("ATTR-CIA") is not None:
        others = f" et {len(missing) - 1} autre(s)" if len(missing) > 1 else ""
        yield Found("ATTR-CIA", "FX8139", f"Les orientations n'ont pas d'engagement chiffré pour « {missing[0]} »{others}.", document.place,
                    "Ajoutez un objectif avec « bailleur: SIREN ».", most=Severity.CONSEIL)  # fmt: skip


def check_coherence(case: Case) -> Iterator[Found]:
    """Where the EPCI has orientations in the dossier, the convention cites them."""
    if case.law.get("FLUX-COHERENCE") is None or case.convention.regime == "stock" or case.terms.coherent_with:
        return
    there = overlapping(case.context.dossier.orientations, case.convention.scale)
    if there:
        yield Found("FLUX-COHERENCE", "FX8125", f"La convention ne cite pas les orientations de l'EPCI (« {there[0].name} »), qui valent sur son territoire.", case.place,
                    f"Ajoutez « cohérence: {there[0].name} ».", (Label(there[0].place, "les orientations"),))  # fmt: skip


def overlapping(documents: Sequence[Orientations], scale: Scale) -> list[Orientations]:
    """The orientations that bear on a part of a scale."""
    if not documents:
        return []
    here = communes_of(scale)
    return [d for d in documents if not here.isdisjoint(communes_of(Scale("epci", (d.territory,))))]


def _objectives(objectives: Sequence[Objective], law: Law, kind: str) -> Iterator[Found]:
    for objective in objectives:
        rule_id = _rule_of(objective, kind)
        rule = law.get(rule_id) if rule_id else None
        if rule is None:
            continue
        wanted = _BASE[objective.public]
        place = _WHERE.get(objective.public, "partout")
        if objective.base and objective.base != wanted:
            yield Found(rule.id, "FX8138", f"L'objectif « {objective.public} » se compte sur les {wanted}, et non sur les {objective.base}.", objective.place,
                        f"Écrivez « de: {wanted} » : la base de cette règle est « {rule.parameters.get('base', wanted)} ».")  # fmt: skip
        elif objective.where != place and objective.public in _WHERE:
            yield Found(rule.id, "FX8138", f"L'objectif « {objective.public} » se compte sur les logements {_spoken(place)}, et non {_spoken(objective.where)}.", objective.place,
                        f"Écrivez « où: {place} ».", most=Severity.AVERTISSEMENT)  # fmt: skip
        elif objective.rate is not None and objective.rate < rule.share():
            local = objective.public == OTHERS and objective.source is not None
            yield Found(rule.id, "FX8137", f"L'objectif « {objective.public} » est de {percent(objective.rate)} : la loi en demande {percent(rule.share())}.", objective.place,
                        "Citez le document qui fixe ce taux." if local else f"Écrivez « taux: {percent(rule.share())} » au moins.",
                        most=Severity.CONSEIL if local else Severity.ERREUR)  # fmt: skip


def _rule_of(objective: Objective, kind: str) -> str | None:
    """Whose obligation it is: two quarters are two rules."""
    if objective.public == FIRST:
        return "ATTR-25-HQPV"
    if objective.public == OTHERS:
        return "ATTR-50-QPV"
    if objective.public != PRIORITY or kind == STATE:
        return None
    if kind == "action logement":
        return "ATTR-25-AL"
    return "ATTR-25-COLL" if kind in LOCAL else "ATTR-25-BAILLEUR" if not kind else None


def _spoken(where: str) -> str:
    return {"QPV": "en QPV", "hors QPV": "hors QPV"}.get(where, "de partout")
