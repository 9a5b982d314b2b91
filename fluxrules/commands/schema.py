"""``fluxrules schema``: the JSON Schemas of grids and mappings."""

from __future__ import annotations

import click

from fluxrules.text.resources import resource


@click.command("schema")
@click.argument(
    "document",
    type=click.Choice(["cotation", "correspondance", "convention", "flux", "orientations"]),
    default="cotation",
)
def command(document: str) -> int:
    """Écrit le schéma JSON des grilles (ou des correspondances) sur la sortie standard."""
    click.echo(resource(f"grammar/schemas/{document}.schema.json").read_text("utf-8"), nl=False)
    return 0
