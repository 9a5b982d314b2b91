"""Numbers of many rows at once: integer numerators over a positive denominator, exact, compared by cross-multiplication.

``ir/widths.py`` proved that 64 bits suffice. Where a number is unknown or sans objet its numerators hold anything harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fluxrules.engines.numpy.truth import FALSE, TRUE, VOID, Bools, Truth, negate

Ints = NDArray[Any]


@dataclass(frozen=True)
class Num:
    """``low`` and ``high`` are the same array for a single value. ``known``: ``None`` for everywhere; ``void`` (sans objet): for nowhere.

    Sans objet prevails: where ``void`` holds, ``known`` says nothing.
    """

    low: Ints
    high: Ints
    den: int | Ints = 1
    known: Bools | None = None
    void: Bools | None = None

    @property
    def exact(self) -> bool:
        return self.low is self.high

    def open(self) -> Bools:
        """Where it is neither one value nor sans objet."""
        found = np.zeros(1, dtype=np.bool_) if self.known is None else ~self.known
        if not self.exact:
            found = found | (self.low != self.high)
        return found if self.void is None else found & ~self.void


_ZERO = np.zeros(1, dtype=np.int64)
UNKNOWN = Num(_ZERO, _ZERO, 1, np.zeros(1, dtype=np.bool_))


def both(a: Bools | None, b: Bools | None) -> Bools | None:
    """The ``et`` of two masks of which ``None`` is always true."""
    return b if a is None else a if b is None else a & b


def either(a: Bools | None, b: Bools | None) -> Bools | None:
    """The ``ou`` of two masks of which ``None`` is always false."""
    return b if a is None else a if b is None else a | b


def constant(value: Fraction) -> Num:
    numerator = np.array([value.numerator], dtype=np.int64)
    return Num(numerator, numerator, value.denominator)


def at_den(x: Num, den: int) -> tuple[Ints, Ints]:
    """Both ends over a multiple of the constant denominator."""
    assert isinstance(x.den, int)
    scale = den // x.den
    if scale == 1:
        return x.low, x.high
    low = x.low * scale
    return low, low if x.exact else x.high * scale


def add(items: Sequence[Num]) -> Num:
    known, void = reduce(both, [i.known for i in items]), reduce(either, [i.void for i in items])
    exact = all(i.exact for i in items)
    if all(isinstance(i.den, int) for i in items):
        den: int | Ints = lcm(*(i.den for i in items if isinstance(i.den, int)))
        ends = [at_den(i, int(den)) for i in items]
    else:
        den = reduce(lambda a, b: a * b, [i.den for i in items])
        ends = [(i.low * (den // i.den), i.high * (den // i.den)) for i in items]
    low = reduce(np.add, [a for a, _ in ends])
    return Num(low, low if exact else reduce(np.add, [b for _, b in ends]), den, known, void)


def multiply(a: Num, b: Num) -> Num:
    known, void, den = both(a.known, b.known), either(a.void, b.void), a.den * b.den
    if a.exact and b.exact:
        product = a.low * b.low
        return Num(product, product, den, known, void)
    low, high = _hull([x * y for x in (a.low, a.high) for y in (b.low, b.high)])
    return Num(low, high, den, known, void)


def divide(a: Num, b: Num) -> Num:
    """a / b where b > 0; sans objet where b is known and not positive, whatever a."""
    negative = b.high <= 0
    void = either(either(a.void, b.void), negative if b.known is None else negative & b.known)
    positive = b.low > 0
    known = both(both(a.known, b.known), positive)
    low_den = np.where(positive, b.low, 1)
    if b.exact:
        low = a.low * b.den
        return Num(low, low if a.exact else a.high * b.den, low_den * a.den, known, void)
    # An interval below: both quotients are brought over the product of its two ends.
    high_den = np.where(positive, b.high, 1)
    low, high = _hull([x * y * b.den for x in (a.low, a.high) for y in (low_den, high_den)])
    return Num(low, high, low_den * high_den * a.den, known, void)


def _hull(values: list[Ints]) -> tuple[Ints, Ints]:
    return reduce(np.minimum, values), reduce(np.maximum, values)


def compare(op: str, a: Num, b: Num) -> Truth:
    """A comparison; neither it nor its ``non`` is true of a number sans objet."""
    if op in (">", ">="):
        return compare({">": "<", ">=": "<="}[op], b, a)
    if op == "≠":
        return negate(compare("=", a, b))
    if isinstance(a.den, int) and isinstance(b.den, int) and a.den == b.den:
        a_low, a_high, b_low, b_high = a.low, a.high, b.low, b.high
    else:
        a_low, b_low = a.low * b.den, b.low * a.den
        a_high, b_high = a_low if a.exact else a.high * b.den, b_low if b.exact else b.high * a.den
    if a.exact and b.exact:
        found = a_low < b_low if op == "<" else a_low <= b_low if op == "<=" else a_low == b_low
        low = high = found.view(np.uint8) << 1
    elif op == "=":
        apart = (a_high < b_low) | (b_high < a_low)
        single = (a_low == a_high) & (b_low == b_high)
        low, high = _grade(single & ~apart), _grade(~apart)
    else:
        less = np.less if op == "<" else np.less_equal
        low, high = _grade(less(a_high, b_low)), _grade(less(a_low, b_high))
    known, void = both(a.known, b.known), either(a.void, b.void)
    decided = low is high and known is None
    if known is not None:
        low, high = np.where(known, low, np.uint8(FALSE)), np.where(known, high, np.uint8(TRUE))
    if void is not None:
        low = np.where(void, np.uint8(VOID), low)
        high = low if decided else np.where(void, np.uint8(VOID), high)
    return Truth(low, high)


def _grade(test: Bools) -> NDArray[Any]:
    return test.view(np.uint8) << 1
