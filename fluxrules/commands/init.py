"""``fluxrules init``: a first grid to start from."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.text.resources import resource

TEMPLATE = "rulesets/exemples/metropole-exemple.yaml"


_OURS, _BESIDE = "$schema=../../grammar/schemas/cotation.schema.json", "$schema=cotation.schema.json"


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "son dossier n'existe pas"
    return "l'écriture n'est pas permise" if isinstance(error, PermissionError) else "le disque la refuse"


@click.command("init")
@click.argument("fichier", type=click.Path(path_type=Path))
def command(fichier: Path) -> int:
    """Écrit une grille d'exemple, à adapter."""
    text = resource(TEMPLATE).read_text("utf-8").replace(_OURS, _BESIDE, 1)
    try:
        with fichier.open("x", encoding="utf-8") as f:
            try:
                f.write(text)
                f.flush()
            except BaseException:  # a full disk, Ctrl-C: nothing is left half written
                fichier.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise click.ClickException(f"« {fichier} » existe déjà : donnez un autre nom.") from None
    except OSError as error:
        raise click.ClickException(f"« {fichier} » ne s'écrit pas : {_reason(error)}.") from error
    click.echo(
        f"Grille d'exemple écrite dans {fichier}. Changez-en le nom, le territoire et les poids, puis : fluxrules check {fichier}"
    )
    return 0
