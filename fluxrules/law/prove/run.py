"""The proofs of a grid, one finding after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import Case
from fluxrules.law.prove.categories import canonical, claims
from fluxrules.law.prove.certificate import Certificate, about, key
from fluxrules.law.prove.kinds import against, bounds, cover, dead, dominance, monotone, refusals, static
from fluxrules.law.prove.problem import Frame, Problem, frame
from fluxrules.law.prove.properties import Property
from fluxrules.law.prove.verdict import Finding
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.load import standard_vocabulary

KINDS: dict[str, Callable[[Case], Iterator[Finding]]] = {
    "bornes": bounds.bounds,
    "parts": bounds.shares,
    "monotonie": monotone.monotone,
    "priorité de plus": monotone.one_more_priority,
    "lignes mortes": dead.dead,
    "couverture": cover.cover,
    "dominance": dominance.dominance,
    "refus": refusals.refusals,
    "sans influence": static.no_influence,
    "tranches": static.bands,
    "ordre total": static.total_order,
    "équivalence": against.equivalent,
    "garantie": against.guarantee,
}


class Proofs:
    """The proofs of one grid on one day. Each property starts from an empty solver, so that their order does not matter."""

    def __init__(
        self, grid: Grid, day: date, other: Grid | None = None, certificate: Certificate | None = None
    ) -> None:
        self.grid, self.day, self.other, self.certificate = grid, day, other, certificate
        self.vocabulary = standard_vocabulary()
        self._frame: Frame | None = None
        self._texts: list[str] = []

    def run(self, properties: Sequence[Property]) -> Iterator[Finding]:
        """Findings as they come. Raises ``ValueError`` when a parameter of a grid has no value on the day."""
        for p in properties:
            mark = key(p, *self._about(p)) if self.certificate is not None else ""
            held = self.certificate.get(p.name, mark) if self.certificate is not None else None
            if held is not None:
                yield from held
                continue
            found: list[Finding] = []
            for finding in self._one(p):
                found.append(finding)
                yield finding
            if self.certificate is not None:
                self.certificate.put(p.name, mark, tuple(found))

    def _about(self, p: Property) -> list[str]:
        if not self._texts:
            self._texts = [about(g, self.day) for g in (self.grid, self.other) if g is not None]
        return self._texts if p.kind == "équivalence" else self._texts[:1]

    def _one(self, p: Property) -> Iterator[Finding]:
        t.begin()
        problem, other = self.problem(p)
        case = Case(self.grid, problem, p, self.vocabulary, other)
        try:
            yield from KINDS[p.kind](case)
        except t.UnsupportedError as error:
            yield case.undecided(p.name, f"le solveur ne sait pas lire {error}")

    def problem(self, p: Property) -> tuple[Problem, Problem | None]:
        """The problem that a property is about: the grid's, or one of its own where it reads more than the grid."""
        condition = against.condition_of(p, self.vocabulary)
        if condition is not None:
            return Problem(frame([self.grid.program], self.day, more=(condition[0],), beside=condition[1])), None
        if p.kind == "couverture" and (asked := tuple(c.least for c in claims(self.grid) if c.least is not None)):
            return Problem(frame([self.grid.program], self.day, more=asked, beside=canonical()[1])), None
        if p.kind == "équivalence" and self.other is not None:
            both = frame([self.grid.program, self.other.program], self.day)
            mine = Problem(both)
            return mine, Problem(both, 1, mine.household)
        if self._frame is None:
            self._frame = frame([self.grid.program], self.day)
        return Problem(self._frame), None


def prove(grid: Grid, properties: Sequence[Property], day: date, other: Grid | None = None) -> Iterator[Finding]:
    """Findings as they come, without a certificate."""
    return Proofs(grid, day, other).run(properties)
