"""Which unknown fields keep a line en suspens (docs/calculus.md §4), and the bounds of an unknown quantity."""

from __future__ import annotations

from fractions import Fraction

from fluxrules.engines.interpreter import grades as g
from fluxrules.engines.interpreter.values import (
    Amount,
    SansObjet,
    Scope,
    Unknown,
    candidates,
    code,
    number,
    row_demand,
    row_truth,
    truth,
)
from fluxrules.ir import nodes as n
from fluxrules.ir.ranges import ELAPSED_MONTHS

Names = frozenset[str]
NOTHING: Names = frozenset()


def named(f: n.Field, s: Scope) -> str:
    """A field of the demande by its name, a field of a row with its entity."""
    return f.name if s.row is None else f"{f.entity}.{f.name}"


def of_condition(e: n.Expr, s: Scope, positive: bool = True) -> Names:
    """The unknown fields met in the undecided parts of a condition; ``positive`` is false under an odd number of ``non``."""
    if not _undecided(truth(e, s), positive):
        return NOTHING
    match e:
        case n.Not(item=item):
            return of_condition(item, s, not positive)
        case n.And(items=items) | n.Or(items=items):
            return _union(of_condition(i, s, positive) for i in items)
        case n.Ref(name=name):
            return s.once(f"condition {positive}", name, lambda: of_condition(s.definitions[name], s, positive))
        case n.Exists(rows=rows, where=where):
            return _over_rows(rows, where, s, positive, demand=False)
        case n.ForAll(rows=rows, where=where):
            return _over_rows(rows, where, s, positive, demand=True)
        case n.Compare(left=a, right=b):
            return of_number(a, s) | of_number(b, s)
        case n.CompareDay(left=a, right=b):
            return frozenset(named(f, s) for f in (a, b) if isinstance(f, n.Field) and s.read(f) is None)
        case n.CompareElapsed(elapsed=elapsed):
            return frozenset({named(elapsed.since, s)})
        case n.IsOneOf(item=item):
            return of_code(item, s)
        case n.ContainsAny(item=item):
            return frozenset({named(item, s)})
        case n.Field():
            return frozenset({named(e, s)})
        case n.Evidence(document=document):
            return frozenset({f"pièce:{document}"})
        case _:
            raise TypeError(f"not a condition: {e}")


def of_number(e: n.Expr, s: Scope) -> Names:
    """The unknown fields that keep a number from being one value."""
    value = number(e, s)
    if isinstance(value, SansObjet) or (isinstance(value, Amount) and value.exact):
        return NOTHING
    match e:
        case n.Field():
            return frozenset({named(e, s)})
        case n.Param(name=name):
            called = dict(s.program.parameters)[name].named
            return NOTHING if called is None else frozenset({called})
        case n.Ref(name=name):
            return s.once("missing number", name, lambda: of_number(s.definitions[name], s))
        case n.Add(items=items):
            return _union(of_number(i, s) for i in items)
        case n.Mul(left=a, right=b) | n.Div(left=a, right=b):
            return of_number(a, s) | of_number(b, s)
        case n.Count(rows=rows, where=where):
            return _over_rows(rows, where, s, True, demand=False)
        case n.Case():
            return _of_case(e, s) | _union(of_number(v, s) for v, _ in candidates(e, s))
        case _:
            return NOTHING


def of_code(e: n.Expr, s: Scope) -> Names:
    """The unknown fields that keep an enumeration from being one code."""
    if code(e, s) is not None:
        return NOTHING
    match e:
        case n.Field():
            return frozenset({named(e, s)})
        case n.Ref(name=name):
            return s.once("missing code", name, lambda: of_code(s.definitions[name], s))
        case n.Case():
            return _of_case(e, s) | _union(of_code(v, s) for v, _ in candidates(e, s))
        case _:
            return NOTHING


def bounds(e: n.Expr, s: Scope) -> tuple[Fraction, Fraction]:
    """Least and greatest value of a number, unknown fields ranging over the vocabulary's bounds. Never over a ``Div``."""
    value = number(e, s)
    if isinstance(value, Amount):
        return value.low, value.high
    match e:
        case n.Field(range=known, factor=factor):
            assert known is not None
            return known.low * factor, known.high * factor
        case n.Param(name=name):
            ends = dict(s.program.parameters)[name].range
            assert ends is not None
            return ends.low, ends.high
        case n.Ref(name=name):
            return s.once("bounds", name, lambda: bounds(s.definitions[name], s))
        case n.Add(items=items):
            parts = [bounds(i, s) for i in items]
            return sum((a for a, _ in parts), Fraction(0)), sum((b for _, b in parts), Fraction(0))
        case n.Mul(left=a, right=b):
            products = [x * y for x in bounds(a, s) for y in bounds(b, s)]
            return min(products), max(products)
        case n.Count(rows=rows):
            return Fraction(0), Fraction(rows.most)
        case n.Case():
            parts = [bounds(v, s) for v, _ in candidates(e, s)]
            return min(a for a, _ in parts), max(b for _, b in parts)
        case _:
            raise TypeError(f"no bounds for {e}")


def elapsed_bounds() -> tuple[int, int]:
    """Whole months that may have passed since an unknown day."""
    return ELAPSED_MONTHS


def _of_case(e: n.Case, s: Scope) -> Names:
    """The undecided conditions that a ``Case`` meets before its first certain branch."""
    found = NOTHING
    for condition, _ in e.branches:
        t = truth(condition, s)
        if t.certain:
            break
        if not t.excluded:
            found |= of_condition(condition, s)
    return found


def _over_rows(rows: n.Rows, where: n.Expr | None, s: Scope, positive: bool, *, demand: bool) -> Names:
    found = s.rows(rows)
    if found is None:
        return frozenset({rows.table})
    names = NOTHING
    for row in found:
        inner = s.inside(row)
        if demand:
            assert where is not None
            whole = row_demand(rows, where, inner)
        else:
            whole = row_truth(rows, where, inner)
        if _undecided(whole, positive):
            if rows.scope is not None:
                names |= of_condition(rows.scope, inner, positive is not demand)
            if where is not None:
                names |= of_condition(where, inner, positive)
    return names


def _undecided(t: g.Truth, positive: bool) -> bool:
    return (t if positive else g.negate(t)).undecided


def _union(parts: object) -> Names:
    return NOTHING.union(*parts)  # type: ignore[misc]


__all__ = ["Unknown", "bounds", "elapsed_bounds", "named", "of_code", "of_condition", "of_number"]
