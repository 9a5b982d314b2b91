"""``fluxrules replay``: run again what a receipt says, and compare."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.loading import Data, data_options, source_of
from fluxrules.commands.shared import FINDINGS, FINE, USAGE, load_grids, show


@click.command("replay")
@click.argument("resultats", type=click.Path(path_type=Path))
@click.argument("grilles", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_options
@click.option("--pseudonymes", type=click.Path(path_type=Path), default=None, metavar="CLÉ",
              help="La clé du calcul, s'il a été écrit sous pseudonymes.")  # fmt: skip
def command(
    resultats: Path, grilles: tuple[Path, ...], donnees: Path, mapping: Path | None, complement: Path | None,
    pseudonymes: Path | None,
) -> int:  # fmt: skip
    """Rejoue un calcul d'après son reçu, et dit si les tables sont les mêmes.

    Code de sortie : 0 identique, 1 différent, 2 illisible.
    """
    from fluxrules.cotation.replay import recorded, replay
    from fluxrules.cotation.to_folder import UnreadError
    from fluxrules.data.pseudonyms import KeyRefusedError, read_key
    from fluxrules.data.run_folder import RECEIPT
    from fluxrules.data.write import NotWrittenError
    from fluxrules.diagnostics.diagnostic import Bag, Cell

    bag = Bag()
    if resultats.name == RECEIPT and not resultats.is_dir():  # the receipt itself, of the folder that it is in
        resultats = resultats.parent
    found = recorded(resultats)
    if found is None:
        bag.add("FX6012", "Le reçu du calcul manque, ne se lit pas, ou ne dit pas ce qui a été écrit.", Cell(str(resultats / "recu.json")),
                "Donnez le dossier écrit par « fluxrules score ».")  # fmt: skip
        show(bag.items, "texte")
        return USAGE
    try:
        key = read_key(pseudonymes, (donnees, resultats)) if pseudonymes else None
        if found.mark != (key.mark if key else None):
            lack = "sous pseudonymes : donnez la même clé, avec « --pseudonymes »" if found.mark else "sans pseudonymes"
            bag.add(
                "FX6013", f"Ce calcul a été écrit {lack}.", Cell(str(resultats / "recu.json")), "Rejouez-le de même."
            )
            show(bag.items, "texte")
            return USAGE
        grids = load_grids(grilles, "texte")
        data = Data(donnees, mapping, complement)
        done = replay(found, grids, data.files, source_of(data, found.reference), key)
    except click.exceptions.Exit:  # a grid with errors, which were shown
        return USAGE
    except UnreadError as error:
        show(error.diagnostics, "texte")
        click.echo("Les données n'ont pas pu être lues : rien n'a été rejoué.", err=True)
        return USAGE
    except KeyRefusedError as error:
        raise click.ClickException(str(error)) from error
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    for cause in done.causes:
        click.echo(cause)
    show(done.diagnostics, "texte")
    for line in (*done.notes, *done.differences):
        click.echo(line)
    if done.diagnostics:
        click.echo("Rien n'a été rejoué.", err=True)
        return FINDINGS
    if done.identical:
        click.echo(f"Identique : {done.tables} fichiers rejoués, mêmes tables.")
        return FINE
    same = "" if done.differences else " Les tables, elles, sont les mêmes."
    click.echo(f"Différent du calcul d'origine.{same}")
    return FINDINGS
