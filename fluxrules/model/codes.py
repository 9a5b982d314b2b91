"""Readable values of an expression → codes of their list. A commune stands for all the codes inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fluxrules.ir.types import Choice
from fluxrules.language import syntax as s
from fluxrules.model.names import COMMUNE
from fluxrules.model.places import read_commune
from fluxrules.text.near import fold, nearest
from fluxrules.vocabulary.territoires import codes_inside

if TYPE_CHECKING:
    from fluxrules.model.lower import Lower


def several(lower: Lower, of: Choice, values: tuple[s.Text, ...]) -> tuple[str, ...] | None:
    """The codes of several values, ``None`` when one is wrong: all wrong ones are reported."""
    found: list[str] = []
    wrong = False
    for value in values:
        code = one(lower, of, value.value, value.at)
        wrong |= code is None
        if code is not None:
            found += codes_inside(code) if of == COMMUNE else (code,)
    return None if wrong else tuple(dict.fromkeys(found))


def one(lower: Lower, of: Choice, label: str, at: s.At) -> str | None:
    """The code of one value."""
    nomenclature = lower.env.vocabulary.nomenclatures.get(of.nomenclature)
    if nomenclature is None:
        return read_commune(lower.env.bag, label, lower.span(at), "FX2006") if of == COMMUNE else label
    code = nomenclature.code_of(label)
    if code is None:
        labels = list(nomenclature.labels.values())
        near = next((x for x in labels if fold(x) == fold(label)), None) or nearest(label, labels)
        parts = [x.strip() for x in label.split(",")]
        if all(nomenclature.code_of(x) for x in parts):
            near = " ; ".join(parts)
        help_text = f"Vouliez-vous écrire « {near} » ?" if near else f"Valeurs possibles : {' ; '.join(labels)}."
        lower.report("FX2006", f"« {label} » n'est pas une valeur de « {of.nomenclature} ».", at, help_text)
    return code
