"""Constraints between fields, and usual values: what a household that could exist looks like."""

from __future__ import annotations

from dataclasses import dataclass

from fluxrules.document.nodes import Mapping, Scalar
from fluxrules.vocabulary.blocks import optional, text


@dataclass(frozen=True)
class ConstraintDef:
    """``always``: a condition never false. ``first`` = (field, list): the field is an element. ``when`` and ``known``: known where it holds."""

    name: str
    label: str
    always: Scalar | None = None
    first: tuple[str, str] | None = None
    when: Scalar | None = None
    known: str | None = None


def constraint(name: str, block: Mapping) -> ConstraintDef:
    """One entry of « contraintes ». Raises ``ValueError`` for one that says nothing."""
    always, first, when = block.get("toujours"), block.get("premier"), block.get("quand")
    known = optional(block, "renseigné")
    pair = (text(first, "champ"), text(first, "liste")) if isinstance(first, Mapping) else None
    condition = always if isinstance(always, Scalar) else None
    if condition is None and pair is None and not (isinstance(when, Scalar) and known):
        raise ValueError(f"{block.span.place}: a constraint that says nothing")
    return ConstraintDef(
        name, text(block, "libellé"), condition, pair, when if isinstance(when, Scalar) else None, known
    )
