"""Numbers as integer columns: numerators over one positive denominator.

``low`` and ``high`` are the same expression for an exact number; null says unknown. A quotient has a column as denominator,
any other number a constant. ``void`` is true where the number is sans objet (``None``: nowhere).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import polars as pl

from fluxrules.engines.polars.frame import TRUE, Frame
from fluxrules.ir import nodes as n


@dataclass(frozen=True)
class Num:
    low: pl.Expr
    high: pl.Expr
    den: int | pl.Expr = 1
    exact: bool = True
    void: pl.Expr | None = None

    @property
    def known(self) -> pl.Expr:
        """Whether there is a value or an interval (sans objet is neither)."""
        return self.low.is_not_null()


_UNKNOWN = Num(pl.lit(None, dtype=pl.Int64), pl.lit(None, dtype=pl.Int64))


def number(e: n.Expr, f: Frame) -> Num:
    """The columns of a numeric expression."""
    match e:
        case n.Const(value=value):
            return _constant(value)
        case n.Param(name=name):
            held = f.parameter(name)
            return _UNKNOWN if held is None else _constant(held)
        case n.Field(factor=factor):
            column = f.column(e, pl.Int64()).cast(pl.Int64) * factor.numerator
            return Num(column, column, factor.denominator)
        case n.Ref(name=name):
            found: Num = f.numbers[name]
            return found
        case n.Add(items=items):
            return _add([number(i, f) for i in items])
        case n.Mul(left=a, right=b):
            return _mul(number(a, f), number(b, f))
        case n.Div(left=a, right=b):
            return _div(number(a, f), number(b, f))
        case n.Count():
            name = f.rows[("count", e)]
            low, high = pl.col(f"{name}_lo"), pl.col(f"{name}_hi")
            return Num(low, high, 1, exact=False)
        case n.Case():
            return _case(e, f)
        case _:
            raise TypeError(f"not a number: {e}")


def _constant(value: Fraction) -> Num:
    column = pl.lit(value.numerator, dtype=pl.Int64)
    return Num(column, column, value.denominator)


def _void(*items: Num) -> pl.Expr | None:
    found = [i.void for i in items if i.void is not None]
    if not found:
        return None
    result = found[0]
    for other in found[1:]:
        result = result | other
    return result


def _at(x: Num, den: int) -> tuple[pl.Expr, pl.Expr]:
    """Both ends over a common constant denominator."""
    assert isinstance(x.den, int)
    scale = den // x.den
    low = x.low * scale if scale != 1 else x.low
    return low, low if x.exact else (x.high * scale if scale != 1 else x.high)


def _add(items: list[Num]) -> Num:
    if any(not isinstance(i.den, int) for i in items):
        total = items[0]
        for item in items[1:]:
            total = _add_ratios(total, item)
        return total
    den = lcm(*(i.den for i in items if isinstance(i.den, int)))
    ends = [_at(i, den) for i in items]
    exact = all(i.exact for i in items)
    low = _sum([a for a, _ in ends])
    return Num(low, low if exact else _sum([b for _, b in ends]), den, exact, _void(*items))


def _add_ratios(a: Num, b: Num) -> Num:
    exact = a.exact and b.exact
    low = a.low * b.den + b.low * a.den
    high = low if exact else a.high * b.den + b.high * a.den
    return Num(low, high, a.den * b.den, exact, _void(a, b))


def _sum(items: list[pl.Expr]) -> pl.Expr:
    total = items[0]
    for item in items[1:]:
        total = total + item
    return total


def _mul(a: Num, b: Num) -> Num:
    den = a.den * b.den
    if a.exact and b.exact:
        product = a.low * b.low
        return Num(product, product, den, True, _void(a, b))
    products = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    known = a.known & b.known
    low = pl.when(known).then(pl.min_horizontal(products))
    high = pl.when(known).then(pl.max_horizontal(products))
    return Num(low, high, den, False, _void(a, b))


def _div(a: Num, b: Num) -> Num:
    """(a.n / a.d) / (b.n / b.d) = a.n × b.d / (a.d × b.n), where b.n > 0; sans objet where b is known and not positive."""
    void = (b.high <= 0).fill_null(False)
    inherited = _void(a, b)
    void = void if inherited is None else void | inherited
    positive = (b.low > 0).fill_null(False)
    if b.exact:
        den = pl.when(positive).then(b.low) * a.den
        low = pl.when(positive).then(a.low * b.den)
        return Num(low, low if a.exact else pl.when(positive).then(a.high * b.den), den, a.exact, void)
    # An interval below: both quotients are brought over the product of its two ends.
    den = pl.when(positive).then(b.low * b.high) * a.den
    ends = [x * y * b.den for x in (a.low, a.high) for y in (b.low, b.high)]
    known = positive & a.known
    low, high = pl.when(known).then(pl.min_horizontal(ends)), pl.when(known).then(pl.max_horizontal(ends))
    return Num(low, high, den, False, void)


def _case(e: n.Case, f: Frame) -> Num:
    """The one value that may be taken; where several may, what they all agree on."""
    from fluxrules.engines.polars.conditions import condition

    tests = [condition(test, f) for test, _ in e.branches]
    values = [number(v, f) for _, v in e.branches] + [number(e.otherwise, f)]
    if any(not isinstance(v.den, int) for v in values):
        return _case_of_ratios(tests, [_as_ratio(v) for v in values])
    den = lcm(*(v.den for v in values if isinstance(v.den, int)))
    reached, taken = TRUE, []
    for test in tests:
        taken.append(reached & test.fill_null(True))
        reached = reached & ~test.fill_null(False)
    taken.append(reached)
    ends = [_at(v, den) for v in values]
    low = pl.min_horizontal(pl.when(t).then(a) for t, (a, _) in zip(taken, ends, strict=True))
    high = pl.max_horizontal(pl.when(t).then(b) for t, (_, b) in zip(taken, ends, strict=True))
    alone = pl.sum_horizontal(t.cast(pl.Int8) for t in taken) == 1
    known = pl.all_horizontal(~t | a.is_not_null() for t, (a, _) in zip(taken, ends, strict=True))
    settled = alone | (known & (low == high).fill_null(False))
    exact = all(v.exact for v in values)
    now = pl.when(settled).then(low)
    return Num(now, now if exact else pl.when(settled).then(high), den, exact, _case_void(taken, values))


def _case_void(taken: list[pl.Expr], values: list[Num]) -> pl.Expr | None:
    """Sans objet where every value that may be taken is."""
    if all(v.void is None for v in values):
        return None
    return pl.all_horizontal(~t if v.void is None else ~t | v.void for t, v in zip(taken, values, strict=True))


def _case_of_ratios(tests: list[pl.Expr], values: list[Num]) -> Num:
    result = values[-1]
    for test, value in zip(reversed(tests), reversed(values[:-1]), strict=True):
        result = _either(test, value, result)
    return result


def _as_ratio(v: Num) -> Num:
    den = pl.lit(v.den, dtype=pl.Int64) if isinstance(v.den, int) else v.den
    return Num(v.low, v.high, den, v.exact, v.void)


def _either(test: pl.Expr, a: Num, b: Num) -> Num:
    """``a`` where the test holds, ``b`` where it does not; where it is unknown, only what both agree on."""
    agree = (
        (a.low * b.den == b.low * a.den) & (a.high * b.den == b.high * a.den) & (a.low == a.high) & (b.low == b.high)
    )

    def pick(x: pl.Expr, y: pl.Expr) -> pl.Expr:
        return pl.when(test).then(x).when(test.is_null()).then(pl.when(agree).then(x)).otherwise(y)

    void = None
    if a.void is not None or b.void is not None:
        va, vb = (v if v is not None else pl.lit(False) for v in (a.void, b.void))
        void = pl.when(test).then(va).when(test.is_null()).then(va & vb).otherwise(vb)
    exact = a.exact and b.exact
    low = pick(a.low, b.low)
    assert isinstance(a.den, pl.Expr) and isinstance(b.den, pl.Expr)
    return Num(low, low if exact else pick(a.high, b.high), pick(a.den, b.den), exact, void)
