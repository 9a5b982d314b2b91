"""The nodes of the IR. All are frozen; a node that means the same is equal, whatever words the author chose.

Fields marked ``compare=False`` are presentation: they travel with the node for explanations, and neither equality nor the
fingerprint sees them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from fractions import Fraction

from fluxrules.ir.types import Bool, Choice, Day, Duration, Number, Range, Type
from fluxrules.language.units import MONTHS, NONE, Unit

# --- leaves


@dataclass(frozen=True)
class Field:
    """A field of an entity. A number stored in ``factor`` base units (``€/an`` is 1/12 ``€/mois``)."""

    entity: str
    name: str
    column: str = field(compare=False)
    type: Type = field(compare=True)
    range: Range | None = None
    factor: Fraction = Fraction(1)


@dataclass(frozen=True)
class Const:
    value: Fraction
    unit: Unit = NONE

    @property
    def type(self) -> Number:
        return Number(self.unit)


@dataclass(frozen=True)
class DayConst:
    value: date
    type: Day = field(default=Day(), init=False, compare=False)


@dataclass(frozen=True)
class Param:
    """A dated parameter; its value is the one in force on the reference date. Unknown where a published table has none."""

    name: str
    type: Number


@dataclass(frozen=True)
class Ref:
    """A named definition of the program."""

    name: str
    type: Type


@dataclass(frozen=True)
class Elapsed:
    """Time elapsed between a day and the reference date."""

    since: Field
    type: Duration = field(default=Duration(), init=False, compare=False)


# --- numbers


@dataclass(frozen=True)
class Add:
    items: tuple[Expr, ...]
    type: Number


@dataclass(frozen=True)
class Mul:
    left: Expr
    right: Expr
    type: Number


@dataclass(frozen=True)
class Div:
    """Sans objet as soon as ``right`` is known and not positive."""

    left: Expr
    right: Expr
    type: Number


@dataclass(frozen=True)
class Rows:
    """Rows of an entity in a scope. ``at_least_one``: a demande with no row at all has unknown rows, not none."""

    entity: str
    table: str
    scope: Expr | None
    at_least_one: bool
    most: int


@dataclass(frozen=True)
class Count:
    rows: Rows
    where: Expr | None
    type: Number = field(default=Number(), init=False, compare=False)


@dataclass(frozen=True)
class Pick:
    """One code as a value: the result of a ``Case`` on an enumeration."""

    code: str
    type: Choice


@dataclass(frozen=True)
class Case:
    """The value of the first branch whose condition holds."""

    branches: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr
    type: Type


# --- conditions (all of type Bool)


@dataclass(frozen=True)
class Compare:
    op: str
    left: Expr
    right: Expr
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class CompareDay:
    op: str
    left: Expr
    right: Expr
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class CompareElapsed:
    """``elapsed op length``, where ``length`` is a constant or a parameter in whole months or days."""

    op: str
    elapsed: Elapsed
    length: Const | Param
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class IsOneOf:
    item: Expr
    codes: tuple[str, ...]
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class ContainsAny:
    item: Field
    codes: tuple[str, ...]
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class Not:
    item: Expr
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class And:
    items: tuple[Expr, ...]
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class Or:
    items: tuple[Expr, ...]
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class Exists:
    rows: Rows
    where: Expr | None
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class ForAll:
    rows: Rows
    where: Expr
    type: Bool = field(default=Bool(), init=False, compare=False)


@dataclass(frozen=True)
class Evidence:
    """True once a document is among the verified ones, unknown before: never false."""

    document: str
    verified: Field
    type: Bool = field(default=Bool(), init=False, compare=False)


Expr = (
    Field | Const | DayConst | Param | Ref | Elapsed | Add | Mul | Div | Count | Pick | Case
    | Compare | CompareDay | CompareElapsed | IsOneOf | ContainsAny | Not | And | Or | Exists | ForAll | Evidence
)  # fmt: skip

# --- points: integers in units of the program's scale; None is « sans objet »


@dataclass(frozen=True)
class Fixed:
    points: int | None


@dataclass(frozen=True)
class Table:
    """Points by code; every code of the nomenclature has its entry."""

    item: Expr
    entries: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Band:
    """From ``low`` to ``high`` (``None``: open end); ``*_in`` says whether the bound is inside."""

    low: Fraction | None
    low_in: bool
    high: Fraction | None
    high_in: bool
    points: int | None


@dataclass(frozen=True)
class Bands:
    """Points by band. A value in no band gives no points (reported by ``check``). ``unit`` is that of an elapsed time's bounds."""

    item: Expr
    bands: tuple[Band, ...]
    unit: Unit = MONTHS


@dataclass(frozen=True)
class Steps:
    """``rate × floor(item / step)``, kept between ``least`` and ``most``. Of an elapsed time, whole months are stepped."""

    item: Expr
    rate: int
    step: Fraction
    least: int | None
    most: int | None


Points = Fixed | Table | Bands | Steps


# --- the tree of the note


class Reducer(Enum):
    SUM = "la somme"
    MAX = "le plus élevé"
    MIN = "le plus bas"
    FIRST = "le premier"
    MEAN = "la moyenne"


class Rounding(Enum):
    DOWN = "à l'unité inférieure"
    UP = "à l'unité supérieure"
    NEAREST = "à l'unité la plus proche"


@dataclass(frozen=True)
class Line:
    """``covers`` names what the line claims to pay; it changes no result."""

    points: Points
    condition: Expr | None = None
    if_unknown: int = 0
    evidence: str | None = None
    on_evidence: bool = False
    path: tuple[str, ...] = field(default=(), compare=False)
    label: str = field(default="", compare=False)
    said: tuple[str, ...] = field(default=(), compare=False)
    covers: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Family:
    """``covers``: as of a line."""

    reducer: Reducer
    items: tuple[Line | Family, ...]
    floor: int | None = None
    cap: int | None = None
    rounding: Rounding | None = None
    path: tuple[str, ...] = field(default=(), compare=False)
    label: str = field(default="", compare=False)
    covers: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class TieKey:
    """A key that parts equals: the least value first."""

    item: Expr
    said: str = field(default="", compare=False)


@dataclass(frozen=True)
class Gate:
    """Which demandes a grid is for; ``if_unknown`` says whether it takes those of which the condition is unknown."""

    condition: Expr
    if_unknown: bool
    said: str = field(default="", compare=False)


@dataclass(frozen=True)
class Dated:
    """Values of a parameter, each from a day on, in order.

    ``table`` names the published table that the values come from. It may have days without a value (``None`` from a day on): the
    number is then unknown, between the ends of ``range``. Any other parameter has a value on every day of the run.
    """

    values: tuple[tuple[date, Fraction | None], ...]
    until: date | None = None
    table: str | None = None
    range: Range | None = None

    def at(self, day: date) -> Fraction | None:
        """The value in force on a day, or ``None``."""
        if self.until is not None and day > self.until:
            return None
        found = [v for since, v in self.values if since <= day]
        return found[-1] if found else None

    @property
    def named(self) -> str | None:
        """How a missing value is called; nothing would settle a place that the table never had."""
        return f"barème:{self.table}" if self.table is not None and self.values else None

    @property
    def known(self) -> tuple[Fraction, ...]:
        """The values, whatever their days."""
        return tuple(v for _, v in self.values if v is not None)


@dataclass(frozen=True)
class Program:
    """One grid, resolved. Points are in 1/``scale`` point. ``definitions`` come before those that use them.

    ``classes`` are what makes demandes analogous: codes, or a list of codes that puts a demande in several classes.
    """

    root: Family
    definitions: tuple[tuple[str, Expr], ...] = ()
    parameters: tuple[tuple[str, Dated], ...] = ()
    ties: tuple[TieKey, ...] = ()
    verified: Field | None = None
    scale: int = 1
    classes: tuple[Expr, ...] = ()
    gate: Gate | None = None
