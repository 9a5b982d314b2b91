"""How the comparison of a line turned out in each row, as a small whole number: all that matters of wide columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fluxrules.engines.numpy.expressions import number, truth
from fluxrules.engines.numpy.points import meets
from fluxrules.engines.numpy.scope import Scope
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import children

MOST_BANDS = 100
MOST_OUTCOMES = 9 * (MOST_BANDS + 3)


def is_plain(line: n.Line, definitions: Mapping[str, n.Expr]) -> bool:
    """Whether the line is one comparison of numbers computed from fields, or bands of such a number, or both."""
    condition, points = line.condition, line.points
    if condition is not None and not (isinstance(condition, n.Compare) and _arithmetic(condition, definitions)):
        return False
    if isinstance(points, n.Bands):
        return len(points.bands) <= MOST_BANDS and _arithmetic(points.item, definitions)
    return isinstance(points, n.Fixed) and condition is not None


def _arithmetic(e: n.Expr, definitions: Mapping[str, n.Expr]) -> bool:
    match e:
        case n.Ref(name=name):
            return _arithmetic(definitions[name], definitions)
        case n.Field() | n.Const() | n.Param():
            return True
        case n.Add() | n.Mul() | n.Div() | n.Compare():
            return all(_arithmetic(x, definitions) for x in children(e))
        case _:
            return False


def outcome_of(line: n.Line, s: Scope) -> NDArray[Any]:
    """Below ``MOST_OUTCOMES``: the grades of the condition, then the band met (none, unknown and sans objet apart)."""
    found: NDArray[Any] = np.zeros(1, dtype=np.uint32)
    if line.condition is not None:
        t = truth(line.condition, s)
        found = t.low.astype(np.uint32) * 3 + t.high
    if not isinstance(line.points, n.Bands):
        return found
    x = number(line.points.item, s)
    band = np.zeros(1, dtype=np.uint32)
    for place, b in reversed(list(enumerate(line.points.bands, 1))):
        band = np.where(meets(b, x), np.uint32(place), band)
    if x.known is not None:
        band = np.where(x.known, band, np.uint32(MOST_BANDS + 1))
    if x.void is not None:
        band = np.where(x.void, np.uint32(MOST_BANDS + 2), band)
    return found * np.uint32(MOST_BANDS + 3) + band
