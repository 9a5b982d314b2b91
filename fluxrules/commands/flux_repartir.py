"""``fluxrules flux repartir``: the dwellings of a year between réservataires, in whole numbers."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.flux_shared import legal_caps, opened, told, year_options
from fluxrules.commands.shared import format_option
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.language.numbers import show_number


@click.command("repartir")
@click.argument("dossier", type=click.Path(path_type=Path))
@year_options
@click.option("--explain", "explain", is_flag=True, help="Dit d'où vient chaque part.")
@format_option
def command(dossier: Path, annee: int, bailleur: str | None, explain: bool, format_: str) -> int:
    """Partage l'assiette prévisionnelle d'une année, en logements entiers."""
    from fluxrules.flux.assiette import forecast
    from fluxrules.flux.figures import explained, plain
    from fluxrules.flux.of_year import repayments, seen_of
    from fluxrules.flux.year_shares import due

    given = opened(dossier, annee, bailleur, format_)
    documents, tables = given.documents, given.tables
    bag = Bag()
    out: list[dict[str, object]] = []
    for year in given.years:
        assiette = forecast(year, seen_of(year, tables, documents.conventions), bag)
        shared = due(year, documents, assiette, bag, legal_caps(year, documents), repayments(tables))
        if format_ == "json":
            out.append({"flux": year.name, "assiette": plain(assiette.total), "parts": [
                {"réservataire": d.code, "nom": d.name, "part du flux": plain(d.share), "volume": plain(d.yearly), "logements": d.dwellings}
                for d in shared]})  # fmt: skip
            continue
        click.echo(f"{year.name} : {assiette.total.shown} à partager")
        for d in shared:
            whole = "" if d.dwellings is None else str(d.dwellings)
            every = f"  (un tous les {show_number(d.every, 0)} ans environ)" if d.every else ""
            capped = f"  ({d.capped})" if d.capped else ""
            click.echo(f"  {d.name:<45} {d.share.shown:>10} {d.yearly.shown:>24} {whole:>5}{every}{capped}")
            if explain:
                click.echo("\n".join(f"      {x}" for x in explained(d.yearly).split("\n")))
    return told(out, bag, format_)
