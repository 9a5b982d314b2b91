"""A grid on one day, put to the solver: its household, its note, and the households that cannot exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fluxrules.engines.interpreter import Facts, Result, evaluate
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import descend, line_exprs, lines
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.constraints import Constraint, standard_constraints
from fluxrules.law.prove.effort import MOST_EFFORT, SIZES
from fluxrules.law.prove.encode import Encoder
from fluxrules.law.prove.families import Note
from fluxrules.law.prove.points import LineTerms
from fluxrules.law.prove.specialise import by_the_day, specialise
from fluxrules.law.prove.terms import Formula
from fluxrules.law.prove.variables import Domain, Household, code_groups
from fluxrules.law.prove.witness import Point


@dataclass(frozen=True)
class Frame:
    """What several grids on one day have in common: the fields that they read, and the constraints between those."""

    programs: tuple[n.Program, ...]
    domain: Domain
    constraints: tuple[Constraint, ...]
    definitions: tuple[tuple[str, n.Expr], ...]


def frame(
    programs: Iterable[n.Program],
    day: date,
    constraints: tuple[tuple[Constraint, ...], n.Program] | None = None,
    sizes: Mapping[str, int] = SIZES,
    more: tuple[n.Expr, ...] = (),
    beside: n.Program | None = None,
) -> Frame:
    """``more`` are expressions that a property puts beside the grids, and ``beside`` the program of the definitions that they read.

    Raises ``ValueError`` for a parameter without a value.
    """
    given = tuple(specialise(p, day) for p in programs)
    fields: dict[tuple[str, str], n.Field] = {}
    rows: dict[str, n.Rows] = {}
    own = (*more, *(e for _, e in beside.definitions)) if beside is not None else more
    for e in (*(x for p in given for x in _exprs(p)), *own):
        for node in descend(e):
            if isinstance(node, n.Field):
                fields[(node.entity, node.name)] = node
            elif isinstance(node, n.Count | n.Exists | n.ForAll):
                rows[node.rows.entity] = node.rows
    read = set(fields) | {(entity, "") for entity in rows}
    listed, base = constraints if constraints is not None else standard_constraints()
    kept = tuple(c for c in listed if c.reads <= read)
    also = (*(e for c in kept for e in c.exprs), *own)
    daily = frozenset().union(*(by_the_day(p, day, also) for p in given))
    found = tuple(fields[k] for k in sorted(fields))
    tables = tuple(rows[k] for k in sorted(rows))
    groups = code_groups(given, (*also, *(e for _, e in base.definitions)))
    return Frame(given, Domain(found, tables, groups, daily, day, sizes), kept, base.definitions)


def _exprs(p: n.Program) -> list[n.Expr]:
    return [e for line in lines(p.root) for e in line_exprs(line)] + [e for _, e in p.definitions]


def line_points(problem: Problem, lines: Sequence[n.Line] | None = None) -> list[Point]:
    """The lines of a household, settled before its fields: as few as can be, each at the least it may be worth."""
    found = []
    for line in reversed(problem.lines if lines is None else lines):
        x = problem.line(line)
        found.append(Point((t.neg(x.counts),), t.choose(x.counts, x.now, 0), 0))
    return found


class Problem:
    """One program of a frame. ``enc`` and ``note`` are those of the household that every property starts from."""

    def __init__(self, frame: Frame, index: int = 0, household: Household | None = None) -> None:
        self.frame, self.domain, self.day = frame, frame.domain, frame.domain.reference
        self.program = frame.programs[index]
        own = {name for name, _ in self.program.definitions}
        merged = (*(d for d in frame.definitions if d[0] not in own), *self.program.definitions)
        self.merged = n.Program(self.program.root, merged, self.program.parameters, verified=self.program.verified)
        self.household = household or frame.domain.household()
        self.enc = Encoder(self.merged, self.household, self.domain)
        self.note = Note(self.enc)
        self.lines = tuple(lines(self.program.root))

    def possible(self, enc: Encoder | None = None) -> list[Formula]:
        """What every household satisfies."""
        enc = enc or self.enc
        return [*enc.household.well, *(c.formula(enc) for c in self.frame.constraints)]

    def other(self, fields: Iterable[tuple[str, str]]) -> Household:
        """A household that differs by some fields, of the demande or of its rows; it has the same rows."""
        household = self.household
        by_entity: dict[str, list[str]] = {}
        for entity, name in sorted(fields):
            by_entity.setdefault(entity, []).append(name)
        for entity, names in by_entity.items():
            if entity in household.tables:
                household = household.changed_in_rows(entity, names, self.domain)
            else:
                household = household.changed(names, self.domain)
        return household

    def changed(self, household: Household, fields: Iterable[tuple[str, str]]) -> Note:
        """The note of a household that differs by some fields."""
        return Note(Encoder(self.merged, household, self.domain, self.enc, frozenset(fields)), base=self.note)

    def result(self, facts: Facts) -> Result:
        """What the interpreter says."""
        return evaluate(self.program, facts, self.day)

    def exists(self, facts: Facts) -> bool:
        """Whether the interpreter finds that no constraint is broken."""
        return all(c.test(facts, self.day) for c in self.frame.constraints)

    def solver(self, *formulas: Formula, effort: int = MOST_EFFORT) -> t.Solver:
        return t.Solver([*self.possible(), *formulas], effort)

    def line(self, line: n.Line) -> LineTerms:
        return self.note.line(line)
