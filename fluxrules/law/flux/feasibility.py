"""The floor outside QPV, the uniformity by commune and the ceiling, solved together and exactly over communes × QPV.

The State takes ``total`` of the flux. What it can place outside QPV is bounded by the flux there: by its volume in all where communes may
differ, commune by commune where they may not. So the three hold together if, and only if, that bound reaches the floor:

    min(total × F, Fh) ≥ floor × Fh                    without uniformity
    Σ over communes of min(total × Fc, Fhc) ≥ floor × Fh   with it

where F is the net flux, Fh its part outside QPV. No search is needed, and no rounding happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

ZERO = Fraction(0)


@dataclass(frozen=True)
class Place:
    """A commune: its net flux, and the part of it outside QPV."""

    flux: Fraction
    outside: Fraction


class Frees(Enum):
    """What makes the terms possible. ``UNIFORM``: a stipulation on communes is enough; ``OUTSIDE``: one on the floor outside QPV."""

    NOTHING = "rien : c'est possible"
    UNIFORM = "par commune"
    OUTSIDE = "hors QPV"


@dataclass(frozen=True)
class Solved:
    """``least``: the smallest total that the floor allows, communes being free to differ."""

    frees: Frees
    least: Fraction


def solve(total: Fraction, floor: Fraction, places: Sequence[Place], *, uniform: bool) -> Solved:
    """Whether the State can take ``total`` and at least ``floor`` outside QPV. No flux at all asks nothing."""
    flux, outside = sum((p.flux for p in places), ZERO), sum((p.outside for p in places), ZERO)
    if flux == 0:
        return Solved(Frees.NOTHING, ZERO)
    least = floor * outside / flux
    if total < least:
        return Solved(Frees.OUTSIDE, least)
    reached = sum((min(total * p.flux, p.outside) for p in places), ZERO)
    if uniform and reached < floor * outside:
        return Solved(Frees.UNIFORM, least)
    return Solved(Frees.NOTHING, least)
