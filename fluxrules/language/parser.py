"""Text → syntax tree. Cached by text: a grid repeats itself, and a territory's grids repeat each other."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Literal, cast

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, VisitError

from fluxrules.language.build import Build, RefusedError
from fluxrules.language.messages import explain_characters, explain_end, explain_token
from fluxrules.language.syntax import BandKey, Expr, Points, Problem
from fluxrules.language.tables import parser

Start = Literal["expression", "montant", "tranche"]
MAX_LENGTH = 2000
MAX_NESTING = 32


def parse_expression(text: str) -> Expr | Problem:
    """A condition or an arithmetic expression."""
    return cast("Expr | Problem", _parse(text, "expression"))


def parse_points(text: str) -> Points | Problem:
    """The points of a line: ``20``, ``1 par mois entier d'ancienneté, au plus 60``, ``sans objet``."""
    return cast("Points | Problem", _parse(text, "montant"))


def parse_band(text: str) -> BandKey | Problem:
    """The bounds of a band: ``plus de 30 % jusqu'à 40 %``."""
    return cast("BandKey | Problem", _parse(text, "tranche"))


@cache
def _lark() -> Lark:
    return parser()


@lru_cache(maxsize=20_000)
def _parse(text: str, start: Start) -> object:
    too_much = _too_much(text, start)
    if too_much:
        return too_much
    try:
        tree = _lark().parse(text, start=start)
        return Build(text).transform(tree)
    except UnexpectedCharacters as error:
        return explain_characters(text, error.pos_in_stream or 0)
    except UnexpectedToken as error:
        if error.token.type == "$END":
            return explain_end(text)
        return explain_token(text, error)
    except UnexpectedEOF:
        return explain_end(text)
    except VisitError as error:
        if isinstance(error.orig_exc, RefusedError):
            return error.orig_exc.problem
        raise


_EMPTY: dict[Start, str] = {
    "expression": "Écrivez une expression, ou retirez la clé.",
    "montant": "Écrivez un nombre de points, ou « sans objet ».",
    "tranche": "Écrivez les bornes de la tranche : « jusqu'à 30 % ».",
}


def _too_much(text: str, start: Start) -> Problem | None:
    """Bounds on length and nesting, so that no later pass can run out of stack."""
    if not text.strip():
        return Problem("Rien n'est écrit ici.", (0, len(text)), _EMPTY[start])
    if len(text) > MAX_LENGTH:
        return Problem(f"L'expression dépasse {MAX_LENGTH} caractères.", (0, len(text)),
                       "Coupez-la en plusieurs définitions nommées.")  # fmt: skip
    depth = 0
    for at, c in enumerate(text):
        depth += {"(": 1, ")": -1}.get(c, 0)
        if depth > MAX_NESTING:
            return Problem(f"L'expression emboîte plus de {MAX_NESTING} parenthèses.", (at, at + 1),
                           "Coupez-la en plusieurs définitions nommées.")  # fmt: skip
    chains = text.split()
    if sum(w == "non" for w in chains) > MAX_NESTING or sum(map(text.count, "-−–")) > 2 * MAX_NESTING:
        return Problem("L'expression répète trop de « non » ou de signes moins.", (0, len(text)), "Simplifiez-la.")
    return None
