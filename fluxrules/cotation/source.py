"""Where the demandes of a run come from: tables already read, or large Parquet tables read piece by piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

import polars as pl
from numpy.typing import NDArray

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
    crowds,
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
from fluxrules.vocabulary.load import standard_vocabulary

T = TypeVar("T")
Links = Mapping[str, NDArray[Any]]
"""Those of ``Reading``."""


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
    """The columns that programs read of large Parquet tables, piece by piece, as ``in_parts`` does."""
    columns = (frozenset(f.column for f in fields_of(programs)) - frozenset(REFERENCES)) | _behind(programs) | ALWAYS
    narrow = narrowed(vocabulary, columns, frozenset({"demandes", "choix", *entities_of(programs).values()}))
    return in_parts(parts, place, narrow, reference, report, lambda tables, links: piece_of(tables, programs, links))


def in_parts(
    parts: Parts, place: Workplace, vocabulary: Vocabulary, reference: date, report: Report, work: Callable[[Tables, Links], T]
) -> Iterator[T]:  # fmt: skip
    """What ``work`` makes of large Parquet tables, part by part; ``report`` is whole once the last is given.

    ``vocabulary``: that of the columns to read (``narrowed``). ``place`` is where tables whose parts are too large are laid out
    again. Raises ``BrokenDataError``, ``MisalignedError``.
    """
    try:
        report.diagnostics = first_look(parts, standard_vocabulary(), reference)  # all that may be said of columns
        if any(d.severity.label == "erreur" for d in report.diagnostics):
            raise BrokenDataError
        with workers(1) as pool:  # beside the look at every number
            crowded = pool.submit(crowds, parts, vocabulary)
            numbers = replace(all_numbers(parts), crowded=crowded.result())
        if parts.largest > LARGEST_PART:
            if not place.has(LAID_OUT):
                with place.step(LAID_OUT) as folder:
                    lay_out(
                        parts,
                        folder,
                        frozenset(f.column for e in vocabulary.entities.values() for f in e.fields.values()),
                    )
            parts = laid_out(parts, place.folder / LAID_OUT)
        yield from _each(parts, numbers, vocabulary, reference, report, work)
    except UnreadPartError as error:
        bag = Bag()
        unread(error.name, bag)
        report.diagnostics = (*report.diagnostics, *bag.items)
        raise BrokenDataError from error


def _behind(programs: Sequence[n.Program]) -> frozenset[str]:
    """The columns that computed ones are made of: places of residence and of work, for what depends on the place wanted."""
    places = any(f.entity == "choix" for f in fields_of(programs))
    columns = ("code_commune_residence", "code_commune_travail_demandeur", "code_commune_travail_codemandeur")
    return frozenset(columns if places else ())


def _each(
    parts: Parts,
    numbers: Numbers,
    vocabulary: Vocabulary,
    reference: date,
    report: Report,
    work: Callable[[Tables, Links], T],
) -> Iterator[T]:
    tallies: list[Tally] = []
    rejects = [no_rejects()]
    others: dict[tuple[str, str], Diagnostic] = {}

    def read(number: int) -> tuple[Reading, T | None]:
        reading = read_part(parts, number, numbers, vocabulary, reference)
        links = reading.links
        return replace(reading, tables=None), None if reading.tables is None else work(reading.tables, links)

    for reading, made in ahead(read, range(len(parts.parts))):
        if made is None:
            report.diagnostics = (*report.diagnostics, *reading.diagnostics)
            raise BrokenDataError
        report.rows_in += reading.rows_in
        rejects.append(reading.rejects)
        tallies += reading.tallies
        counted = {(t.code, t.where.place) for t in reading.tallies}
        for d in reading.diagnostics:
            if (d.code, d.place) not in counted:
                others.setdefault((d.code, d.message), d)
        yield made
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
