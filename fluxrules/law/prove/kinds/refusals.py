"""A refusal that brings a priority behind a household that has none. Advice, not law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fluxrules.engines.interpreter import Facts
from fluxrules.ir import nodes as n
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import Case, find
from fluxrules.law.prove.categories import priorities
from fluxrules.law.prove.families import Note
from fluxrules.law.prove.variables import Household
from fluxrules.law.prove.verdict import Finding, Verdict
from fluxrules.model.refusals import NAME as REFUSALS


def refusals(case: Case) -> Iterator[Finding]:
    """A priority with refusals against the same household without priority and without refusal."""
    problem = case.problem
    malus = next((x for x in problem.lines if x.path[-1:] == (REFUSALS,)), None)
    if malus is None:
        yield case.finding(Verdict.PROVED, REFUSALS, "Aucun refus ne change la note.")
        return
    entity = next(e for e, x in problem.enc.reads.of_line(malus) if not x)
    first = priorities(case.grid, problem.program)
    for line in first:
        name, label = line.path[-1], line.label or line.path[-1]
        fields = problem.enc.reads.of(line.condition) if line.condition is not None else frozenset()
        fields = frozenset(x for x in fields if x[1] and x[0] != entity)
        if not fields:
            yield case.undecided(name, "sa condition ne lit rien que le dossier puisse changer")
            continue
        other = problem.other(fields).without_rows(entity)
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
