"""What ranges alone prove of a priority: that its line adds points to whoever has it, whatever the other local lines give.

A line goes from absent to acquired; each family above passes the rise on, or its reducer or its limits may swallow it. Other lines may be
worth anything between their ends, those of other priorities are absent: it is asked of whoever has this one alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from fluxrules.ir import nodes as n
from fluxrules.ir.ranges import clamp, points_range
from fluxrules.ir.walk import lines

Path = tuple[str, ...]
Span = tuple[int, int]


@dataclass(frozen=True)
class Rise:
    """A value that grew strictly: it was at most ``before`` and is at least ``after``."""

    before: int
    after: int


def pays(program: n.Program, line: n.Line, priorities: frozenset[Path]) -> bool:
    """Whether ranges prove it; ``False`` says only that they do not."""
    return _rise(program, program.root, line, priorities - {line.path}) is not None


def _rise(program: n.Program, item: n.Line | n.Family, line: n.Line, absent: frozenset[Path]) -> Rise | None:
    if isinstance(item, n.Line):
        low, _ = _ends(program, item)
        return Rise(0, low) if low > 0 else None
    inside = next(i for i in item.items if any(x.path == line.path for x in lines(i)))
    grown = _rise(program, inside, line, absent)
    if grown is None:
        return None
    others = [span(program, i, absent) for i in item.items if i is not inside]
    low, high = sum(x for x, _ in others), sum(x for _, x in others)
    match item.reducer:
        case n.Reducer.SUM:
            rise = Rise(high + grown.before, low + grown.after)
        case n.Reducer.MAX:
            top = max((x for _, x in others), default=0)
            if grown.after <= max(top, grown.before, 0):
                return None
            rise = Rise(max(top, grown.before, 0), grown.after)
        case _:
            return None
    if (item.cap is not None and rise.before >= item.cap) or (item.floor is not None and rise.after <= item.floor):
        return None
    return Rise(clamp(rise.before, item.floor, item.cap), clamp(rise.after, item.floor, item.cap))


def span(program: n.Program, item: n.Line | n.Family, absent: frozenset[Path] = frozenset()) -> Span:
    """The least and the greatest that an item may add to a sum; some lines are absent."""
    if isinstance(item, n.Line):
        if item.path in absent:
            return 0, 0
        low, high = _ends(program, item)
        return min(0, low), max(0, high)
    parts = [span(program, i, absent) for i in item.items]
    if item.reducer is n.Reducer.SUM:
        low, high = sum(x for x, _ in parts), sum(x for _, x in parts)
    else:
        low, high = min((x for x, _ in parts), default=0), max((x for _, x in parts), default=0)
    return clamp(low, item.floor, item.cap), clamp(high, item.floor, item.cap)


def _ends(program: n.Program, line: n.Line) -> Span:
    found = points_range(line.points, dict(program.definitions), dict(program.parameters))
    return found if found is not None else (0, 0)
