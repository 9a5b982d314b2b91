"""``fluxrules flux donnees``: the tables of a dossier alone, row by row, before anything is computed from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.flux_reading import holders_of
from fluxrules.commands.flux_shared import load_dossier
from fluxrules.commands.shared import USAGE, counted, exit_code, format_option, show, strict_option, summary
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.language.numbers import show_number

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables
    from fluxrules.diagnostics.diagnostic import Diagnostic
    from fluxrules.model.flux.folder import Dossier


@click.command("donnees")
@click.argument("dossier", type=click.Path(path_type=Path))
@click.option(
    "--rejets", type=click.Path(path_type=Path), help="Fichier CSV des lignes rejetées : fichier, ligne, champ, motif."
)
@click.option("--remplacer", is_flag=True, help="Remplace ce fichier s'il existe.")
@format_option
@strict_option
def command(dossier: Path, rejets: Path | None, remplacer: bool, format_: str, strict: bool) -> int:
    """Relit les tables d'un ou de plusieurs départements : ce qui est gardé, ce qui est rejeté, et pourquoi."""
    import polars as pl

    from fluxrules.data.flux import data_folders, read_flux_tables
    from fluxrules.data.write import NotWrittenError, whole_file, write_csv

    folders = data_folders(dossier)
    if not folders:
        raise click.ClickException(f"« {dossier} » n'a pas de table de flux : logements, liberations, attributions…")
    documents = load_dossier(dossier, format_)
    bailleurs = {y.bailleur.code for y in documents.years} or None
    found: list[Diagnostic] = []
    rejected, unread = [], False
    for folder in folders:
        reading = read_flux_tables(folder, bailleurs=bailleurs, years=_years(documents))
        found += reading.diagnostics
        found += _of_journal(documents, reading.tables)
        rejected.append(reading.rejects.select(pl.lit(str(folder)).alias("dossier"), pl.all()))
        unread |= reading.tables is None
        if format_ == "texte" and reading.tables is not None:
            click.echo(f"{folder} :")
            for name, rows in reading.rows_in.items():
                table = reading.tables.table(name)
                kept = 0 if table is None else len(table)
                out = rows - kept
                click.echo(f"  {name:<14} {show_number(rows):>11} lues {show_number(kept):>11} gardées "
                           f"{show_number(out):>9} rejetées")  # fmt: skip
    show(found, format_) if found or format_ != "texte" else None
    if rejets is not None:
        try:
            with whole_file(rejets, replace=remplacer) as path:
                write_csv(pl.concat(rejected), path)
        except NotWrittenError as error:
            raise click.ClickException(f"Écriture impossible : {error}.") from error
    if format_ == "texte":
        click.echo(f"{counted(len(folders), 'dossier', 'dossiers')} de tables : {summary(found)}.")
    return USAGE if unread else exit_code(found, strict)


def _of_journal(documents: Dossier, tables: FluxTables | None) -> tuple[Diagnostic, ...]:
    """What is wrong with the journal of a folder, seals first."""
    from fluxrules.flux.ledger import check, entries_of

    bag = Bag()
    if tables is not None and tables.journal is not None:
        releases = None if tables.liberations is None else set(tables.liberations["id_liberation"])
        check(entries_of(tables.journal), bag, releases=releases, holders=holders_of(documents, tables))
    return tuple(bag.sorted())


def _years(documents: Dossier) -> set[int]:
    """The years that the documents count: those of the windows, and those that are over."""
    past = {y.year - n for y in documents.years for n in range(1, (y.window or 0) + 1)}
    return past | {y.year for y in documents.years if y.nature == "constaté"}
