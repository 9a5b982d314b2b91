"""Why this note: each line and family of a result as values, before any wording. What it says adds up to the note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from fluxrules.cotation.readings import readings
from fluxrules.cotation.settle import worth_asking
from fluxrules.cotation.wording import Wording
from fluxrules.engines.interpreter import Facts, FamilyResult, LineResult, Result, State, evaluate
from fluxrules.engines.interpreter import grades as g
from fluxrules.engines.interpreter.values import Scope, truth
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import line_exprs
from fluxrules.law.judge import broken
from fluxrules.law.rules import Rule
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.fields import Vocabulary


@dataclass(frozen=True)
class LineReason:
    """One line. ``read`` are (what, value) in French; ``missing`` what would settle it, in French.

    ``needed`` is its condition in French, ``None`` without one; ``void``: it is absent because it is sans objet for this demande.
    """

    name: str
    label: str
    state: State
    points: Fraction
    low: Fraction
    high: Fraction
    said: tuple[str, ...]
    read: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    document: str | None
    needed: str | None = None
    void: bool = False


@dataclass(frozen=True)
class FamilyReason:
    """One family: what its reducer kept, and whether its floor or cap changed anything. ``kept`` names the items that count."""

    name: str
    label: str
    reducer: n.Reducer
    items: tuple[LineReason | FamilyReason, ...]
    kept: tuple[str, ...]
    reduced: Fraction
    points: Fraction
    floor: Fraction | None
    cap: Fraction | None


@dataclass(frozen=True)
class PublicReason:
    """Whom the grid is for (``name``, on a ``condition`` in French), and whether this demande is one of them (``known``, or taken so)."""

    name: str
    condition: str
    read: tuple[tuple[str, str], ...]
    inside: bool
    known: bool


@dataclass(frozen=True)
class Explanation:
    """``note`` is what is acquired now, between ``low`` and ``high`` whatever is settled; ``verified`` on checked documents only.

    ``missing`` are the fields worth asking for. ``public``: ``None`` for a grid that is for all demandes.
    ``broken``: the rules of law for which the grid, in force, may score nobody; a note given before is still explained.
    """

    grid: Grid
    reference: date
    root: FamilyReason
    note: Fraction
    low: Fraction
    high: Fraction
    verified: Fraction
    missing: tuple[str, ...]
    public: PublicReason | None = None
    broken: tuple[Rule, ...] = ()

    @property
    def outside(self) -> bool:
        """Whether the grid is not for this demande, which then has no note from it."""
        return self.public is not None and not self.public.inside


def explain_facts(grid: Grid, facts: Facts, reference: date, vocabulary: Vocabulary) -> Explanation:
    """Explain one demande under one grid. Raises ``ValueError`` when the grid has no value of a parameter on the day."""
    program = grid.declared
    result: Result = evaluate(program, facts, reference)
    checked = evaluate(grid.verified, facts, reference)
    scale = program.scale
    scope = Scope.of(program, facts, reference)
    words = _Words(grid, scope, vocabulary, Wording(grid.program, grid.labels, reference, vocabulary))
    root = words.family(result.root)
    return Explanation(
        grid,
        reference,
        root,
        Fraction(result.note, scale),
        Fraction(result.note_min, scale),
        Fraction(result.note_max, scale),
        Fraction(checked.note, scale),
        tuple(words.missing(m) for m in worth_asking(program, facts, reference, result, vocabulary)),
        words.public(),
        broken(grid, reference),
    )


@dataclass(frozen=True)
class _Words:
    grid: Grid
    scope: Scope
    vocabulary: Vocabulary
    wording: Wording

    def public(self) -> PublicReason | None:
        gate = self.grid.program.gate
        if gate is None:
            return None
        t = truth(gate.condition, self.scope)
        inside = not t.excluded if gate.if_unknown else t.certain
        read = readings(self.grid, (gate.condition,), self.scope, self.vocabulary)
        return PublicReason(gate.said, self.wording.condition(gate.condition), read, inside, not t.undecided)

    def points(self, value: int) -> Fraction:
        return Fraction(value, self.grid.program.scale)

    def family(self, f: FamilyResult) -> FamilyReason:
        family = f.family
        return FamilyReason(
            family.path[-1] if family.path else "note",
            family.label,
            family.reducer,
            tuple(self.family(i) if isinstance(i, FamilyResult) else self.line(i) for i in f.items),
            tuple(kept(f)),
            self.points(f.reduced),
            self.points(f.points),
            None if family.floor is None else self.points(family.floor),
            None if family.cap is None else self.points(family.cap),
        )

    def line(self, x: LineResult) -> LineReason:
        line = x.line
        read = readings(self.grid, line_exprs(line), self.scope, self.vocabulary)
        return LineReason(
            line.path[-1],
            line.label,
            x.state,
            self.points(x.points),
            self.points(x.low),
            self.points(x.high),
            line.said,
            read,
            tuple(self.missing(m) for m in x.missing),
            line.evidence,
            None if line.condition is None else self.wording.condition(line.condition),
            self.void(line),
        )

    def void(self, line: n.Line) -> bool:
        """Whether a line that is absent is so because a part of it is sans objet, not because its condition is false."""
        if line.condition is None:
            return True
        t = truth(line.condition, self.scope)
        return t.certain or t == g.NOT_APPLICABLE

    def missing(self, name: str) -> str:
        """A missing field as a person calls it."""
        if name.startswith("pièce:"):
            return f"la pièce « {name.partition(':')[2]} »"
        if name.startswith("barème:"):
            table = self.vocabulary.tables[name.partition(":")[2]]
            return f"le barème « {table.label} » : aucune valeur connue à cette date"
        entity, _, field = name.rpartition(".")
        found = self.vocabulary.field_def(entity or self.vocabulary.principal, field or name)
        if found is not None:
            return found.label + (f" ({self.vocabulary.entities[entity].label})" if entity else "")
        by_table = next((e for e in self.vocabulary.entities.values() if e.table == name), None)
        return f"la liste des {by_table.plural_label}" if by_table else name


def kept(f: FamilyResult) -> list[str]:
    """The items whose points make the result of a family."""
    counting = [i for i in f.items if isinstance(i, FamilyResult) or i.counts]
    named = [((i.line.path if isinstance(i, LineResult) else i.family.path)[-1], i.points) for i in counting]
    match f.family.reducer:
        case n.Reducer.MAX | n.Reducer.MIN:
            return [name for name, points in named if points == f.reduced][:1]
        case n.Reducer.FIRST:
            return [name for name, _ in named][:1]
        case _:
            return [name for name, points in named if points or f.family.reducer is n.Reducer.MEAN]
