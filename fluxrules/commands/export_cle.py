"""``fluxrules export cle``: a new key of pseudonyms."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("cle")
@click.argument("fichier", type=click.Path(path_type=Path))
def command(fichier: Path) -> int:
    """Crée une clé de pseudonymes, que vous seul pouvez lire."""
    from fluxrules.data.pseudonyms import KeyRefusedError, create_key

    try:
        key = create_key(fichier)
    except KeyRefusedError as error:
        raise click.ClickException(f"Clé refusée : {error}.") from error
    click.echo(
        f"Clé créée : {fichier} (marque {key.mark}). Gardez-la hors des données ; sans elle, rien ne se rattache plus."
    )
    return 0
