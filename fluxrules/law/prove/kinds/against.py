"""Two grids give the same note to every household, or the household on which they differ; and what a property guarantees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.engines.interpreter import Facts
from fluxrules.engines.interpreter.values import Scope, truth
from fluxrules.ir import nodes as n
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import Case, find
from fluxrules.law.prove.encode import Encoder
from fluxrules.law.prove.example import points_text
from fluxrules.law.prove.verdict import Finding, Verdict
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.vocabulary.fields import Vocabulary


def equivalent(case: Case) -> Iterator[Finding]:
    other = case.other
    if other is None:
        return
    mine, theirs = case.problem, other
    if (
        replace(mine.program, scale=1) == replace(theirs.program, scale=1)
        and mine.program.scale == theirs.program.scale
    ):
        yield case.finding(
            Verdict.PROVED, "versions", "Les deux grilles disent la même chose : même note pour tout ménage."
        )
        return
    a, b = mine.program.scale, theirs.program.scale
    solver = mine.solver(t.neg(t.equal(t.times(mine.note.now(), b), t.times(theirs.note.now(), a))))

    def replay(facts: Facts) -> bool:
        return mine.result(facts).note * b != theirs.result(facts).note * a

    found = find(case, solver, [mine.household], replay)
    if found.answer is False:
        yield case.finding(Verdict.PROVED, "versions", "Les deux grilles donnent la même note à tout ménage.")
    elif found.answer is None:
        yield case.undecided("versions", found.reason)
    else:
        facts = found.facts[0]
        notes = case.points(mine.result(facts).note), points_text(theirs.result(facts).note, b)
        yield case.finding(
            Verdict.REFUTED, "versions", f"Les deux grilles diffèrent : {notes[0]} avec la première, {notes[1]} avec la seconde.",
            case.witness("les deux grilles diffèrent", facts),
        )  # fmt: skip


def condition_of(case_property: object, vocabulary: Vocabulary) -> tuple[n.Expr, n.Program] | None:
    """The condition of a « garantie » and the definitions that it reads. Raises ``ValueError`` for one that cannot be read."""
    when = getattr(case_property, "when", None)
    if when is None:
        return None
    env = Env(vocabulary, Bag())
    expr = lower_condition(env, when, vocabulary.principal)
    if expr is None:
        raise ValueError(f"{when.span.place}: {[d.message for d in env.bag.items]}")
    definitions = tuple((x, e) for x in env.order if (e := env.done[f"{vocabulary.principal}.{x}"]) is not None)
    return expr, n.Program(n.Family(n.Reducer.SUM, ()), definitions, tuple(env.published.items()))


def guarantee(case: Case) -> Iterator[Finding]:
    """« note au moins », « note au plus » for every household of which the condition is certain."""
    p, problem = case.asked, case.problem
    found = condition_of(p, case.vocabulary)
    enc = problem.enc
    if found is not None:
        merged = replace(problem.merged, definitions=(*found[1].definitions, *problem.merged.definitions))
        enc = Encoder(merged, problem.household, problem.domain)
    certain = enc.truth(found[0]).certain if found is not None else True
    note = problem.note.now()
    broken = [t.below(note, p.least * case.scale)] if p.least is not None else []
    broken += [t.below(p.most * case.scale, note)] if p.most is not None else []
    solver = problem.solver(certain, t.disj(broken))

    def replay(facts: Facts) -> bool:
        points = problem.result(facts).note
        if found is not None and not truth(found[0], Scope.of(found[1], facts, problem.day)).certain:
            return False
        low, high = p.least, p.most
        return (low is not None and points < low * case.scale) or (high is not None and points > high * case.scale)

    answer = find(case, solver, [problem.household], replay)
    if answer.answer is False:
        yield case.finding(Verdict.PROVED, p.name, f"Vrai de tout ménage : {p.label}.")
    elif answer.answer is None:
        yield case.undecided(p.name, answer.reason)
    else:
        note_text = case.points(problem.result(answer.facts[0]).note)
        yield case.finding(
            Verdict.REFUTED, p.name, f"Faux : {p.label}. Ce ménage a {note_text}.", case.witness(p.name, answer.facts[0])
        )  # fmt: skip
