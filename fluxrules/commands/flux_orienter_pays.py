"""``fluxrules flux orienter`` on a folder of départements: two at a time, each with its own journal."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import click

from fluxrules.commands.flux_pays import Departement, every, hold_years, tell_diagnostics, tell_stops
from fluxrules.commands.flux_reading import NothingDoneError, holders_of, journal_of, needed, read_folder
from fluxrules.commands.flux_shared import asked_years, known_years
from fluxrules.commands.shared import FINDINGS, USAGE, counted
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.collector import without_collector


@dataclass(frozen=True)
class Asked:
    """``until``: the last day looked at; ``day``: that of the entries, where one was given; ``folder``: where journals are continued."""

    year: int
    bailleur: str | None
    until: date
    day: date | None
    folder: Path | None

    def journal(self, departement: Path) -> Path | None:
        return self.folder / f"{departement.name}.csv" if self.folder is not None else None


@dataclass(frozen=True)
class _Done(Departement):
    """``acts``: how many dwellings by act."""

    acts: Counter[str] = field(default_factory=Counter)


def orient_all(folders: list[Path], dossier: Path, asked: Asked, format_: str) -> int:
    """Each département's journal is whole; those of a département that cannot be read stay as they are, and the others go on."""
    if asked.folder is not None and asked.folder.exists() and not asked.folder.is_dir():
        raise click.ClickException(
            f"« {asked.folder} » est un fichier : pour plusieurs départements, donnez un dossier de journaux."
        )
    found = every(partial(_orient, folders, asked), folders, "Orientation")
    stopped = tell_stops(found, folders, format_)
    hold_years(found, dossier, asked.year, asked.bailleur, format_)
    _tell(folders, found, asked, format_)
    return max(stopped, tell_diagnostics(found, folders, format_))


@without_collector()
def _orient(folders: list[Path], asked: Asked, number: int) -> _Done:
    """Picklable, so that another process can run it."""
    from fluxrules.data.flux.bailleurs import by_bailleur
    from fluxrules.data.flux.journal import append_journal
    from fluxrules.data.write import NotWrittenError
    from fluxrules.flux.ledger import appended, check, frame_of
    from fluxrules.flux.orientation.advise import advised, entry
    from fluxrules.flux.orientation.quick import orient
    from fluxrules.flux.orientation.situation import situation

    folder, bag = folders[number], Bag()
    path = asked.journal(folder)
    try:
        read = read_folder(folder, (asked.year,))
        years = asked_years(read.documents, asked.year, asked.bailleur)
        if not years:
            return _Done(known=known_years(read.documents))
        tables = needed(read.tables)
        entries = journal_of(path, read.documents, tables) if path is not None and path.exists() else read.entries
    except NothingDoneError as stop:
        return _Done(stop=stop)
    parts, new = by_bailleur(tables), []
    for year in years:
        own = read.documents.of_bailleur(year.bailleur.code), parts.of(year.bailleur.code)
        found = situation(year, *own, entries, asked.until, bag)
        new += [entry(a, asked.day) for a in advised(found, orient(found.world, found.queue), asked.day)]
    sealed = appended(entries, new)
    assert tables.liberations is not None
    releases, name = set(tables.liberations["id_liberation"]), path.name if path else "journal"
    sound = check((*entries, *sealed), bag, file=name, releases=releases, holders=holders_of(read.documents, tables))
    diagnostics = (*read.diagnostics, *bag.items)
    if not sound:
        return _Done(stop=NothingDoneError(diagnostics, "rien n'a été écrit.", FINDINGS))
    if sealed and path is not None:
        try:
            append_journal(path, frame_of(sealed if path.exists() else (*entries, *sealed)))
        except NotWrittenError as error:
            return _Done(stop=NothingDoneError((), f"{error}.", USAGE))
    return _Done(len(years), diagnostics, acts=Counter(e.act for e in new))


def _tell(folders: list[Path], found: list[_Done], asked: Asked, format_: str) -> None:
    written = [
        (p, one, asked.journal(p)) for p, one in zip(folders, found, strict=True) if one.acts and one.stop is None
    ]
    if format_ == "json":
        rows = [
            {"département": p.name, "écritures": dict(sorted(one.acts.items())), "journal": str(j) if j else None}
            for p, one, j in written
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for p, one, journal in written:
        acts = ", ".join(f"{act} {n}" for act, n in sorted(one.acts.items()))
        click.echo(f"{p.name} : {acts}" + (f" ; journal {journal}" if journal else ""))
    if not written:
        click.echo("Rien à ajouter aux journaux.")
        return
    total = sum(sum(one.acts.values()) for _, one, _ in written)
    click.echo(f"{counted(total, 'logement', 'logements')} dans {counted(len(written), 'département', 'départements')}."
               + ("" if asked.folder is not None else " Rien n'est écrit : donnez « --sortie » et un dossier de journaux."))  # fmt: skip
