"""The value of an expression on every row of a block (docs/calculus.md §1 to §3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce
from typing import NamedTuple

import numpy as np

from fluxrules.engines.numpy import numbers as m
from fluxrules.engines.numpy import truth as t
from fluxrules.engines.numpy.columns import WORD, Array
from fluxrules.engines.numpy.numbers import Num
from fluxrules.engines.numpy.scope import Scope
from fluxrules.engines.numpy.truth import Bools, Truth
from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import elapsed_bound
from fluxrules.language.units import DAYS

EPOCH = date(1970, 1, 1).toordinal()


class Code(NamedTuple):
    """An enumeration: the position of its value in ``labels``; ``known`` is ``None`` for everywhere."""

    values: Array
    known: Bools | None
    labels: tuple[str, ...]


def truth(e: n.Expr, s: Scope) -> Truth:
    """The truth of a condition."""
    return s.once("truth", e, lambda: _truth(e, s))


def _truth(e: n.Expr, s: Scope) -> Truth:
    match e:
        case n.Field():
            c = s.column(e)
            return t.UNKNOWN if c is None else t.plain(c.values.view(np.bool_), c.known)
        case n.Ref(name=name):
            return truth(s.definitions[name], s)
        case n.Not(item=item):
            return t.negate(truth(item, s))
        case n.And(items=items):
            return t.all_of([truth(i, s) for i in items])
        case n.Or(items=items):
            return t.any_of([truth(i, s) for i in items])
        case n.Compare(op=op, left=a, right=b):
            return m.compare(op, number(a, s), number(b, s))
        case n.CompareDay(op=op, left=a, right=b):
            return _compare_days(op, _day(a, s), _day(b, s))
        case n.CompareElapsed(op=op, elapsed=elapsed, length=length):
            return elapsed_test(op, elapsed, length, s)
        case n.IsOneOf(item=item, codes=codes):
            held = code(item, s)
            among = np.array([label in codes for label in held.labels] or [False], dtype=np.bool_)
            return t.plain(among[held.values], held.known)
        case n.ContainsAny(item=item, codes=codes):
            return _contains(item, codes, s)
        case n.Exists() | n.ForAll():
            found: Truth = s.block.extra[e].truth
            return found
        case n.Evidence(document=document, verified=verified):
            held_docs = _contains(verified, (document,), s)
            return Truth(held_docs.low, np.full_like(held_docs.low, t.TRUE))
        case _:
            raise TypeError(f"not a condition: {e}")


def _contains(f: n.Field, codes: tuple[str, ...], s: Scope) -> Truth:
    c = s.column(f)
    if c is None:
        return t.UNKNOWN
    found = np.zeros(len(c.values), dtype=np.bool_)
    for w in range(c.values.shape[1]):
        mask = sum(1 << (c.labels.index(x) % WORD) for x in codes if c.labels.index(x) // WORD == w)
        if mask:
            found |= (c.values[:, w] & np.uint64(mask)) != 0
    if c.known is not None:
        found &= c.known
    unsure = c.partial if c.known is None else ~c.known if c.partial is None else c.partial | ~c.known
    low = found.view(np.uint8) << 1
    return Truth(low, low) if unsure is None else Truth(low, np.where(unsure, np.uint8(t.TRUE), low))


def _day(e: n.Expr, s: Scope) -> tuple[Array, Bools | None]:
    """Days since 1970, and where they are known."""
    if isinstance(e, n.DayConst):
        return np.array([e.value.toordinal() - EPOCH], dtype=np.int32), None
    assert isinstance(e, n.Field)
    c = s.column(e)
    return (c.values, c.known) if c is not None else (np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.bool_))


def _compare_days(op: str, a: tuple[Array, Bools | None], b: tuple[Array, Bools | None]) -> Truth:
    found = a[0] < b[0] if op == "<" else a[0] <= b[0] if op == "<=" else a[0] == b[0]
    return t.plain(found, m.both(a[1], b[1]))


def elapsed_test(op: str, elapsed: n.Elapsed, length: n.Const | n.Param, s: Scope) -> Truth:
    """Time elapsed against a length: one or two constant days (ir/calendar.py)."""
    if op == "≠":
        return t.negate(elapsed_test("=", elapsed, length, s))
    value = s.parameters[length.name] if isinstance(length, n.Param) else length.value
    assert not isinstance(value, n.Dated), "a length is never read in a published table"
    months, days = (0, int(value)) if length.type.unit == DAYS else (int(value), 0)
    first, last = (d.toordinal() - EPOCH for d in elapsed_bound(op, months, days, s.reference))
    since, known = _day(elapsed.since, s)
    return t.plain((since >= first) & (since <= last), known)


def number(e: n.Expr, s: Scope) -> Num:
    """The value of a numeric expression."""
    return s.once("number", e, lambda: _number(e, s))


def _number(e: n.Expr, s: Scope) -> Num:
    match e:
        case n.Const(value=value):
            return m.constant(value)
        case n.Param(name=name):
            held = s.parameters[name]
            return m.UNKNOWN if isinstance(held, n.Dated) else m.constant(held)
        case n.Field(factor=factor):
            c = s.column(e)
            if c is None:
                zero = np.zeros(1, dtype=np.int64)
                return Num(zero, zero, 1, np.zeros(1, dtype=np.bool_))
            values = c.values.astype(np.int64, copy=False)
            values = values * factor.numerator if factor.numerator != 1 else values
            return Num(values, values, factor.denominator, c.known)
        case n.Ref(name=name):
            return number(s.definitions[name], s)
        case n.Add(items=items):
            return m.add([number(i, s) for i in items])
        case n.Mul(left=a, right=b):
            return m.multiply(number(a, s), number(b, s))
        case n.Div(left=a, right=b):
            return m.divide(number(a, s), number(b, s))
        case n.Count():
            found: Num = s.block.extra[e].count
            return found
        case n.Case():
            return _case(e, s)
        case _:
            raise TypeError(f"not a number: {e}")


def candidates(e: n.Case, s: Scope) -> Iterator[tuple[n.Expr, Bools]]:
    """The values that a ``Case`` may take, each with the rows where it may."""
    reached = np.ones(1, dtype=np.bool_)
    for test, value in e.branches:
        found = truth(test, s)
        yield value, reached & ~found.excluded
        reached = reached & ~found.certain
    yield e.otherwise, reached


def _case(e: n.Case, s: Scope) -> Num:
    """The value of the candidate, or what all candidates of a row agree on."""
    found = [(number(v, s), taken) for v, taken in candidates(e, s)]
    common = reduce(np.lcm, [x.den for x, _ in found]) if all(isinstance(x.den, int) for x, _ in found) else None
    size = (s.block.size,)
    low, high, den = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64), np.ones(size, dtype=np.int64)
    known, void, met, clash = (np.zeros(size, dtype=np.bool_) for _ in range(4))
    for x, taken in found:
        x_low, x_high = m.at_den(x, int(common)) if common is not None else (x.low, x.high)
        x_den = 1 if common is not None else x.den
        x_void = np.zeros(1, dtype=np.bool_) if x.void is None else x.void
        x_known = ~x_void if x.known is None else x.known & ~x_void
        same = (x_low * den == low * x_den) & (x_high * den == high * x_den) & (low == high) & x_known & known
        clash |= taken & met & ~(same | (x_void & void))
        first = taken & ~met
        low, high = np.where(first, x_low, low), np.where(first, x_high, high)
        den = np.where(first, x_den, den)
        known, void, met = np.where(first, x_known, known), np.where(first, x_void, void), met | taken
    if all(
        x.exact for x, _ in found
    ):  # the same array for both ends: a division by it multiplies once, as widths.py counts
        high = low
    return Num(low, high, den if common is None else int(common), known & ~clash, void & ~clash)


def code(e: n.Expr, s: Scope) -> Code:
    """The value of an enumeration."""
    return s.once("code", e, lambda: _code(e, s))


def _code(e: n.Expr, s: Scope) -> Code:
    match e:
        case n.Field():
            c = s.column(e)
            if c is None:
                return Code(np.zeros(1, dtype=np.uint32), np.zeros(1, dtype=np.bool_), ("",))
            return Code(c.values, c.known, c.labels or ("",))
        case n.Pick(code=picked):
            return Code(np.zeros(1, dtype=np.uint32), None, (picked,))
        case n.Ref(name=name):
            return code(s.definitions[name], s)
        case n.Case():
            return _case_code(e, s)
        case _:
            raise TypeError(f"not an enumeration: {e}")


def _case_code(e: n.Case, s: Scope) -> Code:
    found = [(code(v, s), taken) for v, taken in candidates(e, s)]
    labels = tuple(sorted({x for c, _ in found for x in c.labels}))
    size = (s.block.size,)
    values = np.zeros(size, dtype=np.uint32)
    known, met = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    for c, taken in found:
        here = np.array([labels.index(x) for x in c.labels], dtype=np.uint32)[c.values]
        sure = np.ones(1, dtype=np.bool_) if c.known is None else c.known
        agrees = ~met | (sure & (values == here))
        known = np.where(taken, np.where(met, known & agrees, sure), known)
        values = np.where(taken & ~met, here, values)
        met = met | taken
    return Code(values, known, labels)
