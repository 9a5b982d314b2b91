"""``fluxrules loi``: the rules of law in force on a day."""

from __future__ import annotations

import json
from datetime import date

import click

from fluxrules.commands.shared import date_option


@click.command("loi")
@click.option(
    "--format", "format_", type=click.Choice(["texte", "json", "markdown"]), default="texte", help="Forme de la liste."
)
@date_option
def command(format_: str, reference: date | None) -> int:
    """Donne les règles de droit en vigueur à une date : article, confiance, effet, contrôle."""
    from fluxrules.law.load import standard_code
    from fluxrules.law.page import markdown, text, values

    law = standard_code().at(reference or date.today())
    if format_ == "json":
        click.echo(json.dumps(values(law), ensure_ascii=False, indent=2))
    else:
        click.echo(markdown(law) if format_ == "markdown" else text(law), nl=format_ == "texte")
    return 0
