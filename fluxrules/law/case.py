"""What a check is given — a grid, its text, the law of a day — and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from fluxrules.diagnostics.diagnostic import Label, Severity
from fluxrules.document.nodes import Mapping, Node, Scalar
from fluxrules.ir import nodes as n
from fluxrules.ir.ranges import points_range
from fluxrules.ir.walk import children, line_exprs, lines
from fluxrules.language.numbers import show_number
from fluxrules.law.coverage import claimed
from fluxrules.law.rules import Law, Rule
from fluxrules.model.grid import Grid
from fluxrules.model.refusals import NAME as REFUSALS
from fluxrules.text.near import fold
from fluxrules.text.source import Span

WHOLE = ("en vigueur", "projet")
"""Natures of which a whole grid is asked; of the others only what is written is looked at."""


@dataclass(frozen=True)
class Found:
    """A grid against a rule. Its severity is that of the rule on the day, ``most`` at most; ``also`` are other rules to cite."""

    rule: str
    code: str
    message: str
    where: Span
    help: str
    labels: tuple[Label, ...] = ()
    most: Severity = Severity.ERREUR
    also: tuple[str, ...] = ()
    witness: str | None = None


@dataclass(frozen=True)
class Placed:
    """A line of the note with its place in the text. ``low`` and ``high``: what it may be worth, in points; ``claims``: the priorities that it
    says it covers, on its own or by a family above it."""

    line: n.Line
    where: Span
    node: Node | None
    low: Fraction
    high: Fraction
    claims: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.line.path[-1] if self.line.path else "note"

    def written(self, key: str) -> Scalar | None:
        """The scalar of a key of the line's block."""
        found = self.node.get(key) if isinstance(self.node, Mapping) else None
        return found if isinstance(found, Scalar) and not found.empty else None

    @cached_property
    def words(self) -> str:
        """All that a person reads of the line, folded."""
        return fold(" ".join((*self.line.path, self.line.label, self.line.evidence or "")))

    @property
    def worth(self) -> str:
        return show_number(self.high)


@dataclass(frozen=True)
class Case:
    """A grid held against the law of a day."""

    grid: Grid
    law: Law
    _read: dict[tuple[int, bool], frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def tree(self) -> Mapping:
        return self.grid.tree

    @property
    def whole(self) -> bool:
        return self.grid.header.nature in WHOLE

    advice = Severity.CONSEIL

    @property
    def place(self) -> Span:
        return self.grid.place

    def rule(self, rule_id: str) -> Rule:
        """A rule of the day; one that is not in force has no words: what would be found of it is dropped."""
        return self.law.rules[rule_id]

    def at(self, key: str) -> Span:
        """Where a key of the head is, or the grid as a whole."""
        found = self.tree.key(key)
        return found.span if found else self.place

    @cached_property
    def definitions(self) -> dict[str, n.Expr]:
        return dict(self.grid.program.definitions)

    @cached_property
    def lines(self) -> tuple[Placed, ...]:
        """The criteria in written order; what refusals cost is not one of them (``malus``)."""
        return tuple(
            p for line in lines(self.grid.program.root) if line.path != (REFUSALS,) for p in (self._placed(line),)
        )

    @cached_property
    def malus(self) -> Placed | None:
        return next((self._placed(x) for x in lines(self.grid.program.root) if x.path == (REFUSALS,)), None)

    @cached_property
    def priorities(self) -> tuple[Placed, ...]:
        """The lines that say which priority they cover."""
        return tuple(p for p in self.lines if p.claims)

    @cached_property
    def claims(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return claimed(self.grid.program.root)

    def reads(self, expr: n.Expr, *, counts: bool = True) -> Iterator[n.Expr]:
        """A node and all below it, through definitions. Without ``counts``, not what a count counts."""
        stack, seen = [expr], set[str]()
        while stack:
            node = stack.pop()
            yield node
            if isinstance(node, n.Ref):
                if node.name not in seen and node.name in self.definitions:
                    seen.add(node.name)
                    stack.append(self.definitions[node.name])
            elif counts or not isinstance(node, n.Count):
                stack.extend(children(node))

    def fields(self, line: n.Line, *, counts: bool = True) -> frozenset[str]:
        """The names of the fields that a line reads."""
        key = (id(line), counts)
        if key not in self._read:
            nodes = (e for x in line_exprs(line) for e in self.reads(x, counts=counts))
            self._read[key] = frozenset(e.name for e in nodes if isinstance(e, n.Field))
        return self._read[key]

    def _placed(self, line: n.Line) -> Placed:
        node: Node | None = self.tree.get("note")
        where = self.at("note")
        if line.path == (REFUSALS,):
            node, where = self.tree.get(REFUSALS), self.at(REFUSALS)
        for step in line.path if line.path != (REFUSALS,) else ():
            inside = node.get("critères") if isinstance(node, Mapping) else None
            key = inside.key(step) if isinstance(inside, Mapping) else None
            if not isinstance(inside, Mapping) or key is None:
                break
            node, where = inside.get(step), key.span
        program = self.grid.program
        low, high = points_range(line.points, self.definitions, dict(program.parameters)) or (0, 0)
        scale = program.scale
        return Placed(line, where, node, Fraction(low, scale), Fraction(high, scale), self.claims.get(line.path, ()))


Check = Callable[[Case], Iterator[Found]]
