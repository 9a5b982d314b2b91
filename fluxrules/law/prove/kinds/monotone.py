"""More seniority, one more document, one more priority never lowers the note, all else equal."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.engines.interpreter import Facts
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Bool, Day, Many
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import Case, find
from fluxrules.law.prove.categories import priorities
from fluxrules.law.prove.families import Note
from fluxrules.law.prove.terms import Formula
from fluxrules.law.prove.variables import Household, Var
from fluxrules.law.prove.verdict import Finding, Verdict


def monotone(case: Case) -> Iterator[Finding]:
    problem = case.problem
    principal = case.vocabulary.principal
    for name in case.asked.fields:
        f = case.vocabulary.field_def(principal, name)
        label = f.label if f is not None else name
        if name not in problem.household.fields:
            yield case.finding(Verdict.PROVED, name, f"La note ne dépend pas de « {label} ».")
            continue
        other = problem.household.changed((name,), problem.domain)
        note = problem.changed(other, {(principal, name)})
        rise = more(problem.household.fields[name], other.fields[name])
        yield _compare(case, other, note, [rise], name, label)


def more(a: Var, b: Var) -> Formula:
    """That ``b`` is more than ``a``: an earlier day, more elements, yes instead of no."""
    match a.field.type:
        case Day():
            later = t.below(b.value, a.value) if a.daily else t.below(a.value, b.value)
            return t.conj([a.known, b.known, later])
        case Many():
            kept = [t.implies(bit, b.bits[group]) for group, bit in a.bits.items()]
            return t.conj([t.same(a.known, b.known), t.same(a.blank, b.blank), *kept])
        case Bool():
            return t.conj([a.known, b.known, t.neg(a.value), b.value])
        case _:
            return t.both(a.known, b.known)


def no_less(a: Var, b: Var) -> Formula:
    """That ``b`` is ``a``, or more; of an amount or an enumeration, which have no more, any other known value."""
    match a.field.type:
        case Bool():
            return t.either(b.value, t.both(t.same(a.known, b.known), t.same(a.value, b.value)))
        case Day():
            return t.either(more(a, b), t.both(t.same(a.known, b.known), t.equal(a.value, b.value)))
        case Many():
            return more(a, b)
        case _:
            return t.same(a.known, b.known)


def _compare(
    case: Case, other: Household, note: Note, rise: list[Formula], subject: str, label: str, line: n.Line | None = None
) -> Finding:
    problem = case.problem
    solver = problem.solver(*problem.possible(note.enc), *rise, t.below(note.now(), problem.note.now()))

    def replay(a: Facts, b: Facts) -> bool:
        return problem.result(b).note < problem.result(a).note

    found = find(case, solver, [problem.household, other], replay)
    said = f"« {label} »" if line is None else f"la priorité « {label} »"
    if found.answer is False:
        return case.finding(
            Verdict.PROVED, subject, f"Rien de plus en {said} ne fait baisser la note, toutes choses égales par ailleurs."
        )  # fmt: skip
    if found.answer is None:
        return case.undecided(subject, found.reason)
    notes = [case.points(problem.result(f).note) for f in found.facts]
    sentence = f"Plus en {said} fait baisser la note de {notes[0]} à {notes[1]}, toutes choses égales par ailleurs."
    titles = (f"avant, {subject}", f"après, {subject}")
    return case.finding(
        Verdict.REFUTED, subject, sentence, *(case.witness(x, f) for x, f in zip(titles, found.facts, strict=True))
    )


def one_more_priority(case: Case) -> Iterator[Finding]:
    """Each legal priority, from absent to acquired. Who is in the household, their ages and roles stay: only a « yes » or an element more
    in their rows makes the priority."""
    problem, principal = case.problem, case.vocabulary.principal
    for line in priorities(case.grid, problem.program):
        name = line.path[-1]
        read = problem.enc.reads.of(line.condition) if line.condition is not None else frozenset()
        types = {(f.entity, f.name): f.type for f in problem.domain.fields}
        fields = frozenset(x for x in read if x[1] and (x[0] == principal or isinstance(types[x], Bool | Many)))
        other = problem.other(fields)
        note = problem.changed(other, fields)
        rise = [no_less(a, b) for a, b in _pairs(problem.household, other, fields)]
        rise += [problem.line(line).absent, note.line(line).acquired]
        possible = problem.solver(*problem.possible(note.enc), *rise).check() if fields != read else True
        if not fields or possible is False:
            yield case.undecided(name, "elle ne s'acquiert pas sans changer les personnes du ménage")
            continue
        yield _compare(case, other, note, rise, name, line.label or name, line)


def _pairs(a: Household, b: Household, fields: frozenset[tuple[str, str]]) -> Iterator[tuple[Var, Var]]:
    """A field in both households, row by row for those of rows."""
    for entity, name in sorted(fields):
        if entity in a.tables:
            for one, two in zip(a.tables[entity].slots, b.tables[entity].slots, strict=True):
                yield one.fields[name], two.fields[name]
        else:
            yield a.fields[name], b.fields[name]
