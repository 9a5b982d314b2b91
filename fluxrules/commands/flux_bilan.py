"""``fluxrules flux bilan``: the yearly account of a bailleur to its réservataires, in one command."""

from __future__ import annotations

import gc
from datetime import date
from pathlib import Path

import click

from fluxrules.commands.flux_journal import hold_journal
from fluxrules.commands.flux_shared import exit_of, load_dossier, load_flux_tables, year_options, years_of
from fluxrules.commands.shared import FINDINGS, Day, counted, show
from fluxrules.diagnostics.diagnostic import Bag

_FORMATS = ("xlsx", "csv", "html")


def _formats(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(f.strip() for f in value.split(",") if f.strip()))
    if not found or any(f not in _FORMATS for f in found):
        raise click.BadParameter(f"« {value} » n'est pas compris ; écrivez {','.join(_FORMATS)}, ou une partie.")
    return found


@click.command("bilan")
@click.argument("dossier", type=click.Path(path_type=Path))
@year_options
@click.option("--sortie", required=True, type=click.Path(path_type=Path), help="Dossier à écrire.")
@click.option(
    "--formats", default=",".join(_FORMATS), callback=_formats, help="xlsx, csv, html, séparés par des virgules."
)
@click.option("--transmis", type=Day(), default=None, help="Jour de l'envoi, comparé à la date limite.")
@click.option("--remplacer", is_flag=True, help="Remplace un bilan déjà écrit.")
def command(
    dossier: Path, annee: int, bailleur: str | None, sortie: Path, formats: tuple[str, ...], transmis: date | None, remplacer: bool
) -> int:  # fmt: skip
    """Écrit le bilan annuel d'un bailleur, ou de tous : xlsx, CSV et page à lire."""
    from fluxrules.data.write import NotWrittenError, check_target, whole_folder
    from fluxrules.flux.bilan.build import bilan
    from fluxrules.flux.bilan.html import lines
    from fluxrules.flux.bilan.output import folder_of, write_bilan, write_receipt

    if transmis is not None and transmis <= date(annee, 12, 31):
        raise click.ClickException(
            f"« --transmis » : le bilan de {annee} n'a pas pu être envoyé le {transmis:%d/%m/%Y}, avant la fin de l'année."
        )
    documents, tables = load_dossier(dossier, "texte"), load_flux_tables(dossier, "texte", (annee,))
    hold_journal(documents, tables, "texte")
    gc.freeze()  # the documents are many small objects, that stay: looking through them again takes longer than the tables
    bag = Bag()
    try:
        check_target(sortie, replace=remplacer)
        found = [
            b
            for y in years_of(documents, dossier, annee, bailleur, "texte")
            if (b := bilan(y, documents, tables, bag, transmis))
        ]
        if found:
            with whole_folder(sortie, replace=remplacer) as work:
                for one in found:
                    write_bilan(one, work, formats)
                write_receipt(found, work, formats)
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    show(bag.sorted(), "texte") if bag.items else None
    if not found:
        click.echo("Rien n'a été écrit.", err=True)
        return FINDINGS
    for one in found:
        click.echo(f"{one.title} : {counted(len(one.tables), 'table', 'tables')} dans {sortie / folder_of(one)}")
        click.echo("\n".join(lines(one)))
        if one.until is not None and one.until < date(annee, 12, 1):
            click.echo(f"  ! L'année n'est pas close : les tables s'arrêtent au {one.until:%d/%m/%Y}.")
    return exit_of(bag, strict=False)
