"""Evaluation of expressions for one demande (docs/calculus.md §1 to §3)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

from fluxrules.engines.interpreter import grades as g
from fluxrules.engines.interpreter.facts import Facts, Row, Value
from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import elapsed_bound
from fluxrules.language.units import DAYS


@dataclass(frozen=True)
class Amount:
    """A number: one value when ``low`` = ``high``, else an interval that comes from a count."""

    low: Fraction
    high: Fraction

    @property
    def exact(self) -> bool:
        return self.low == self.high


class Unknown:
    """A number or a code that is missing."""


class SansObjet:
    """A number that does not exist for this household."""


T = TypeVar("T")
Num = Amount | Unknown | SansObjet
_OPS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """Where an expression is evaluated: the demande, or one of its rows."""

    program: n.Program
    facts: Facts
    reference: date
    row: Row | None = None
    definitions: dict[str, n.Expr] = field(default_factory=dict)
    memo: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False)

    @staticmethod
    def of(program: n.Program, facts: Facts, reference: date) -> Scope:
        return Scope(program, facts, reference, None, dict(program.definitions))

    def read(self, f: n.Field) -> Value:
        return (self.facts.values if self.row is None else self.row).get(f.name)

    def once(self, kind: str, name: str, compute: Callable[[], T]) -> T:
        """A definition is computed once per demande: a name used twice at every level would double at every level."""
        key = (kind, name)
        if key not in self.memo:
            self.memo[key] = compute()
        value: T = self.memo[key]
        return value

    def inside(self, row: Row) -> Scope:
        return replace(self, row=row)

    def rows(self, rows: n.Rows) -> tuple[Row, ...] | None:
        """The rows of an entity, ``None`` when they are unknown."""
        found = self.facts.rows.get(rows.entity)
        return None if found is None or (rows.at_least_one and not found) else found


def number(e: n.Expr, s: Scope) -> Num:
    """The value of a numeric expression."""
    match e:
        case n.Const(value=value):
            return Amount(value, value)
        case n.Field():
            held = s.read(e)
            return Unknown() if held is None else _exact(_fraction(held) * e.factor)
        case n.Param(name=name):
            held = parameter(name, s)
            return Unknown() if held is None else _exact(held)
        case n.Ref(name=name):
            stated = s.facts.stated.get(name)
            return (
                s.once("number", name, lambda: number(s.definitions[name], s))
                if stated is None
                else _exact(_fraction(stated))
            )
        case n.Add(items=items):
            return _together([number(i, s) for i in items], _total)
        case n.Mul(left=a, right=b):
            return _together(
                [number(a, s), number(b, s)], lambda xs: _hull(x * y for x in _ends(xs[0]) for y in _ends(xs[1]))
            )
        case n.Div(left=a, right=b):
            return _quotient(number(a, s), number(b, s))
        case n.Count(rows=rows, where=where):
            found = s.rows(rows)
            if found is None:
                return Unknown()
            truths = [row_truth(rows, where, s.inside(r)) for r in found]
            return Amount(Fraction(sum(t.certain for t in truths)), Fraction(sum(not t.excluded for t in truths)))
        case n.Case():
            return _case_number(e, s)
        case _:
            raise TypeError(f"not a number: {e}")


def parameter(name: str, s: Scope) -> Fraction | None:
    """The value of a parameter on the reference date, ``None`` where a published table has none.

    Raises ``ValueError`` when a parameter of the grid has none in force: callers check first.
    """
    dated = dict(s.program.parameters)[name]
    value = dated.at(s.reference)
    if value is None and dated.table is None:
        raise ValueError(f"parameter {name} has no value on {s.reference}")
    return value


def code(e: n.Expr, s: Scope) -> str | None:
    """The value of an enumeration, ``None`` when unknown."""
    match e:
        case n.Field():
            value = s.read(e)
            return None if value is None else str(value)
        case n.Pick(code=picked):
            return picked
        case n.Ref(name=name):
            stated = s.facts.stated.get(name)
            return s.once("code", name, lambda: code(s.definitions[name], s)) if stated is None else str(stated)
        case n.Case():
            found = {code(v, s) for v, _ in candidates(e, s)}
            return found.pop() if len(found) == 1 else None
        case _:
            raise TypeError(f"not an enumeration: {e}")


def candidates(e: n.Case, s: Scope) -> Iterator[tuple[n.Expr, bool]]:
    """The values that a ``Case`` may take, each with whether its condition is certain."""
    for condition, value in e.branches:
        t = truth(condition, s)
        if t.certain:
            yield value, True
            return
        if not t.excluded:
            yield value, False
    yield e.otherwise, True


def truth(e: n.Expr, s: Scope) -> g.Truth:
    """The truth of a condition."""
    match e:
        case n.Field():
            value = s.read(e)
            return g.of(None if value is None else bool(value))
        case n.Ref(name=name):
            stated = s.facts.stated.get(name)
            return (
                s.once("truth", name, lambda: truth(s.definitions[name], s)) if stated is None else g.of(bool(stated))
            )
        case n.Not(item=item):
            return g.negate(truth(item, s))
        case n.And(items=items):
            return g.all_of(truth(i, s) for i in items)
        case n.Or(items=items):
            return g.any_of(truth(i, s) for i in items)
        case n.Compare(op=op, left=a, right=b):
            return compare(op, number(a, s), number(b, s))
        case n.CompareDay(op=op, left=a, right=b):
            days = [_day(x, s) for x in (a, b)]
            if days[0] is None or days[1] is None:
                return g.UNKNOWN
            return g.of({"<": days[0] < days[1], "<=": days[0] <= days[1], "=": days[0] == days[1]}[op])
        case n.CompareElapsed(op=op, elapsed=elapsed, length=length):
            return _elapsed(op, elapsed, length, s)
        case n.IsOneOf(item=item, codes=codes):
            value = code(item, s)
            return g.of(None if value is None else value in codes)
        case n.ContainsAny(item=item, codes=codes):
            held = s.read(item)
            if held is None:
                return g.UNKNOWN
            assert isinstance(held, frozenset)
            return g.YES if held & set(codes) else g.UNKNOWN if None in held else g.NO
        case n.Exists(rows=rows, where=where):
            found = s.rows(rows)
            return g.UNKNOWN if found is None else g.any_of(row_truth(rows, where, s.inside(r)) for r in found)
        case n.ForAll(rows=rows, where=where):
            found = s.rows(rows)
            return g.UNKNOWN if found is None else g.all_of(row_demand(rows, where, s.inside(r)) for r in found)
        case n.Evidence(document=document, verified=verified):
            held = s.read(verified)
            return g.YES if isinstance(held, frozenset) and document in held else g.UNKNOWN
        case _:
            raise TypeError(f"not a condition: {e}")


def row_truth(rows: n.Rows, where: n.Expr | None, s: Scope) -> g.Truth:
    """*scope et C* for one row."""
    return g.all_of(truth(e, s) for e in (rows.scope, where) if e is not None)


def row_demand(rows: n.Rows, where: n.Expr, s: Scope) -> g.Truth:
    """*(non scope) ou C* for one row."""
    out = g.negate(truth(rows.scope, s)) if rows.scope is not None else g.NO
    return g.any_of([out, truth(where, s)])


def compare(op: str, a: Num, b: Num) -> g.Truth:
    """The truth of a comparison of two numbers."""
    if isinstance(a, SansObjet) or isinstance(b, SansObjet):
        return g.NOT_APPLICABLE
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return g.UNKNOWN
    if op in (">", ">="):
        return compare({">": "<", ">=": "<="}[op], b, a)
    if op == "≠":
        return g.negate(compare("=", a, b))
    if op == "=":
        apart = a.high < b.low or b.high < a.low
        return g.NO if apart else g.of(True) if a.exact and b.exact else g.UNKNOWN
    test = _OPS[op]
    return g.YES if test(a.high, b.low) else g.UNKNOWN if test(a.low, b.high) else g.NO


def _elapsed(op: str, elapsed: n.Elapsed, length: n.Const | n.Param, s: Scope) -> g.Truth:
    since = s.read(elapsed.since)
    if since is None:
        return g.UNKNOWN
    assert isinstance(since, date)
    value = parameter(length.name, s) if isinstance(length, n.Param) else length.value
    assert value is not None, "a length is never read in a published table"
    unit = length.type.unit
    months, days = (0, int(value)) if unit == DAYS else (int(value), 0)
    if op == "≠":
        return g.negate(_elapsed("=", elapsed, length, s))
    first, last = elapsed_bound(op, months, days, s.reference)
    return g.of(first <= since <= last)


def _day(e: n.Expr, s: Scope) -> date | None:
    if isinstance(e, n.DayConst):
        return e.value
    assert isinstance(e, n.Field)
    value = s.read(e)
    assert value is None or isinstance(value, date)
    return value


def _exact(value: Fraction) -> Amount:
    return Amount(value, value)


def _fraction(value: Value) -> Fraction:
    assert isinstance(value, int | Fraction), value
    return Fraction(value)


def _total(xs: list[Amount]) -> Amount:
    return Amount(sum((x.low for x in xs), Fraction(0)), sum((x.high for x in xs), Fraction(0)))


def _ends(a: Amount) -> tuple[Fraction, ...]:
    return (a.low,) if a.exact else (a.low, a.high)


def _hull(values: Iterator[Fraction]) -> Amount:
    found = list(values)
    return Amount(min(found), max(found))


def _together(operands: list[Num], combine: Callable[[list[Amount]], Amount]) -> Num:
    """Sans objet prevails over unknown, and unknown over any value."""
    if any(isinstance(o, SansObjet) for o in operands):
        return SansObjet()
    known = [o for o in operands if isinstance(o, Amount)]
    return combine(known) if len(known) == len(operands) else Unknown()


def _quotient(a: Num, b: Num) -> Num:
    if isinstance(a, SansObjet) or isinstance(b, SansObjet):
        return SansObjet()
    if isinstance(b, Unknown):
        return b
    if b.high <= 0:
        return SansObjet()
    if isinstance(a, Unknown) or b.low <= 0:
        return Unknown()
    return _hull(x / y for x in _ends(a) for y in _ends(b))


def _case_number(e: n.Case, s: Scope) -> Num:
    found = [number(v, s) for v, _ in candidates(e, s)]
    first = found[0]
    if len(found) == 1 or all(isinstance(f, SansObjet) for f in found):
        return first
    same = isinstance(first, Amount) and first.exact and all(f == first for f in found)
    return first if same else Unknown()
