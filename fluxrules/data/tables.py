"""The canonical tables that every reader gives and every engine takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

KEY = "numero_unique"


@dataclass(frozen=True)
class Tables:
    """Demandes and what hangs on them, joined on ``numero_unique``.

    Columns are those of ``rulesets/vocabulaire`` (``colonne``, or the field's name without accents); enumerations hold the
    code of their nomenclature as text, lists are ``pl.List(pl.String)``, dates ``pl.Date``, amounts ``pl.Int64``.
    ``None`` means that a table was not given: what it would say is unknown, not empty.
    """

    demandes: pl.DataFrame
    membres: pl.DataFrame | None = None
    choix: pl.DataFrame | None = None
    evenements: pl.DataFrame | None = None


@dataclass(frozen=True)
class CheckedTables(Tables):
    """Tables that were read and checked for a reference date: they need not be looked at again."""

    checked_for: date = date.min
