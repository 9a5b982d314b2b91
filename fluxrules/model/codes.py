"""Readable values of an expression → codes of their list. A commune stands for all the codes inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fluxrules.ir.types import Choice
from fluxrules.language import syntax as s
from fluxrules.text.near import fold, nearest
from fluxrules.vocabulary.territoires import codes_inside, is_commune

if TYPE_CHECKING:
    from fluxrules.model.lower import Lower

_COMMUNE = Choice("commune")


def several(lower: Lower, of: Choice, values: tuple[s.Text, ...]) -> tuple[str, ...] | None:
    """The codes of several values, ``None`` when one is wrong: all wrong ones are reported."""
    found: list[str] = []
    wrong = False
    for value in values:
        code = one(lower, of, value.value, value.at)
        wrong |= code is None
        if code is not None:
            found += codes_inside(code) if of == _COMMUNE else (code,)
    return None if wrong else tuple(dict.fromkeys(found))


def one(lower: Lower, of: Choice, label: str, at: s.At) -> str | None:
    """The code of one value."""
    nomenclature = lower.env.vocabulary.nomenclatures.get(of.nomenclature)
    if nomenclature is None:
        if of == _COMMUNE and not is_commune(label):
            lower.report("FX2006", f"« {label} » n'est le code d'aucune commune.", at,
                         "Écrivez les cinq caractères du code Insee.")  # fmt: skip
            return None
        return label
    code = nomenclature.code_of(label)
    if code is None:
        labels = list(nomenclature.labels.values())
        near = next((x for x in labels if fold(x) == fold(label)), None) or nearest(label, labels)
        help_text = f"Vouliez-vous écrire « {near} » ?" if near else f"Valeurs possibles : {' ; '.join(labels)}."
        lower.report("FX2006", f"« {label} » n'est pas une valeur de « {of.nomenclature} ».", at, help_text)
    return code
