"""What else the State's convention says: exchanges of information, termination, delegation, the public that it serves."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.language.numbers import read_quantity
from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case, months, percent

PRIORITY = "DALO et prioritaires"
_DELEGATES = ("commune", "epci")


def check_content(case: Case) -> Iterator[Found]:
    """The clauses that the article asks for; those of the order of 2011, whose force today was not checked, are advice."""
    rule = case.law.get("FLUX-PREF-CONTENT")
    if rule is None or not case.of_state or case.convention.by_order or case.convention.regime == "stock":
        return
    if not all(case.written("gouvernance", key) for key in rule.words("gouvernance")):
        yield Found(rule.id, "FX8119", "La convention de l'État ne dit pas quelles informations sont échangées, ni comment.", case.at("gouvernance"),
                    "Ajoutez « gouvernance: {échanges d'information: …} ».")  # fmt: skip
    missing = [key for key in rule.words("clés usuelles") if case.convention.tree.get(key) is None]
    if missing:
        named = ", ".join(f"« {key} »" for key in missing)
        yield Found(rule.id, "FX8119", f"L'arrêté de 2011 demandait aussi : {named}.", case.place, "Écrivez ces clauses si l'arrêté en vigueur les demande encore.",
                    most=Severity.CONSEIL)  # fmt: skip


def check_termination(case: Case) -> Iterator[Found]:
    """A notice shorter than the article's is no notice."""
    rule = case.law.get("FLUX-PREF-RESIL")
    if rule is None or not case.of_state or case.convention.by_order:
        return
    written, least = case.written("gouvernance", "mise en demeure"), str(rule.parameters["mise en demeure"])
    read = read_quantity(written) if written else None
    if not written:
        yield Found(rule.id, "FX8120", "La convention de l'État ne rappelle pas la mise en demeure qui précède la résiliation.", case.at("gouvernance"),
                    f"Ajoutez « gouvernance: {{mise en demeure: {least}}} ».", most=Severity.CONSEIL)  # fmt: skip
    elif read is not None and read[1] in ("mois", "an", "ans") and months(written) < months(least):
        yield Found(rule.id, "FX8120", f"La mise en demeure est de {written} : l'article en demande {least}.", case.at("gouvernance"),
                    f"Écrivez « mise en demeure: {least} ».")  # fmt: skip


def check_delegation(case: Case) -> Iterator[Found]:
    """To a mayor or an EPCI, evaluated each year, and revocable."""
    rule, given = case.law.get("FLUX-PREF-DELEG"), case.convention.delegation
    if rule is None or given is None:
        return
    if not case.of_state:
        yield Found(rule.id, "FX8121", "Seul le préfet délègue son contingent.", given.place, "Retirez « délégation ».")
        return
    if given.evaluation is None or "annuelle" not in given.evaluation:
        yield Found(
            rule.id,
            "FX8121",
            "La délégation n'est pas évaluée chaque année.",
            given.place,
            "Ajoutez « évaluation: annuelle ».",
        )
    if not given.withdrawal:
        yield Found(
            rule.id,
            "FX8121",
            "La délégation n'a pas de clause de retrait.",
            given.place,
            "Ajoutez « retrait: article … ».",
        )
    to = case.context.holders.get(given.to)
    if to is not None and to.kind not in _DELEGATES:
        yield Found(rule.id, "FX8121", f"Le contingent est délégué à « {to.name} », qui n'est ni une commune ni un EPCI.", given.place,
                    "Nommez le maire, ou le président de l'EPCI.")  # fmt: skip


def check_public(case: Case) -> Iterator[Found]:
    """But for its agents, the State's dwellings serve priority persons alone."""
    rule = case.law.get("ATTR-PREF-100")
    if rule is None or not case.of_state or case.convention.regime == "stock":
        return
    found = next((o for o in case.terms.objectives if o.public == PRIORITY), None)
    if found is None:
        yield Found("FLUX-PREF-PUBLIC", "FX8122", "La convention de l'État ne dit pas qu'elle sert les personnes prioritaires.", case.at("objectifs"),
                    f"Ajoutez « {{public: {PRIORITY}, taux: {percent(rule.share())}, de: attributions}} ».", also=(rule.id,), most=Severity.AVERTISSEMENT)  # fmt: skip
    elif found.rate is not None and found.rate < rule.share():
        yield Found("FLUX-PREF-PUBLIC", "FX8122", f"{percent(found.rate)} du contingent du préfet va à des personnes prioritaires : hors agents, c'est {percent(rule.share())}.",
                    found.place, f"Écrivez « taux: {percent(rule.share())} ».", also=(rule.id,))  # fmt: skip
