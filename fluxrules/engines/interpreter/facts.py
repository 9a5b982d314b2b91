"""What is known of one demande, as the interpreter reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

# A code of a nomenclature, a date, a boolean, a number in the unit of the column, a set of codes (None inside: an element
# that is not known), or None: unknown.
Value = bool | int | Fraction | date | str | frozenset[str | None] | None
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Facts:
    """``values`` by field name; ``rows`` by entity, ``None`` or no key when the table was not given.

    ``stated`` gives the value of a definition outright (an example may say ``taux_effort: 35 %``), in base units.
    """

    values: Row
    rows: Mapping[str, tuple[Row, ...] | None] = field(default_factory=dict)
    stated: Row = field(default_factory=dict)
