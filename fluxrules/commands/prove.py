"""``fluxrules prove``: what is true of every possible household, and the household that shows what is not."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fluxrules.commands.shared import (
    FINDINGS,
    FINE,
    USAGE,
    counted,
    date_option,
    expand,
    format_option,
    load_grids,
    show,
    strict_option,
)
from fluxrules.law.prove.effort import LIMITS

if TYPE_CHECKING:
    from fluxrules.law.prove.verdict import Finding

MARKS = {"prouvé": "✓", "réfuté": "✗", "indécidé": "?"}


@click.command("prove")
@click.argument("fichiers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--contre", type=click.Path(path_type=Path), default=None, help="Autre version de la grille, à comparer.")
@click.option("--propriete", "--propriété", "names", multiple=True, help="Une propriété à prouver (toutes par défaut).")
@click.option(
    "--proprietes",
    "--propriétés",
    "own",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Un fichier de propriétés à vous, prouvées avec les autres.",
)
@click.option("--sans-cache", is_flag=True, help="Ne lit ni n'écrit le certificat posé à côté de la grille.")
@date_option
@format_option
@strict_option
def command(
    fichiers: tuple[Path, ...], contre: Path | None, names: tuple[str, ...], own: tuple[Path, ...], sans_cache: bool,
    reference: date | None, format_: str, strict: bool,
) -> int:  # fmt: skip
    """Prouve des propriétés d'une grille pour tous les ménages possibles, renseignements manquants compris."""
    from fluxrules.diagnostics.diagnostic import Bag
    from fluxrules.law.prove import terms

    if not terms.available():
        raise click.ClickException(terms.MISSING)
    from fluxrules.law.prove.certificate import Certificate, usual_day
    from fluxrules.law.prove.effort import certificate_of
    from fluxrules.law.prove.properties import load_properties, standard_properties
    from fluxrules.law.prove.run import Proofs
    from fluxrules.text.near import fold

    bag = Bag()
    ours = standard_properties()
    theirs = load_properties(own, bag, (p.name for p in ours))
    show(bag.items, "texte")
    if bag.items:
        return USAGE if any(d.code == "FX0001" for d in bag.items) else FINDINGS
    known = {p.name: p for p in (*ours, *theirs) if p.kind != "équivalence" or contre is not None}
    written = {fold(name): name for name in known}  # « equivalence » is typed as « propriete » is
    names = tuple(written.get(fold(x), x) for x in names)
    wrong = [x for x in names if x not in known]
    if wrong:
        raise click.ClickException(f"La propriété « {wrong[0]} » n'existe pas. Propriétés : {' ; '.join(known)}.")
    wanted = [known[x] for x in names] if names else list(known.values())
    other = load_grids([contre], format_)[0] if contre is not None else None
    paths = expand(fichiers)
    every: list[dict[str, object]] = []
    bad = unread = False
    for path in paths:
        try:
            grid = load_grids([path], format_)[0]
        except click.exceptions.Exit:  # said; the other grids are proved all the same
            unread = True
            continue
        day = reference or usual_day(grid)
        certificate = None if sans_cache else Certificate.read(certificate_of(path))
        proofs = Proofs(grid, day, other, certificate)
        found: list[Finding] = []
        if format_ == "texte":
            click.echo(f"{path}, au {day:%d/%m/%Y} :\n")
        try:
            for finding in proofs.run(wanted):
                found.append(finding)
                if format_ == "texte":
                    _show(finding)
        except KeyboardInterrupt:
            sys.unraisablehook = lambda _: None  # a term of the solver half made when the stop came
            if certificate is not None and certificate.changed and certificate.write():
                raise KeyboardInterrupt("ce qui est déjà prouvé est gardé à côté de la grille.") from None
            raise
        except ValueError as error:
            if "has no value" not in str(error):
                raise
            raise click.ClickException(
                f"Un paramètre n'a pas de valeur au {day:%d/%m/%Y} : donnez une autre date avec « --date »."
            ) from error
        if certificate is not None and not certificate.write():
            click.echo(
                "Le certificat n'a pas pu être écrit à côté de la grille : les preuves seront refaites.", err=True
            )
        bad |= any(f.verdict.value == "réfuté" and f.weight == "avertissement" for f in found)
        if format_ == "texte":
            click.echo(_summary(found))
        every.append(
            {"fichier": str(path), "date": day.isoformat(), "portée": LIMITS, "résultats": [f.as_json() for f in found]}
        )
    if format_ == "json":
        click.echo(json.dumps(every, ensure_ascii=False, indent=1))
    return FINDINGS if unread or (strict and bad) else FINE


def _show(finding: Finding) -> None:
    weight = f"{finding.weight} : " if finding.verdict.value == "réfuté" and finding.weight != "information" else ""
    click.echo(f"{MARKS[finding.verdict.value]} {weight}{finding.sentence}")
    for w in finding.witnesses:
        click.echo(w.entry)
    if finding.witnesses:
        click.echo()
    sys.stdout.flush()


def _summary(found: list[Finding]) -> str:
    of = {mark: sum(f.verdict.value == mark for f in found) for mark in MARKS}
    parts = (
        counted(of["prouvé"], "propriété prouvée", "propriétés prouvées"),
        counted(of["réfuté"], "réfutée", "réfutées"),
        counted(of["indécidé"], "indécidée", "indécidées"),
    )
    return f"\n{', '.join(parts)}.\n{LIMITS}"
