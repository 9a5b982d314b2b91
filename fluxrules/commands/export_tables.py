"""``fluxrules export tables``: a folder of results as a workbook, or as CSV."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.shared import USAGE, show
from fluxrules.diagnostics.diagnostic import Bag


@click.command("tables")
@click.argument("resultats", type=click.Path(path_type=Path))
@click.option(
    "--sortie", required=True, type=click.Path(path_type=Path), help="Fichier .xlsx, ou dossier de CSV à créer."
)
@click.option(
    "--table",
    "tables",
    multiple=True,
    type=click.Choice(["resultats", "positions", "lignes", "rejets"]),
    help="Table à exporter (plusieurs fois possible ; toutes par défaut).",
)
@click.option("--remplacer", is_flag=True, help="Remplace la sortie si elle existe.")
def command(resultats: Path, sortie: Path, tables: tuple[str, ...], remplacer: bool) -> int:
    """Convertit un dossier de résultats en classeur Excel ou en CSV."""
    from fluxrules.data.export_tables import export_folder, export_workbook
    from fluxrules.data.run_folder import open_run
    from fluxrules.data.write import NotWrittenError

    bag = Bag()
    run = open_run(resultats, bag)
    show(bag.items, "texte")
    if run is None:
        return USAGE
    for mark in run.watermarks:
        click.echo(f"ATTENTION : {mark}", err=True)
    try:
        if sortie.suffix.lower() == ".xlsx":
            for table, sheets in export_workbook(run, sortie, tables, replace=remplacer).items():
                if len(sheets) > 1:
                    click.echo(
                        f"La table « {table} » est trop longue pour une feuille : {', '.join(sheets)}.", err=True
                    )
        else:
            export_folder(run, sortie, tables, replace=remplacer)
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    click.echo(f"Tables exportées : {sortie}")
    return 0
