"""A program and the facts of one demande give its result (docs/calculus.md §4 to §6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from math import floor

from fluxrules.engines.interpreter import grades as g
from fluxrules.engines.interpreter import reduce as r
from fluxrules.engines.interpreter.facts import Facts
from fluxrules.engines.interpreter.missing import (
    NOTHING,
    Names,
    bounds,
    elapsed_bounds,
    named,
    of_code,
    of_condition,
    of_number,
)
from fluxrules.engines.interpreter.result import FamilyResult, LineResult, Result, State
from fluxrules.engines.interpreter.values import (
    Amount,
    SansObjet,
    Scope,
    Unknown,
    code,
    compare,
    number,
    parameter,
    truth,
)
from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import elapsed_bound, whole_months
from fluxrules.ir.ranges import clamp
from fluxrules.language.units import DAYS

# Points of a line: the value when known (low = high), its bounds otherwise, the fields that keep it unknown; None: sans objet.
Worth = tuple[int, int, bool, Names] | None


def evaluate(program: n.Program, facts: Facts, reference: date) -> Result:
    """Score one demande. Raises ``ValueError`` when a parameter has no value on the reference date (callers check first)."""
    scope = Scope.of(program, facts, reference)
    for name, _ in program.parameters:
        parameter(name, scope)
    return Result(_family(program.root, scope))


def _family(family: n.Family, s: Scope) -> FamilyResult:
    return combine(family, tuple(_family(i, s) if isinstance(i, n.Family) else _line(i, s) for i in family.items))


def evaluate_lines(
    lines: Iterable[n.Line], program: n.Program, facts: Facts, reference: date
) -> tuple[LineResult, ...]:
    """Some lines of a program alone."""
    scope = Scope.of(program, facts, reference)
    return tuple(_line(line, scope) for line in lines)


def combine(family: n.Family, results: tuple[LineResult | FamilyResult, ...]) -> FamilyResult:
    """The result of a family from those of its items (docs/calculus.md §5)."""
    items = [_item(x) for x in results if not (isinstance(x, LineResult) and x.state is State.ABSENT)]
    reduced = r.now(family.reducer, family.rounding, items)
    low, high = r.settled(family.reducer, family.rounding, items)

    def limit(value: int) -> int:
        return clamp(value, family.floor, family.cap)

    return FamilyResult(family, results, reduced, limit(reduced), limit(low), limit(high))


def _item(x: LineResult | FamilyResult) -> r.Item:
    if isinstance(x, FamilyResult):
        return r.Item(x.points, x.low, x.high, present=True, counts=True)
    return r.Item(x.points, x.low, x.high, present=x.present, counts=x.counts)


def _line(line: n.Line, s: Scope) -> LineResult:
    t = truth(line.condition, s) if line.condition is not None else g.YES
    worth = None if t.excluded else _points(line.points, s)
    if worth is None:
        return LineResult(line, State.ABSENT, 0, 0, 0)
    low, high, known, missing = worth
    if t.certain and known:
        return LineResult(line, State.ACQUIRED, low, low, high)
    if not t.certain and line.condition is not None:
        missing |= of_condition(line.condition, s)
    counted = min(max(line.if_unknown, low), high) if line.if_unknown else 0
    return LineResult(line, State.PENDING, counted, low, high, tuple(sorted(missing)))


def _points(points: n.Points, s: Scope) -> Worth:
    match points:
        case n.Fixed(points=p):
            return None if p is None else (p, p, True, NOTHING)
        case n.Table(item=item, entries=entries):
            value = code(item, s)
            if value is None:
                return _among([p for _, p in entries], of_code(item, s))
            p = dict(entries).get(value)
            return None if p is None else (p, p, True, NOTHING)
        case n.Bands():
            return _bands(points, s)
        case n.Steps():
            return _steps(points, s)


def _among(values: list[int | None], missing: Names) -> Worth:
    present = [v for v in values if v is not None]
    return (min(present), max(present), False, missing) if present else None


def _bands(points: n.Bands, s: Scope) -> Worth:
    item = points.item
    if isinstance(item, n.Elapsed):
        since = s.read(item.since)
        if since is None:
            return _among([b.points for b in points.bands], frozenset({named(item.since, s)}))
        assert isinstance(since, date)
        met = [b.points for b in points.bands if _elapsed_in(b, since, s.reference, points.unit == DAYS)]
        return None if not met or met[0] is None else (met[0], met[0], True, NOTHING)
    value = number(item, s)
    if isinstance(value, SansObjet):
        return None
    if isinstance(value, Unknown):
        return _among([b.points for b in points.bands], of_number(item, s))
    met = [b.points for b in points.bands if _meets(b, value)]
    if len(set(met)) <= 1:
        return None if not met or met[0] is None else (met[0], met[0], True, NOTHING)
    return _among(met, of_number(item, s))


def _meets(b: n.Band, value: Amount) -> bool:
    """Whether some value of the interval lies in the band."""
    over = (
        b.low is None
        or not compare(">=" if b.low_in else ">", Amount(value.high, value.high), Amount(b.low, b.low)).excluded
    )
    under = (
        b.high is None
        or not compare("<=" if b.high_in else "<", Amount(value.low, value.low), Amount(b.high, b.high)).excluded
    )
    return over and under


def _elapsed_in(b: n.Band, since: date, reference: date, days: bool) -> bool:
    def holds(op: str, length: Fraction) -> bool:
        months, extra = (0, int(length)) if days else (int(length), 0)
        first, last = elapsed_bound(op, months, extra, reference)
        return first <= since <= last

    over = b.low is None or holds(">=" if b.low_in else ">", b.low)
    return over and (b.high is None or holds("<=" if b.high_in else "<", b.high))


def _steps(points: n.Steps, s: Scope) -> Worth:
    item = points.item
    missing = NOTHING
    if isinstance(item, n.Elapsed):
        since = s.read(item.since)
        assert since is None or isinstance(since, date)
        low, high = elapsed_bounds() if since is None else (whole_months(since, s.reference),) * 2
        missing = frozenset({named(item.since, s)}) if since is None else NOTHING
        ends = Amount(Fraction(low), Fraction(high))
        known = since is not None
    else:
        value = number(item, s)
        if isinstance(value, SansObjet):
            return None
        known = isinstance(value, Amount)
        ends = value if isinstance(value, Amount) else Amount(*bounds(item, s))
        missing = of_number(item, s)
    worth = sorted(
        clamp(points.rate * floor(end / points.step), points.least, points.most) for end in (ends.low, ends.high)
    )
    if known and worth[0] == worth[1]:
        return worth[0], worth[1], True, NOTHING
    return worth[0], worth[1], False, missing
