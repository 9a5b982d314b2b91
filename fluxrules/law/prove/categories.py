"""Which lines of a grid stand for a legal priority: those that say so, and those whose condition is the library's."""

from __future__ import annotations

from functools import cache

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Scalar, Sequence
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import lines
from fluxrules.model.grid import Grid
from fluxrules.model.library import load_libraries
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

LIBRARY = "bibliothèque/priorités-légales"


@cache
def canonical() -> tuple[tuple[str, n.Expr], ...]:
    """The condition of each legal priority of the library. Raises ``ValueError``: it is ours."""
    vocabulary = standard_vocabulary()
    span = Source(LIBRARY, LIBRARY).span(0, 0)
    bag = Bag()
    found = load_libraries(Sequence((Scalar(LIBRARY, span),), span), bag)
    env = Env(vocabulary, bag)
    written = [(name, c.condition) for name, c in found.items() if c.condition is not None]
    read = [(name, lower_condition(env, condition, vocabulary.principal)) for name, condition in written]
    if bag.has_errors:
        raise ValueError([d.message for d in bag.items])
    return tuple((name, e) for name, e in read if e is not None)


def category(line: n.Line) -> str | None:
    """The priority that a line of a grid, as written, stands for."""
    said = getattr(line, "covers", None)
    if said:
        return said if isinstance(said, str) else str(said[0])
    return next((name for name, e in canonical() if e == line.condition), None)


def priorities(grid: Grid, program: n.Program) -> tuple[n.Line, ...]:
    """The lines of ``program``, which is the grid's on one day, that stand for a legal priority."""
    paths = {line.path for line in lines(grid.program.root) if category(line) is not None}
    return tuple(line for line in lines(program.root) if line.path in paths)
