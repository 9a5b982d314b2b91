"""``fluxrules population``: a synthetic population to try grids on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.shared import date_option

if TYPE_CHECKING:
    import polars as pl

_PROCESSES = 3
"""More of them would ask for more than 4 GB."""


@click.command("population")
@click.option("--demandes", "count", type=click.IntRange(1, 100_000_000), default=1000, help="Nombre de demandes.")
@click.option("--seed", type=int, default=1, help="Graine : la même donne la même population.")
@click.option(
    "--region", "regions", multiple=True, help="Code Insee d'une région de résidence (plusieurs fois possible)."
)
@click.option("--epci", multiple=True, help="SIREN d'un territoire de résidence (plusieurs fois possible).")
@click.option(
    "--radiees", type=click.FloatRange(0, 1), default=0.0, help="Part des demandes radiées depuis moins de deux ans."
)
@click.option("--sortie", required=True, type=click.Path(path_type=Path), help="Dossier à créer.")
@click.option(
    "--sortie-format", "output", type=click.Choice(["parquet", "csv"]), default="parquet", help="Format des tables."
)
@click.option("--remplacer", is_flag=True, help="Remplace le dossier de sortie s'il existe.")
@click.option("--flux", is_flag=True, help="Fabrique des conventions et des flux de bailleurs, au lieu de demandes.")
@click.option("--bailleurs", type=click.IntRange(1, 5000), default=700, help="Avec --flux : nombre de bailleurs.")
@click.option(
    "--logements", type=click.IntRange(100), help="Avec --flux : logements du parc ; sinon, en proportion de la France."
)
@click.option(
    "--annees", type=click.IntRange(1, 5), default=2, help="Avec --flux : années, la dernière avant celle de la date."
)
@click.option("--quiet", is_flag=True, help="N'affiche ni l'avancement ni la comparaison aux chiffres publiés.")
@date_option
def command(
    count: int, seed: int, regions: tuple[str, ...], epci: tuple[str, ...], radiees: float, sortie: Path, output: str,
    remplacer: bool, flux: bool, bailleurs: int, logements: int | None, annees: int, quiet: bool, reference: date | None,
) -> int:  # fmt: skip
    """Fabrique des demandes synthétiques, ou des conventions et des flux : rien n'y est d'une personne, ni d'un bailleur."""
    if flux:
        return _flux(bailleurs, logements, annees, seed, sortie, remplacer, quiet, reference or date.today())
    from fluxrules.data.population import WATERMARK, Request, write_population
    from fluxrules.data.write import NotWrittenError, whole_folder
    from fluxrules.language.numbers import show_number

    try:
        request = Request(count, seed, reference or date.today(), epci, regions, radiees)
        with whole_folder(sortie, replace=remplacer) as folder:
            compared = write_population(
                request,
                folder,
                format=output,
                processes=min(os.cpu_count() or 1, _PROCESSES),
                progress=_progress(count, quiet),
            )
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    click.echo(WATERMARK)
    if not quiet:
        _show(compared, everywhere=request.everywhere)
    click.echo(f"{show_number(count)} demandes, graine {seed} : {sortie}")
    return 0


def _flux(
    bailleurs: int, logements: int | None, years: int, seed: int, target: Path, replace: bool, quiet: bool, day: date
) -> int:
    from fluxrules.data.flux.population import WATERMARK, FluxRequest, write_flux_population
    from fluxrules.data.write import NotWrittenError, whole_folder

    try:
        request = FluxRequest(bailleurs, seed, day.year - 1, years, logements)
        with whole_folder(target, replace=replace) as folder:
            compared = write_flux_population(
                request, folder, processes=min(os.cpu_count() or 1, _PROCESSES), progress=_departements(quiet)
            )
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    click.echo(WATERMARK)
    if not quiet:
        _show(compared, everywhere=True)
    click.echo(f"{bailleurs} bailleurs, graine {seed}, année {request.year} : {target}")
    click.echo("Les conventions écrites exprès contre une règle sont dans irregularites.csv.")
    return 0


def _departements(quiet: bool) -> Callable[[int, int], None]:
    if quiet or not sys.stderr.isatty():
        return lambda done, every: None
    return lambda done, every: click.echo(f"\r{done} départements sur {every}", nl=done >= every, err=True)


def _progress(count: int, quiet: bool) -> Callable[[int], None]:
    """A line on the terminal that is written over; nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        return lambda done: None
    from fluxrules.language.numbers import show_number

    def show(done: int) -> None:
        click.echo(f"\r{show_number(done)} demandes sur {show_number(count)}", nl=done >= count, err=True)

    return show


def _show(compared: pl.DataFrame, *, everywhere: bool) -> None:
    """Target against obtained, a line a figure."""
    if not everywhere:
        click.echo(
            "Les chiffres publiés sont ceux de la France, cette population n'en est qu'une partie : conformite.csv les rapproche, sans verdict."
        )
        return
    width = max(len(label) for label in compared["figure"])
    click.echo(f"\n{'figure':{width}}  {'cible':>9}  {'obtenu':>9}         statut     sources")
    for label, aim, obtained, _, verdict, status, sources, _ in compared.iter_rows():
        numbers = f"{_number(aim, aim):>9}  {_number(obtained, aim):>9}"
        click.echo(f"{label:{width}}  {numbers}  {verdict:5}  {status:9}  {sources}".rstrip())
    for label, reason in ((line[0], line[-1]) for line in compared.iter_rows() if line[-1]):
        click.echo(f"\nÉCART, {label} : {reason}.")
    counts = dict(compared["verdict"].value_counts().iter_rows())
    click.echo(
        f"\n{len(compared)} figures, dont {counts.get('ÉCART', 0)} en écart et {counts.get('absent', 0)} sans demande "
        "pour la montrer. Une hypothèse n'est publiée nulle part. Tolérances : conformite.csv.\n"
    )


def _number(value: float | None, aim: float) -> str:
    """A share in per cent, an amount in units."""
    if value is None:
        return "–"
    if aim <= 1:
        return f"{100 * value:.2f} %".replace(".", ",")
    return f"{value:,.{2 if aim < 10 else 0}f}".replace(",", " ").replace(".", ",")
