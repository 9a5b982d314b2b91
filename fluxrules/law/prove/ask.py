"""Asks the solver, finds the canonical household, replays it in the interpreter: what every kind of property shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fluxrules.engines.interpreter import Facts
from fluxrules.law.prove import example
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.problem import Problem
from fluxrules.law.prove.terms import Formula
from fluxrules.law.prove.valuation import facts_of
from fluxrules.law.prove.variables import Household
from fluxrules.law.prove.verdict import Finding, Verdict, Witness
from fluxrules.law.prove.witness import Point, points, settle
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.fields import Vocabulary

if TYPE_CHECKING:
    from fluxrules.law.prove.properties import Property

SPENT = "le solveur a épuisé son budget d'étapes"
NOT_REPLAYED = "le ménage trouvé n'est pas confirmé par le moteur de référence (défaut de fluxrules : signalez-le)"


@dataclass(frozen=True)
class Case:
    """What a property works with."""

    grid: Grid
    problem: Problem
    asked: Property
    vocabulary: Vocabulary
    other: Problem | None = None

    @property
    def scale(self) -> int:
        return self.grid.program.scale

    def points(self, value: int) -> str:
        return example.points_text(value, self.scale)

    def finding(self, verdict: Verdict, subject: str, sentence: str, *witnesses: Witness) -> Finding:
        p = self.asked
        weight = p.weight if verdict is Verdict.REFUTED else "information"
        return Finding(p.name, p.kind, subject, verdict, sentence, weight, witnesses)

    def beyond(self, written: str) -> Finding | None:
        """That a field moves another that the note reads, worked out when tables are read: the solver would not see it move."""
        moved = [
            f
            for x in self.problem.domain.fields
            if (f := self.vocabulary.field_def(x.entity, x.name)) and written in f.drawn_from
        ]
        if not moved:
            return None
        names = " et ".join(f"« {f.label} »" for f in moved)
        return self.undecided(written, f"la note lit {names}, que la lecture des tables en tire")

    def undecided(self, subject: str, reason: str) -> Finding:
        return self.finding(Verdict.UNDECIDED, subject, f"Indécidé pour « {subject} » : {reason}.")

    def told(self, found: Found, subject: str, proved: str, refuted: str, title: str) -> Finding:
        """The three verdicts of a question that asks for a household against a claim."""
        if found.answer is False:
            return self.finding(Verdict.PROVED, subject, proved)
        if found.answer is None:
            return self.undecided(subject, found.reason)
        return self.finding(Verdict.REFUTED, subject, refuted, self.witness(title, found.facts[0]))

    def witness(self, title: str, facts: Facts) -> Witness:
        """A household with the note that the interpreter gives it."""
        note = self.problem.result(facts).note
        text = example.entry(
            title, facts, note, self.scale, self.problem.day, self.vocabulary, example.base_names(self.grid)
        )
        return Witness(title, self.points(note), text)


@dataclass(frozen=True)
class Found:
    """The answer to a question: ``facts`` of each household where there is one; ``reason`` where nothing is decided."""

    answer: bool | None
    facts: tuple[Facts, ...] = ()
    reason: str = ""


def find(
    case: Case,
    solver: t.Solver,
    households: Sequence[Household],
    replay: Callable[..., bool],
    *more: Formula,
    before: Sequence[Point] = (),
) -> Found:
    """Whether households satisfy what the solver holds and ``more``; the canonical ones, confirmed by ``replay`` on their facts.

    ``before`` is settled before the fields.
    """
    answer = solver.check(*more)
    if answer is not True:
        return Found(answer, reason="" if answer is False else SPENT)
    model = solver.model
    solver.push()
    for m in more:
        solver.add(m)
    solver.model = model
    order = [*before, *(p for h in households for p in points(h, case.vocabulary.usual))]
    done = settle(solver, order)
    model = solver.model
    solver.pop()
    if not done or model is None:
        return Found(None, reason=SPENT)
    facts = tuple(facts_of(model, h, case.problem.day) for h in households)
    if not all(case.problem.exists(f) for f in facts) or not replay(*facts):
        return Found(None, reason=NOT_REPLAYED)
    return Found(True, facts)
