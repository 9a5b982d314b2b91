"""The quality of demandes, wherever they come from: tables in memory, or large Parquet tables part by part."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from fluxrules.cotation.quality import Counts, TerritoryQuality, quality, together
from fluxrules.cotation.source import BrokenDataError, Report, in_parts
from fluxrules.cotation.workplace import Workplace
from fluxrules.data.parts import MisalignedError, Parts
from fluxrules.data.read import Reading
from fluxrules.data.stops import heard_by_us_alone
from fluxrules.diagnostics.diagnostic import Diagnostic
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.load import standard_vocabulary


@dataclass(frozen=True)
class Measured:
    """``found``, ``counts``: ``None`` when the data could not be read."""

    found: Sequence[TerritoryQuality] | None
    counts: Counts | None
    rejects: pl.DataFrame
    diagnostics: tuple[Diagnostic, ...]


def has_choices(given: Parts | Reading) -> bool:
    """Whether the places wanted are given."""
    if isinstance(given, Parts):
        return "choix" in given.tables
    return given.tables is not None and given.tables.choix is not None


def measure(grids: list[Grid], given: Parts | Reading, reference: date, *, everyone: bool = False) -> Measured:
    """``quality`` of all the demandes; memory does not grow with their number when they come in parts."""
    heard_by_us_alone()
    if isinstance(given, Reading):
        if given.tables is None:
            return Measured(None, None, given.rejects, given.diagnostics)
        found, counts = quality(grids, given.tables, reference, everyone=everyone)
        return Measured(found, counts, given.rejects, given.diagnostics)
    report = Report()
    try:
        with tempfile.TemporaryDirectory(prefix="fluxrules-") as folder:
            place = Workplace(Path(folder), resumed=False)
            try:
                found, counts = _all(grids, given, place, report, reference, everyone)
            except MisalignedError:  # known only once some of it was read: all of it is laid out again
                report.forget()
                found, counts = _all(grids, given.to_lay_out(), place, report, reference, everyone)
    except BrokenDataError:
        return Measured(None, None, report.rejects, report.diagnostics)
    return Measured(found, counts, report.rejects, report.diagnostics)


def _all(
    grids: list[Grid], parts: Parts, place: Workplace, report: Report, reference: date, everyone: bool
) -> tuple[list[TerritoryQuality], Counts]:
    """Every column is read: odd values are part of the quality, whether a grid reads them or not."""
    vocabulary = standard_vocabulary()
    each = in_parts(
        parts,
        place,
        vocabulary,
        reference,
        report,
        lambda tables, _: quality(grids, tables, reference, everyone=everyone),
    )
    return together(each)
