"""What every check of a dossier looks up: the fluxes of a bailleur, their assiettes, the loans repaid, the law of a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.assiette import Assiette, forecast
from fluxrules.flux.of_year import repayments, seen_of
from fluxrules.flux.territory import communes_of, departements_of
from fluxrules.law.rules import Code, Law
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Convention, Party, Scale
from fluxrules.model.flux.year import FluxYear

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables

IN_FORCE, PROJECT = "en vigueur", "projet"
WHOLE = (IN_FORCE, PROJECT)
"""Natures that are held against the whole law; what is over is looked at, and nothing of it is refused."""


@dataclass(frozen=True)
class Context:
    """``day`` is the day that was asked; each document is judged on the nearest day of its own validity."""

    dossier: Dossier
    day: date
    code: Code
    tables: FluxTables | None = None
    _laws: dict[date, Law] = field(default_factory=dict, compare=False, repr=False)
    _assiettes: dict[str, Assiette] = field(default_factory=dict, compare=False, repr=False)

    def law(self, day: date) -> Law:
        """The law of a day. Conventions are many, the days that matter few."""
        if day not in self._laws:
            self._laws[day] = self.code.at(day)
        return self._laws[day]

    @cached_property
    def repaid(self) -> Mapping[str, date | None]:
        return repayments(self.tables)

    @cached_property
    def _years(self) -> Mapping[tuple[str, int], tuple[FluxYear, ...]]:
        found: dict[tuple[str, int], list[FluxYear]] = {}
        for year in self.dossier.years:
            found.setdefault((year.bailleur.code, year.year), []).append(year)
        return {k: tuple(v) for k, v in found.items()}

    @cached_property
    def holders(self) -> Mapping[str, Party]:
        """Every réservataire of the dossier, by its code."""
        return {c.reservataire.code: c.reservataire for c in self.dossier.conventions}

    @cached_property
    def years_by_bailleur(self) -> Mapping[str, tuple[FluxYear, ...]]:
        """In the order of the years."""
        found: dict[str, list[FluxYear]] = {}
        for year in sorted(self.dossier.years, key=lambda y: y.year):
            found.setdefault(year.bailleur.code, []).append(year)
        return {k: tuple(v) for k, v in found.items()}

    def year_of(self, bailleur: str, scale: Scale, year: int) -> FluxYear | None:
        """The flux of a bailleur that holds a scale: that of the scale itself, or of a département that it touches."""
        own = self._years.get((bailleur, year), ())
        exact = next((y for y in own if y.scale == scale), None)
        if exact is not None or not own:
            return exact
        touched = departements_of(scale)
        return next((y for y in own if y.scale.kind == "département" and touched <= set(y.scale.codes)), None)

    def assiette(self, year: FluxYear) -> Assiette:
        """What is expected of a year. Its own defects are said where the assiette is computed, not here."""
        if year.name not in self._assiettes:
            self._assiettes[year.name] = forecast(year, seen_of(year, self.tables, self.dossier.conventions), Bag())
        return self._assiettes[year.name]

    def amount(self, bailleur: str, scale: Scale, year: int, *, in_qpv: bool | None = None) -> Fraction | None:
        """The net assiette of a scale, in or out of QPV; ``None`` where the documents do not say it."""
        found = self.year_of(bailleur, scale, year)
        if found is None:
            return None
        whole = found.scale == scale or scale.kind == "département"
        return self.assiette(found).on(None if whole else communes_of(scale), in_qpv)


def last_day(convention: Convention) -> date | None:
    """The last day of a convention, inclusive."""
    return convention.last


def within(convention: Convention, day: date) -> date:
    """The day, or the nearest one that the convention covers."""
    end = last_day(convention)
    day = max(day, convention.since)
    return end if end is not None and end < day else day
