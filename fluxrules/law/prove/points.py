"""The points of a line and its state, as formulas (docs/calculus.md §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import elapsed_bound
from fluxrules.ir.ranges import ELAPSED_MONTHS, clamp
from fluxrules.language.units import DAYS
from fluxrules.law.prove import grades as g
from fluxrules.law.prove import numbers as q
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.encode import Encoder, values
from fluxrules.law.prove.terms import Formula, Integer
from fluxrules.law.prove.variables import NEXT_MONTHS, Var

MOST_DAILY_STEPS = 400


@dataclass(frozen=True)
class Worth:
    """``none``: sans objet; otherwise between ``low`` and ``high``, which are one number where ``known``."""

    none: Formula
    known: Formula
    low: Integer
    high: Integer


@dataclass(frozen=True)
class LineTerms:
    """``counts`` and ``now`` for the note; ``acquired``, ``pending`` with bounds for what may still come."""

    acquired: Formula
    pending: Formula
    counts: Formula
    now: Integer
    low: Integer
    high: Integer

    @property
    def absent(self) -> Formula:
        return t.neg(t.either(self.acquired, self.pending))


ABSENT = LineTerms(False, False, False, 0, 0, 0)


def line_terms(line: n.Line, enc: Encoder) -> LineTerms:
    """A line of a household."""
    x = enc.truth(line.condition) if line.condition is not None else g.YES
    w = worth(line.points, enc)
    acquired = t.conj([x.certain, w.known, t.neg(w.none)])
    pending = t.conj([x.possible, t.neg(w.none), t.neg(t.both(x.certain, w.known))])
    if not line.if_unknown:
        return LineTerms(acquired, pending, acquired, w.low, w.low, w.high)
    counted = t.smaller(t.greater(line.if_unknown, w.low), w.high)
    counts = t.either(acquired, t.both(pending, t.neg(t.equal(counted, 0))))
    return LineTerms(acquired, pending, counts, t.choose(acquired, w.low, counted), w.low, w.high)


def worth(points: n.Points, enc: Encoder) -> Worth:
    match points:
        case n.Fixed(points=p):
            return Worth(p is None, True, p or 0, p or 0)
        case n.Table(item=item, entries=entries):
            return _table(enc.code(item), dict(entries))
        case n.Bands(item=n.Elapsed(since=since)):
            return _elapsed_bands(points, enc.var(since), enc)
        case n.Bands():
            return _bands(points, enc)
        case n.Steps():
            return _steps(points, enc)


def _table(held: Var, entries: dict[str, int | None]) -> Worth:
    present = [p for p in entries.values() if p is not None]
    if not present:
        return Worth(True, True, 0, 0)
    none = t.disj(b for group, b in held.bits.items() if entries.get(group[0]) is None)
    by_points: dict[int, list[Formula]] = {}
    for group, bit in held.bits.items():
        p = entries.get(group[0])
        if p is not None:
            by_points.setdefault(p, []).append(bit)

    def chain(unknown: int) -> Integer:
        value: Integer = unknown
        for p, bits in by_points.items():
            value = t.choose(t.disj(bits), p, value)
        return value

    return Worth(none, held.known, chain(min(present)), chain(max(present)))


def _among(met: Sequence[tuple[Formula, int | None]], known: Formula) -> Worth:
    """Points of the bands that are met; sans objet when none of them has points."""
    some = [(m, p) for m, p in met if p is not None]
    none = t.neg(t.disj(m for m, _ in some))
    low = high = 0
    for m, p in sorted(some, key=lambda x: x[1], reverse=True):
        low = t.choose(m, p, low)
    for m, p in sorted(some, key=lambda x: x[1]):
        high = t.choose(m, p, high)
    return Worth(none, known, low, high)


def _elapsed_bands(points: n.Bands, v: Var, enc: Encoder) -> Worth:
    days = points.unit == DAYS
    met: list[tuple[Formula, int | None]] = []
    before: Formula = True
    for b in points.bands:
        over = True if b.low is None else enc.elapsed(v, ">=" if b.low_in else ">", b.low, days=days)
        under = True if b.high is None else enc.elapsed(v, "<=" if b.high_in else "<", b.high, days=days)
        inside = t.both(over, under)
        met.append((t.either(t.neg(v.known), t.both(before, inside)), b.points))
        before = t.both(before, t.neg(inside))
    return _among(met, v.known)


def _bands(points: n.Bands, enc: Encoder) -> Worth:
    x = enc.number(points.item)
    unknown = t.both(x.unknown, t.neg(x.sans))
    met: list[tuple[Formula, int | None]] = []
    for b in points.bands:
        over = True if b.low is None else q.less(q.of(b.low), x.high, strict=not b.low_in)
        under = True if b.high is None else q.less(x.low, q.of(b.high), strict=not b.high_in)
        met.append((t.both(t.neg(x.sans), t.either(unknown, t.both(over, under))), b.points))
    clash = t.disj(t.both(m, o) for i, (m, p) in enumerate(met) for o, s in met[:i] if p != s)
    if x.single and disjoint(points.bands):
        clash = False
    return _among(met, t.both(t.neg(unknown), t.neg(clash)))


def disjoint(bands: Sequence[n.Band]) -> bool:
    """Whether no number is in two bands, in written order."""
    for a, b in pairwise(bands):
        if a.high is None or b.low is None or b.low < a.high or (b.low == a.high and a.high_in and b.low_in):
            return False
    return True


def _steps(points: n.Steps, enc: Encoder) -> Worth:
    if isinstance(points.item, n.Elapsed):
        v = enc.var(points.item.since)
        months = _months(v, points, enc)
        ends = sorted(clamp(points.rate * int(end // points.step), points.least, points.most) for end in ELAPSED_MONTHS)
        per = _floor(q.Ratio(months), points.step)
        value = t.limit(t.times(points.rate, per), points.least, points.most)
        return Worth(False, v.known, t.choose(v.known, value, ends[0]), t.choose(v.known, value, ends[1]))
    x = enc.number(points.item)
    low, high = bounds(points.item, enc)

    def at(end: q.Ratio) -> Integer:
        return t.limit(t.times(points.rate, _floor(end, points.step)), points.least, points.most)

    a = at(low)
    b = a if low is high else at(high)
    least, most = (a, b) if points.rate >= 0 else (b, a)
    known = x.amount if low is high else t.both(x.amount, t.equal(least, most))
    return Worth(x.sans, known, least, most)


def _months(v: Var, points: n.Steps, enc: Encoder) -> Integer:
    if not v.daily:
        return t.floor_div(v.value, 2)
    far = points.most if points.rate > 0 else points.least
    last = ELAPSED_MONTHS[1] if far is None else (abs(far) // max(1, abs(points.rate)) + 1) * int(points.step)
    if last > MOST_DAILY_STEPS:
        raise t.UnsupportedError(
            "des points par mois sans plafond, sur une date comparée au jour près (écrivez « au plus … »)"
        )
    reference = enc.domain.reference

    def reached(months: int) -> Formula:
        return t.at_most(v.value, elapsed_bound(">=", months, 0, reference)[1].toordinal())

    counted = [t.choose(reached(m), 1, 0) for m in range(1 - NEXT_MONTHS, last + 1)]
    return t.total([*counted, -NEXT_MONTHS])


def _floor(x: q.Ratio, step: Fraction) -> Integer:
    if not isinstance(x.den, int):
        raise t.UnsupportedError("des points par unité entière d'un quotient")
    return t.floor_div(t.times(x.num, step.denominator), x.den * step.numerator)


def bounds(e: n.Expr, enc: Encoder) -> tuple[q.Ratio, q.Ratio]:
    """Least and greatest value of a number, unknown fields ranging over the vocabulary's bounds."""
    x = enc.number(e)
    if x.unknown is False:
        return x.low, x.high
    low, high = _loose(e, enc)
    return q.pick(x.amount, x.low, low), q.pick(x.amount, x.high, high)


def _loose(e: n.Expr, enc: Encoder) -> tuple[q.Ratio, q.Ratio]:
    """The bounds where the number is not an amount."""
    match e:
        case n.Ref(name=name):
            return _loose(enc.definitions[name], enc)
        case n.Add(items=items):
            parts = [bounds(i, enc) for i in items]
            return _total([a for a, _ in parts]), _total([b for _, b in parts])
        case n.Mul(left=n.Const() as c, right=x) | n.Mul(left=x, right=n.Const() as c):
            a, b = (_scaled(end, c.value) for end in bounds(x, enc))
            return (a, b) if c.value >= 0 else (b, a)
        case n.Case():
            return _case_bounds(e, enc)
        case n.Const() | n.Field() | n.Param() | n.Count():
            span = enc.span(e)
            assert span is not None
            return q.of(span[0]), q.of(span[1])
        case _:
            raise t.UnsupportedError("des points par unité entière d'un produit de deux quantités")


def _case_bounds(e: n.Case, enc: Encoder) -> tuple[q.Ratio, q.Ratio]:
    reach, parts = enc.reach(e), [bounds(v, enc) for v in values(e)]
    return _best(reach, [a for a, _ in parts], least=True), _best(reach, [b for _, b in parts], least=False)


def _best(reach: Sequence[Formula], ends: Sequence[q.Ratio], *, least: bool) -> q.Ratio:
    value, some = ends[-1], reach[-1]
    for r, end in reversed(list(zip(reach[:-1], ends[:-1], strict=True))):
        nearer = q.less(end, value, strict=True) if least else q.less(value, end, strict=True)
        value = q.pick(t.both(r, t.either(t.neg(some), nearer)), end, value)
        some = t.either(some, r)
    return value


def _total(items: Sequence[q.Ratio]) -> q.Ratio:
    return q.add([q.Num(False, False, i, i) for i in items]).low


def _scaled(x: q.Ratio, by: Fraction) -> q.Ratio:
    return q.Ratio(t.times(x.num, by.numerator), t.times(x.den, by.denominator))
