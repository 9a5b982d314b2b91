"""``fluxrules population``: a synthetic population to try grids on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from fluxrules.commands.shared import date_option


@click.command("population")
@click.option("--demandes", "count", type=click.IntRange(1, 1_000_000), default=1000, help="Nombre de demandes.")
@click.option("--seed", type=int, default=1, help="Graine : la même donne la même population.")
@click.option("--epci", multiple=True, help="SIREN d'un territoire de résidence (plusieurs fois possible).")
@click.option("--sortie", required=True, type=click.Path(path_type=Path), help="Dossier à créer.")
@click.option(
    "--sortie-format", "output", type=click.Choice(["parquet", "csv"]), default="parquet", help="Format des tables."
)
@click.option("--remplacer", is_flag=True, help="Remplace le dossier de sortie s'il existe.")
@date_option
def command(
    count: int, seed: int, epci: tuple[str, ...], sortie: Path, output: str, remplacer: bool, reference: date | None
) -> int:
    """Fabrique des demandes synthétiques : aucune n'est celle d'une personne."""
    from fluxrules.data.population import WATERMARK, generate
    from fluxrules.data.write import NotWrittenError, whole_folder, write_json, write_table
    from fluxrules.language.numbers import show_number
    from fluxrules.vocabulary.territoires import Territoire, resolve_epci

    for code in epci:
        if not isinstance(resolve_epci(code), Territoire):
            raise click.ClickException(f"Le SIREN « {code} » n'est pas celui d'un territoire de cotation.")
    day = reference or date.today()
    if day.year < 2000:
        raise click.ClickException("La date de référence d'une population est postérieure à 1999.")
    tables = generate(count, seed, day, epci)
    try:
        with whole_folder(sortie, replace=remplacer) as folder:
            for name in ("demandes", "membres", "choix", "evenements"):
                frame = getattr(tables, name)
                if frame is not None:
                    write_table(frame, folder, name, output)
            write_json(
                {"mention": WATERMARK, "demandes": count, "graine": seed, "date": day.isoformat(), "epci": list(epci)},
                folder / "LISEZMOI.json",
            )
    except NotWrittenError as error:
        raise click.ClickException(f"Écriture impossible : {error}.") from error
    click.echo(f"{WATERMARK}\n{show_number(count)} demandes, graine {seed} : {sortie}")
    return 0
