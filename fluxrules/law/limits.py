"""Exact comparisons with a share of the law: what the reservations in flux will be held against. No rounding decides (TRAP-26)."""

from __future__ import annotations

from datetime import date
from enum import Enum
from fractions import Fraction
from math import ceil, floor

from fluxrules.law.rules import Rule


class Held(Enum):
    """How a quantity stands to a limit. ``ROUNDING``: no whole number is under the ceiling and over the floor."""

    YES = "respecté"
    ROUNDING = "arrondi"
    NO = "dépassé"


def ceiling(rule: Rule, base: Fraction) -> Fraction:
    """The most that a ceiling allows of a base."""
    return rule.share() * base


def under(rule: Rule, quantity: Fraction, base: Fraction) -> bool:
    """Whether a ceiling holds, as an exact share of its own base."""
    return quantity <= ceiling(rule, base)


def over(rule: Rule, quantity: Fraction, base: Fraction) -> bool:
    """Whether a floor holds, as an exact share of its own base."""
    return quantity >= rule.share() * base


def whole(least: Fraction, most: Fraction, quantity: int) -> Held:
    """A whole volume between a floor and a ceiling. Where rounding alone leaves no whole number between them, it is said and not blamed."""
    if least <= quantity <= most:
        return Held.YES
    if ceil(least) > floor(most) and floor(least) <= quantity <= ceil(most):
        return Held.ROUNDING
    return Held.NO


def single_rights(left: int, years_left: int, attributions: int) -> Fraction:
    """The share that single rights are worth: rights a year over the attributions of a year (TRAP-01)."""
    return Fraction(left, years_left) / attributions


def report_day(rule: Rule, year: int) -> date:
    """The day before which the report on a year is sent (TRAP-15: that day itself is late, by a reading that is only warned of)."""
    return date(year + 1, int(rule.share("mois")), int(rule.share("jour")))
