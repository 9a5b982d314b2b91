"""Grids and data → the folder of a run: its tables, its rejects, its receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fluxrules.cotation.batch import Asked, Done, Progress, run_in
from fluxrules.cotation.intake import Piece
from fluxrules.cotation.receipt import all_hashes, output_hashes, receipt, signature
from fluxrules.cotation.run import check_run
from fluxrules.cotation.source import BrokenDataError, Report, from_parts, from_tables
from fluxrules.cotation.workplace import Workplace, workplace
from fluxrules.data.parts import MisalignedError, Parts
from fluxrules.data.read import Reading
from fluxrules.data.write import write_json, write_table
from fluxrules.diagnostics.diagnostic import Bag, Cell, Diagnostic
from fluxrules.vocabulary.load import standard_vocabulary


class UnreadError(Exception):
    """The data could not be read; ``diagnostics`` says why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("unread")
        self.diagnostics = tuple(diagnostics)


@dataclass(frozen=True)
class Outcome:
    """``done`` is ``None`` when nothing was computed. ``rejected``: demandes left out. ``resumed``: work of an earlier run was taken up."""

    done: Done | None
    counts: Mapping[str, int]
    diagnostics: tuple[Diagnostic, ...]
    rejected: int
    resumed: bool


def run_to_folder(
    asked: Asked,
    files: Sequence[Path],
    target: Path,
    source: Parts | Callable[[], Reading],
    *,
    replace: bool = False,
    say: Progress = lambda _: None,
) -> Outcome:
    """Run and write ``target``, whole or not at all. ``source``: large tables in parts, or what reads the others.

    Raises ``UnreadError``, and ``NotWrittenError`` when the folder cannot be written.
    """
    options = {
        "tous": asked.everyone, "lignes": asked.points, "format": asked.format,
        "pseudonymes": asked.key.mark if asked.key else None,
    }  # fmt: skip
    bag = Bag()
    given = source if isinstance(source, Parts) else source()
    choices = (
        "choix" in given.tables
        if isinstance(given, Parts)
        else given.tables is not None and given.tables.choix is not None
    )
    if isinstance(given, Reading) and given.tables is None:
        raise UnreadError(given.diagnostics)
    check_run(asked.grids, asked.reference, bag, has_choices=choices, everyone=asked.everyone)
    if bag.has_errors:
        said = given.diagnostics if isinstance(given, Reading) else ()
        return Outcome(None, {}, (*said, *bag.items), 0, False)
    report = Report()
    try:
        with (
            ThreadPoolExecutor(1) as pool,
            workplace(target, signature(asked.grids, files, asked.reference, options), replace=replace) as place,
        ):
            hashes = pool.submit(all_hashes, files)  # beside the run: reading files leaves the processors to it
            done = _done(given, place, asked, report, bag, say)
            if done is None:
                raise _NothingError
            rejected = report.rejects.select("fichier", "ligne").unique().height
            counts = _counts(done, report, rejected)
            folder = place.folder / "resultat"
            if asked.key is None:  # a reject gives a file and a row: whoever holds the file finds the person
                write_table(report.rejects, folder, "rejets", asked.format)
            written = receipt(
                asked.grids, _result(hashes, files), asked.reference, counts, output_hashes(folder), options
            )
            write_json(written, folder / "recu.json")
    except BrokenDataError as error:
        raise UnreadError(report.diagnostics) from error
    except _NothingError:
        return Outcome(None, {}, (*report.diagnostics, *bag.items), 0, False)
    return Outcome(done, counts, report.diagnostics, rejected, place.resumed)


def _result(hashes: Future[dict[str, str]], files: Sequence[Path]) -> dict[str, str]:
    try:
        return hashes.result()
    except OSError as error:  # a file that was read, then taken away
        bag = Bag()
        bag.add("FX5001", "Un fichier de données a disparu pendant le calcul, ou ne se lit plus.", Cell(str(error.filename or files[0])),
                "Relancez quand les données ne changent plus.")  # fmt: skip
        raise UnreadError(bag.items) from error


class _NothingError(Exception):
    """Nothing was computed: the workplace is left without a result."""


def _done(
    given: Parts | Reading, place: Workplace, asked: Asked, report: Report, bag: Bag, say: Progress
) -> Done | None:
    if isinstance(given, Parts) and place.misaligned:
        given = given.to_lay_out()
    rows = given.rows if isinstance(given, Parts) else 0
    try:
        return run_in(place, asked, _pieces(given, place, asked, report), bag, say, rows)
    except MisalignedError:  # known only once some of it was read: all of it is laid out again
        assert isinstance(given, Parts)
        place.start_again_misaligned()
        report.forget()
        return run_in(place, asked, _pieces(given.to_lay_out(), place, asked, report), bag, say, rows)


def _pieces(given: Parts | Reading, place: Workplace, asked: Asked, report: Report) -> Iterator[Piece]:
    programs = [g.program for g in asked.grids]
    if isinstance(given, Parts):
        yield from from_parts(given, place, programs, standard_vocabulary(), asked.reference, report)
        return
    assert given.tables is not None
    report.rows_in, report.rejects, report.diagnostics = given.rows_in, given.rejects, given.diagnostics
    yield from from_tables(given.tables, programs)


def _counts(done: Done, report: Report, rejected: int) -> dict[str, int]:
    counts = {
        "demandes lues": report.rows_in,
        "demandes rejetées": rejected,
        "demandes radiées, non notées": done.counts.struck_off,
        "résultats": done.counts.results,
        "couples demande et territoire sans grille": done.counts.without_grid,
    }
    return counts | ({"couples hors du public de la grille": done.counts.outside} if done.counts.outside else {})
