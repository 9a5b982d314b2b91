"""What the acts on a folder of départements share: two at a time, the longest first, and what is said of each under its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from fluxrules.commands.flux_reading import NothingDoneError
from fluxrules.commands.flux_shared import exit_of, no_year
from fluxrules.commands.shared import progress, show
from fluxrules.diagnostics.diagnostic import Bag, Diagnostic

PROCESSES = 2


@dataclass(frozen=True)
class Departement:
    """What an act brings back of a département. ``years``: how many of its fluxes were asked for; ``known``: those that it has, where none was;
    ``stop``: why nothing was done."""

    years: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    known: frozenset[tuple[int, str]] = frozenset()
    stop: NothingDoneError | None = None


D = TypeVar("D", bound=Departement)


def every(job: Callable[[int], D], folders: Sequence[Path], what: str) -> list[D]:
    """The job of each folder, by its number, in their order. It has to be picklable, for another process runs it where there are several."""
    from fluxrules.data.workers import in_processes

    say, done = progress(quiet=len(folders) == 1), dict[int, D]()
    order = sorted(range(len(folders)), key=lambda n: (-sum(1 for _ in folders[n].rglob("*.yaml")), n))
    for number, one in in_processes(job, len(folders), PROCESSES, order):
        done[number] = one
        say(f"{what} : {len(done)} / {len(folders)} départements")
    say("")
    return [done[n] for n in sorted(done)]


def tell_stops(found: Sequence[Departement], folders: Sequence[Path], format_: str) -> int:
    """Why nothing was done, where nothing was; the greatest exit code, 0 where all went on."""
    stopped = [(path, one.stop) for path, one in zip(folders, found, strict=True) if one.stop is not None]
    for path, stop in stopped:
        show(stop.diagnostics, format_) if stop.diagnostics else None
        said = f"{path.name} : {stop.said or 'rien n’a été fait.'}" if len(folders) > 1 else stop.said
        click.echo(said, err=True) if said else None
    return max((stop.code for _, stop in stopped), default=0)


def tell_diagnostics(found: Sequence[Departement], folders: Sequence[Path], format_: str) -> int:
    """What must be said, under the name of each département where there are several: they all have a table « liberations ». The exit code."""
    every_ = Bag([d for one in found for d in one.diagnostics])
    if len(folders) == 1 or format_ != "texte":
        show(every_.sorted(), format_) if every_.items else None
        return exit_of(every_, strict=False)
    for path, one in zip(folders, found, strict=True):
        if one.diagnostics:
            click.echo(f"{path.name} :", err=True)
            show(Bag(list(one.diagnostics)).sorted(), format_)
    return exit_of(every_, strict=False)


def hold_years(found: Sequence[Departement], dossier: Path, annee: int, bailleur: str | None, format_: str) -> None:
    """Exits where no département has a flux of the year and bailleur asked for (FX8203)."""
    if not any(one.years or one.stop for one in found):
        no_year({k for one in found for k in one.known}, dossier, annee, bailleur, format_)
