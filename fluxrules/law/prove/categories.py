"""Which lines of a grid stand for a legal priority: those that say so, and those whose condition is the library's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import lines
from fluxrules.law.coverage import claimed
from fluxrules.model.grid import Grid
from fluxrules.model.library import legal_categories
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.vocabulary.load import standard_vocabulary


@dataclass(frozen=True)
class Category:
    """A legal priority as the library reads it: ``condition`` is wide, ``least`` are the households that every file agrees on."""

    name: str
    condition: n.Expr
    least: n.Expr


@dataclass(frozen=True)
class Claim:
    """The lines of a grid that pay a priority. ``least``: whom they must at least pay; ``None`` for the library's own line, which is
    wider by construction."""

    name: str
    lines: tuple[n.Line, ...]
    least: n.Expr | None

    @property
    def subject(self) -> str:
        """The criterion where it is one, else the priority."""
        return self.lines[0].path[-1] if len(self.lines) == 1 else self.name

    @property
    def label(self) -> str:
        return (self.lines[0].label or self.subject) if len(self.lines) == 1 else self.name

    @property
    def paths(self) -> frozenset[tuple[str, ...]]:
        return frozenset(x.path for x in self.lines)


@cache
def canonical() -> tuple[Mapping[str, Category], n.Program]:
    """Each legal priority by its stable name, and the program of the definitions that they read. Raises ``ValueError``: it is ours."""
    vocabulary = standard_vocabulary()
    env = Env(vocabulary, Bag())
    found: dict[str, Category] = {}
    for code, criterion in legal_categories().items():
        if criterion.condition is None or criterion.least is None:
            continue
        wide, least = (lower_condition(env, x, vocabulary.principal) for x in (criterion.condition, criterion.least))
        if wide is None or least is None:
            raise ValueError([d.message for d in env.bag.items])
        found[code] = Category(criterion.name, wide, least)
    definitions = tuple((x, e) for x in env.order if (e := env.done[f"{vocabulary.principal}.{x}"]) is not None)
    return found, n.Program(n.Family(n.Reducer.SUM, ()), definitions, tuple(env.published.items()))


def claims(grid: Grid) -> tuple[Claim, ...]:
    """The priorities that a grid pays, in the order of its lines; a family that covers one shares it between its lines."""
    known, _ = canonical()
    said = claimed(grid.program.root)
    by_code: dict[str, list[n.Line]] = {}
    for line in lines(grid.program.root):
        pays = not isinstance(line.points, n.Fixed) or (line.points.points or 0) > 0
        codes = said[line.path] or tuple(code for code, c in known.items() if pays and c.condition == line.condition)
        for code in codes:
            by_code.setdefault(code, []).append(line)
    found = []
    for code, own in by_code.items():
        c = known[code]
        ours = any(line.condition == c.condition and isinstance(line.points, n.Fixed) for line in own)
        found.append(Claim(c.name, tuple(own), None if ours and len(own) == 1 else c.least))
    return tuple(found)


def priorities(grid: Grid, program: n.Program) -> tuple[n.Line, ...]:
    """The lines of ``program``, which is the grid's on one day, that stand for a legal priority."""
    paths = frozenset().union(*(c.paths for c in claims(grid)))
    return tuple(line for line in lines(program.root) if line.path in paths)
