"""Points of a line as columns (docs/calculus.md §4)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import lcm

import polars as pl

from fluxrules.engines.polars.conditions import code, compare, condition, elapsed_test
from fluxrules.engines.polars.frame import FALSE, TRUE, Frame
from fluxrules.engines.polars.missing import Names, of_code, of_number
from fluxrules.engines.polars.numbers import Num, number
from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import add_months
from fluxrules.ir.ranges import ELAPSED_MONTHS


@dataclass(frozen=True)
class Worth:
    """``known``: one value, ``low``. ``void``: sans objet. Neither is ever null; ``low`` and ``high`` are not where they matter."""

    low: pl.Expr
    high: pl.Expr
    known: pl.Expr
    void: pl.Expr
    missing: Names


def worth(p: n.Points, f: Frame) -> Worth:
    """The columns of a points node."""
    match p:
        case n.Fixed(points=None):
            return Worth(_int(0), _int(0), TRUE, TRUE, {})
        case n.Fixed(points=value):
            assert value is not None
            return Worth(_int(value), _int(value), TRUE, FALSE, {})
        case n.Table():
            return _table(p, f)
        case n.Bands():
            return _bands(p, f)
        case n.Steps():
            return _steps(p, f)


def _int(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.Int64)


def _table(p: n.Table, f: Frame) -> Worth:
    value = code(p.item, f)
    groups: dict[int, list[str]] = {}
    for c, v in p.entries:
        if v is not None:
            groups.setdefault(v, []).append(c)
    if not groups:
        return Worth(_int(0), _int(0), TRUE, TRUE, {})
    found = _chain([(_is_any(value, cs), v) for v, cs in groups.items()])
    unknown = value.is_null()
    low = pl.when(unknown).then(_int(min(groups))).otherwise(found)
    high = pl.when(unknown).then(_int(max(groups))).otherwise(found)
    return Worth(low, high, ~unknown, ~unknown & found.is_null(), of_code(p.item, f))


def _is_any(value: pl.Expr, codes: list[str]) -> pl.Expr:
    return reduce(lambda a, b: a | b, [value == c for c in codes])


def _chain(cases: list[tuple[pl.Expr, int]]) -> pl.Expr:
    """The amount of the first case that holds, null when none does."""
    result = pl.lit(None, dtype=pl.Int64)
    for test, amount in reversed(cases):
        result = pl.when(test).then(_int(amount)).otherwise(result)
    return result


def _bands(p: n.Bands, f: Frame) -> Worth:
    values = [b.points for b in p.bands if b.points is not None]
    if not values:
        return Worth(_int(0), _int(0), TRUE, TRUE, {})
    least, most = _int(min(values)), _int(max(values))
    if isinstance(p.item, n.Elapsed):
        since = f.column(p.item.since, pl.Date())
        met = [_elapsed_in(b, since, p, f) for b in p.bands]
        missing: Names = {f.named(p.item.since): since.is_null()}
        return _one_band(p, met, since.is_null(), FALSE, least, most, missing)
    x = number(p.item, f)
    void = x.void if x.void is not None else FALSE
    unknown = x.low.is_null() & ~void
    met = [_meets(b, x).fill_null(False) for b in p.bands]
    missing = of_number(p.item, f)
    if x.exact:
        return _one_band(p, met, unknown, void, least, most, missing)
    pairs = [(m, b.points) for m, b in zip(met, p.bands, strict=True)]
    low = pl.min_horizontal([pl.when(m).then(_int(v)) for m, v in pairs if v is not None])
    high = pl.max_horizontal([pl.when(m).then(_int(v)) for m, v in pairs if v is not None])
    partly_void = reduce(lambda a, b: a | b, [m for m, v in pairs if v is None], FALSE)
    nothing = ~unknown & low.is_null()
    known = ~unknown & (low == high).fill_null(True) & ~(partly_void & low.is_not_null())
    low, high = pl.when(unknown).then(least).otherwise(low), pl.when(unknown).then(most).otherwise(high)
    return Worth(low, high, known, nothing | void, missing)


def _one_band(
    p: n.Bands, met: list[pl.Expr], unknown: pl.Expr, void: pl.Expr, least: pl.Expr, most: pl.Expr, missing: Names
) -> Worth:
    """Points of a quantity that lies in one band at most."""
    found = _chain([(m, b.points) for m, b in zip(met, p.bands, strict=True) if b.points is not None])
    low = pl.when(unknown).then(least).otherwise(found)
    high = pl.when(unknown).then(most).otherwise(found)
    return Worth(low, high, ~unknown, void | (~unknown & found.is_null()), missing)


def _elapsed_in(b: n.Band, since: pl.Expr, p: n.Bands, f: Frame) -> pl.Expr:
    over = TRUE if b.low is None else elapsed_test(">=" if b.low_in else ">", since, n.Const(b.low, p.unit), f)
    under = TRUE if b.high is None else elapsed_test("<=" if b.high_in else "<", since, n.Const(b.high, p.unit), f)
    return (over & under).fill_null(False)


def _meets(b: n.Band, x: Num) -> pl.Expr:
    top, bottom = Num(x.high, x.high, x.den), Num(x.low, x.low, x.den)
    tests = []
    if b.low is not None:
        tests.append(compare(">=" if b.low_in else ">", top, _number(b.low)))
    if b.high is not None:
        tests.append(compare("<=" if b.high_in else "<", bottom, _number(b.high)))
    return reduce(lambda a, c: a & c, tests, x.low.is_not_null())


def _number(value: Fraction) -> Num:
    column = _int(value.numerator)
    return Num(column, column, value.denominator)


def _steps(p: n.Steps, f: Frame) -> Worth:
    if isinstance(p.item, n.Elapsed):
        since = f.column(p.item.since, pl.Date())
        months = whole_months(since, f)
        known = since.is_not_null()
        ends = (months.fill_null(ELAPSED_MONTHS[0]), months.fill_null(ELAPSED_MONTHS[1]))
        den = 1
        missing: Names = {f.named(p.item.since): since.is_null()}
    else:
        x = number(p.item, f)
        known = x.low.is_not_null()
        low_end, high_end, den = bounds(p.item, f)
        ends = (low_end, high_end)
        missing = of_number(p.item, f)
    counted = [end * p.step.denominator // (den * p.step.numerator) * p.rate for end in ends]
    if p.rate < 0:
        counted.reverse()
    low, high = (_limit(c, p.least, p.most) for c in counted)
    return Worth(low, high, known & (low == high), FALSE, missing)


def _limit(value: pl.Expr, least: int | None, most: int | None) -> pl.Expr:
    if most is not None:
        value = pl.min_horizontal(value, _int(most))
    return value if least is None else pl.max_horizontal(value, _int(least))


def whole_months(since: pl.Expr, f: Frame) -> pl.Expr:
    """The largest n with since + n months ≤ reference: one month less when the day comes later in the month than the
    reference's, unless the reference is a month's last day (the clamped day then always fits)."""
    r = f.reference
    last_day = add_months(r.replace(day=1), 1).toordinal() - 1 == r.toordinal()
    months = (r.year * 12 + r.month) - (since.dt.year().cast(pl.Int64) * 12 + since.dt.month().cast(pl.Int64))
    return months if last_day else months - (since.dt.day() > r.day).cast(pl.Int64)


def bounds(e: n.Expr, f: Frame) -> tuple[pl.Expr, pl.Expr, int]:
    """Least and greatest value, unknown fields ranging over their bounds, over a constant denominator. Never null."""
    match e:
        case n.Field(range=known, factor=factor):
            assert known is not None
            column = f.column(e, pl.Int64()).cast(pl.Int64)
            low, high = column.fill_null(int(known.low)), column.fill_null(int(known.high))
            return low * factor.numerator, high * factor.numerator, factor.denominator
        case n.Param(name=name) if f.parameter(name) is None:
            known = f.parameters[name].range
            assert known is not None
            den = lcm(known.low.denominator, known.high.denominator)
            return _int(int(known.low * den)), _int(int(known.high * den)), den
        case n.Ref(name=name):
            found: tuple[pl.Expr, pl.Expr, int] = f.numbers[f"{name} bounds"]
            return found
        case n.Add(items=items):
            parts = [bounds(i, f) for i in items]
            den = lcm(*(d for _, _, d in parts))
            low = reduce(lambda a, b: a + b, [x * (den // d) for x, _, d in parts])
            return low, reduce(lambda a, b: a + b, [y * (den // d) for _, y, d in parts]), den
        case n.Mul(left=a, right=b):
            (al, ah, ad), (bl, bh, bd) = bounds(a, f), bounds(b, f)
            products = [x * y for x in (al, ah) for y in (bl, bh)]
            return pl.min_horizontal(products), pl.max_horizontal(products), ad * bd
        case n.Count(rows=rows):
            x = number(e, f)
            return x.low.fill_null(0), x.high.fill_null(rows.most), 1
        case n.Case():
            return _case_bounds(e, f)
        case _:
            x = number(e, f)
            assert isinstance(x.den, int)
            return x.low, x.high, x.den


def _case_bounds(e: n.Case, f: Frame) -> tuple[pl.Expr, pl.Expr, int]:
    parts = [bounds(v, f) for _, v in e.branches] + [bounds(e.otherwise, f)]
    den = lcm(*(d for _, _, d in parts))
    scaled = [(a * (den // d), b * (den // d)) for a, b, d in parts]
    reached, lows, highs = TRUE, [], []
    for (test, _), (a, b) in zip(e.branches, scaled, strict=False):
        truth = condition(test, f)
        taken = reached & truth.fill_null(True)
        lows.append(pl.when(taken).then(a))
        highs.append(pl.when(taken).then(b))
        reached = reached & ~truth.fill_null(False)
    lows.append(pl.when(reached).then(scaled[-1][0]))
    highs.append(pl.when(reached).then(scaled[-1][1]))
    return pl.min_horizontal(lows), pl.max_horizontal(highs), den
