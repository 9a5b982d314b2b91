"""``fluxrules flux check``: the documents of a département, one by one and held against each other, against the law of a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from fluxrules.commands.shared import (
    FORMATS,
    LAW,
    USAGE,
    counted,
    date_option,
    exit_code,
    for_a_machine,
    show,
    strict_option,
    summary,
)


@click.command("check")
@click.argument("chemins", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(FORMATS), default="texte", help="Forme des messages.")
@date_option
@strict_option
def command(chemins: tuple[Path, ...], format_: str, reference: date | None, strict: bool) -> int:
    """Vérifie les conventions, les flux et les orientations d'un dossier, et ce que le droit en dit."""
    from fluxrules.law.flux.folders import check_folders
    from fluxrules.law.flux.summary import sentences

    checked = check_folders(chemins, reference or date.today())
    found = [d for c in checked for d in c.diagnostics]
    if not found and not any(c.conventions or c.years or c.orientations for c in checked):
        raise click.ClickException(
            "Aucun document de flux : le dossier ne contient ni convention, ni flux, ni orientations."
        )
    if format_ != "texte":
        for_a_machine(found, format_)
    else:
        show(found, format_, to_stdout=True)
        conventions, years, orientations = (
            sum(n) for n in zip(*((c.conventions, c.years, c.orientations) for c in checked), strict=True)
        )
        click.echo(
            f"{counted(conventions, 'convention', 'conventions')}, {counted(years, 'flux', 'flux')}, "
            f"{counted(orientations, 'document', 'documents')} d'orientations : {summary(found)}."
        )
        for sentence in (
            sentences([c.verdict for c in checked], conventions) if conventions or years or orientations else ()
        ):
            click.echo(sentence)
        if not all(c.complete for c in checked):
            click.echo("Des documents ont des erreurs : le droit a été regardé dans les autres.")
    if any(d.code == "FX0001" for d in found):
        return USAGE
    return LAW if any(c.verdict.refused for c in checked) else exit_code(found, strict)
