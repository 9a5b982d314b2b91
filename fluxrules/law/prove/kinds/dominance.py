"""What outranks a legal priority: the fewest other lines that together give more than it gives alone. Advice, not law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fluxrules.engines.interpreter import Facts, FamilyResult, LineResult, State, combine
from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import whole_months
from fluxrules.ir.walk import families
from fluxrules.ir.walk import lines as lines_of
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import SPENT, Case, find
from fluxrules.law.prove.categories import priorities
from fluxrules.law.prove.groups import independent
from fluxrules.law.prove.kinds.bounds import search, static_span
from fluxrules.law.prove.problem import Problem, line_points
from fluxrules.law.prove.terms import Formula, Integer
from fluxrules.law.prove.verdict import Finding, Verdict

# A group of more lines than that is only asked what a few of them give: the cumulation found may then not be the shortest.
MOST_IN_FULL, FEW = 12, 3


@dataclass(frozen=True)
class Group:
    """An independent part of the note: ``paying`` counts its lines that give points, ``best[k]`` is the most that k of them give."""

    paying: Integer
    best: tuple[int, ...]


def dominance(case: Case) -> Iterator[Finding]:
    problem = case.problem
    first = priorities(case.grid, problem.program)
    if not first:
        return
    paths = {x.path for x in first}
    others = [x for x in problem.lines if x.path not in paths]
    solver = problem.solver(*(t.neg(problem.line(x).counts) for x in first))
    groups = _groups(problem, solver, others)
    for line in first:
        yield _outranked(case, solver, line, others, groups)


def _groups(problem: Problem, solver: t.Solver, others: Sequence[n.Line]) -> tuple[Group, ...] | None:
    """The groups of the root, without priorities; ``None`` where one is not decided."""
    paths, found = {x.path for x in others}, []
    for number, items in enumerate(independent(problem, problem.program.root)):
        own = n.Family(n.Reducer.SUM, items, path=("", str(number)))
        mine = [x for x in lines_of(own) if x.path in paths]
        paying, best = _paying(problem, mine), [0]
        # No reducer gives more than the sum of what is positive below it.
        spans = sorted((max(0, static_span(problem, n.Family(n.Reducer.SUM, (x,)))[1]) for x in mine), reverse=True)
        floors = sum(max(0, f.floor or 0) for f in families(own))
        for k in range(1, (len(mine) if len(mine) <= MOST_IN_FULL else FEW) + 1):
            solver.push()
            solver.add(t.at_most(paying, k))
            end = search(problem, solver, own, up=True, wall=sum(spans[:k]) + floors)
            solver.pop()
            if end is None or not end.sure:
                return None
            if end.value <= best[-1]:
                break
            best.append(end.value)
        found.append(Group(paying, tuple(best)))
    return tuple(found)


def _paying(problem: Problem, lines: Sequence[n.Line]) -> Integer:
    return t.total([t.choose(t.both(problem.line(x).counts, t.below(0, problem.line(x).now)), 1, 0) for x in lines])


def _alone(root: n.Family, line: n.Line) -> int:
    """The note of a household of which a line is acquired, at its most, and nothing else."""

    def result(item: n.Line | n.Family) -> LineResult | FamilyResult:
        if isinstance(item, n.Family):
            return combine(item, tuple(result(i) for i in item.items))
        points = item.points.points if isinstance(item.points, n.Fixed) and item.points.points else 0
        mine = item.path == line.path
        return LineResult(item, State.ACQUIRED if mine else State.ABSENT, points if mine else 0, points, points)

    found = result(root)
    assert isinstance(found, FamilyResult)
    return found.points


def _outranked(
    case: Case, solver: t.Solver, line: n.Line, others: Sequence[n.Line], groups: Sequence[Group] | None
) -> Finding:
    problem, alone = case.problem, _alone(case.problem.program.root, line)
    name, label = line.path[-1], line.label or line.path[-1]
    over = t.below(alone, problem.note.now())
    answer = solver.check(over)
    if answer is False:
        return case.finding(Verdict.PROVED, name, f"Aucun cumul de critères locaux ne dépasse « {label} » ({case.points(alone)}).")  # fmt: skip
    few = _few(groups, alone) if groups is not None else None
    if answer is True and (few is None or solver.check(over, *few) is not True):
        few = _search_few(problem, solver, others, alone)
    if answer is None or few is None:
        return case.undecided(name, SPENT)

    def replay(facts: Facts) -> bool:
        return problem.result(facts).note > alone

    found = find(case, solver, [problem.household], replay, over, *few, before=line_points(problem, others))
    if found.answer is not True:
        return case.undecided(name, found.reason)
    result = problem.result(found.facts[0])
    said = ", ".join(_said(case, x, found.facts[0]) for x in result.lines() if x.points > 0)
    sentence = f"Sans aucune priorité légale, un ménage atteint {case.points(result.note)} et dépasse « {label} » seul ({case.points(alone)}), avec {said}."
    return case.finding(Verdict.REFUTED, name, sentence, case.witness(f"dépasse {name}", found.facts[0]))


def _few(groups: Sequence[Group], alone: int) -> list[Formula] | None:
    """How many lines each group may use so that the fewest in all go beyond a value; ``None`` when none do."""
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for group in groups:
        after: dict[int, tuple[int, tuple[int, ...]]] = {}
        for used, (value, taken) in best.items():
            for k, more in enumerate(group.best):
                if used + k not in after or after[used + k][0] < value + more:
                    after[used + k] = (value + more, (*taken, k))
        best = after
    enough = [used for used, (value, _) in best.items() if value > alone]
    if not enough:
        return None
    return [t.at_most(g.paying, k) for g, k in zip(groups, best[min(enough)][1], strict=True)]


def _search_few(problem: Problem, solver: t.Solver, others: Sequence[n.Line], alone: int) -> list[Formula] | None:
    """The same by asking, one more line at a time."""
    spans = sorted((static_span(problem, n.Family(n.Reducer.SUM, (x,)))[1] for x in others), reverse=True)
    floors = sum(max(0, f.floor or 0) for f in families(problem.program.root))
    paying, over = _paying(problem, others), t.below(alone, problem.note.now())
    # No reducer gives more than the sum of what is positive below it.
    count = next((k for k in range(1, len(spans) + 1) if sum(spans[:k]) + floors > alone), 1)
    while count <= len(others):
        answer = solver.check(over, t.at_most(paying, count))
        if answer is not False:
            # Past what can be searched, any cumulation will do: it is advice, and the fewest is only clearer.
            return [t.at_most(paying, count)] if answer else []
        count += 1
    return []


def _said(case: Case, x: LineResult, facts: Facts) -> str:
    name = x.line.path[-1] if x.line.path else "ligne"
    text = f"« {x.line.label or name} » {case.points(x.points)}"
    item = getattr(x.line.points, "item", None)
    if isinstance(item, n.Elapsed) and item.since.name in facts.values:
        months = whole_months(facts.values[item.since.name], case.problem.day)  # type: ignore[arg-type]
        return f"{text} ({months} mois)"
    return text
