"""Conditions as nullable booleans. ``non`` is pushed down to the leaves, where a sans-objet number is true in neither polarity;
above them Kleene's logic, which is that of ``&`` and ``|`` on nullable booleans, is then exact (docs/calculus.md §2)."""

from __future__ import annotations

import polars as pl

from fluxrules.engines.polars.frame import TRUE, UNKNOWN, Frame
from fluxrules.engines.polars.numbers import Num, number
from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import elapsed_bound
from fluxrules.language.units import DAYS


def condition(e: n.Expr, f: Frame, positive: bool = True) -> pl.Expr:
    """The truth of a condition, or of its ``non``: true, false (or sans objet), null for unknown."""
    match e:
        case n.Not(item=item):
            return condition(item, f, not positive)
        case n.And(items=items) | n.Or(items=items):
            parts = [condition(i, f, positive) for i in items]
            return _all(parts) if isinstance(e, n.And) is positive else _any(parts)
        case n.Ref(name=name):
            return f.tests[(name, positive)]
        case n.Exists() | n.ForAll():
            return pl.col(f.rows[("test", e, positive)])
        case n.Compare(op=op, left=a, right=b):
            return compare(op, number(a, f), number(b, f), positive)
        case _:
            plain = _leaf(e, f)
            return plain if positive else ~plain


def _all(parts: list[pl.Expr]) -> pl.Expr:
    result = parts[0] if parts else TRUE
    for p in parts[1:]:
        result = result & p
    return result


def _any(parts: list[pl.Expr]) -> pl.Expr:
    result = parts[0] if parts else pl.lit(False)
    for p in parts[1:]:
        result = result | p
    return result


def _leaf(e: n.Expr, f: Frame) -> pl.Expr:
    """A test that cannot be sans objet."""
    match e:
        case n.Field():
            return f.column(e, pl.Boolean())
        case n.CompareDay(op=op, left=a, right=b):
            left, right = _day(a, f), _day(b, f)
            return left < right if op == "<" else left <= right if op == "<=" else left == right
        case n.CompareElapsed(op=op, elapsed=elapsed, length=length):
            return elapsed_test(op, f.column(elapsed.since, pl.Date()), length, f)
        case n.IsOneOf(item=item, codes=codes):
            value = code(item, f)
            return _any([value == c for c in codes])
        case n.ContainsAny(item=item, codes=codes):
            held = f.column(item, pl.List(pl.String))
            found = _any([held.list.contains(c) for c in codes])
            partial = held.list.len() > held.list.drop_nulls().list.len()
            return (
                pl.when(held.is_null())
                .then(UNKNOWN)
                .when(found)
                .then(True)
                .when(partial)
                .then(UNKNOWN)
                .otherwise(False)
            )
        case n.Evidence(document=document, verified=verified):
            held = f.column(verified, pl.List(pl.String))
            return pl.when(held.list.contains(document).fill_null(False)).then(True).otherwise(UNKNOWN)
        case _:
            raise TypeError(f"not a condition: {e}")


def elapsed_test(op: str, since: pl.Expr, length: n.Const | n.Param, f: Frame) -> pl.Expr:
    """Time elapsed against a length: one or two constant days (ir/calendar.py)."""
    if op == "≠":
        return ~elapsed_test("=", since, length, f)
    value = f.parameter(length.name) if isinstance(length, n.Param) else length.value
    assert value is not None, "a length is never read in a published table"
    months, days = (0, int(value)) if length.type.unit == DAYS else (int(value), 0)
    first, last = elapsed_bound(op, months, days, f.reference)
    if first > last:
        return pl.when(since.is_not_null()).then(False)
    if op in (">", ">="):
        return since <= last
    return (since >= first) if op in ("<", "<=") else (since >= first) & (since <= last)


def _day(e: n.Expr, f: Frame) -> pl.Expr:
    if isinstance(e, n.DayConst):
        return pl.lit(e.value)
    assert isinstance(e, n.Field)
    return f.column(e, pl.Date())


def code(e: n.Expr, f: Frame) -> pl.Expr:
    """The code of an enumeration, null for unknown."""
    match e:
        case n.Field():
            return f.column(e, pl.String())
        case n.Pick(code=picked):
            return pl.lit(picked)
        case n.Ref(name=name):
            return f.codes[name]
        case n.Case(branches=branches, otherwise=otherwise):
            result = code(otherwise, f)
            for test, value in reversed(branches):
                truth, v = condition(test, f), code(value, f)
                result = (
                    pl.when(truth).then(v).when(truth.is_null()).then(pl.when(v == result).then(v)).otherwise(result)
                )
            return result
        case _:
            raise TypeError(f"not an enumeration: {e}")


def compare(op: str, a: Num, b: Num, positive: bool = True) -> pl.Expr:
    """Cross-multiplied comparison; neither it nor its ``non`` is true of a sans-objet number."""
    if op in (">", ">="):
        return compare({">": "<", ">=": "<="}[op], b, a, positive)
    if op == "≠":
        return compare("=", a, b, not positive)
    left_low, right_low, left_high, right_high = a.low * b.den, b.low * a.den, a.high * b.den, b.high * a.den
    if a.exact and b.exact:
        found = {"<": left_low < right_low, "<=": left_low <= right_low, "=": left_low == right_low}[op]
    elif op == "=":
        apart = (left_high < right_low) | (right_high < left_low)
        single = (left_low == left_high) & (right_low == right_high)
        found = pl.when(apart).then(False).when(single).then(True).otherwise(UNKNOWN)
    else:
        sure = left_high < right_low if op == "<" else left_high <= right_low
        may = left_low < right_high if op == "<" else left_low <= right_high
        found = pl.when(sure).then(True).when(may).then(UNKNOWN).when(sure.is_null()).then(UNKNOWN).otherwise(False)
    found = found if positive else ~found
    void = a.void if b.void is None else b.void if a.void is None else a.void | b.void
    return found if void is None else pl.when(void).then(False).otherwise(found)
