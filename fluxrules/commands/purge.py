"""``fluxrules purge``: erases from outputs the demandes struck off for more than a year."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from fluxrules.commands.loading import load_purge_list
from fluxrules.commands.shared import FINDINGS, USAGE, date_option, show
from fluxrules.diagnostics.diagnostic import Bag, Severity


@click.command("purge")
@click.argument("dossiers", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--donnees", type=click.Path(path_type=Path), help="Les demandes, avec leur date de radiation.")
@click.option(
    "--radiees", type=click.Path(path_type=Path, exists=True), help="Fichier CSV : numero_unique, date_radiation."
)
@click.option("--cle", type=click.Path(path_type=Path), help="Clé des pseudonymes, pour les sorties qui en portent.")
@click.option("--absentes", is_flag=True, help="Efface aussi les demandes qui ne sont plus dans les données.")
@click.option("--simulation", is_flag=True, help="Compte, sans rien effacer.")
@date_option
def command(
    dossiers: tuple[Path, ...], donnees: Path | None, radiees: Path | None, cle: Path | None, absentes: bool,
    simulation: bool, reference: date | None,
) -> int:  # fmt: skip
    """Efface des sorties les demandes radiées depuis plus d'un an."""
    from fluxrules.data.outputs import summed
    from fluxrules.data.pseudonyms import KeyRefusedError, read_key
    from fluxrules.data.purge import NOTE, Wanted, purge
    from fluxrules.data.write import NotWrittenError
    from fluxrules.language.numbers import show_date, show_number

    if (donnees is None) == (radiees is None):
        raise click.ClickException("Donnez « --donnees » ou « --radiees », l'un des deux.")
    if absentes and donnees is None:
        raise click.ClickException(
            "« --absentes » demande « --donnees » : une liste de radiées ne dit pas qui est absent."
        )
    day = reference or date.today()
    bag = Bag()
    people = load_purge_list(donnees, radiees, dossiers, day, bag, whole=absentes)
    if people is None:
        show(bag.items, "texte")
        click.echo("Rien n'a été effacé.", err=True)
        return USAGE
    try:
        key = read_key(cle, dossiers) if cle is not None else None
        done = purge(dossiers, Wanted(people, day, key, absentes), bag, simulate=simulation)
    except KeyRefusedError as error:
        raise click.ClickException(f"Clé refusée : {error}.") from error
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    show(bag.items, "texte")
    click.echo(f"demandes radiées depuis plus d'un an au {show_date(day)} : {show_number(len(people.gone))}")
    click.echo(f"fichiers examinés : {show_number(done.examined)}")
    for folder, tables in done.rows.items():
        for table, count in summed(tables).items():
            click.echo(f"{folder}, {table} : {_rows(count, simulation)}")
    if done.absent and not absentes:
        click.echo(f"identifiants des sorties absents des données : {show_number(done.absent)}. Leur radiation est inconnue ; "
                   "« --absentes » efface leurs lignes.")  # fmt: skip
    click.echo("Simulation : rien n'a été effacé." if simulation else NOTE if done.rows else "Rien n'était à effacer.")
    return FINDINGS if any(d.severity is Severity.ERREUR for d in bag.items) else 0


def _rows(count: int, simulation: bool) -> str:
    from fluxrules.language.numbers import show_number

    one, more = ("ligne à effacer", "lignes à effacer") if simulation else ("ligne effacée", "lignes effacées")
    return f"{show_number(count)} {more if count > 1 else one}"
