"""``fluxrules flux check``: the documents of a département, one by one and held against each other."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.flux_shared import exit_of
from fluxrules.commands.shared import counted, format_option, show, strict_option, summary
from fluxrules.diagnostics.diagnostic import Bag


@click.command("check")
@click.argument("chemins", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option
@strict_option
def command(chemins: tuple[Path, ...], format_: str, strict: bool) -> int:
    """Vérifie les conventions, les flux et les orientations d'un dossier."""
    from fluxrules.model.flux.folder import flux_files, read_dossier

    bag = Bag()
    found = read_dossier([file for path in chemins for file in flux_files(path)], bag)
    show(bag.sorted(), format_, to_stdout=True)
    if format_ == "texte":
        click.echo(
            f"{counted(len(found.conventions), 'convention', 'conventions')}, {counted(len(found.years), 'flux', 'flux')}, "
            f"{counted(len(found.orientations), 'document', 'documents')} d'orientations : {summary(bag.items)}."
        )
    return 2 if any(d.code == "FX0001" for d in bag.items) else exit_of(bag, strict)
