"""PRIO-COVER as far as structure and ranges prove it: whom the lines of a priority reach, and that they pay. The rest is the solver's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fluxrules.document.nodes import Scalar
from fluxrules.ir import nodes as n
from fluxrules.law.case import Case, Placed
from fluxrules.law.marginal import pays
from fluxrules.law.rules import Rule


@dataclass(frozen=True)
class Covered:
    """The priorities of the law that a grid claims: ``proved`` without a solver, and ``left``."""

    proved: tuple[Rule, ...]
    left: tuple[Rule, ...]


def covered(case: Case) -> Covered:
    proved: list[Rule] = []
    left: list[Rule] = []
    paths = frozenset(p.line.path for p in case.priorities)
    for rule, lines in _claimed(case):
        apart = paths - {p.line.path for p in lines}
        reached = any(_of_library(p) or _reaches(rule, p.line) for p in lines)
        paid = all(pays(case.grid.program, p.line, apart) for p in lines)
        (proved if reached and paid else left).append(rule)
    return Covered(tuple(proved), tuple(left))


def blind(case: Case) -> Iterator[tuple[Rule, Placed]]:
    """The priorities whose lines read nothing of what the category is known by, with the first of these lines."""
    for rule, lines in _claimed(case):
        if not any(_of_library(p) for p in lines) and not _reads_something(case, rule, lines):
            yield rule, lines[0]


def _claimed(case: Case) -> Iterator[tuple[Rule, list[Placed]]]:
    for rule in case.law.priorities:
        lines = [p for p in case.priorities if rule.id in p.claims]
        if lines:
            yield rule, lines


def _of_library(placed: Placed) -> bool:
    """A name and a weight: condition and category come from one place, and tests hold the certain case inside the condition."""
    return isinstance(placed.node, Scalar)


def _reads_something(case: Case, rule: Rule, lines: list[Placed]) -> bool:
    from fluxrules.law.prove.categories import canonical
    from fluxrules.law.prove.specialise import Reads

    categories, program = canonical()
    known = {name for _, name in Reads(program).of(categories[rule.id].least)}
    everyone = any(p.line.condition is None and isinstance(p.line.points, n.Fixed) for p in lines)
    return everyone or any(case.fields(p.line) & known for p in lines)


def _reaches(rule: Rule, line: n.Line) -> bool:
    """Whether the certain case implies a condition by its form alone. Points that hang on a value may wait for it."""
    from fluxrules.law.prove.categories import canonical

    if not isinstance(line.points, n.Fixed):
        return False
    return line.condition is None or implies(canonical()[0][rule.id].least, line.condition)


def implies(a: n.Expr, b: n.Expr) -> bool:
    """Whether ``b`` is certain wherever ``a`` is: what is written the same, one part of an « et », a longer list of codes."""
    if a == b:
        return True
    match a, b:
        case n.Or(items=items), _:
            return all(implies(x, b) for x in items)
        case _, n.And(items=items):
            return all(implies(a, x) for x in items)
        case n.And(items=items), _ if any(implies(x, b) for x in items):
            return True
        case (n.IsOneOf(item=x, codes=few), n.IsOneOf(item=y, codes=many)) | (
            n.ContainsAny(item=x, codes=few),
            n.ContainsAny(item=y, codes=many),
        ):
            return x == y and set(few) <= set(many)
        case _, n.Or(items=items):
            return any(implies(a, x) for x in items)
    return False
