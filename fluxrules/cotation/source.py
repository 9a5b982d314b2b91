"""Where the demandes of a run come from: tables already read, or large Parquet tables read piece by piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import polars as pl

from fluxrules.cotation.intake import Piece, piece_of
from fluxrules.cotation.workplace import LAID_OUT, Workplace
from fluxrules.data.findings import Tally, no_rejects, summed
from fluxrules.data.layout import laid_out, lay_out
from fluxrules.data.parts import (
    ALWAYS,
    LARGEST_PART,
    Numbers,
    Parts,
    UnreadPartError,
    all_numbers,
    first_look,
    narrowed,
    read_part,
    unread,
)
from fluxrules.data.read import Reading
from fluxrules.data.references import COLUMNS as REFERENCES
from fluxrules.data.tables import Tables
from fluxrules.diagnostics.diagnostic import Bag, Diagnostic
from fluxrules.engines.numpy.chunks import workers
from fluxrules.engines.numpy.columns import fields_of
from fluxrules.engines.numpy.run import entities_of
from fluxrules.ir import nodes as n
from fluxrules.vocabulary.fields import Vocabulary

T = TypeVar("T")


@dataclass
class Report:
    """What was read, once it is: ``rows_in`` demandes in the files, the rejects, what is said of the data."""

    rows_in: int = 0
    rejects: pl.DataFrame = field(default_factory=no_rejects)
    diagnostics: tuple[Diagnostic, ...] = ()

    def forget(self) -> None:
        """As before anything was read."""
        self.rows_in, self.rejects, self.diagnostics = 0, no_rejects(), ()


class BrokenDataError(Exception):
    """A file of the data cannot be read to its end; ``Report.diagnostics`` says which."""


def from_tables(tables: Tables, programs: Sequence[n.Program]) -> Iterator[Piece]:
    """Tables in memory, as one piece."""
    yield piece_of(tables, programs)


def from_parts(
    parts: Parts, place: Workplace, programs: Sequence[n.Program], vocabulary: Vocabulary, reference: date, report: Report
) -> Iterator[Piece]:  # fmt: skip
    """Large Parquet tables piece by piece; ``report`` is whole once the last is given. Raises ``BrokenDataError``, ``MisalignedError``.

    ``place`` is where tables whose parts are too large are laid out again.
    """
    try:
        report.diagnostics = first_look(parts, vocabulary, reference)
        if any(d.severity.label == "erreur" for d in report.diagnostics):
            raise BrokenDataError
        columns = (
            (frozenset(f.column for f in fields_of(programs)) - frozenset(REFERENCES)) | _behind(programs) | ALWAYS
        )
        narrow = narrowed(vocabulary, columns, frozenset({"demandes", "choix", *entities_of(programs).values()}))
        numbers = all_numbers(parts)
        if parts.largest > LARGEST_PART:
            if not place.has(LAID_OUT):
                with place.step(LAID_OUT) as folder:
                    lay_out(parts, folder, columns)
            parts = laid_out(parts, place.folder / LAID_OUT)
    except UnreadPartError as error:
        bag = Bag()
        unread(error.name, bag)
        report.diagnostics = (*report.diagnostics, *bag.items)
        raise BrokenDataError from error
    yield from _pieces(parts, numbers, programs, narrow, reference, report)


def _behind(programs: Sequence[n.Program]) -> frozenset[str]:
    """The columns that computed ones are made of: places of residence and of work, for what depends on the place wanted."""
    places = any(f.entity == "choix" for f in fields_of(programs))
    columns = ("code_commune_residence", "code_commune_travail_demandeur", "code_commune_travail_codemandeur")
    return frozenset(columns if places else ())


def _pieces(
    parts: Parts,
    numbers: Numbers,
    programs: Sequence[n.Program],
    vocabulary: Vocabulary,
    reference: date,
    report: Report,
) -> Iterator[Piece]:
    tallies: list[Tally] = []
    rejects = [no_rejects()]
    others: dict[tuple[str, str], Diagnostic] = {}

    def read(number: int) -> tuple[Reading, Piece | None]:
        reading = read_part(parts, number, numbers, vocabulary, reference)
        return reading, None if reading.tables is None else piece_of(reading.tables, programs, reading.links)

    for reading, piece in ahead(read, range(len(parts.parts))):
        if piece is None:
            report.diagnostics = (*report.diagnostics, *reading.diagnostics)
            raise BrokenDataError
        report.rows_in += reading.rows_in
        rejects.append(reading.rejects)
        tallies += reading.tallies
        counted = {(t.code, t.where.place) for t in reading.tallies}
        for d in reading.diagnostics:
            if (d.code, d.place) not in counted:
                others.setdefault((d.code, d.message), d)
        yield piece
    bag = Bag()
    summed(tallies, bag)
    report.diagnostics = (*report.diagnostics, *others.values(), *bag.items)
    report.rejects = pl.concat(rejects).sort("fichier", "ligne", "champ")


def ahead(work: Callable[[int], T], numbers: Sequence[int], threads: int = 2) -> Iterator[T]:
    """The results in order, computed a few ahead of what is taken: memory does not grow with their number."""
    with workers(threads) as pool:
        waiting: deque[Future[T]] = deque()
        for number in numbers:
            waiting.append(pool.submit(work, number))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
