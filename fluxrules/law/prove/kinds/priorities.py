"""Legal priorities: the lines that claim them pay, and refusals do not cancel them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fluxrules.engines.interpreter import Facts, FamilyResult, LineResult, Result, State, combine
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import lines as lines_of
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import Case, find
from fluxrules.law.prove.categories import canonical, category, priorities
from fluxrules.law.prove.families import Note
from fluxrules.law.prove.variables import Household
from fluxrules.law.prove.verdict import Finding, Verdict
from fluxrules.model.refusals import NAME as REFUSALS


def cover(case: Case) -> Iterator[Finding]:
    """For each line that stands for a priority: the library's condition implies it, and it adds points to whoever has it alone."""
    problem = case.problem
    conditions = dict(canonical())
    own = {line.path: line for line in _written(case)}
    lines = priorities(case.grid, problem.program)
    for line in lines:
        name = line.path[-1]
        claimed = category(own[line.path])
        wanted = conditions.get(claimed or "")
        if wanted is not None and own[line.path].condition != wanted:
            yield from _implied(case, line, own[line.path], wanted, claimed or name)
        others = [x for x in lines if x is not line]
        solver = problem.solver(
            problem.line(line).acquired,
            *(t.neg(problem.line(x).counts) for x in others),
            t.at_most(problem.note.now(), problem.note.without(line.path).now()),
        )

        def replay(facts: Facts, line: n.Line = line) -> bool:
            result = problem.result(facts)
            return result.note <= without(result, line.path) and _state(result, line) is State.ACQUIRED

        found = find(case, solver, [problem.household], replay)
        label = line.label or name
        if found.answer is False:
            yield case.finding(Verdict.PROVED, name, f"« {label} » rapporte des points à tout ménage dont c'est la seule priorité légale.")  # fmt: skip
        elif found.answer is None:
            yield case.undecided(name, found.reason)
        else:
            yield case.finding(
                Verdict.REFUTED, name, f"« {label} » ne rapporte rien à ce ménage, dont c'est pourtant la seule priorité légale.",
                case.witness(f"{name}, sans effet", found.facts[0]),
            )  # fmt: skip


def _written(case: Case) -> Iterator[n.Line]:
    yield from lines_of(case.grid.program.root)


def _implied(case: Case, line: n.Line, written: n.Line, wanted: n.Expr, name: str) -> Iterator[Finding]:
    """Whether every household in the library's case has the line (its document apart)."""
    problem = case.problem
    known = {f"{f.entity}.{f.name}" for f in problem.domain.fields}
    missing = {f"{e}.{x}" for e, x in problem.enc.reads.of(wanted) if x} - known
    if missing:
        yield case.finding(Verdict.REFUTED, name, f"« {line.label} » ne lit pas {', '.join(sorted(missing))}, dont dépend la priorité « {name} ».")  # fmt: skip
        return
    own = problem.enc.truth(written.condition) if written.condition is not None else None
    solver = problem.solver(problem.enc.truth(wanted).certain, False if own is None else t.neg(own.certain))

    def replay(facts: Facts) -> bool:
        return _state(problem.result(facts), line) is not State.ACQUIRED

    found = find(case, solver, [problem.household], replay)
    if found.answer is False:
        yield case.finding(Verdict.PROVED, name, f"Tout ménage de la priorité « {name} » remplit la condition de « {line.label} ».")  # fmt: skip
    elif found.answer is None:
        yield case.undecided(name, found.reason)
    else:
        yield case.finding(
            Verdict.REFUTED, name, f"Ce ménage relève de la priorité « {name} », et « {line.label} » ne lui est pas acquis.",
            case.witness(f"{name}, non couverte", found.facts[0]),
        )  # fmt: skip


def _state(result: Result, line: n.Line) -> State:
    return next(x.state for x in result.lines() if x.line.path == line.path)


def without(result: Result, path: tuple[str, ...]) -> int:
    """The note that the interpreter gives when a line is absent."""

    def again(item: LineResult | FamilyResult) -> LineResult | FamilyResult:
        if isinstance(item, FamilyResult):
            return combine(item.family, tuple(again(i) for i in item.items))
        return replace(item, state=State.ABSENT, points=0) if item.line.path == path else item

    root = again(result.root)
    assert isinstance(root, FamilyResult)
    return root.points


def refusals(case: Case) -> Iterator[Finding]:
    """A priority with refusals against the same household without priority and without refusal."""
    problem, principal = case.problem, case.vocabulary.principal
    malus = next((x for x in problem.lines if x.path[-1:] == (REFUSALS,)), None)
    if malus is None:
        yield case.finding(Verdict.PROVED, REFUSALS, "Aucun refus ne change la note.")
        return
    entity = next(e for e, x in problem.enc.reads.of_line(malus) if not x)
    first = priorities(case.grid, problem.program)
    for line in first:
        name, label = line.path[-1], line.label or line.path[-1]
        fields = problem.enc.reads.of(line.condition) if line.condition is not None else frozenset()
        if any(e != principal for e, _ in fields):
            yield case.undecided(name, "sa condition lit des lignes (personnes, événements) et non la demande seule")
            continue
        other = problem.household.changed(sorted(x for _, x in fields), problem.domain).without_rows(entity)
        rows = {(e, x) for f in problem.domain.fields for e, x in [(f.entity, f.name)] if e == entity} | {(entity, "")}
        note = problem.changed(other, fields | rows)
        yield _behind(case, line, other, note, first, name, label, entity)


def _behind(
    case: Case, line: n.Line, other: Household, note: Note, first: Sequence[n.Line], name: str, label: str, entity: str
) -> Finding:
    problem = case.problem
    # What the priority reads may give other points too: the second household is worth no more by it than the first.
    same = [
        t.at_most(_value(note, x), _value(problem.note, x))
        for x in problem.lines
        if x not in first and x.path[-1:] != (REFUSALS,)
    ]
    solver = problem.solver(
        *problem.possible(note.enc),
        problem.line(line).acquired,
        *(note.line(x).absent for x in first),
        *same,
        t.below(problem.note.now(), note.now()),
    )

    def replay(a: Facts, b: Facts) -> bool:
        return problem.result(a).note < problem.result(b).note

    found = find(case, solver, [problem.household, other], replay)
    if found.answer is False:
        return case.finding(Verdict.PROVED, name, f"Aucun refus ne fait passer « {label} » derrière le même ménage sans priorité et sans refus.")  # fmt: skip
    if found.answer is None:
        return case.undecided(name, found.reason)
    notes = [case.points(problem.result(f).note) for f in found.facts]
    titles = (f"{name}, avec refus", f"sans {name} ni refus")
    return case.finding(
        Verdict.REFUTED, name, f"Avec des refus, « {label} » tombe à {notes[0]}, derrière le même ménage sans priorité ({notes[1]}).",
        *(case.witness(x, f) for x, f in zip(titles, found.facts, strict=True)),
    )  # fmt: skip


def _value(note: Note, line: n.Line) -> t.Integer:
    x = note.line(line)
    return t.choose(x.counts, x.now, 0)
