"""The entry point: finds the verb, and turns every way out into an exit code. No traceback ever reaches a user."""

from __future__ import annotations

import importlib
import os
import sys

import click

VERBS = {
    "init": ("init", "Écrit une grille d'exemple, à adapter."),
    "check": ("check", "Vérifie une grille : toutes ses erreurs, et ses exemples."),
    "test": ("test", "Joue les exemples d'une grille."),
    "score": ("score", "Note des demandes, et les classe."),
    "explain": ("explain", "Explique la note d'une demande."),
    "export": ("export", "Exporte des résultats : classeur, CSV, SNE, pseudonymes."),
    "purge": ("purge", "Efface des sorties les demandes radiées depuis plus d'un an."),
    "population": ("population", "Fabrique une population d'essai, sans donnée personnelle."),
    "explain-code": ("explain_code", "Explique un code de diagnostic."),
    "schema": ("schema", "Donne le schéma JSON des grilles, pour un éditeur."),
}


class _Verbs(click.Group):
    """Loads a verb when it is asked for: ``--help`` does not wait for Polars."""

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
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Interrompu : rien n'a été écrit.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        click.echo(_french(error), err=True)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        click.echo(f"Erreur du système : {error.strerror or 'inconnue'}.", err=True)
        sys.exit(2)
    except MemoryError:
        click.echo("La mémoire ne suffit pas pour ce calcul.", err=True)
        sys.exit(2)
    except Exception as error:  # a bug: say so plainly, without a traceback and without data
        if os.environ.get("FLUXRULES_DEBUG"):
            raise
        click.echo(
            f"Erreur interne ({type(error).__name__}). C'est un défaut de fluxrules : signalez la commande utilisée.",
            err=True,
        )
        sys.exit(2)


def _french(error: click.ClickException) -> str:
    match error:
        case click.exceptions.NoSuchOption(option_name=name):
            return f"L'option « {name} » n'existe pas. Voir « fluxrules --help »."
        case click.exceptions.MissingParameter(param=param):
            shown = _named(param) if param else "?"
            return f"Il manque « {shown} ». Voir « fluxrules --help »."
        case click.exceptions.BadParameter(param=param):
            shown = f" de « {_named(param)} »" if param else ""
            return f"La valeur{shown} n'est pas bonne : {_wanted(param) or error.message}"
        case click.exceptions.UsageError():
            text = error.format_message()
            if text.startswith("No such command"):
                return f"Ce verbe n'existe pas : {text.partition(' ')[2].split()[-1]} Voir « fluxrules --help »."
            if "Missing command" in text:
                return "Donnez un verbe. Voir « fluxrules --help »."
            return f"Commande mal écrite. Voir « fluxrules --help ». ({text})"
        case _:
            return error.format_message()


def _named(param: click.Parameter) -> str:
    """An option as it is typed; another argument by its name."""
    return max(param.opts, key=len) if isinstance(param, click.Option) else param.human_readable_name


def _wanted(param: click.Parameter | None) -> str | None:
    """What the types of click say in English, in French."""
    match param.type if param else None:
        case click.Choice(choices=choices):
            return f"écrivez {' ou '.join(str(c) for c in choices)}."
        case click.IntRange(min=low, max=high):
            return f"écrivez un nombre entier de {low} à {high}."
        case click.types.IntParamType():
            return "écrivez un nombre entier."
        case _:
            return None
