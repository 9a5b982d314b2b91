"""What the acts that read the journal share: reading it, and holding it against the tables and conventions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.shared import FINDINGS, USAGE, show
from fluxrules.diagnostics.diagnostic import Bag, Cell

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables
    from fluxrules.flux.ledger import Entry
    from fluxrules.model.flux.folder import Dossier


def tables_needed(tables: FluxTables | None) -> FluxTables:
    if tables is None or tables.logements is None or tables.liberations is None:
        raise click.ClickException("Il faut les tables « logements » et « liberations » : ajoutez-les au dossier.")
    return tables


def holders_of(dossier: Dossier, tables: FluxTables) -> set[str]:
    """The codes that a journal may name."""
    from fluxrules.flux.parties import BAILLEUR, DEFAULT

    found = {c.reservataire.code for c in dossier.conventions} | {BAILLEUR, DEFAULT}
    if tables.reservataires is not None:
        found |= set(tables.reservataires["code"])
    return found


def hold_journal(dossier: Dossier, tables: FluxTables | None, format_: str) -> None:
    """Exits when the folder has a journal that cannot be trusted: what is computed from it would be false without a word."""
    if tables is not None and tables.journal is not None and tables.liberations is not None:
        load_journal(None, dossier, tables, format_)


def load_journal(path: Path | None, dossier: Dossier, tables: FluxTables, format_: str) -> tuple[Entry, ...]:
    """The lines of the file, or of the table « journal » of the folder; exits when the journal cannot be trusted."""
    from fluxrules.data.flux.journal import read_journal
    from fluxrules.flux.ledger import check, entries_of, frame_of

    bag = Bag()
    name = path.name if path is not None else "journal"
    frame = tables.journal
    if path is not None and path.exists():
        frame = read_journal(path, dict(frame_of(()).schema))
        if frame is None:
            bag.add(
                "FX8401",
                f"« {name} » n'est pas un journal d'orientations.",
                Cell(name),
                "Donnez un fichier écrit par « flux orienter ».",
            )
            show(bag.items, format_)
            raise click.exceptions.Exit(USAGE)
    entries = entries_of(frame)
    assert tables.liberations is not None
    if not check(
        entries, bag, file=name, releases=set(tables.liberations["id_liberation"]), holders=holders_of(dossier, tables)
    ):
        show(bag.sorted(), format_)
        click.echo("Le journal n'est pas sûr : rien n'a été calculé.", err=True)
        raise click.exceptions.Exit(FINDINGS)
    return entries
