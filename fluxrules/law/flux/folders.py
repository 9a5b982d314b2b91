"""Folders of documents read and judged: one département after another, in two processes where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fluxrules.diagnostics.diagnostic import Bag, Diagnostic
from fluxrules.document.collector import without_collector
from fluxrules.flux.assiette import report_impossible
from fluxrules.flux.unknown_names import report_unknown_names
from fluxrules.flux.unknown_places import report_unknown_places
from fluxrules.law.flux.judge import FluxVerdict, judge_dossier
from fluxrules.model.flux.folder import departements, flux_files, read_dossier

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables

PROCESSES = 2


@dataclass(frozen=True)
class Checked:
    """A département. ``conventions``, ``years``, ``orientations``: how many documents were read without error."""

    conventions: int
    years: int
    orientations: int
    diagnostics: tuple[Diagnostic, ...]
    verdict: FluxVerdict
    complete: bool


def dossiers(paths: Sequence[Path]) -> list[list[Path]]:
    """The files of each département; those of paths that are no country are held together."""
    found: list[list[Path]] = []
    together: list[Path] = []
    for path in paths:
        parts = departements(path)
        if parts == [path]:
            together += flux_files(path)
        else:
            found += [flux_files(p) for p in parts]
    return [together, *found] if together or not found else found


def check_folders(paths: Sequence[Path], day: date) -> list[Checked]:
    """Every département, in the order of their folders."""
    from fluxrules.data.workers import in_processes

    parts = dossiers(paths)
    folders = tuple(p for p in paths if p.is_dir())
    job = partial(_number, parts, folders, day)
    done = dict(in_processes(job, len(parts), PROCESSES))
    return [done[n] for n in sorted(done)]


def _number(parts: list[list[Path]], folders: tuple[Path, ...], day: date, number: int) -> Checked:
    """Picklable, so that another process can run it."""
    tables = _tables(folders[0]) if len(parts) == 1 and len(folders) == 1 else None
    return check_files(parts[number], day, tables)


def check_files(files: Sequence[Path], day: date, tables: FluxTables | None = None) -> Checked:
    """The documents of one département. Those with errors are said, and the law is asked of the others."""
    bag = Bag()
    with without_collector():
        found = read_dossier(files, bag)
        report_unknown_places(found, bag)
        report_unknown_names(found, tables, bag)
        for year in found.years:
            report_impossible(year, bag)
        verdict = judge_dossier(found, day, tables)
    both = Bag([*bag.items, *verdict.diagnostics]).sorted()
    return Checked(
        len(found.conventions), len(found.years), len(found.orientations), tuple(both), verdict, found.complete
    )


def _tables(folder: Path) -> FluxTables | None:
    """The tables that go with one département. Their own defects are said by the acts that compute."""
    from fluxrules.data.flux.folders import data_folders
    from fluxrules.data.flux.read import read_flux_tables

    where = data_folders(folder)
    return read_flux_tables(where[0]).tables if len(where) == 1 else None
