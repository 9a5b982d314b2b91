"""What the acts of ``flux`` read from the folder of a département, without a word on the terminal: several processes may do it at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fluxrules.commands.shared import FINDINGS, USAGE
from fluxrules.diagnostics.diagnostic import Bag, Cell, Diagnostic
from fluxrules.document.collector import without_collector

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables
    from fluxrules.flux.ledger import Entry
    from fluxrules.model.flux.folder import Dossier


class NothingDoneError(Exception):
    """Nothing can be computed: what has to be said, in which sentence it ends, and the exit code."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], said: str, code: int) -> None:
        super().__init__(diagnostics, said, code)
        self.diagnostics, self.said, self.code = diagnostics, said, code


@dataclass(frozen=True)
class Read:
    """``entries``: the journal, held against the tables; empty where there is none."""

    documents: Dossier
    tables: FluxTables | None
    entries: tuple[Entry, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_folder(path: Path, years: tuple[int, ...] = ()) -> Read:
    """Documents, tables and journal of a département. Raises ``NothingDoneError``."""
    documents, said = documents_of(path)
    tables, more = tables_of(path, years)
    entries: tuple[Entry, ...] = ()
    if tables is not None and tables.journal is not None and tables.liberations is not None:
        entries = journal_of(None, documents, tables)
    return Read(documents, tables, entries, (*said, *more))


def documents_of(path: Path) -> tuple[Dossier, tuple[Diagnostic, ...]]:
    """Nothing is computed on half a folder: raises ``NothingDoneError`` when a document has an error."""
    from fluxrules.model.flux.folder import flux_files, read_dossier

    bag = Bag()
    with without_collector():
        dossier = read_dossier(flux_files(path), bag)
    found = tuple(bag.sorted())
    if not dossier.complete or bag.has_errors:
        unreadable = any(d.code == "FX0001" for d in found)
        said = "" if unreadable else "Des documents ont des erreurs : rien n'a été calculé."
        raise NothingDoneError(found, said, USAGE if unreadable else FINDINGS)
    return dossier, found


def tables_of(path: Path, years: tuple[int, ...] = ()) -> tuple[FluxTables | None, tuple[Diagnostic, ...]]:
    """``None`` where the folder has none (the documents then state their numbers). ``years``: those that must have libérations (FX8314).

    Raises ``NothingDoneError`` when a file cannot be read, or when there are tables of several départements."""
    from fluxrules.data.flux.folders import data_folders
    from fluxrules.data.flux.read import read_flux_tables

    folders = data_folders(path)
    if not folders:
        return None, ()
    if len(folders) > 1:
        several = f"« {path} » contient {len(folders)} dossiers de tables : donnez celui d'un département."
        raise NothingDoneError((), several, USAGE)
    reading = read_flux_tables(folders[0], years=years)
    if reading.tables is None:
        said = "Des tables ne peuvent pas être lues : rien n'a été calculé."
        raise NothingDoneError(reading.diagnostics, said, USAGE)
    return reading.tables, reading.diagnostics


def needed(tables: FluxTables | None) -> FluxTables:
    """The tables, for an act that counts dwellings one by one. Raises ``NothingDoneError``."""
    if tables is None or tables.logements is None or tables.liberations is None:
        raise NothingDoneError(
            (), "Il faut les tables « logements » et « liberations » : ajoutez-les au dossier.", USAGE
        )
    return tables


def holders_of(dossier: Dossier, tables: FluxTables) -> set[str]:
    """The codes that a journal may name."""
    from fluxrules.flux.parties import BAILLEUR, DEFAULT

    found = {c.reservataire.code for c in dossier.conventions} | {BAILLEUR, DEFAULT}
    if tables.reservataires is not None:
        found |= set(tables.reservataires["code"])
    return found


def journal_of(path: Path | None, dossier: Dossier, tables: FluxTables) -> tuple[Entry, ...]:
    """The lines of the file, or of the table « journal » of the folder. Raises ``NothingDoneError`` when it cannot be trusted: what would be
    computed from it would be false without a word."""
    from fluxrules.data.flux.journal import read_journal
    from fluxrules.flux.ledger import check, entries_of, frame_of

    bag, name, frame = Bag(), path.name if path is not None else "journal", tables.journal
    if path is not None and path.exists():
        frame = read_journal(path, dict(frame_of(()).schema))
        if frame is None:
            bag.add("FX8401", f"« {name} » n'est pas un journal d'orientations.", Cell(name),
                    "Donnez un fichier écrit par « flux orienter ».")  # fmt: skip
            raise NothingDoneError(tuple(bag.items), "", USAGE)
    entries = entries_of(frame)
    assert tables.liberations is not None
    releases = set(tables.liberations["id_liberation"])
    if not check(entries, bag, file=name, releases=releases, holders=holders_of(dossier, tables)):
        raise NothingDoneError(tuple(bag.sorted()), "Le journal n'est pas sûr : rien n'a été calculé.", FINDINGS)
    return entries
