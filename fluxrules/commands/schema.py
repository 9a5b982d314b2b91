"""``fluxrules schema``: the JSON Schema of grids."""

from __future__ import annotations

import click

from fluxrules.text.resources import resource


@click.command("schema")
def command() -> int:
    """Écrit le schéma JSON des grilles sur la sortie standard."""
    click.echo(resource("grammar/schemas/cotation.schema.json").read_text("utf-8"), nl=False)
    return 0
