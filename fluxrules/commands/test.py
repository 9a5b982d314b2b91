"""``fluxrules test``: the examples of rule files, one line each."""

from __future__ import annotations

from pathlib import Path

import click

from fluxrules.commands.shared import counted, exit_code, expand, show
from fluxrules.diagnostics.diagnostic import Severity


@click.command("test")
@click.argument("fichiers", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(fichiers: tuple[Path, ...]) -> int:
    """Joue les exemples écrits dans les grilles."""
    from fluxrules.language.numbers import show_date
    from fluxrules.model.check import check
    from fluxrules.model.examples import describe

    code = 0
    for path in expand(fichiers):
        checked = check(path)
        errors = [d for d in checked.diagnostics if d.severity is Severity.ERREUR]
        for outcome in checked.outcomes:
            mark = "✗" if outcome.failures else "✓"
            scale = checked.grid.program.scale if checked.grid else 1
            detail = describe(outcome.result, scale)
            click.echo(f"{mark} {outcome.example.name} ({show_date(outcome.example.reference)}) : {detail}")
        show(errors, "texte", to_stdout=True)
        failed = sum(bool(o.failures) for o in checked.outcomes)
        if not checked.outcomes and errors:
            click.echo(f"{path} : la grille a des erreurs, ses exemples n'ont pas été joués.")
        elif not checked.outcomes:
            click.echo(f"{path} : aucun exemple. Ajoutez « exemples: » pour dire ce que la grille doit donner.")
        else:
            click.echo(
                f"{path} : {counted(len(checked.outcomes) - failed, 'exemple réussi', 'exemples réussis')}, {counted(failed, 'échoué', 'échoués')}."
            )
        code = max(code, exit_code(errors, strict=False))
    return code
