"""The syntax tree of an expression: what was written, before any meaning. ``at`` is its place in the expression's text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

At = tuple[int, int]


@dataclass(frozen=True)
class Number:
    """A number and the unit written behind it (``None`` for none)."""

    value: Fraction
    unit: str | None = None
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class DateLiteral:
    value: date
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Text:
    """A value between guillemets."""

    value: str
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Name:
    name: str
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Elapsed:
    """Time elapsed since a date field."""

    name: Name
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Not:
    item: Expr
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Logical:
    """``op`` is ``et`` or ``ou``; mixing both without parentheses was refused by the parser."""

    op: str
    items: tuple[Expr, ...]
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Comparison:
    """``op`` is one of ``< <= > >= = ≠``."""

    op: str
    left: Expr
    right: Expr
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class OneOf:
    """``x est « a »``, ``x est parmi (…)``; ``negated`` for ``n'est pas``."""

    item: Expr
    values: tuple[Text, ...]
    negated: bool
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Contains:
    """``liste contient « a »`` or one of several."""

    item: Expr
    values: tuple[Text, ...]
    negated: bool
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class IsKnown:
    item: Expr
    negated: bool
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Quantifier:
    """``kind``: ``au moins`` (with ``count``), ``aucun``, ``tous``, ``nombre``; over the rows of ``scope`` where ``where``."""

    kind: str
    scope: Name
    where: Expr | None
    count: int = 1
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Sum:
    """Signed terms: ``(+1, a), (-1, b)``."""

    terms: tuple[tuple[int, Expr], ...]
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Product:
    """Factors, each multiplied (``+1``) or divided (``-1``)."""

    factors: tuple[tuple[int, Expr], ...]
    at: At = field(default=(0, 0), compare=False)


Expr = (
    Number
    | DateLiteral
    | Text
    | Name
    | Elapsed
    | Not
    | Logical
    | Comparison
    | OneOf
    | Contains
    | IsKnown
    | Quantifier
    | Sum
    | Product
)


@dataclass(frozen=True)
class FixedPoints:
    """Constant points; ``None`` for ``sans objet``."""

    value: Fraction | None


@dataclass(frozen=True)
class StepPoints:
    """``rate`` par ``step`` de ``quantity``, kept between ``least`` and ``most``.

    ``quantity`` is ``None`` when the step is words that name a count (« par enfant à charge »), then in ``words``.
    """

    rate: Fraction
    step: Number
    quantity: Expr | None
    words: str
    whole: bool
    least: Fraction | None = None
    most: Fraction | None = None
    at: At = field(default=(0, 0), compare=False)


Points = FixedPoints | StepPoints


@dataclass(frozen=True)
class Bound:
    value: Number
    included: bool


@dataclass(frozen=True)
class BandKey:
    """The bounds of a band; ``None`` for an open end."""

    low: Bound | None
    high: Bound | None
    at: At = field(default=(0, 0), compare=False)


@dataclass(frozen=True)
class Problem:
    """An expression that is not understood: why (French), where in its text, what to do.

    ``precise``: the help is about this very slip, and no other help is better.
    """

    message: str
    at: At
    help: str
    code: str = "FX1001"
    precise: bool = False
