"""``fluxrules flux assiette``: what there is to share in a year, and why."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.flux_shared import opened, told, year_options
from fluxrules.commands.shared import format_option
from fluxrules.diagnostics.diagnostic import Bag


@click.command("assiette")
@click.argument("dossier", type=click.Path(path_type=Path))
@year_options
@click.option("--explain", "explain", is_flag=True, help="Dit d'où vient chaque nombre.")
@format_option
def command(dossier: Path, annee: int, bailleur: str | None, explain: bool, format_: str) -> int:
    """Calcule l'assiette prévisionnelle, et celle qui est constatée quand l'année est close."""
    from fluxrules.flux.assiette import forecast, realised
    from fluxrules.flux.figures import explained, plain
    from fluxrules.flux.of_year import seen_of

    given = opened(dossier, annee, bailleur, format_)
    tables = given.tables
    bag = Bag()
    out: list[dict[str, object]] = []
    for year in given.years:
        seen = seen_of(year, tables, given.documents.conventions)
        expected = forecast(year, seen, bag)
        came = realised(year, seen, bag)
        if format_ == "json":
            out.append({"flux": year.name, "prévisionnelle": plain(expected.total), "constatée": plain(came.total)})
            continue
        click.echo(f"{year.name} ({year.bailleur.name}, {year.year})")
        for found in (expected, came):
            if found.total.value is None and found is came and not explain:
                click.echo("  assiette constatée : l'année n'est pas close.")
            else:
                click.echo("\n".join(f"  {x}" for x in (explained(found.total) if explain else f"{found.total.name} : {found.total.shown}").split("\n")))  # fmt: skip
        if (
            came.total.value is not None
            and year.nature == "prévisionnel"
            and seen is not None
            and seen.last is not None
        ):
            click.echo(f"  L'année n'est pas close : ce qui est constaté s'arrête au {seen.last:%d/%m/%Y}.")
        if seen is not None and seen.unknown:
            click.echo(
                f"  {seen.unknown} logement(s) ne disent pas s'ils sont dans le périmètre : ils ne comptent pas."
            )
    return told(out, bag, format_)
