"""More seniority, one more document, one more priority never lowers the note, all else equal."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.engines.interpreter import Facts
from fluxrules.ir.types import Bool, Day, Many, Number, Type
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import Case, find
from fluxrules.law.prove.categories import priorities
from fluxrules.law.prove.families import Note
from fluxrules.law.prove.terms import Formula
from fluxrules.law.prove.variables import Household, Var
from fluxrules.law.prove.verdict import Finding, Verdict


def monotone(case: Case) -> Iterator[Finding]:
    """A field of the demande, or one of the rows (« membre.handicap »): in each row more, or the same."""
    problem = case.problem
    types = {(f.entity, f.name): f.type for f in problem.domain.fields}
    for written in case.asked.fields:
        entity, _, name = written.rpartition(".")
        key = (entity or case.vocabulary.principal, name)
        f = case.vocabulary.field_def(*key)
        label = f.label if f is not None else written
        if (moved := case.beyond(written)) is not None:
            yield moved
            continue
        if key not in types:
            yield case.finding(Verdict.PROVED, written, f"La note ne dépend pas de « {label} ».")
            continue
        other = problem.other([key])
        note = problem.changed(other, [key])
        rise = [t.either(more(a, b), _same(a, b)) for a, b in _pairs(problem.household, other, frozenset([key]))]
        yield _compare(case, other, note, rise, written, _MORE[type(types[key])].format(label))


_MORE: dict[type[Type], str] = {
    Day: "Une « {} » plus ancienne",
    Many: "Un élément de plus dans « {} »",
    Bool: "Un « oui » à « {} »",
    Number: "Une valeur plus grande de « {} »",
}


def more(a: Var, b: Var) -> Formula:
    """That ``b`` is more than ``a``: an earlier day, more elements, yes instead of no, a greater number."""
    match a.field.type:
        case Number():
            return t.conj([a.known, b.known, t.below(a.value, b.value)])
        case Day():
            later = t.below(b.value, a.value) if a.daily else t.below(a.value, b.value)
            return t.conj([a.known, b.known, later])
        case Many():
            kept = [t.implies(bit, b.bits[group]) for group, bit in a.bits.items()]
            return t.conj([t.same(a.known, b.known), t.same(a.blank, b.blank), *kept])
        case Bool():
            return t.conj([a.known, b.known, t.neg(a.value), b.value])
        case _:
            raise t.UnsupportedError(f"« {a.field.name} », qui n'a pas de plus ni de moins")


def _same(a: Var, b: Var) -> Formula:
    """That a field is left as it is; of a list, ``more`` says it."""
    match a.field.type:
        case Many():
            return False
        case Bool():
            return t.both(t.same(a.known, b.known), t.same(a.value, b.value))
        case _:
            return t.both(t.same(a.known, b.known), t.equal(a.value, b.value))


def no_less(a: Var, b: Var) -> Formula:
    """That ``b`` is ``a``, or more; of an amount or an enumeration, which have no more, any other known value."""
    match a.field.type:
        case Bool():
            return t.either(b.value, _same(a, b))
        case Day():
            return t.either(more(a, b), _same(a, b))
        case Many():
            return more(a, b)
        case _:
            return t.same(a.known, b.known)


def _compare(case: Case, other: Household, note: Note, rise: list[Formula], subject: str, said: str) -> Finding:
    """``said`` is what there is more of, as the sentence begins."""
    problem = case.problem
    solver = problem.solver(*problem.possible(note.enc), *rise, t.below(note.now(), problem.note.now()))

    def replay(a: Facts, b: Facts) -> bool:
        return problem.result(b).note < problem.result(a).note

    found = find(case, solver, [problem.household, other], replay)
    if found.answer is False:
        return case.finding(
            Verdict.PROVED, subject, f"{said} ne fait jamais baisser la note, toutes choses égales par ailleurs."
        )  # fmt: skip
    if found.answer is None:
        return case.undecided(subject, found.reason)
    notes = [case.points(problem.result(f).note) for f in found.facts]
    sentence = f"{said} fait baisser la note de {notes[0]} à {notes[1]}, toutes choses égales par ailleurs."
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
        yield _compare(case, other, note, rise, name, f"Avoir de plus la priorité « {line.label or name} »")


def _pairs(a: Household, b: Household, fields: frozenset[tuple[str, str]]) -> Iterator[tuple[Var, Var]]:
    """A field in both households, row by row for those of rows."""
    for entity, name in sorted(fields):
        if entity in a.tables:
            for one, two in zip(a.tables[entity].slots, b.tables[entity].slots, strict=True):
                yield one.fields[name], two.fields[name]
        else:
            yield a.fields[name], b.fields[name]
