"""Candidates: the delay to propose them, what comes after it, and the month of the zones tendues."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case, months

_LONGEST_MONTH, _SHORTEST_MONTH = 31, 28


def check_delay_written(case: Case) -> Iterator[Found]:
    """The delay and what happens without a candidate. In stock too: someone is told of the dwelling."""
    if case.law.get("FLUX-TRANSMIT-CAND") is None:
        return
    if case.terms.delay is None:
        yield Found("FLUX-TRANSMIT-CAND", "FX8123", "La convention ne dit pas en combien de temps le réservataire propose des candidats.", case.place,
                    "Ajoutez « délai de désignation: 1 mois » et « départ du délai: information de la vacance ».")  # fmt: skip
    if not case.terms.fallback and case.terms.silence is None:
        yield Found("FLUX-TRANSMIT-CAND", "FX8123", "La convention ne dit pas ce qui arrive sans candidat à la fin du délai.", case.place,
                    "Ajoutez « silence: renonciation » et « à défaut de candidat: […] ».")  # fmt: skip


def check_three(case: Case) -> Iterator[Found]:
    """The commission examines three demandes at least: fewer candidates must be completed by somebody."""
    rule, asked = case.law.get("CAL-3"), case.terms.candidates
    if rule is None or asked is None:
        return
    least = rule.share("demandes au moins")
    if asked < least:
        yield Found(rule.id, "FX8141", f"La convention demande {asked} candidat{'s' if asked > 1 else ''} : la commission examine au moins {least} demandes par logement.",
                    case.at("candidats"), f"Écrivez « candidats: {least} », ou dites qui complète : l'insuffisance de candidats et la personne désignée par le préfet font exception.",
                    most=Severity.CONSEIL)  # fmt: skip


def check_one_month(case: Case) -> Iterator[Found]:
    """A month at most where the market is tense. The list of these communes is not in the project: the reader knows, so it is a warning."""
    rule, delay = case.law.get("FLUX-DELAY-1M"), case.terms.delay
    if rule is None or delay is None:
        return
    most = months(str(rule.parameters["durée au plus"]))
    named = f"{delay.amount} {delay.unit}" if delay.unit == "mois" or delay.amount > 1 else f"{delay.amount} jour"
    over = delay.amount > most if delay.unit == "mois" else delay.amount > most * _LONGEST_MONTH
    perhaps = delay.unit != "mois" and not over and delay.amount > most * _SHORTEST_MONTH
    help_ = f"Si une commune est en zone tendue, écrivez « délai de désignation: {rule.parameters['durée au plus']} » ; la liste de ces communes n'est pas dans fluxrules."
    if over:
        yield Found(rule.id, "FX8124", f"Le délai est de {named} : en zone tendue, la loi n'en permet que {rule.parameters['durée au plus']}.", delay.place,
                    help_, most=Severity.AVERTISSEMENT)  # fmt: skip
    elif perhaps:
        yield Found(rule.id, "FX8124", f"Un délai de {named} dépasse un mois court.", delay.place, help_, most=Severity.CONSEIL)  # fmt: skip
    elif case.terms.delay_from not in (None, "information de la vacance"):
        yield Found(rule.id, "FX8124", "Le délai ne part pas du jour où le réservataire est informé.", delay.place,
                    "Écrivez « départ du délai: information de la vacance » : en zone tendue, le mois part de ce jour.", most=Severity.CONSEIL)  # fmt: skip
