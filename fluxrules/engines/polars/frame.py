"""What lowering carries along: the program's constants, and the columns prepared so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from fluxrules.ir import nodes as n

TRUE, FALSE = pl.lit(True), pl.lit(False)
UNKNOWN = pl.lit(None, dtype=pl.Boolean)


@dataclass
class Frame:
    """``columns``: those the plan has. ``rows`` holds, by node over rows, the columns that its aggregation gave.

    ``numbers``, ``tests``, ``codes`` and ``missing`` are the definitions computed so far, each once: a name used twice at every
    level would otherwise double at every level. ``inside`` is the entity whose rows are being read (``None``: the demande); columns of rows carry no prefix there.
    """

    program: n.Program
    reference: date
    columns: frozenset[str]
    inside: str | None = None
    tables: frozenset[str] = frozenset()
    rows: dict[object, str] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    tests: dict[tuple[str, bool], pl.Expr] = field(default_factory=dict)
    codes: dict[str, pl.Expr] = field(default_factory=dict)
    missing: dict[tuple[str, bool], dict[str, pl.Expr]] = field(default_factory=dict)
    row_missing: dict[object, dict[str, pl.Expr]] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, n.Dated]:
        return dict(self.program.parameters)

    def parameter(self, name: str) -> Fraction | None:
        """The value in force, ``None`` where a published table has none.

        Raises ``ValueError`` when a parameter of the grid has none: callers check first.
        """
        dated = self.parameters[name]
        value = dated.at(self.reference)
        if value is None and dated.table is None:
            raise ValueError(f"parameter {name} has no value on {self.reference}")
        return value

    def column(self, f: n.Field, dtype: pl.DataType) -> pl.Expr:
        """A field's column; one that was not given is unknown throughout."""
        return pl.col(f.column) if f.column in self.columns else pl.lit(None, dtype=dtype)

    def named(self, f: n.Field) -> str:
        """How a missing field is called."""
        return f.name if self.inside is None else f"{f.entity}.{f.name}"
