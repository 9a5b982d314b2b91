"""What verbs share: options, loading with messages, exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fluxrules.diagnostics.diagnostic import Diagnostic, Severity
from fluxrules.diagnostics.render import as_json, render_json, render_text, summary
from fluxrules.language.numbers import read_date

if TYPE_CHECKING:
    from fluxrules.model.grid import Grid

F = TypeVar("F", bound=Callable[..., Any])
FINE, FINDINGS, USAGE, LAW = 0, 1, 2, 3
FORMATS = ("texte", "json", "sarif", "github")
"""Forms of diagnostics: for people, for programs, for forges."""


class Day(click.ParamType[date]):
    """A date as French people write it, or ISO."""

    name = "JJ/MM/AAAA"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        day = read_date(str(value))
        if day is None:
            try:
                day = date.fromisoformat(str(value))
            except ValueError:
                self.fail(f"« {value} » n'est pas une date ; écrivez 01/09/2026.", param, ctx)
        return day


def format_option(f: F) -> F:
    """``--format texte|json``."""
    return click.option(
        "--format", "format_", type=click.Choice(["texte", "json"]), default="texte", help="Forme des messages."
    )(f)


def date_option(f: F) -> F:
    """``--date``: the reference date; today by default, and said."""
    return click.option(
        "--date", "reference", type=Day(), default=None, help="Date de référence (aujourd'hui par défaut)."
    )(f)


def strict_option(f: F) -> F:
    return click.option(
        "--strict", is_flag=True, help="Un avertissement ou une ligne rejetée donne le code de sortie 1."
    )(f)


def show(items: Sequence[Diagnostic], format_: str, *, to_stdout: bool = False) -> None:
    """Diagnostics on stderr, or on stdout where they are the answer."""
    if format_ == "json":
        click.echo(render_json(items), err=not to_stdout)
    elif items:
        stream = sys.stdout if to_stdout else sys.stderr
        colour = stream.isatty() and "NO_COLOR" not in os.environ
        click.echo(render_text(items, colour=colour), err=not to_stdout)


def for_a_machine(items: Sequence[Diagnostic], format_: str) -> None:
    """Diagnostics as the answer, in a form other than text."""
    from fluxrules.cotation.receipt import engine_version
    from fluxrules.diagnostics.sarif import render_github, render_sarif

    if format_ == "json":
        show(items, format_, to_stdout=True)
    elif format_ == "sarif":
        click.echo(render_sarif(items, engine_version()))
    elif items:
        click.echo(render_github(items))


def progress(quiet: bool) -> Callable[[str], None]:
    """Says where a run is, on one line of a terminal; nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None

    def say(text: str) -> None:
        click.echo(f"\r\033[K{text}", nl=False, err=True)

    return say


def counted(number: int, one: str, more: str) -> str:
    """A number and what it counts: 0 and 1 are singular in French."""
    return f"{number} {more if number > 1 else one}"


def exit_code(items: Sequence[Diagnostic], strict: bool) -> int:
    worst = max((d.severity for d in items), default=None)
    if worst is Severity.ERREUR or (strict and worst is Severity.AVERTISSEMENT):
        return FINDINGS
    return FINE


def load_grids(paths: Sequence[Path], format_: str) -> list[Grid]:
    """The grids of files and folders; prints the diagnostics and exits when one has an error."""
    from fluxrules.model.check import check

    grids: list[Grid] = []
    bad = False
    for path in expand(paths):
        checked = check(path)
        notable = [d for d in checked.diagnostics if d.severity is Severity.ERREUR]
        show(notable, format_) if notable else None
        if checked.grid is None or not checked.ok:
            bad = True
        else:
            grids.append(checked.grid)
    if bad:
        click.echo("La grille a des erreurs : rien n'a été calculé.", err=True)
        raise click.exceptions.Exit(FINDINGS)
    return grids


def expand(paths: Sequence[Path]) -> list[Path]:
    """Files as given; a folder stands for its .yaml files."""
    found: list[Path] = []
    for path in paths:
        try:
            found += sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        except OSError:  # a name too long, a folder that is not ours: reading it says why
            found.append(path)
    if not found:
        raise click.ClickException("Aucun fichier de règles : le dossier ne contient pas de .yaml.")
    return found


__all__ = [
    "Day",
    "as_json",
    "counted",
    "date_option",
    "exit_code",
    "expand",
    "for_a_machine",
    "format_option",
    "load_grids",
    "progress",
    "show",
    "strict_option",
    "summary",
]
