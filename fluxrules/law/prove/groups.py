"""Parts of a sum that share no field, even through a constraint: each varies on its own, so the extremes add up."""

from __future__ import annotations

from fluxrules.ir import nodes as n
from fluxrules.law.prove.problem import Problem

Key = tuple[str, str] | int


def independent(problem: Problem, family: n.Family) -> tuple[tuple[n.Line | n.Family, ...], ...]:
    """The items of a family by groups, in written order; a single group for another reducer than the sum."""
    if family.reducer is not n.Reducer.SUM:
        return (family.items,)
    above: dict[Key, Key] = {}

    def top(x: Key) -> Key:
        while above.setdefault(x, x) != x:
            x = above[x]
        return x

    for i, item in enumerate(family.items):
        for read in sorted(problem.enc.reads.of_item(item)):
            above[top(read)] = top(i)
    for constraint in problem.frame.constraints:
        first, *rest = sorted(constraint.reads)
        for read in rest:
            above[top(read)] = top(first)
    found: dict[Key, list[n.Line | n.Family]] = {}
    for i, item in enumerate(family.items):
        found.setdefault(top(i), []).append(item)
    return tuple(tuple(group) for group in found.values())
