"""Reducers, on present items and over every way of settling the others (docs/calculus.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from fluxrules.ir.nodes import Reducer, Rounding


@dataclass(frozen=True)
class Item:
    """``points`` counts now when ``counts``; whatever is settled, a ``present`` item is worth something in [low, high]."""

    points: int
    low: int
    high: int
    present: bool
    counts: bool


def now(reducer: Reducer, rounding: Rounding | None, items: list[Item]) -> int:
    """The value of a family on what counts now."""
    values = [i.points for i in items if i.counts]
    if not values:
        return 0
    match reducer:
        case Reducer.SUM:
            return sum(values)
        case Reducer.MAX:
            return max(values)
        case Reducer.MIN:
            return min(values)
        case Reducer.FIRST:
            return values[0]
        case Reducer.MEAN:
            return rounded(Fraction(sum(values), len(values)), rounding)


def settled(reducer: Reducer, rounding: Rounding | None, items: list[Item]) -> tuple[int, int]:
    """Least and greatest value of a family over all settlings of its items, each settled on its own."""
    sure = [i for i in items if i.present]
    maybe = [i for i in items if not i.present]
    match reducer:
        case Reducer.SUM:
            return (
                sum(i.low for i in sure) + sum(min(0, i.low) for i in maybe),
                sum(i.high for i in sure) + sum(max(0, i.high) for i in maybe),
            )
        case Reducer.MAX:
            least = max(i.low for i in sure) if sure else min([0, *(i.low for i in maybe)])
            return least, max([max((i.high for i in sure), default=0), *(i.high for i in maybe)])
        case Reducer.MIN:
            most = min(i.high for i in sure) if sure else max([0, *(i.high for i in maybe)])
            return min([min((i.low for i in sure), default=0), *(i.low for i in maybe)]), most
        case Reducer.FIRST:
            return _first(items)
        case Reducer.MEAN:
            return _mean(sure, [i.low for i in maybe], rounding, least=True), _mean(
                sure, [i.high for i in maybe], rounding, least=False
            )


def rounded(value: Fraction, rounding: Rounding | None) -> int:
    """A mean as a whole number of the grid's scale; a half goes up."""
    match rounding:
        case Rounding.DOWN:
            return floor(value)
        case Rounding.UP:
            return ceil(value)
        case _:
            return floor(value + Fraction(1, 2))


def _first(items: list[Item]) -> tuple[int, int]:
    lows, highs = [], []
    for i in items:
        lows.append(i.low)
        highs.append(i.high)
        if i.present:
            break
    else:
        lows.append(0)
        highs.append(0)
    return min(lows), max(highs)


def _mean(sure: list[Item], ends: list[int], rounding: Rounding | None, *, least: bool) -> int:
    """Adding items in order of value, the mean first moves away and then comes back: the extreme is at some prefix."""
    total = sum(i.low if least else i.high for i in sure)
    count = len(sure)
    found = [Fraction(total, count)] if count else [Fraction(0)]
    for end in sorted(ends, reverse=not least):
        total, count = total + end, count + 1
        found.append(Fraction(total, count))
    return rounded(min(found) if least else max(found), rounding)
