"""``fluxrules flux init``: an example département to start from."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from fluxrules.text.resources import resource

TEMPLATE = "rulesets/exemples/marne"
_EDITOR = (
    "# yaml-language-server"  # leads to the schemas of this repository: « fluxrules schema convention » gives one's own
)


@click.command("init")
@click.argument("dossier", type=click.Path(path_type=Path))
def command(dossier: Path) -> int:
    """Copie un département d'exemple (conventions, flux, orientations, tables), à adapter."""
    if dossier.exists():
        raise click.ClickException(f"« {dossier} » existe déjà : donnez un nom de dossier à créer.")
    work = dossier.with_name(f".{dossier.name}.en-cours")
    try:
        shutil.copytree(resource(TEMPLATE), work)
        for file in work.rglob("*.yaml"):
            kept = [x for x in file.read_text("utf-8").splitlines(keepends=True) if not x.startswith(_EDITOR)]
            file.write_text("".join(kept), "utf-8")
        work.rename(dossier)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    click.echo(f"{dossier} : département d'exemple, tout y est inventé.")
    click.echo(f"Vérifiez-le : fluxrules flux check {dossier}")
    return 0
