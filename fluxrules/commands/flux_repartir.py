"""``fluxrules flux repartir``: the dwellings of a year between réservataires, in whole numbers."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.flux_shared import exit_of, load_dossier, year_options, years_of
from fluxrules.commands.shared import format_option, show
from fluxrules.diagnostics.diagnostic import Bag


@click.command("repartir")
@click.argument("dossier", type=click.Path(path_type=Path))
@year_options
@click.option("--explain", "explain", is_flag=True, help="Dit d'où vient chaque part.")
@format_option
def command(dossier: Path, annee: int, bailleur: str | None, explain: bool, format_: str) -> int:
    """Partage l'assiette prévisionnelle d'une année, en logements entiers."""
    import json

    from fluxrules.flux.assiette import forecast
    from fluxrules.flux.figures import explained, plain
    from fluxrules.flux.of_year import seen_of
    from fluxrules.flux.year_shares import objectives_of

    documents = load_dossier(dossier, format_)
    bag = Bag()
    out = []
    for year in years_of(documents, dossier, annee, bailleur, format_):
        assiette = forecast(year, seen_of(year, dossier, bag), bag)
        shared = objectives_of(year, documents, assiette, bag)
        if format_ == "json":
            out.append({"flux": year.name, "parts": [{"réservataire": o.code, "part": plain(o.share), "volume": plain(o.yearly),
                        "logements": o.dwellings} for o in shared]})  # fmt: skip
            continue
        click.echo(f"{year.name} : {assiette.total.shown} à partager")
        for o in shared:
            every = f", un logement tous les {o.every} ans environ" if o.every else ""
            click.echo(f"  {o.name:<45} {o.share.shown:>9}  {o.yearly.shown:>20}  {o.dwellings:>4}{every}")
            if explain:
                click.echo("\n".join(f"      {x}" for x in explained(o.yearly).split("\n")))
    if format_ == "json":
        click.echo(json.dumps(out, ensure_ascii=False, indent=2))
    show(bag.sorted(), format_) if bag.items else None
    return exit_of(bag, strict=False)
