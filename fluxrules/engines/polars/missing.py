"""Which unknown fields keep a condition or a quantity undecided: a boolean column by name (docs/calculus.md §4)."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from fluxrules.engines.polars.conditions import code, condition
from fluxrules.engines.polars.frame import TRUE, Frame
from fluxrules.engines.polars.numbers import Num, number
from fluxrules.ir import nodes as n

Names = dict[str, pl.Expr]


def merge(*parts: Names) -> Names:
    """A name is missing when it is in any of the parts."""
    found: Names = {}
    for part in parts:
        for name, flag in part.items():
            found[name] = found[name] | flag if name in found else flag
    return found


def masked(names: Names, mask: pl.Expr) -> Names:
    """The names, only where the mask holds (it is never null)."""
    return {name: flag & mask for name, flag in names.items()}


def of_condition(e: n.Expr, f: Frame, positive: bool = True) -> Names:
    """See the interpreter's function of the same name."""
    match e:
        case n.Not(item=item):
            return of_condition(item, f, not positive)
        case n.Ref(name=name):
            return f.missing[(name, positive)]
        case n.Exists() | n.ForAll():
            return f.row_missing[("test", e, positive)]
    undecided = condition(e, f, positive).is_null()
    match e:
        case n.And(items=items) | n.Or(items=items):
            return masked(merge(*(of_condition(i, f, positive) for i in items)), undecided)
        case n.Compare(left=a, right=b):
            return masked(merge(of_number(a, f), of_number(b, f)), undecided)
        case n.CompareDay(left=a, right=b):
            return merge(*({f.named(x): f.column(x, pl.Date()).is_null()} for x in (a, b) if isinstance(x, n.Field)))
        case n.CompareElapsed(elapsed=elapsed):
            return {f.named(elapsed.since): undecided}
        case n.IsOneOf(item=item):
            return of_code(item, f)
        case n.ContainsAny(item=item):
            return {f.named(item): undecided}
        case n.Field():
            return {f.named(e): undecided}
        case n.Evidence(document=document):
            return {f"pièce:{document}": undecided}
        case _:
            raise TypeError(f"not a condition: {e}")


def open_number(x: Num) -> pl.Expr:
    """Where a number is not one value (and not sans objet)."""
    found = x.low.is_null() if x.exact else x.low.is_null() | (x.low != x.high)
    return found if x.void is None else found & ~x.void


def of_number(e: n.Expr, f: Frame) -> Names:
    """The unknown fields that keep a number from being one value."""
    match e:
        case n.Const():
            return {}
        case n.Param(name=name):
            called = f.parameters[name].named
            return {called: TRUE} if called is not None and f.parameter(name) is None else {}
        case n.Field():
            return {f.named(e): f.column(e, pl.Int64()).is_null()}
        case n.Ref(name=name):
            return f.missing[(name, True)]
        case n.Count():
            return f.row_missing[("count", e)]
    mask = open_number(number(e, f))
    match e:
        case n.Add(items=items):
            return masked(merge(*(of_number(i, f) for i in items)), mask)
        case n.Mul(left=a, right=b) | n.Div(left=a, right=b):
            return masked(merge(of_number(a, f), of_number(b, f)), mask)
        case n.Case():
            return masked(_of_case(e, f, of_number), mask)
        case _:
            raise TypeError(f"not a number: {e}")


def of_code(e: n.Expr, f: Frame) -> Names:
    """The unknown fields that keep an enumeration from being one code."""
    match e:
        case n.Field():
            return {f.named(e): f.column(e, pl.String()).is_null()}
        case n.Ref(name=name):
            return f.missing[(name, True)]
        case n.Case():
            return masked(_of_case(e, f, of_code), code(e, f).is_null())
        case _:
            return {}


def _of_case(e: n.Case, f: Frame, of_value: Callable[[n.Expr, Frame], Names]) -> Names:
    """The conditions met before the first certain one, and the values that may be taken."""
    found: list[Names] = []
    reached = TRUE
    for test, value in e.branches:
        truth = condition(test, f)
        found.append(masked(of_condition(test, f), reached))
        found.append(masked(of_value(value, f), reached & truth.fill_null(True)))
        reached = reached & ~truth.fill_null(False)
    found.append(masked(of_value(e.otherwise, f), reached))
    return merge(*found)


__all__ = ["Names", "masked", "merge", "of_code", "of_condition", "of_number", "open_number"]
