"""Until when a réservataire may designate candidates."""

from __future__ import annotations

from datetime import date, timedelta

from fluxrules.ir.calendar import add_months
from fluxrules.model.flux.values import Delay, Terms


def deadline(day: date, delay: Delay) -> date:
    """The last day of a delay: a month later, the same day of the month or its last (31/01 → 28/02); or so many days later."""
    return add_months(day, delay.amount) if delay.unit == "mois" else day + timedelta(days=delay.amount)


def delegated(terms: Terms) -> bool:
    """Whether the bailleur itself designates: the dwelling counts for the réservataire, who has nothing to answer."""
    return terms.management == "déléguée au bailleur"


def again_by(terms: Terms, refused: date) -> date | None:
    """The last day for new candidates after a refusal of the commission or of the candidate; ``None`` where the convention gives none."""
    if terms.new_candidates is None or delegated(terms):
        return None
    return deadline(refused, terms.new_candidates)


def answer_by(terms: Terms, told: date, ready: date | None) -> date | None:
    """The last day to designate, for a réservataire told on a day; ``None`` where the convention gives no delay or leaves the designation to
    the bailleur, or where the delay runs from the day the dwelling is ready and that day is not known."""
    if terms.delay is None or delegated(terms):
        return None
    since = ready if terms.delay_from == "disponibilité du logement" else told
    return None if since is None else deadline(max(since, told), terms.delay)
