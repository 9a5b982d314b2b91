"""``fluxrules flux purge``: persons leave the tables of a year of flux, their counts stay."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from fluxrules.commands.flux_shared import exit_of, told
from fluxrules.commands.shared import USAGE, date_option, format_option, show
from fluxrules.diagnostics.diagnostic import Bag


@click.command("purge")
@click.argument("dossier", type=click.Path(path_type=Path, exists=True))
@click.option("--simulation", is_flag=True, help="Compte, sans rien effacer.")
@date_option
@format_option
def command(dossier: Path, reference: date | None, simulation: bool, format_: str) -> int:
    """Efface des attributions les personnes radiées depuis plus d'un an. Les lignes restent : aucun compte ne change."""
    from fluxrules.data.flux.folders import data_folders
    from fluxrules.data.flux.purge import purge_attributions
    from fluxrules.data.write import NotWrittenError
    from fluxrules.language.numbers import show_date

    day, bag = reference or date.today(), Bag()
    folders = data_folders(dossier)
    if not folders:
        click.echo(f"« {dossier} » n'a pas de tables : rien n'a été effacé.", err=True)
        return USAGE
    try:
        done = [(f, p) for f in folders if (p := purge_attributions(f, day, bag, simulate=simulation)) is not None]
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    if format_ == "json":
        return told([{"dossier": str(f), "date": day.isoformat(), "effacées": 0 if simulation else p.erased, "à effacer": p.erased if simulation else 0,
                      "sans date de radiation": p.undated} for f, p in done], bag, format_)  # fmt: skip
    verb = "à effacer" if simulation else "effacées"
    for folder, purge in done:
        click.echo(f"{folder} : {purge.erased} personne(s) {verb}, radiées depuis plus d'un an au {show_date(day)}.")
        if purge.undated:
            click.echo(f"  {purge.undated} ligne(s) gardent leur numéro : la radiation n'y est pas renseignée.")
    show(bag.sorted(), "texte") if bag.items else None
    return exit_of(bag, strict=False)
