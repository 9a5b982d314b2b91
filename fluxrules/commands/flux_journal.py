"""What the acts that read the journal share: reading it, and holding it against the tables and conventions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fluxrules.commands.flux_reading import journal_of, needed
from fluxrules.commands.flux_shared import aloud

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables
    from fluxrules.flux.ledger import Entry
    from fluxrules.model.flux.folder import Dossier


def tables_needed(tables: FluxTables | None) -> FluxTables:
    """Exits without the tables of an act that counts dwellings one by one."""
    with aloud("texte"):
        return needed(tables)


def load_journal(path: Path | None, dossier: Dossier, tables: FluxTables, format_: str) -> tuple[Entry, ...]:
    """The lines of the file, or of the table « journal » of the folder; exits when the journal cannot be trusted."""
    with aloud(format_):
        return journal_of(path, dossier, tables)
