"""Types of values, and the type of every expression node: the rule of a node stands beside its kind."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from fluxrules.language.units import NONE, Unit


@dataclass(frozen=True)
class Bool:
    """True, false or unknown."""


@dataclass(frozen=True)
class Number:
    """An exact rational in base units (months, euros, euros a month, m², days, or none)."""

    unit: Unit = NONE


@dataclass(frozen=True)
class Day:
    """A calendar day."""


@dataclass(frozen=True)
class Duration:
    """Time elapsed since a day: not a number of months (36 months and a day is more than 36 months)."""


@dataclass(frozen=True)
class Choice:
    """One code of a nomenclature; ``codes`` is empty for open lists (communes)."""

    nomenclature: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Many:
    """A set of codes of one nomenclature."""

    of: Choice


Type = Bool | Number | Day | Duration | Choice | Many


@dataclass(frozen=True)
class Range:
    """Least and greatest value a field may take, in base units."""

    low: Fraction
    high: Fraction
