"""``fluxrules export accuse``: an export against the acknowledgement that came back."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.shared import FINDINGS, USAGE, show
from fluxrules.diagnostics.diagnostic import Bag


@click.command("accuse")
@click.argument("export", type=click.Path(path_type=Path, exists=True))
@click.argument("accuse", type=click.Path(path_type=Path, exists=True))
@click.option("--colonne-numero", default="numero_unique", help="Colonne du numéro unique dans l'accusé.")
@click.option("--colonne-territoire", default="territoire", help="Colonne du SIREN du territoire.")
@click.option("--colonne-statut", default="statut", help="Colonne du statut.")
@click.option("--colonne-message", default="message", help="Colonne de la raison d'un refus.")
@click.option("--accepte", multiple=True, help="Mot qui veut dire « accepté » (plusieurs fois possible).")
@click.option("--refuse", multiple=True, help="Mot qui veut dire « refusé » (plusieurs fois possible).")
@click.option("--sortie", type=click.Path(path_type=Path), help="Fichier CSV : l'état de chaque note.")
@click.option("--remplacer", is_flag=True, help="Remplace le fichier de sortie s'il existe.")
def command(
    export: Path, accuse: Path, colonne_numero: str, colonne_territoire: str, colonne_statut: str, colonne_message: str,
    accepte: tuple[str, ...], refuse: tuple[str, ...], sortie: Path | None, remplacer: bool,
) -> int:  # fmt: skip
    """Rapproche un export d'un accusé de réception : accepté, refusé, sans réponse, inattendu."""
    from fluxrules.cotation.acknowledgement import Layout, reconcile
    from fluxrules.data.write import NotWrittenError, whole_file, write_csv
    from fluxrules.language.numbers import show_number

    base = Layout(colonne_numero, colonne_territoire, colonne_statut, colonne_message)
    layout = Layout(
        base.number, base.territory, base.status, base.message, accepte or base.taken, refuse or base.refused
    )
    bag = Bag()
    found = reconcile(export, accuse, layout, bag)
    if found is None:
        show(bag.items, "texte")
        return USAGE
    if sortie is not None:
        try:
            with whole_file(sortie, replace=remplacer) as work:
                write_csv(found.rows, work)
        except NotWrittenError as error:
            raise click.ClickException(f"Écriture impossible : {error}.") from error
    click.echo(f"notes envoyées : {show_number(found.sent)}")
    click.echo(f"réponses reçues : {show_number(found.answers)}, dont répétées : {show_number(found.repeated)}")
    for state, count in found.counts.items():
        click.echo(f"  {state} : {show_number(count)}")
    for reason, count in found.reasons[:10]:
        click.echo(f"    refus, {reason} : {show_number(count)}")
    show(bag.items, "texte")
    return FINDINGS if bag.has_errors else 0
