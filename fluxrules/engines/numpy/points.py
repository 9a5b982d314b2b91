"""Points of a line on every row of a block (docs/calculus.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import lcm

import numpy as np
from numpy.typing import NDArray

from fluxrules.engines.numpy import numbers as m
from fluxrules.engines.numpy.expressions import candidates, code, elapsed_test, number
from fluxrules.engines.numpy.missing import of_code, of_number
from fluxrules.engines.numpy.numbers import Ints, Num
from fluxrules.engines.numpy.scope import Bits, Scope
from fluxrules.engines.numpy.truth import Bools
from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import add_months
from fluxrules.ir.ranges import ELAPSED_MONTHS

ALWAYS, NEVER = np.ones(1, dtype=np.bool_), np.zeros(1, dtype=np.bool_)
_ABOVE, _BELOW = np.int64(2**62), np.int64(-(2**62))


@dataclass(frozen=True)
class Worth:
    """``known``: one value, ``low``. ``void``: sans objet, whatever the rest says. ``missing`` is asked where it is not known."""

    low: Ints
    high: Ints
    known: Bools
    void: Bools
    missing: Callable[[], Bits]


def worth(p: n.Points, s: Scope) -> Worth:
    match p:
        case n.Fixed(points=value):
            amount = _one(value or 0)
            return Worth(amount, amount, ALWAYS, NEVER if value is not None else ALWAYS, lambda: s.names.none)
        case n.Table():
            return _table(p, s)
        case n.Bands(item=n.Elapsed()):
            return _elapsed_bands(p, s)
        case n.Bands():
            return _bands(p, s)
        case n.Steps():
            return _steps(p, s)


def _one(value: int) -> Ints:
    return np.array([value], dtype=np.int64)


def _table(p: n.Table, s: Scope) -> Worth:
    held, entries = code(p.item, s), dict(p.entries)
    amounts = [entries.get(label) for label in held.labels]
    found = np.array([a or 0 for a in amounts], dtype=np.int64)[held.values]
    void = np.array([a is None for a in amounts], dtype=np.bool_)[held.values]
    return _spread(list(entries.values()), found, void, held.known, lambda: of_code(p.item, s))


def _spread(
    values: Sequence[int | None], found: Ints, void: Bools, known: Bools | None, missing: Callable[[], Bits]
) -> Worth:
    """Points of a quantity that has one value or none: where it is unknown, anything in ``values``."""
    present = [v for v in values if v is not None]
    if not present:
        return Worth(_one(0), _one(0), ALWAYS, ALWAYS, missing)
    if known is None:
        return Worth(found, found, ALWAYS, void, missing)
    low, high = np.where(known, found, min(present)), np.where(known, found, max(present))
    return Worth(low, high, known, void & known, missing)


def _elapsed_bands(p: n.Bands, s: Scope) -> Worth:
    assert isinstance(p.item, n.Elapsed)
    c = s.column(p.item.since)
    found, void = np.zeros(1, dtype=np.int64), ALWAYS
    for b in reversed(p.bands):
        inside = ALWAYS
        for op, bound in ((">=" if b.low_in else ">", b.low), ("<=" if b.high_in else "<", b.high)):
            if bound is not None:
                inside = inside & elapsed_test(op, p.item, n.Const(bound, p.unit), s).certain
        found, void = np.where(inside, b.points or 0, found), np.where(inside, b.points is None, void)
    known = NEVER if c is None else c.known
    return _spread([b.points for b in p.bands], found, void, known, lambda: s.names.bit(s.named(p.item.since)))  # type: ignore[union-attr]


def _bands(p: n.Bands, s: Scope) -> Worth:
    x = number(p.item, s)
    met = [(_meets(b, x), b.points) for b in p.bands]

    def missing() -> Bits:
        return of_number(p.item, s)

    if x.exact:
        found, void = np.zeros(1, dtype=np.int64), ALWAYS
        for inside, points in reversed(met):
            found, void = np.where(inside, points or 0, found), np.where(inside, points is None, void)
        w = _spread([b.points for b in p.bands], found, void, x.known, missing)
        return w if x.void is None else Worth(w.low, w.high, w.known, w.void | x.void, missing)
    values = [v for _, v in met if v is not None]
    if not values:
        return Worth(_one(0), _one(0), ALWAYS, ALWAYS, missing)
    low = reduce(np.minimum, [np.where(inside, v, _ABOVE) for inside, v in met if v is not None])
    high = reduce(np.maximum, [np.where(inside, v, _BELOW) for inside, v in met if v is not None])
    some = low != _ABOVE
    partly_void = reduce(np.logical_or, [inside for inside, v in met if v is None], NEVER)
    low, high = np.where(some, low, 0), np.where(some, high, 0)
    known, void = (low == high) & ~(partly_void & some), ~some
    if x.known is not None:
        low, high = np.where(x.known, low, min(values)), np.where(x.known, high, max(values))
        known, void = known & x.known, void & x.known
    return Worth(low, high, known, void if x.void is None else void | x.void, missing)


def _meets(b: n.Band, x: Num) -> Bools:
    """Whether some value of the interval lies in the band."""
    tests = [ALWAYS]
    if b.low is not None:
        top = Num(x.high, x.high, x.den)
        tests.append(m.compare(">=" if b.low_in else ">", top, m.constant(b.low)).certain)
    if b.high is not None:
        bottom = Num(x.low, x.low, x.den)
        tests.append(m.compare("<=" if b.high_in else "<", bottom, m.constant(b.high)).certain)
    return reduce(np.logical_and, tests)


def _steps(p: n.Steps, s: Scope) -> Worth:
    if isinstance(p.item, n.Elapsed):
        c, since = s.column(p.item.since), p.item.since
        months = whole_months(c.values, s) if c is not None else np.zeros(1, dtype=np.int64)
        known = ALWAYS if c is not None and c.known is None else NEVER if c is None or c.known is None else c.known
        ends = [np.where(known, months, np.int64(end)) for end in ELAPSED_MONTHS]
        den, void = 1, NEVER
        lacks: Callable[[], Bits] = lambda: s.names.bit(s.named(since))  # noqa: E731
    else:
        item, x = p.item, number(p.item, s)
        known, void = ALWAYS if x.known is None else x.known, NEVER if x.void is None else x.void
        low_end, high_end, den = bounds(item, s)
        ends = [low_end, high_end]
        lacks = lambda: of_number(item, s)  # noqa: E731
    counted = [_limit(end * p.step.denominator // (den * p.step.numerator) * p.rate, p) for end in ends]
    low, high = counted if p.rate >= 0 else reversed(counted)
    return Worth(low, high, known & (low == high), void, lacks)


def _limit(value: Ints, p: n.Steps) -> Ints:
    if p.most is not None:
        value = np.minimum(value, p.most)
    return value if p.least is None else np.maximum(value, p.least)


def whole_months(since: NDArray[np.int32], s: Scope) -> Ints:
    """The largest n with since + n months ≤ reference: one month less when the day comes later in the month than the
    reference's, unless the reference is a month's last day (the clamped day then always fits)."""
    r = s.reference
    days = since.astype("datetime64[D]")
    starts = days.astype("datetime64[M]")
    months = (r.year - 1970) * 12 + r.month - 1 - starts.astype(np.int64)
    if add_months(r.replace(day=1), 1).toordinal() - 1 == r.toordinal():
        return np.asarray(months)
    return np.asarray(months - ((days - starts.astype("datetime64[D]")).astype(np.int64) + 1 > r.day))


def bounds(e: n.Expr, s: Scope) -> tuple[Ints, Ints, int]:
    """Least and greatest value, unknown fields ranging over their bounds, over a constant denominator."""
    return s.once("bounds", e, lambda: _bounds(e, s))


def _bounds(e: n.Expr, s: Scope) -> tuple[Ints, Ints, int]:
    match e:
        case n.Field(range=span, factor=factor):
            assert span is not None
            x = number(e, s)
            if x.known is None:
                return x.low, x.high, int(x.den)
            ends = [np.where(x.known, x.low, int(v) * factor.numerator) for v in (span.low, span.high)]
            return ends[0], ends[1], factor.denominator
        case n.Param(name=name) if isinstance(held := s.parameters[name], n.Dated):
            assert held.range is not None
            den = lcm(held.range.low.denominator, held.range.high.denominator)
            low, high = (np.array([int(v * den)], dtype=np.int64) for v in (held.range.low, held.range.high))
            return low, high, den
        case n.Ref(name=name):
            return bounds(s.definitions[name], s)
        case n.Add(items=items):
            parts = [bounds(i, s) for i in items]
            den = lcm(*(d for _, _, d in parts))
            low = reduce(np.add, [a * (den // d) for a, _, d in parts])
            return low, reduce(np.add, [b * (den // d) for _, b, d in parts]), den
        case n.Mul(left=a, right=b):
            (al, ah, ad), (bl, bh, bd) = bounds(a, s), bounds(b, s)
            products = [x * y for x in (al, ah) for y in (bl, bh)]
            return reduce(np.minimum, products), reduce(np.maximum, products), ad * bd
        case n.Count(rows=rows):
            x = number(e, s)
            if x.known is None:
                return x.low, x.high, 1
            return np.where(x.known, x.low, 0), np.where(x.known, x.high, rows.most), 1
        case n.Case():
            return _case_bounds(e, s)
        case _:
            x = number(e, s)
            assert isinstance(x.den, int)
            return x.low, x.high, x.den


def _case_bounds(e: n.Case, s: Scope) -> tuple[Ints, Ints, int]:
    found = [(bounds(v, s), taken) for v, taken in candidates(e, s)]
    den = lcm(*(d for (_, _, d), _ in found))
    lows = [np.where(taken, a * (den // d), _ABOVE) for (a, _, d), taken in found]
    highs = [np.where(taken, b * (den // d), _BELOW) for (_, b, d), taken in found]
    return reduce(np.minimum, lows), reduce(np.maximum, highs), den
