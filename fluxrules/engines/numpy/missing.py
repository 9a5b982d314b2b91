"""Which unknown fields keep a condition or a quantity undecided, one bit a name (docs/calculus.md §4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from fluxrules.engines.numpy.expressions import candidates, code, number, truth
from fluxrules.engines.numpy.scope import Bits, Scope
from fluxrules.engines.numpy.truth import Bools
from fluxrules.ir import nodes as n


def where(mask: Bools, bits: Bits) -> Bits:
    """The names, only in the rows where the mask holds."""
    return bits * mask[:, None]


def merge(parts: list[Bits], s: Scope) -> Bits:
    return reduce(np.bitwise_or, parts, s.names.none)


def of_condition(e: n.Expr, s: Scope, positive: bool = True) -> Bits:
    """The unknown fields met in the undecided parts of a condition; ``positive`` is false under an odd number of ``non``."""
    return s.once(f"condition {positive}", e, lambda: _of_condition(e, s, positive))


def _of_condition(e: n.Expr, s: Scope, positive: bool) -> Bits:
    match e:
        case n.Not(item=item):
            return of_condition(item, s, not positive)
        case n.Ref(name=name):
            return of_condition(s.definitions[name], s, positive)
    undecided = truth(e, s).undecided(positive)
    if not undecided.any():
        return s.names.none
    match e:
        case n.Exists() | n.ForAll():
            return where(undecided, s.block.extra[e].missing(positive))
        case n.And(items=items) | n.Or(items=items):
            return where(undecided, merge([of_condition(i, s, positive) for i in items], s))
        case n.Compare(left=a, right=b):
            return where(undecided, of_number(a, s) | of_number(b, s))
        case n.CompareDay(left=a, right=b):
            return merge([_of_field(f, s) for f in (a, b) if isinstance(f, n.Field)], s)
        case n.CompareElapsed(elapsed=elapsed):
            return where(undecided, s.names.bit(s.named(elapsed.since)))
        case n.IsOneOf(item=item):
            return of_code(item, s)
        case n.ContainsAny(item=item):
            return where(undecided, s.names.bit(s.named(item)))
        case n.Field():
            return where(undecided, s.names.bit(s.named(e)))
        case n.Evidence(document=document):
            return where(undecided, s.names.bit(f"pièce:{document}"))
        case _:
            raise TypeError(f"not a condition: {e}")


def _of_field(f: n.Field, s: Scope) -> Bits:
    c = s.column(f)
    if c is None:
        return s.names.bit(s.named(f))
    return s.names.none if c.known is None else where(~c.known, s.names.bit(s.named(f)))


def of_number(e: n.Expr, s: Scope) -> Bits:
    """The unknown fields that keep a number from being one value."""
    return s.once("missing number", e, lambda: _of_number(e, s))


def _of_number(e: n.Expr, s: Scope) -> Bits:
    match e:
        case n.Const():
            return s.names.none
        case n.Param(name=name):
            held = s.parameters[name]
            called = held.named if isinstance(held, n.Dated) else None
            return s.names.none if called is None else s.names.bit(called)
        case n.Field():
            return _of_field(e, s)
        case n.Ref(name=name):
            return of_number(s.definitions[name], s)
    unsettled = number(e, s).open()
    if not unsettled.any():
        return s.names.none
    match e:
        case n.Add(items=items):
            return where(unsettled, merge([of_number(i, s) for i in items], s))
        case n.Mul(left=a, right=b) | n.Div(left=a, right=b):
            return where(unsettled, of_number(a, s) | of_number(b, s))
        case n.Count():
            return where(unsettled, s.block.extra[e].missing(True))
        case n.Case():
            return where(unsettled, _of_case(e, s, of_number))
        case _:
            raise TypeError(f"not a number: {e}")


def of_code(e: n.Expr, s: Scope) -> Bits:
    """The unknown fields that keep an enumeration from being one code."""
    match e:
        case n.Field():
            return _of_field(e, s)
        case n.Ref(name=name):
            return of_code(s.definitions[name], s)
        case n.Case():
            known = code(e, s).known
            return s.names.none if known is None else where(~known, _of_case(e, s, of_code))
        case _:
            return s.names.none


def _of_case(e: n.Case, s: Scope, of_value: Callable[[n.Expr, Scope], Bits]) -> Bits:
    """The conditions met before the first certain one, and the values that may be taken."""
    found = [where(taken, of_value(value, s)) for value, taken in candidates(e, s)]
    reached = np.ones(1, dtype=np.bool_)
    for test, _ in e.branches:
        met = truth(test, s)
        found.append(where(reached & met.undecided(), of_condition(test, s)))
        reached = reached & ~met.certain
    return merge(found, s)
