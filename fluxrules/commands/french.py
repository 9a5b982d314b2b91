"""The words of the command-line library, in French."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from fluxrules.text.near import nearest

SEE = "Voir « fluxrules --help »."
_HEADINGS = {"Commands": "Verbes"}
_HELP = (
    (r"Show this message and exit\.", "Affiche cette aide."),
    (r"Show the version and exit\.", "Affiche la version."),
    (r"\[required\]", "[obligatoire]"),
    (r"\[(\S+)<=x<=(\S+)\]", r"[de \1 à \2]"),
)
_TERMS = (
    (r"\b(?:INTEGER|FLOAT)(?: RANGE)?\b", "NOMBRE"),
    (r"\bPATH\b", "CHEMIN"),
    (r"\bTEXT\b", "TEXTE"),
)


class FrenchFormatter(click.HelpFormatter):
    """The help of a verb."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        words = args.replace("COMMAND [ARGS]...", "VERBE …").replace("[OPTIONS]", "[OPTIONS…]").replace("...", "…")
        super().write_usage(prog, words, prefix or "Usage : ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(f"{_HEADINGS.get(heading, heading)} ")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        french = [(_translated(term, _TERMS), _translated(text, _HELP)) for term, text in rows]
        super().write_dl(french, col_max, col_spacing)


_PATHS = (
    (r"^\w+ '(.*)' does not exist\.$", r"« \1 » n'existe pas."),
    (r"^\w+ '(.*)' is a directory\.$", r"« \1 » est un dossier ; donnez un fichier."),
    (r"^\w+ '(.*)' is a file\.$", r"« \1 » est un fichier ; donnez un dossier."),
    (r"^\w+ '(.*)' is not (?:readable|writable|executable)\.$", r"« \1 » ne s'ouvre pas ; vérifiez ses droits."),
)
"""What click says of a path, as its words are in every one of its versions."""


def _translated(text: str, words: Iterable[tuple[str, str]]) -> str:
    for english, french in words:
        text = re.sub(english, french, text)
    return text


def say(error: click.ClickException, verbs: Iterable[str]) -> str:
    """A usage error as a French sentence, with what to do."""
    match error:
        case click.exceptions.NoArgsIsHelpError(ctx=ctx) if ctx is not None:
            return ctx.get_help()
        case click.exceptions.NoSuchOption(option_name=name, possibilities=near):
            guess = f" Vouliez-vous écrire « {near[0]} » ?" if near else ""
            return f"L'option « {name} » n'existe pas.{guess} {SEE}"
        case click.exceptions.MissingParameter(param=param):
            return f"Il manque « {_name(param)} ». {SEE}"
        case click.exceptions.BadParameter(param=param):
            return f"La valeur de « {_name(param)} » n'est pas bonne : {_wanted(param, error.message)}"
        case click.exceptions.BadOptionUsage(option_name=name) if "does not take a value" in error.message:
            return f"L'option « {name} » s'écrit seule, sans valeur. {SEE}"
        case click.exceptions.BadOptionUsage(option_name=name):
            return f"L'option « {name} » attend une valeur. {SEE}"
        case click.exceptions.UsageError():
            here = error.ctx.command if error.ctx is not None else None
            return _usage(
                error.format_message(),
                here.list_commands(error.ctx) if isinstance(here, click.Group) and error.ctx else verbs,
            )
        case _:
            return error.format_message()


def _name(param: click.Parameter | None) -> str:
    """An option as it is typed; another argument by its name."""
    if param is None:
        return "?"
    return max(param.opts, key=len) if isinstance(param, click.Option) else param.human_readable_name


def _wanted(param: click.Parameter | None, message: str) -> str:
    kind = param.type if param is not None else None
    if isinstance(kind, click.Choice):
        return f"choisissez {' ou '.join(f'« {c} »' for c in kind.choices)}."
    if isinstance(kind, click.IntRange):
        return f"donnez un nombre entier de {kind.min} à {kind.max}, sans espace."
    if isinstance(kind, click.types.IntParamType):
        return "donnez un nombre entier."
    if isinstance(kind, click.FloatRange):
        return f"donnez un nombre de {kind.min} à {kind.max}, avec un point."
    if isinstance(kind, click.Path):
        return _translated(message, _PATHS)
    return message


def _usage(text: str, verbs: Iterable[str]) -> str:
    inside = text.partition("(")[2].partition(")")[0]
    if text.startswith("No such command"):
        word = text.split("'")[1] if "'" in text else ""
        near = nearest(word, verbs)
        guess = f" Vouliez-vous écrire « {near} » ?" if near else ""
        return f"Le verbe « {word} » n'existe pas.{guess} {SEE}"
    if "Missing command" in text:
        return f"Donnez un verbe. {SEE}"
    if "unexpected extra argument" in text:
        return f"Il y a un mot de trop : « {inside} ». {SEE}"
    return f"Commande mal écrite. {SEE}"
