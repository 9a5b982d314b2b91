"""Numbers as formulas: an interval of exact fractions, unknown, or sans objet (docs/calculus.md §1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from fluxrules.law.prove import grades as g
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.terms import Formula, Integer


@dataclass(frozen=True)
class Ratio:
    """``num / den``, the denominator above zero wherever the number is looked at."""

    num: Integer
    den: Integer = 1


@dataclass(frozen=True)
class Num:
    """``low`` and ``high`` mean nothing where the number is unknown or sans objet."""

    sans: Formula
    unknown: Formula
    low: Ratio
    high: Ratio

    @property
    def single(self) -> bool:
        """Whether the two ends are one term: no count below."""
        return self.low is self.high

    @property
    def amount(self) -> Formula:
        return t.both(t.neg(self.sans), t.neg(self.unknown))


def constant(value: Fraction) -> Num:
    ratio = Ratio(value.numerator, value.denominator)
    return Num(False, False, ratio, ratio)


def of(value: Fraction) -> Ratio:
    return Ratio(value.numerator, value.denominator)


def less(a: Ratio, b: Ratio, *, strict: bool) -> Formula:
    """``a < b``, or ``a <= b``, by cross-multiplication."""
    left, right = t.times(a.num, b.den), t.times(b.num, a.den)
    return t.below(left, right) if strict else t.at_most(left, right)


def alike(a: Ratio, b: Ratio) -> Formula:
    return t.equal(t.times(a.num, b.den), t.times(b.num, a.den))


def compare(op: str, a: Num, b: Num) -> g.Truth:
    """The truth of a comparison, as the interpreter's ``compare``."""
    if op in (">", ">="):
        return compare({">": "<", ">=": "<="}[op], b, a)
    if op == "≠":
        return g.negate(compare("=", a, b))
    sans, unknown = t.either(a.sans, b.sans), t.either(a.unknown, b.unknown)
    single = a.single and b.single
    if op == "=":
        if single:
            same = alike(a.low, b.low)
            return g.number_test(sans, unknown, same, same)
        apart = t.either(less(a.high, b.low, strict=True), less(b.high, a.low, strict=True))
        exact = t.conj([alike(a.low, a.high), alike(b.low, b.high), alike(a.low, b.low)])
        return g.number_test(sans, unknown, exact, t.neg(apart))
    strict = op == "<"
    sure = less(a.high, b.low, strict=strict)
    return g.number_test(sans, unknown, sure, sure if single else less(a.low, b.high, strict=strict))


def add(items: Sequence[Num]) -> Num:
    low = _sum([i.low for i in items])
    high = low if all(i.single for i in items) else _sum([i.high for i in items])
    return Num(t.disj(i.sans for i in items), t.disj(i.unknown for i in items), low, high)


def _sum(items: Sequence[Ratio]) -> Ratio:
    if all(isinstance(i.den, int) for i in items):
        den = lcm(*(i.den for i in items))
        return Ratio(t.total([t.times(i.num, den // i.den) for i in items]), den)
    result = items[0]
    for i in items[1:]:
        result = Ratio(t.total([t.times(result.num, i.den), t.times(i.num, result.den)]), t.times(result.den, i.den))
    return result


def multiply(a: Num, b: Num, spans: tuple[tuple[Fraction, Fraction] | None, tuple[Fraction, Fraction] | None]) -> Num:
    """``spans`` bound the two, where something does: a short one is gone through value by value, which stays linear."""

    def product(x: Ratio, y: Ratio) -> Ratio:
        return Ratio(_product(x.num, y.num, (_short(x, spans[0]), _short(y, spans[1]))), t.times(x.den, y.den))

    sans, unknown = t.either(a.sans, b.sans), t.either(a.unknown, b.unknown)
    if a.single and b.single:
        p = product(a.low, b.low)
        return Num(sans, unknown, p, p)
    ends = [product(x, y) for x in _ends(a) for y in _ends(b)]
    return Num(sans, unknown, _extreme(ends, least=True), _extreme(ends, least=False))


def _ends(x: Num) -> tuple[Ratio, ...]:
    return (x.low,) if x.single else (x.low, x.high)


def _short(x: Ratio, span: tuple[Fraction, Fraction] | None) -> range | None:
    if span is None or x.den != 1 or span[1] - span[0] > 40 or any(v.denominator != 1 for v in span):
        return None
    return range(int(span[0]), int(span[1]) + 1)


def _product(x: Integer, y: Integer, short: tuple[range | None, range | None]) -> Integer:
    if isinstance(x, int) or isinstance(y, int):
        return t.times(x, y)
    for one, other, values in ((x, y, short[0]), (y, x, short[1])):
        if values is not None:
            result: Integer = t.times(other, values[-1])
            for v in reversed(values[:-1]):
                result = t.choose(t.equal(one, v), t.times(other, v), result)
            return result
    return t.times(x, y)


def _extreme(items: Sequence[Ratio], *, least: bool) -> Ratio:
    result = items[0]
    for i in items[1:]:
        result = pick(less(i, result, strict=True) if least else less(result, i, strict=True), i, result)
    return result


def pick(test: Formula, a: Ratio, b: Ratio) -> Ratio:
    """``a`` where the test holds, else ``b``."""
    if a is b:
        return a
    if isinstance(a.den, int) and isinstance(b.den, int):
        den = lcm(a.den, b.den)
        return Ratio(t.choose(test, t.times(a.num, den // a.den), t.times(b.num, den // b.den)), den)
    return Ratio(t.choose(test, a.num, b.num), t.choose(test, a.den, b.den))


def divide(a: Num, b: Num) -> Num:
    """Sans objet as soon as the denominator is known and not positive."""
    positive, some_positive = t.below(0, b.low.num), t.below(0, b.high.num)
    sans = t.disj([a.sans, b.sans, t.both(t.neg(b.unknown), t.neg(some_positive))])
    unknown = t.both(t.neg(sans), t.disj([a.unknown, b.unknown, t.neg(positive)]))

    def over(x: Ratio, y: Ratio) -> Ratio:
        return Ratio(t.times(x.num, y.den), t.times(x.den, y.num))

    if b.single:
        low = over(a.low, b.low)
        return Num(sans, unknown, low, low if a.single else over(a.high, b.low))
    low = pick(t.at_most(0, a.low.num), over(a.low, b.high), over(a.low, b.low))
    return Num(sans, unknown, low, pick(t.at_most(0, a.high.num), over(a.high, b.low), over(a.high, b.high)))


def case(reach: Sequence[Formula], values: Sequence[Num]) -> Num:
    """The value of the branches that may be taken: one alone, or the same number in all, or unknown."""
    sans = t.conj(t.implies(r, v.sans) for r, v in zip(reach, values, strict=True))
    single = all(v.single for v in values)
    agree = [
        t.implies(r, t.both(v.amount, True if v.single else alike(v.low, v.high)))
        for r, v in zip(reach, values, strict=True)
    ]
    one = t.both(_one_number(reach, values), t.conj(agree))
    if not single:  # an interval stands where its branch is alone
        one = t.either(one, _alone(reach, values))
    low, high = values[-1].low, values[-1].high
    for r, v in reversed(list(zip(reach[:-1], values[:-1], strict=True))):
        low, high = pick(r, v.low, low), pick(r, v.high, high)
    return Num(sans, t.both(t.neg(sans), t.neg(one)), low, low if single else high)


def _one_number(reach: Sequence[Formula], values: Sequence[Num]) -> Formula:
    """That all branches which may be taken have the same number."""
    by_value: dict[tuple[Integer, Integer] | int, list[int]] = {}
    for i, v in enumerate(values):
        fixed = v.single and isinstance(v.low.num, int) and isinstance(v.low.den, int)
        by_value.setdefault((v.low.num, v.low.den) if fixed else i, []).append(i)
    constants = all(isinstance(key, tuple) for key in by_value)
    groups = [(t.disj(reach[i] for i in held), values[held[0]].low) for held in by_value.values()]
    found: list[Formula] = []
    before: Formula = False
    for i, (here, low) in enumerate(groups):
        if constants:
            found.append(t.neg(t.both(here, before)))
            before = t.either(before, here)
        else:
            found += [t.implies(t.both(here, other), alike(low, end)) for other, end in groups[:i]]
    return t.conj(found)


def _alone(reach: Sequence[Formula], values: Sequence[Num]) -> Formula:
    return t.disj(
        t.conj([r, values[i].amount, *(t.neg(o) for j, o in enumerate(reach) if j != i)]) for i, r in enumerate(reach)
    )
