"""€/an and €/mois are compared as they are: who divides a yearly amount by 12, or multiplies a monthly one, converts it twice."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from fluxrules.ir import nodes as n
from fluxrules.ir.types import Number
from fluxrules.ir.walk import children
from fluxrules.language import syntax as s
from fluxrules.language.units import EURO_PER_MONTH, NONE
from fluxrules.model.names import Env

MONTHS_OF_A_YEAR = 12
_YEARLY = "€/an"


def converted_twice(
    env: Env, entity: str, before: n.Expr, factor: n.Expr, sign: int, written: tuple[s.Expr, s.Expr]
) -> tuple[str, str] | None:
    """What is wrong with ``before × factor`` (÷ when ``sign`` is -1), and what to write; ``written`` are both as in the source."""
    if sign > 0 and _twelve(before):
        before, factor = factor, before
        written = (written[1], written[0])
    if not _twelve(factor) or not isinstance(before.type, Number) or before.type.unit != EURO_PER_MONTH:
        return None
    yearly = _yearly(before, written[0], env.known(entity))
    name = f"« {written[0].name} »" if isinstance(written[0], s.Name) else "Ce montant"
    if sign < 0 and yearly:
        return (
            f"{name} est en €/an : divisé par 12, il serait douze fois trop petit.",
            "Retirez « / 12 » : un montant en €/an se compare déjà à un montant en €/mois.",
        )
    if sign > 0 and not yearly:
        return (
            f"{name} est en €/mois : multiplié par 12, il serait douze fois trop grand.",
            "Retirez « × 12 » : un montant en €/mois se compare déjà à un montant en €/an.",
        )
    return None


def _twelve(e: n.Expr) -> bool:
    return isinstance(e, n.Const) and e.unit == NONE and e.value == Fraction(MONTHS_OF_A_YEAR)


def _yearly(e: n.Expr, written: s.Expr, done: Mapping[str, n.Expr]) -> bool:
    """Whether an amount comes from a field, or is written, by the year."""
    if isinstance(written, s.Number):
        return written.unit == _YEARLY
    match e:
        case n.Field(factor=factor):
            return factor == Fraction(1, MONTHS_OF_A_YEAR)
        case n.Ref(name=name):
            body = done.get(name)
            return body is not None and _yearly(body, written, done)
        case n.Add() | n.Mul():
            return any(_yearly(x, written, done) for x in children(e))
        case _:
            return False
