"""``fluxrules check``: all the defects of rule files."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.shared import counted, exit_code, expand, format_option, show, strict_option, summary
from fluxrules.diagnostics.diagnostic import Diagnostic


@click.command("check")
@click.argument("fichiers", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option
@strict_option
def command(fichiers: tuple[Path, ...], format_: str, strict: bool) -> int:
    """Vérifie des grilles : structure, noms, types, unités, tranches, périodes, exemples."""
    from fluxrules.model.check import check

    found: list[Diagnostic] = []
    for path in expand(fichiers):
        checked = check(path)
        found += checked.diagnostics
        if format_ == "texte":
            show(checked.diagnostics, format_, to_stdout=True)
            lines = f", {counted(len(checked.outcomes), 'exemple joué', 'exemples joués')}" if checked.outcomes else ""
            click.echo(f"{path} : {summary(checked.diagnostics)}{lines}.")
    if format_ == "json":
        show(found, format_, to_stdout=True)
    return 2 if any(d.code == "FX0001" for d in found) else exit_code(found, strict)
