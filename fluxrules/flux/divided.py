"""The dwellings of a réservataire that is divided in parts (« se divise en ») : a mayor and boroughs, half each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fluxrules.flux.repartition import Claim, allot
from fluxrules.model.flux.values import Part


@dataclass(frozen=True)
class OfPart:
    """``due``: exact; ``dwellings``: whole, ``None`` where those of the réservataire are not known."""

    part: Part
    due: Fraction | None
    dwellings: int | None


def divided(parts: Sequence[Part], due: Fraction | None, dwellings: int | None, year: int) -> tuple[OfPart, ...]:
    """The largest remainder among parts. Equals take turns: the first one named has the odd dwelling one year, the next one the year after."""
    given: dict[str, int] = {}
    if dwellings is not None and parts:
        turn = year % len(parts)
        order = [p.code for p in (*parts[turn:], *parts[:turn])]
        given = {a.code: a.dwellings for a in allot(dwellings, [Claim(p.code, p.share) for p in parts], order=order)}
    return tuple(OfPart(p, None if due is None else due * p.share, given.get(p.code)) for p in parts)
