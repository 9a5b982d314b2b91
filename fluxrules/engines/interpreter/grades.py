"""Truth with unknowns and sans objet: an interval of grades on the chain false < sans objet < true (docs/calculus.md §2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FALSE, SANS_OBJET, TRUE = 0, 1, 2


@dataclass(frozen=True)
class Truth:
    """The lowest and the highest grade that a condition may turn out to have."""

    low: int
    high: int

    @property
    def certain(self) -> bool:
        return self.low == TRUE

    @property
    def excluded(self) -> bool:
        return self.high < TRUE

    @property
    def undecided(self) -> bool:
        return not self.certain and not self.excluded


YES = Truth(TRUE, TRUE)
NO = Truth(FALSE, FALSE)
UNKNOWN = Truth(FALSE, TRUE)
NOT_APPLICABLE = Truth(SANS_OBJET, SANS_OBJET)


def of(value: bool | None) -> Truth:
    """The truth of a plain boolean, ``None`` for unknown."""
    return UNKNOWN if value is None else YES if value else NO


def negate(t: Truth) -> Truth:
    return Truth(TRUE - t.high, TRUE - t.low)


def all_of(items: Iterable[Truth]) -> Truth:
    """The ``et`` of all; true over nothing."""
    low = high = TRUE
    for t in items:
        low, high = min(low, t.low), min(high, t.high)
    return Truth(low, high)


def any_of(items: Iterable[Truth]) -> Truth:
    """The ``ou`` of all; false over nothing."""
    low = high = FALSE
    for t in items:
        low, high = max(low, t.low), max(high, t.high)
    return Truth(low, high)
