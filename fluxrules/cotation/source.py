"""Where the demandes of a run come from: tables already read, or large Parquet tables read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from fluxrules.cotation.intake import Piece, piece_of
from fluxrules.data.findings import Tally, no_rejects, summed
from fluxrules.data.layout import lay_out
from fluxrules.data.parts import ALWAYS, LINE, Numbers, Parts, all_numbers, are_aligned, first_look, read_parts
from fluxrules.data.references import COLUMNS as REFERENCES
from fluxrules.data.tables import Tables
from fluxrules.diagnostics.diagnostic import Bag, Diagnostic
from fluxrules.engines.numpy.columns import fields_of
from fluxrules.ir import nodes as n
from fluxrules.vocabulary.fields import Vocabulary


@dataclass
class Report:
    """What was read, once it is: ``rows_in`` demandes in the files, the rejects, what is said of the data. ``broken``: a file was not read."""

    rows_in: int = 0
    rejects: pl.DataFrame = field(default_factory=no_rejects)
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: bool = False
    has_choices: bool = False


class BrokenDataError(Exception):
    """A file of the data cannot be read to its end; ``Report.diagnostics`` says which."""


def from_tables(tables: Tables, programs: Sequence[n.Program]) -> Iterator[Piece]:
    """Tables in memory, as one piece."""
    yield piece_of(tables, programs)


def from_parts(
    parts: Parts, work: Path, programs: Sequence[n.Program], vocabulary: Vocabulary, reference: date, report: Report
) -> Iterator[Piece]:
    """Large Parquet tables piece by piece; ``report`` is whole once the last is given. Raises ``BrokenDataError``.

    ``work`` is where tables whose parts do not match are laid out again.
    """
    report.diagnostics = first_look(parts, vocabulary, reference)
    if any(d.severity.label == "erreur" for d in report.diagnostics):
        report.broken = True
        raise BrokenDataError
    columns = frozenset(f.column for f in fields_of(programs)) | _behind(programs)
    numbers = all_numbers(parts)
    if not are_aligned(parts, numbers):
        parts = lay_out(parts, work / "tables", columns | ALWAYS | {LINE})
    yield from _pieces(parts, numbers, programs, vocabulary, reference, columns, report)


def _behind(programs: Sequence[n.Program]) -> frozenset[str]:
    """The columns that computed ones are made of: places of residence and of work, for what depends on the place wanted."""
    places = any(f.entity == "choix" for f in fields_of(programs))
    return frozenset(
        {"code_commune_residence", "code_commune_travail_demandeur", "code_commune_travail_codemandeur"}
        if places
        else ()
    )


def _pieces(
    parts: Parts, numbers: Numbers, programs: Sequence[n.Program], vocabulary: Vocabulary, reference: date,
    columns: frozenset[str], report: Report,
) -> Iterator[Piece]:  # fmt: skip
    tallies: list[Tally] = []
    rejects = [no_rejects()]
    others: dict[tuple[str, str], Diagnostic] = {}
    counted = {"rejetée", "inconnue", "détachée"}
    for reading in read_parts(parts, numbers, vocabulary, reference, columns - frozenset(REFERENCES)):
        report.rows_in += reading.rows_in
        rejects.append(reading.rejects)
        tallies += [t for t in reading.tallies if t.kind in counted]
        told = len(reading.tallies)
        if reading.tables is None:
            report.diagnostics = (*report.diagnostics, *reading.diagnostics)
            report.broken = True
            raise BrokenDataError
        for d in reading.diagnostics if told < len(reading.diagnostics) else ():
            others.setdefault((d.code, d.message), d)
        yield piece_of(reading.tables, programs)
    bag = Bag()
    summed(tallies, bag)
    said = {(t.code, t.where.place) for t in tallies}
    left = [d for d in others.values() if (d.code, d.place) not in said]
    report.diagnostics = (*report.diagnostics, *left, *bag.items)
    report.rejects = pl.concat(rejects).sort("fichier", "ligne", "champ")
