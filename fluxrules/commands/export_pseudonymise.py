"""``fluxrules export pseudonymise``: a folder of results without any numéro unique."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.shared import FINDINGS, USAGE, show
from fluxrules.diagnostics.diagnostic import Bag


@click.command("pseudonymise")
@click.argument("resultats", type=click.Path(path_type=Path))
@click.option("--cle", required=True, type=click.Path(path_type=Path), help="Clé créée par « fluxrules export cle ».")
@click.option("--sortie", required=True, type=click.Path(path_type=Path), help="Dossier à créer.")
@click.option("--remplacer", is_flag=True, help="Remplace le dossier de sortie s'il existe.")
def command(resultats: Path, cle: Path, sortie: Path, remplacer: bool) -> int:
    """Copie un dossier de résultats avec un pseudonyme à la place du numéro unique."""
    from fluxrules.data.export_pseudonyms import export_pseudonyms
    from fluxrules.data.outputs import summed
    from fluxrules.data.pseudonyms import KeyRefusedError, read_key
    from fluxrules.data.run_folder import open_run
    from fluxrules.data.write import NotWrittenError
    from fluxrules.language.numbers import show_number

    bag = Bag()
    run = open_run(resultats, bag)
    if run is None:
        show(bag.items, "texte")
        return USAGE
    try:
        rows = export_pseudonyms(run, read_key(cle, (resultats, sortie)), sortie, bag, replace=remplacer)
    except KeyRefusedError as error:
        raise click.ClickException(f"Clé refusée : {error}.") from error
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    show(bag.items, "texte")
    if rows is None:
        click.echo("Rien n'a été exporté.", err=True)
        return FINDINGS
    for name, count in summed(rows).items():
        click.echo(f"{name} : {show_number(count)} ligne(s)")
    click.echo(f"Résultats sans numéro unique : {sortie}. Ce sont toujours des données personnelles.")
    return 0
