"""``fluxrules score``: notes, positions, rejects and receipt in one folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fluxrules.commands.loading import Data, Loaded, data_options, load_tables
from fluxrules.commands.shared import FINDINGS, USAGE, date_option, load_grids, show, strict_option

if TYPE_CHECKING:
    from fluxrules.cotation.run import Scores


@click.command("score")
@click.argument("grilles", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_options
@click.option("--sortie", required=True, type=click.Path(path_type=Path), help="Dossier à créer.")
@click.option(
    "--sortie-format",
    "output",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    help="Format des tables écrites.",
)
@click.option("--tous", is_flag=True, help="Note toutes les demandes, même celles qui ne visent pas le territoire.")
@click.option("--remplacer", is_flag=True, help="Remplace le dossier de sortie s'il existe.")
@click.option("--quiet", is_flag=True, help="N'affiche pas le résumé.")
@date_option
@strict_option
def command(
    grilles: tuple[Path, ...], donnees: Path, mapping: Path | None, complement: Path | None, sortie: Path, output: str,
    tous: bool, remplacer: bool, quiet: bool, reference: date | None, strict: bool,
) -> int:  # fmt: skip
    """Note des demandes avec une ou plusieurs grilles, et les classe."""
    from fluxrules.cotation.receipt import receipt
    from fluxrules.cotation.run import score_tables
    from fluxrules.data.write import NotWrittenError, whole_folder, write_json, write_table

    day = reference or date.today()
    grids = load_grids(grilles, "texte")
    data = Data(donnees, mapping, complement)
    loaded = load_tables(data, day)
    show(loaded.diagnostics, "texte")
    if loaded.tables is None:
        click.echo("Les données n'ont pas pu être lues : rien n'a été calculé.", err=True)
        return USAGE
    scores = score_tables(grids, loaded.tables, day, everyone=tous)
    show(scores.diagnostics, "texte")
    if any(d.severity.label == "erreur" for d in scores.diagnostics):
        click.echo("Rien n'a été calculé.", err=True)
        return FINDINGS
    counts = _counts(scores, loaded)
    if remplacer and any(p.resolve().is_relative_to(sortie.resolve()) for p in (donnees, *grilles)):
        raise click.ClickException(f"« {sortie} » contient les données ou la grille : donnez un autre dossier.")
    try:
        with whole_folder(sortie, replace=remplacer) as folder:
            write_table(scores.results, folder, "resultats", output)
            write_table(scores.positions, folder, "positions", output)
            write_table(loaded.rejects, folder, "rejets", output)
            write_json(receipt(grids, data.files, day, counts), folder / "recu.json")
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    if not quiet:
        _summary(scores, counts, sortie, day, [g.header.nature for g in grids])
    return (
        FINDINGS
        if strict and (len(loaded.rejects) or any(d.severity.label == "avertissement" for d in loaded.diagnostics))
        else 0
    )


def _counts(scores: Scores, loaded: Loaded) -> dict[str, int]:
    assert loaded.tables is not None
    return {
        "demandes lues": len(loaded.tables.demandes),
        "demandes rejetées": loaded.rejects.select("fichier", "ligne").unique().height,
        "demandes radiées, non notées": scores.counts.struck_off,
        "résultats": len(scores.results),
        "couples demande et territoire sans grille": scores.counts.without_grid,
    }


def _summary(scores: Scores, counts: dict[str, int], sortie: Path, day: date, natures: list[str]) -> None:
    from fluxrules.cotation.distribution import chart
    from fluxrules.language.numbers import show_date, show_number

    for name, value in counts.items():
        click.echo(f"{name} : {show_number(value)}")
    results: Any = scores.results
    pending = int((results["note_min"] != results["note_max"]).sum())
    click.echo(f"résultats que des renseignements manquants peuvent changer : {show_number(pending)}")
    click.echo(f"\nRépartition des notes au {show_date(day)} :\n")
    click.echo(chart(results["note"]))
    if not len(results) and counts["demandes lues"]:
        click.echo("Aucune demande ne vise le territoire de la grille. Pour les noter quand même : « --tous ».")
    if any(x != "en vigueur" for x in natures):
        click.echo("ATTENTION : une grille n'est pas en vigueur ; ces notes sont un essai.")
    click.echo(f"Tables et reçu : {sortie}")
