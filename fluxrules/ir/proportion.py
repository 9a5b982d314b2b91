"""Which numbers are a share: what is left when two quantities of the same unit are divided. People write them in per cent."""

from __future__ import annotations

from collections.abc import Mapping

from fluxrules.ir import nodes as n
from fluxrules.ir.types import Number


def is_share(e: n.Expr, definitions: Mapping[str, n.Expr]) -> bool:
    """Whether an expression is the quotient of two quantities of one same unit. Rooms by persons have no unit: not a share."""
    seen = 0
    while isinstance(e, n.Ref) and e.name in definitions and seen <= len(definitions):
        e, seen = definitions[e.name], seen + 1
    if not isinstance(e, n.Div):
        return False
    over, under = e.left.type, e.right.type
    return isinstance(over, Number) and over == under and bool(over.unit.powers)
