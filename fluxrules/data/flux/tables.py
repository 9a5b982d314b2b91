"""The tables of a year of flux, as every computation takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from fluxrules.diagnostics.diagnostic import Diagnostic, Severity

NAMES = ("logements", "liberations", "attributions", "reservataires", "droits", "prets", "programmes", "journal")

NO_QPV = ""
"""In ``code_qpv_…``: a dwelling that is in no QPV of that year; null is not known."""


@dataclass(frozen=True)
class Extent:
    """``last``: the day of the last libération of each year; ``lets``: the years in which a lease is known."""

    last: Mapping[int, date] = field(default_factory=dict)
    lets: frozenset[int] = frozenset()


def _extent(releases: pl.DataFrame | None, cases: pl.DataFrame | None) -> Extent:
    last: dict[int, date] = {}
    if releases is not None:
        day = pl.col("date_liberation")
        rows = releases.filter(day.is_not_null()).group_by(day.dt.year().alias("annee")).agg(day.max())
        last = dict(rows.iter_rows())
    return Extent(last, frozenset(cases["date_bail"].dt.year().drop_nulls()) if cases is not None else frozenset())


@dataclass(frozen=True)
class FluxTables:
    """One frame a table, with every column of ``rulesets/vocabulaire-flux`` and its type: text, ``pl.Int64``, ``pl.Date``, booleans, and
    ``pl.Enum`` for the codes of a nomenclature. Rows are in the order of the file.

    ``None``: the table was not given, what it would say is unknown, not empty. A column that was not given is null throughout;
    ``given`` names those that were, by table: an empty column says « none », an absent one says nothing.
    """

    logements: pl.DataFrame | None = None
    liberations: pl.DataFrame | None = None
    attributions: pl.DataFrame | None = None
    reservataires: pl.DataFrame | None = None
    droits: pl.DataFrame | None = None
    prets: pl.DataFrame | None = None
    programmes: pl.DataFrame | None = None
    journal: pl.DataFrame | None = None
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    whole: Extent | None = None
    """For one bailleur's part: how far the tables go that it was taken from."""

    def table(self, name: str) -> pl.DataFrame | None:
        """A table by its name in files."""
        found: pl.DataFrame | None = getattr(self, name)
        return found

    @property
    def extent(self) -> Extent:
        """How far the tables go: a bailleur without departures in a year that they cover had none; a year that they do not is unknown."""
        return self.whole or _extent(self.liberations, self.attributions)

    def says(self, table: str, column: str) -> bool:
        """Whether a file has this column, be it empty."""
        return column in self.given.get(table, ())


@dataclass(frozen=True)
class FluxReading:
    """``rows_in``: how many rows each table had; those kept are in ``tables``, all others in ``rejects``, each once.

    ``tables`` is ``None`` when a file could not be read, or must not be (an identity).
    """

    tables: FluxTables | None
    rejects: pl.DataFrame
    diagnostics: tuple[Diagnostic, ...]
    rows_in: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not any(d.severity is Severity.ERREUR for d in self.diagnostics)
