"""``fluxrules check``: all the defects of rule files, and what the law says of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.shared import (
    FORMATS,
    LAW,
    counted,
    date_option,
    exit_code,
    expand,
    for_a_machine,
    show,
    strict_option,
    summary,
)
from fluxrules.diagnostics.diagnostic import Bag, Diagnostic

if TYPE_CHECKING:
    from fluxrules.model.grid import Grid


@click.command("check")
@click.argument("fichiers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(FORMATS), default="texte", help="Forme des messages.")
@click.option(
    "--orientations",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Orientations d'un EPCI (CIA, PPGDID) : les grilles leur sont comparées.",
)
@date_option
@strict_option
def command(
    fichiers: tuple[Path, ...], format_: str, orientations: tuple[Path, ...], reference: date | None, strict: bool
) -> int:
    """Vérifie des grilles : structure, noms, types, unités, tranches, périodes, exemples, droit."""
    from fluxrules.law.check import check
    from fluxrules.law.summary import sentences
    from fluxrules.law.together import judge_together, refused_together

    day = reference or date.today()
    found: list[Diagnostic] = []
    grids, refused = [], False
    for path in expand(fichiers):
        checked = check(path, day=reference)  # without a day, proofs are looked for on the day that « prove » takes
        found += checked.diagnostics
        if checked.grid is not None:
            grids.append(checked.grid)
        verdict = checked.verdict
        refused |= verdict is not None and bool(verdict.refused) and verdict.grid.header.nature == "en vigueur"
        if format_ == "texte":
            show(checked.diagnostics, format_, to_stdout=True)
            lines = f", {counted(len(checked.outcomes), 'exemple joué', 'exemples joués')}" if checked.outcomes else ""
            click.echo(f"{path} : {summary(checked.diagnostics)}{lines}.")
            for sentence in sentences(verdict) if verdict is not None else ():
                click.echo(sentence)
    refused |= bool(refused_together(grids, day))
    together = (*judge_together(grids, day), *_orientations(grids, orientations, day))
    found += together
    if format_ == "texte":
        show(together, format_, to_stdout=True)
    else:
        for_a_machine(found, format_)
    if any(d.code == "FX0001" for d in found):
        return 2
    return LAW if refused else exit_code(found, strict)


def _orientations(grids: list[Grid], paths: tuple[Path, ...], day: date) -> tuple[Diagnostic, ...]:
    if not paths:
        return ()
    from fluxrules.law.documents import judge_orientations
    from fluxrules.model.flux.folder import flux_files, read_dossier

    bag = Bag()
    documents = read_dossier([file for path in paths for file in flux_files(path)], bag).orientations
    return (*bag.sorted(), *judge_orientations(grids, documents, day))
