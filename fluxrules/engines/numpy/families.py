"""Lines, and families of lines reduced, on every row of a block (docs/calculus.md §4 and §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from fluxrules.engines.numpy import truth as t
from fluxrules.engines.numpy.expressions import truth
from fluxrules.engines.numpy.missing import of_condition, where
from fluxrules.engines.numpy.numbers import Ints
from fluxrules.engines.numpy.points import ALWAYS, NEVER, worth
from fluxrules.engines.numpy.scope import Bits, Scope
from fluxrules.engines.numpy.truth import Bools
from fluxrules.ir.nodes import Line, Reducer, Rounding

ABSENT, PENDING, ACQUIRED = 0, 1, 2
_ABOVE, _BELOW = np.int64(2**62), np.int64(-(2**62))
_ZERO = np.zeros(1, dtype=np.int64)


@dataclass(frozen=True)
class Item:
    """``points`` counts now where ``counts``; settled, a ``present`` item is in [low, high], a ``maybe`` one too or absent.

    Points are 0 where an item is absent; of a child family, always present. ``bits``: what would settle it.
    """

    points: Ints
    low: Ints
    high: Ints
    state: NDArray[np.uint8]
    counts: Bools
    bits: Bits

    @property
    def present(self) -> Bools:
        return np.asarray(self.state == ACQUIRED)

    @property
    def maybe(self) -> Bools:
        return np.asarray(self.state == PENDING)


def line_item(line: Line, s: Scope) -> Item:
    """A line: its state, its points now and at the least and the most."""
    w = worth(line.points, s)
    test = truth(line.condition, s) if line.condition is not None else t.YES
    out = test.excluded | w.void
    sure = test.certain & w.known & ~out
    waits = ~out & ~sure
    state = np.where(out, ABSENT, np.where(sure, ACQUIRED, PENDING)).astype(np.uint8)
    low, high = np.where(out, 0, w.low), np.where(out, 0, w.high)
    bits = s.names.none
    points, counts = np.where(sure, low, 0), sure
    if waits.any():
        if line.if_unknown:
            points = np.where(waits, np.minimum(np.maximum(line.if_unknown, low), high), points)
            counts = sure | (waits & (points != 0))
        lacks = where(~w.known, w.missing())
        if line.condition is not None:
            lacks = lacks | of_condition(line.condition, s)
        bits = where(waits, lacks)
    return Item(points, low, high, state, counts, bits)


def family_item(values: tuple[Ints, Ints, Ints], bits: Bits) -> Item:
    """A child family as its parent sees it."""
    return Item(*values, np.array([ACQUIRED], dtype=np.uint8), ALWAYS, bits)


def reduced(reducer: Reducer, rounding: Rounding | None, items: Sequence[Item]) -> tuple[Ints, Ints, Ints]:
    """The value now, the least and the greatest over all settlings."""
    if not items:
        return _ZERO, _ZERO, _ZERO
    match reducer:
        case Reducer.SUM:
            return in_sum(items)
        case Reducer.MAX:
            now = _top([(i.counts, i.points) for i in items], 0)
            sure = _top([(i.present, i.low) for i in items])
            doubtful = np.minimum(0, _bottom([(i.maybe, i.low) for i in items]))
            least = np.where(sure == _BELOW, doubtful, sure)
            top = _top([(i.present, i.high) for i in items], 0)
            return now, least, np.maximum(top, _top([(i.maybe, i.high) for i in items]))
        case Reducer.MIN:
            now = _bottom([(i.counts, i.points) for i in items], 0)
            sure = _bottom([(i.present, i.high) for i in items])
            doubtful = np.maximum(0, _top([(i.maybe, i.high) for i in items]))
            most = np.where(sure == _ABOVE, doubtful, sure)
            bottom = _bottom([(i.present, i.low) for i in items], 0)
            return now, np.minimum(bottom, _bottom([(i.maybe, i.low) for i in items])), most
        case Reducer.FIRST:
            return _firsts(items)
        case Reducer.MEAN:
            return _means(items, rounding)


def in_sum(items: Sequence[Item]) -> tuple[Ints, Ints, Ints]:
    """What items bring to a sum: a line en suspens may be left out where that helps the bound."""
    now = reduce(np.add, [np.where(i.counts, i.points, 0) for i in items])
    low = reduce(np.add, [np.where(i.maybe, np.minimum(i.low, 0), i.low) for i in items])
    return now, low, reduce(np.add, [np.where(i.maybe, np.maximum(i.high, 0), i.high) for i in items])


def limited(value: Ints, floor: int | None, cap: int | None) -> Ints:
    """``plancher`` and ``plafond``."""
    if cap is not None:
        value = np.minimum(value, cap)
    return value if floor is None else np.maximum(value, floor)


def _top(parts: list[tuple[Bools, Ints]], none: int | None = None) -> Ints:
    found: Ints = reduce(np.maximum, [np.where(test, value, _BELOW) for test, value in parts])
    return found if none is None else np.where(found == _BELOW, none, found)


def _bottom(parts: list[tuple[Bools, Ints]], none: int | None = None) -> Ints:
    found: Ints = reduce(np.minimum, [np.where(test, value, _ABOVE) for test, value in parts])
    return found if none is None else np.where(found == _ABOVE, none, found)


def _firsts(items: Sequence[Item]) -> tuple[Ints, Ints, Ints]:
    now, taken = _ZERO, NEVER
    low, high, reached = np.array([_ABOVE]), np.array([_BELOW]), ALWAYS
    for i in items:
        now = np.where(i.counts & ~taken, i.points, now)
        taken = taken | i.counts
        met = reached & (i.state != ABSENT)
        low = np.where(met, np.minimum(low, i.low), low)
        high = np.where(met, np.maximum(high, i.high), high)
        reached = reached & ~i.present
    return now, np.where(reached, np.minimum(low, 0), low), np.where(reached, np.maximum(high, 0), high)


def _means(items: Sequence[Item], rounding: Rounding | None) -> tuple[Ints, Ints, Ints]:
    """Rounding grows with its argument, so the extreme of rounded means is the rounded extreme mean."""
    counted = reduce(np.add, [i.counts.astype(np.int64) for i in items])
    now = _round(reduce(np.add, [np.where(i.counts, i.points, 0) for i in items]), counted, rounding)
    least = _extreme([(i.present, i.maybe, i.low) for i in items], rounding, least=True)
    return now, least, _extreme([(i.present, i.maybe, i.high) for i in items], rounding, least=False)


def _extreme(parts: list[tuple[Bools, Bools, Ints]], rounding: Rounding | None, *, least: bool) -> Ints:
    """Adding items in order of value, the mean first moves away and then comes back: the extreme is at some prefix."""
    total = reduce(np.add, [np.where(present, end, 0) for present, _, end in parts])
    count = reduce(np.add, [present.astype(np.int64) for present, _, _ in parts])
    out = _ABOVE if least else _BELOW
    ends = np.stack(np.broadcast_arrays(*[np.where(maybe, end, out) for _, maybe, end in parts]))
    ends.sort(axis=0)
    found = _round(total, count, rounding)
    pick = np.minimum if least else np.maximum
    for end in ends if least else ends[::-1]:
        more = end != out
        total, count = np.where(more, total + np.where(more, end, 0), total), count + more
        found = np.where(more, pick(found, _round(total, count, rounding)), found)
    return found


def _round(total: Ints, count: Ints, rounding: Rounding | None) -> Ints:
    """``total / count`` as an integer, 0 where there is nothing to divide by; a half goes up."""
    by = np.maximum(count, 1)
    match rounding:
        case Rounding.DOWN:
            found = total // by
        case Rounding.UP:
            found = -((-total) // by)
        case _:
            found = (2 * total + by) // (2 * by)
    return np.where(count > 0, found, 0)
