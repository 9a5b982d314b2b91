"""The entry point: finds the verb, and turns every way out into an exit code. No traceback ever reaches a user."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

import click

from fluxrules.commands.french import FrenchFormatter, say
from fluxrules.diagnostics.own import OwnFileError

VERBS = {
    "init": ("init", "Écrit une grille d'exemple, à adapter."),
    "check": ("check", "Vérifie une grille : toutes ses erreurs, et ses exemples."),
    "prove": ("prove", "Prouve des propriétés d'une grille, pour tout ménage possible."),
    "test": ("test", "Joue les exemples d'une grille."),
    "score": ("score", "Note des demandes, et les classe."),
    "replay": ("replay", "Rejoue un calcul d'après son reçu, et compare."),
    "qualite": ("qualite", "Dit ce que valent les données de chaque territoire."),
    "explain": ("explain", "Explique la note d'une demande."),
    "mapping": ("mapping", "Propose ou vérifie une correspondance de colonnes."),
    "export": ("export", "Exporte des résultats : classeur, CSV, SNE, pseudonymes."),
    "purge": ("purge", "Efface des sorties les demandes radiées depuis plus d'un an."),
    "population": ("population", "Fabrique une population d'essai, sans donnée personnelle."),
    "explain-code": ("explain_code", "Explique un code de diagnostic."),
    "loi": ("loi", "Donne les règles de droit en vigueur à une date."),
    "flux": ("flux", "Conventions de réservation et flux annuel d'un bailleur."),
    "schema": ("schema", "Donne le schéma JSON des grilles, pour un éditeur."),
}

INTERRUPTED = 130


class _Verbs(click.Group):
    """Loads a verb when it is asked for: ``--help`` does not wait for Polars."""

    def invoke(self, ctx: click.Context) -> Any:
        """Who reads our output may stop before its end (``| head -1``): that is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for descriptor in (1, 2):
                os.dup2(nowhere, descriptor)
            return 0

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"fluxrules.commands.{VERBS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbes"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fluxrules", message="fluxrules %(version)s", help="Affiche la version.")
def cli() -> None:
    """fluxrules : les grilles de cotation, vérifiées, appliquées et expliquées."""


def main() -> None:
    """Run the command line. Exit codes: 0 fine, 1 findings, 2 usage or unreadable file, 3 refused by the law, 130 interrupted."""
    heard: list[int] = []

    def stop(number: int, _: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)  # stopped from outside: clean up as for Ctrl-C
        _in_utf8()
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(encoding="utf-8", errors="replace")
        click.Context.formatter_class = FrenchFormatter
        code = _run(heard)
    except KeyboardInterrupt:  # again, while the first was being said
        code = INTERRUPTED
    sys.exit(code)


def _run(heard: Sequence[int]) -> int:
    """The exit code of the verb, once what went wrong is said. ``heard``: the stops that were asked for."""
    try:
        code = cli.main(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except BaseException as error:  # a panic of Polars is no Exception
        if isinstance(error, SystemExit):
            raise
        # Whatever a library made of a stop (an import that fails, an error of its own), it is a stop.
        if heard or isinstance(error, click.exceptions.Abort | KeyboardInterrupt):
            stop = error.__cause__ if isinstance(error, click.exceptions.Abort) else error  # click made it of a stop
            said = f" : {stop}" if isinstance(stop, KeyboardInterrupt) and stop.args else "."
            click.echo(f"\nInterrompu{said}", err=True)
            return INTERRUPTED
        if isinstance(error, click.ClickException):
            click.echo(say(error, VERBS), err=True)
            return 2
        if os.environ.get("FLUXRULES_DEBUG") and not isinstance(error, OSError | MemoryError):
            raise
        click.echo(_failure(error), err=True)
        return 2


def _failure(error: BaseException) -> str:
    """What is said of an error that no verb expects: no traceback, no data."""
    if isinstance(error, OSError):
        full = error.errno == errno.ENOSPC
        reason = "il n'y a plus de place sur le disque" if full else error.strerror or "inconnue"
        return f"Erreur du système : {reason}."
    if isinstance(error, OwnFileError):
        return (f"Un fichier livré avec fluxrules est fautif :\n{error}\n"
                "Si vous l'avez modifié, corrigez-le (« fluxrules check » lit aussi les fichiers de droit et de propriétés). Sinon, réinstallez fluxrules.")  # fmt: skip
    if isinstance(error, MemoryError):
        return "La mémoire ne suffit pas pour ce calcul."
    return f"Erreur interne ({type(error).__name__}). C'est un défaut de fluxrules : signalez la commande utilisée."


def _in_utf8() -> None:
    """Starts again in UTF-8 where the system is set to ASCII (``LC_ALL=C``): Polars opens no name with accents there."""
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
        again = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONUTF8": "1"})
