"""Where expressions are evaluated: the rows of a block, and what was computed on them so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fluxrules.engines.numpy.columns import Block, Column
from fluxrules.ir import nodes as n

T = TypeVar("T")
Bits = NDArray[Any]
_WORD = 63


class Names:
    """The names that may settle a line, each with its bit; sixty-three a word."""

    def __init__(self, names: list[str]) -> None:
        self.names = tuple(sorted(set(names)))
        self.words = max(1, -(-len(self.names) // _WORD))
        self.none: Bits = np.zeros((1, self.words), dtype=np.uint64)
        self._bits: dict[str, Bits] = {}
        for i, name in enumerate(self.names):
            bit = np.zeros((1, self.words), dtype=np.uint64)
            bit[0, i // _WORD] = np.uint64(1) << np.uint64(i % _WORD)
            self._bits[name] = bit

    def bit(self, name: str) -> Bits:
        return self._bits[name]

    def listed(self, words: tuple[int, ...]) -> list[str]:
        """The names of a row."""
        return [name for i, name in enumerate(self.names) if words[i // _WORD] >> (i % _WORD) & 1]


@dataclass
class Scope:
    """``inside`` is the entity whose rows the block holds (``None``: the demande). ``memo`` keeps definitions and conditions.

    ``parameters`` holds values in force; a published table that has none on the day stands for itself.
    """

    block: Block
    definitions: Mapping[str, n.Expr]
    parameters: Mapping[str, Fraction | n.Dated]
    reference: date
    names: Names
    inside: str | None = None
    memo: dict[Any, Any] = field(default_factory=dict)
    points: Any = np.int32

    def column(self, f: n.Field) -> Column | None:
        """A field's column; ``None`` when it was not given."""
        return self.block.columns.get(f.column)

    def named(self, f: n.Field) -> str:
        """How a missing field is called."""
        return f.name if self.inside is None else f"{f.entity}.{f.name}"

    def once(self, kind: str, node: object, compute: Callable[[], T]) -> T:
        """Computes a node once: a condition is asked for its truth, and then for what it misses. Nodes live as long as the scope."""
        key = (kind, node if isinstance(node, str) else id(node))
        if key not in self.memo:
            self.memo[key] = compute()
        value: T = self.memo[key]
        return value

    def over(self, block: Block) -> Scope:
        """The same on other rows."""
        return Scope(
            block, self.definitions, self.parameters, self.reference, self.names, self.inside, points=self.points
        )


def missing_names(program: n.Program) -> list[str]:
    """Every name that a result of the program may carry."""
    from fluxrules.ir.walk import descend, program_exprs

    found: list[str] = []
    for expr in program_exprs(program):
        for node in descend(expr):
            if isinstance(node, n.Field):
                found += [node.name, f"{node.entity}.{node.name}"]
            elif isinstance(node, n.Evidence):
                found.append(f"pièce:{node.document}")
            elif isinstance(node, n.Count | n.Exists | n.ForAll):
                found.append(node.rows.table)
    return found + [dated.named for _, dated in program.parameters if dated.named is not None]
