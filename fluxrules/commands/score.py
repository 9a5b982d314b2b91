"""``fluxrules score``: notes, points of every line, positions, distribution, rejects and receipt in one folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.loading import Data, data_options, source_of
from fluxrules.commands.shared import FINDINGS, LAW, USAGE, date_option, load_grids, progress, show, strict_option

if TYPE_CHECKING:
    from fluxrules.cotation.to_folder import Outcome
    from fluxrules.diagnostics.diagnostic import Diagnostic
    from fluxrules.model.grid import Grid


@click.command("score")
@click.argument("grilles", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_options
@click.option("--sortie", required=True, type=click.Path(path_type=Path), help="Dossier à créer.")
@click.option(
    "--sortie-format",
    "output",
    type=click.Choice(["parquet", "csv", "xlsx"]),
    default="parquet",
    help="Format des tables écrites.",
)
@click.option("--tous", is_flag=True, help="Note toutes les demandes, même celles qui ne visent pas le territoire.")
@click.option("--sans-lignes", is_flag=True, help="N'écrit pas les points de chaque ligne.")
@click.option("--pseudonymes", type=click.Path(path_type=Path), default=None, metavar="CLÉ",
              help="Remplace les numéros par des pseudonymes faits avec cette clé (voir « export cle »).")  # fmt: skip
@click.option("--remplacer", is_flag=True, help="Remplace le dossier de sortie s'il existe.")
@click.option("--quiet", is_flag=True, help="N'affiche pas le résumé.")
@date_option
@strict_option
def command(
    grilles: tuple[Path, ...], donnees: Path, mapping: Path | None, complement: Path | None, sortie: Path, output: str,
    tous: bool, sans_lignes: bool, pseudonymes: Path | None, remplacer: bool, quiet: bool, reference: date | None, strict: bool,
) -> int:  # fmt: skip
    """Note des demandes avec une ou plusieurs grilles, et les classe.

    Interrompu, un long calcul reprend où il en était quand la même commande est relancée.
    """
    from fluxrules.cotation.batch import Asked
    from fluxrules.cotation.to_folder import UnreadError, run_to_folder
    from fluxrules.data.pseudonyms import KeyRefusedError, read_key
    from fluxrules.data.write import NotWrittenError

    day = reference or date.today()
    grids = load_grids(grilles, "texte")
    if remplacer and any(p.resolve().is_relative_to(sortie.resolve()) for p in (donnees, *grilles)):
        raise click.ClickException(f"« {sortie} » contient les données ou la grille : donnez un autre dossier.")
    data = Data(donnees, mapping, complement)
    try:
        key = read_key(pseudonymes, (donnees, sortie)) if pseudonymes else None
        asked = Asked(tuple(grids), day, tous, not sans_lignes, output, key)
        outcome = run_to_folder(asked, data.files, sortie, source_of(data, day), replace=remplacer, say=progress(quiet))
    except UnreadError as error:
        show(error.diagnostics, "texte")
        click.echo("Les données n'ont pas pu être lues : rien n'a été calculé.", err=True)
        return USAGE
    except KeyRefusedError as error:
        raise click.ClickException(str(error)) from error
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    try:
        return _said(outcome, sortie, day, grids, quiet=quiet, strict=strict)
    except KeyboardInterrupt as stop:  # the tables are there all the same
        raise KeyboardInterrupt(f"« {sortie} » est écrit." if outcome.done else "rien n'a été calculé.") from stop


def _said(outcome: Outcome, sortie: Path, day: date, grids: list[Grid], *, quiet: bool, strict: bool) -> int:
    show(outcome.diagnostics, "texte")
    if outcome.done is None and any(_of_law(d) for d in outcome.diagnostics):
        click.echo("Une grille en vigueur contredit le droit : rien n'a été calculé.", err=True)
        return LAW
    if outcome.resumed and not quiet:
        click.echo("Reprise : ce qu'un calcul interrompu avait déjà fait n'a pas été refait.", err=True)
    if outcome.done is None:
        click.echo("Rien n'a été calculé.", err=True)
        return FINDINGS
    if not quiet:
        _summary(outcome, sortie, day, grids)
    warned = any(d.severity.label == "avertissement" for d in outcome.diagnostics)
    return FINDINGS if strict and (outcome.rejected or warned) else 0


def _of_law(d: Diagnostic) -> bool:
    return d.code.startswith("FX7") and d.severity.label == "erreur"


def _summary(outcome: Outcome, sortie: Path, day: date, grids: list[Grid]) -> None:
    from fluxrules.cotation.distribution import chart
    from fluxrules.language.numbers import show_date, show_number
    from fluxrules.law.judge import lifted_by

    assert outcome.done is not None
    for name, value in outcome.counts.items():
        click.echo(f"{name} : {show_number(value)}")
    click.echo(f"résultats que des renseignements manquants peuvent changer : {show_number(outcome.done.pending)}")
    click.echo(f"\nRépartition des notes au {show_date(day)} :\n")
    click.echo(chart(outcome.done.notes))
    if not outcome.done.counts.results and outcome.counts["demandes lues"]:
        click.echo("Aucune demande ne vise le territoire de la grille. Pour les noter quand même : « --tous ».")
    for grid in grids:
        for act in lifted_by(grid, day):
            click.echo(f"Dérogation de la grille « {grid.header.name} » : {act.said}.")
    if any(g.header.nature != "en vigueur" for g in grids):
        click.echo("ATTENTION : une grille n'est pas en vigueur ; ces notes sont un essai.")
    click.echo(f"Tables et reçu : {sortie}")
