"""The least and the greatest that the note and each family may be worth, with households that reach them; the share of each family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from fluxrules.engines.interpreter import Facts, FamilyResult, Result
from fluxrules.engines.interpreter import reduce as r
from fluxrules.ir import nodes as n
from fluxrules.ir.ranges import clamp, points_range
from fluxrules.ir.walk import families
from fluxrules.language.numbers import show_number
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import SPENT, Case, Found, find
from fluxrules.law.prove.groups import independent
from fluxrules.law.prove.problem import Problem
from fluxrules.law.prove.verdict import Finding, Verdict


@dataclass(frozen=True)
class Extreme:
    """The value where ``sure``; otherwise it lies between ``value``, which is reached, and ``beyond``.

    ``parts`` say of each independent group of a sum what it is worth there: together they are the value, unless a limit cuts it.
    """

    value: int
    beyond: int
    parts: tuple[t.Formula, ...] = ()

    @property
    def sure(self) -> bool:
        return self.value == self.beyond


def static_span(problem: Problem, family: n.Family) -> tuple[int, int]:
    """What ranges alone prove of a family."""
    definitions, parameters = dict(problem.program.definitions), dict(problem.program.parameters)
    items = []
    for i in family.items:
        if isinstance(i, n.Family):
            low, high = static_span(problem, i)
            items.append(r.Item(0, low, high, present=True, counts=True))
        elif (span := points_range(i.points, definitions, parameters)) is not None:
            always = i.condition is None and isinstance(i.points, n.Fixed)
            items.append(r.Item(0, *span, present=always, counts=always))
    low, high = r.settled(family.reducer, family.rounding, items)
    return clamp(low, family.floor, family.cap), clamp(high, family.floor, family.cap)


def extreme(problem: Problem, solver: t.Solver, family: n.Family, *, up: bool) -> Extreme | None:
    """The greatest (or least) value; ``None`` when not even one household was found."""
    groups = independent(problem, family)
    if len(groups) < 2:
        return search(problem, solver, family, up=up)
    value = beyond = 0
    parts: list[t.Formula] = []
    for number, group in enumerate(groups):
        own = n.Family(n.Reducer.SUM, group, path=(*family.path, f"\0{number}"))
        found = search(problem, solver, own, up=up)
        if found is None:
            return None
        value, beyond = value + found.value, beyond + found.beyond
        parts.append(t.equal(problem.note.now(own), found.value))
    cut = clamp(value, family.floor, family.cap)
    return Extreme(cut, clamp(beyond, family.floor, family.cap), tuple(parts) if cut == value else ())


def search(
    problem: Problem, solver: t.Solver, family: n.Family, *, up: bool, wall: int | None = None
) -> Extreme | None:
    """The same by asking; ``wall`` is a value that is known not to be passed."""
    term, (low, high) = problem.note.now(family), static_span(problem, family)
    if wall is not None:
        low, high = (low, min(high, wall)) if up else (max(low, wall), high)
    sign = 1 if up else -1
    best, wall = None, high if up else low
    aim = wall
    while True:
        answer = solver.check(t.at_most(aim, term) if up else t.at_most(term, aim))
        if answer is True:
            best = t.value_in(solver.model, term)
        elif answer is False:
            wall = aim - sign
        else:
            return None if best is None else Extreme(best, wall)
        if best is not None and (best - wall) * sign >= 0:
            return Extreme(best, best)
        start = best if best is not None else (low - 1 if up else high + 1)
        if (wall - start) * sign <= 0:
            return None
        aim = start + sign * ((abs(wall - start) + 1) // 2)


def bounds(case: Case) -> Iterator[Finding]:
    for family in families(case.problem.program.root):
        yield _family(case, family)


def _family(case: Case, family: n.Family) -> Finding:
    problem, solver = case.problem, case.problem.solver()
    name = family.path[-1] if family.path else "note"
    low, high = (extreme(problem, solver, family, up=up) for up in (False, True))
    if low is None or high is None:
        return case.undecided(name, SPENT)
    witnesses = []
    for end, word in ((low, "basse"), (high, "haute")):
        found = _reach(case, solver, family, end)
        if found.answer is not True:
            return case.undecided(name, found.reason)
        what = "note la plus" if not family.path else f"{name}, valeur la plus"
        witnesses.append(case.witness(f"{what} {word}", found.facts[0]))
    said = "La note va" if not family.path else f"« {family.label} » va"
    figures = f"{said} de {case.points(low.value)} à {case.points(high.value)}"
    if low.sure and high.sure:
        return case.finding(Verdict.PROVED, name, f"{figures}.", *witnesses)
    outer = f"{figures} au moins ; le solveur n'a pas exclu de {case.points(low.beyond)} à {case.points(high.beyond)}."
    return case.finding(Verdict.UNDECIDED, name, outer, *witnesses)


def _reach(case: Case, solver: t.Solver, family: n.Family, end: Extreme) -> Found:
    """The canonical household of which a family is worth an extreme."""

    def replay(facts: Facts) -> bool:
        return worth(case.problem.result(facts), family.path) == end.value

    wanted = end.parts or (t.equal(case.problem.note.now(family), end.value),)
    return find(case, solver, [case.problem.household], replay, *wanted)


def worth(result: Result, path: tuple[str, ...]) -> int:
    """What a family is worth in a result."""
    waiting = [result.root]
    while waiting:
        item = waiting.pop()
        if item.family.path == path:
            return item.points
        waiting += [i for i in item.items if isinstance(i, FamilyResult)]
    raise KeyError(path)


def shares(case: Case) -> Iterator[Finding]:
    """The greatest value of each item of the root, over that of the note."""
    problem, solver = case.problem, case.problem.solver()
    root = problem.program.root
    top = extreme(problem, solver, root, up=True)
    if top is None or not top.sure or top.value <= 0:
        yield case.undecided("note", "la note la plus haute n'est pas prouvée, ou n'est pas positive")
        return
    for item in root.items:
        family = item if isinstance(item, n.Family) else n.Family(n.Reducer.SUM, (item,), path=(*item.path, "\0"))
        end = extreme(problem, solver, family, up=True)
        name = item.path[-1] if item.path else "note"
        if end is None or not end.sure:
            yield case.undecided(name, "sa valeur la plus haute n'est pas prouvée")
            continue
        part = show_number(100 * Fraction(max(0, end.value), top.value), 1)
        sentence = (
            f"« {item.label or name} » vaut au plus {case.points(end.value)} : {part} % de la note la plus haute."
        )
        yield case.finding(Verdict.PROVED, name, sentence)
