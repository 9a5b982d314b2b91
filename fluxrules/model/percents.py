"""A share (an effort rate) is between 0 and 1: « 30 » beside it is a « 30 % » whose sign was forgotten, and would never be reached."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from fluxrules.ir import nodes as n
from fluxrules.ir.proportion import is_share
from fluxrules.language import syntax as s
from fluxrules.language.numbers import show_number
from fluxrules.model.names import Env

PERCENT = "%"


def share(env: Env, e: n.Expr, entity: str) -> bool:
    """Whether an expression of a document is a share, through the definitions it names."""
    return is_share(e, env.known(entity))


def forgotten(env: Env, left: n.Expr, right: n.Expr, written: s.Expr, entity: str) -> Fraction | None:
    """The number above 1 and without « % » that is compared with a share, if there is one. ``written`` is the source of ``right``."""
    match right:
        case n.Const(value=value) if isinstance(written, s.Number) and written.unit is None and value > 1:
            return value if share(env, left, entity) else None
        case n.Param(name=name) if not env.parameters[name].percent:
            above = [v for v in env.parameters[name].dated.known if v > 1]
            return above[0] if above and share(env, left, entity) else None
        case _:
            return None


def remedy(value: Fraction) -> str:
    return f"Écrivez « {show_number(value)} % », ou « {show_number(value * 100)} % » si c'est bien « {show_number(value)} fois »."


def signs_differ(values: Iterable[tuple[Fraction, str | None]]) -> bool:
    """Whether some values are in per cent and some not. Zero is the same in both."""
    return len({unit == PERCENT for value, unit in values if value}) > 1
