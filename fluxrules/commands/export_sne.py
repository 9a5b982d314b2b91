"""``fluxrules export sne``: the scores to transmit to the SNE, and what changed since the last time."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from fluxrules.commands.loading import load_choix
from fluxrules.commands.shared import FINDINGS, USAGE, exit_code, show, strict_option
from fluxrules.diagnostics.diagnostic import Bag, Cell


@click.command("sne")
@click.argument("resultats", type=click.Path(path_type=Path))
@click.option("--donnees", required=True, type=click.Path(path_type=Path), help="Les demandes qui ont été notées.")
@click.option("--sortie", required=True, type=click.Path(path_type=Path), help="Fichier CSV à créer.")
@click.option(
    "--depuis", "previous", type=click.Path(path_type=Path, exists=True), help="Export précédent : dit ce qui a changé."
)
@click.option(
    "--changements", type=click.Path(path_type=Path), help="Fichier CSV de plus, avec les seules notes qui ont bougé."
)
@click.option("--essai", is_flag=True, help="Accepte une grille qui n'est pas en vigueur ; chaque ligne est marquée.")
@click.option("--remplacer", is_flag=True, help="Remplace les fichiers s'ils existent.")
@strict_option
def command(
    resultats: Path, donnees: Path, sortie: Path, previous: Path | None, changements: Path | None, essai: bool,
    remplacer: bool, strict: bool,
) -> int:  # fmt: skip
    """Prépare les notes à transmettre au SNE, et ce qui a changé."""
    from fluxrules.cotation.export_sne import changes, export_sne
    from fluxrules.data.run_folder import open_run
    from fluxrules.data.write import NotWrittenError, csv_in_parts, whole_file
    from fluxrules.language.numbers import show_number

    bag = Bag()
    run = open_run(resultats, bag)
    choix = load_choix(donnees, run.day, bag) if run is not None else None
    if run is None or choix is None:
        show(bag.items, "texte")
        return USAGE
    try:
        with export_sne(run, donnees, choix, bag, previous=previous, trial=essai) as made:
            show(bag.items, "texte")
            if made is None:
                click.echo("Rien n'a été exporté.", err=True)
                return FINDINGS
            with ExitStack() as files:
                rows = files.enter_context(csv_in_parts(files.enter_context(whole_file(sortie, replace=remplacer))))
                moved = None
                if changements is not None:
                    moved = files.enter_context(
                        csv_in_parts(files.enter_context(whole_file(changements, replace=remplacer)))
                    )
                for part in made.parts():
                    rows(part)
                    if moved is not None:
                        moved(changes(part))
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    if made.without_place:
        bag.add("FX5064", f"{made.without_place} résultat(s) ne visent aucune commune du territoire noté : ils ne sont pas exportés.",
                Cell(str(run.folder)), "Notez sans « --tous », ou vérifiez la table « choix ».")  # fmt: skip
        show(bag.items[-1:], "texte")
    for word, count in made.counts.items():
        click.echo(f"notes {word}s : {show_number(count)}")
    for mark in run.watermarks:
        click.echo(f"ATTENTION : {mark}", err=True)
    click.echo(f"Export : {sortie}")
    return exit_code(bag.items, strict)
