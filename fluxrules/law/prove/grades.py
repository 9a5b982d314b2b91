"""Truth with unknowns and sans objet, as formulas: an interval of grades on the chain false < sans objet < true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fluxrules.law.prove import terms as t
from fluxrules.law.prove.terms import Formula


@dataclass(frozen=True)
class Truth:
    """``certain``: the lowest grade is true; ``low_above``: it is above false; ``possible``: the highest is true; ``high_above``:
    it is above false."""

    certain: Formula
    low_above: Formula
    possible: Formula
    high_above: Formula

    @property
    def excluded(self) -> Formula:
        return t.neg(self.possible)


YES = Truth(True, True, True, True)
NO = Truth(False, False, False, False)


def plain(known: Formula, value: Formula) -> Truth:
    """A boolean that may be unknown."""
    yes, maybe = t.both(known, value), t.either(t.neg(known), value)
    return Truth(yes, yes, maybe, maybe)


def number_test(sans: Formula, unknown: Formula, sure: Formula, maybe: Formula) -> Truth:
    """A comparison of numbers: ``sure`` on all values of the intervals, ``maybe`` on some."""
    applies = t.neg(sans)
    certain = t.both(applies, t.neg(unknown), sure)
    possible = t.both(applies, t.either(unknown, maybe))
    return Truth(certain, t.either(sans, certain), possible, t.either(sans, possible))


def negate(x: Truth) -> Truth:
    return Truth(t.neg(x.high_above), t.neg(x.possible), t.neg(x.low_above), t.neg(x.certain))


def all_of(items: Iterable[Truth]) -> Truth:
    held = list(items)
    return Truth(
        t.conj(i.certain for i in held),
        t.conj(i.low_above for i in held),
        t.conj(i.possible for i in held),
        t.conj(i.high_above for i in held),
    )


def any_of(items: Iterable[Truth]) -> Truth:
    held = list(items)
    return Truth(
        t.disj(i.certain for i in held),
        t.disj(i.low_above for i in held),
        t.disj(i.possible for i in held),
        t.disj(i.high_above for i in held),
    )


def when(known: Formula, x: Truth) -> Truth:
    """``x`` where something is known, unknown elsewhere."""
    unknown = t.neg(known)
    return Truth(
        t.both(known, x.certain), t.both(known, x.low_above), t.either(unknown, x.possible), t.either(unknown, x.high_above)
    )  # fmt: skip
