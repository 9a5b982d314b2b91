"""Changes the unit in which the points of a program are counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from fluxrules.ir import nodes as n
from fluxrules.ir.walk import families, lines, point_values

N = TypeVar("N", n.Line, n.Family)


def point_constants(root: n.Family) -> Iterator[int]:
    """Every amount of points written in a tree."""
    for line in lines(root):
        values = (
            *point_values(line.points),
            line.if_unknown,
            line.points.rate if isinstance(line.points, n.Steps) else 0,
        )
        yield from (v for v in values if v is not None)
    for family in families(root):
        yield from (v for v in (family.floor, family.cap) if v is not None)


def divide(root: n.Family, factor: int) -> n.Family:
    """The tree with every amount divided by a common divisor of them all."""

    def d(value: int | None) -> int | None:
        return None if value is None else value // factor

    def points(p: n.Points) -> n.Points:
        match p:
            case n.Fixed():
                return n.Fixed(d(p.points))
            case n.Table():
                return replace(p, entries=tuple((c, d(v)) for c, v in p.entries))
            case n.Bands():
                return replace(p, bands=tuple(replace(b, points=d(b.points)) for b in p.bands))
            case n.Steps():
                return replace(p, rate=p.rate // factor, least=d(p.least), most=d(p.most))

    def item(x: n.Line | n.Family) -> n.Line | n.Family:
        if isinstance(x, n.Family):
            return divide(x, factor)
        return replace(x, points=points(x.points), if_unknown=x.if_unknown // factor)

    return replace(root, items=tuple(item(x) for x in root.items), floor=d(root.floor), cap=d(root.cap))
