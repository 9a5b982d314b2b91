"""What a convention says on a day: its terms, as its signed avenants changed them from their own day on (never before)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fluxrules.model.flux.values import SIGNATORIES, Amendment, Convention, Terms

_FIELDS = {
    "réservations": "reservations",
    "hors QPV": "outside_qpv",
    "par commune": "by_commune",
    "stipulations contraires": "contrary",
    "gestion": "management",
    "délai de désignation": "delay",
    "départ du délai": "delay_from",
    "silence": "silence",
    "à défaut de candidat": "fallback",
    "candidats": "candidates",
    "nouveaux candidats": "new_candidates",
    "compté": "counted",
    "décompte": "counts",
    "reprise par le bailleur": "taken_back",
    "report": "carry_over",
    "arrondi": "rounding",
    "livraisons": "deliveries",
    "objectifs": "objectives",
    "cohérence": "coherent_with",
    "bilan": "report",
}


def terms_at(convention: Convention, day: date) -> Terms:
    """The terms in force on a day of the convention."""
    terms = convention.terms
    for change in convention.amendments:
        if change.fully_signed and change.since <= day and (change.until is None or day <= change.until):
            terms = _changed(terms, change)
    return terms


def as_if_signed(convention: Convention) -> Convention:
    """With its avenants signed by both parties on the day they would begin: what is looked at before signature."""
    amendments = tuple(
        a if a.fully_signed else replace(a, signed=dict.fromkeys(sorted(SIGNATORIES), a.since))
        for a in convention.amendments
    )
    return replace(convention, amendments=amendments)


def _changed(terms: Terms, change: Amendment) -> Terms:
    names = {_FIELDS[k] for k in change.replaced if k in _FIELDS}
    return replace(terms, **{name: getattr(change.terms, name) for name in names})
