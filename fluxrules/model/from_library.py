"""A criterion that a grid takes from a library: one word and a weight, « DALO: 200 », « ancienneté par mois: 1, au plus 60 »."""

from __future__ import annotations

import re

from fluxrules.document.nodes import Scalar
from fluxrules.ir import nodes as n
from fluxrules.model.context import Context
from fluxrules.model.library import Criterion
from fluxrules.model.lower import lower_condition
from fluxrules.model.points import read_points
from fluxrules.text.near import fold, nearest

_NUMBER = r"[-−–]?\s*\d[\d\s]*(?:,\d+)?"
_BY_STEP = re.compile(rf"\s*(?P<rate>{_NUMBER})\s*(?P<limit>,\s*au (?:plus|moins) {_NUMBER})?\s*")


def read_weight(context: Context, key: Scalar, weight: Scalar, path: tuple[str, ...]) -> n.Line | None:
    """The line that a name and a weight stand for."""
    criterion = _named(context, key)
    if criterion is None:
        return None
    points = _points(context, criterion, weight)
    condition = None
    if criterion.condition is not None:
        condition = lower_condition(context.env, criterion.condition, context.principal)
        if condition is None:
            return None
    if points is None:
        return None
    written = criterion.condition.text if criterion.condition is not None else f"par {criterion.step}"
    return n.Line(
        points,
        condition,
        0,
        criterion.document,
        criterion.on_evidence,
        path,
        criterion.label,
        (written, weight.text),
        criterion.covers,
    )


def _named(context: Context, key: Scalar) -> Criterion | None:
    criterion = context.library.get(key.text.replace("’", "'"))
    if criterion is None and context.library_read:
        _report_unknown(context, key)
    if criterion is not None and len(criterion.libraries) > 1:
        named = " et ".join(f"« {x} »" for x in criterion.libraries)
        context.bag.add("FX3040", f"« {key.text} » est dans plusieurs bibliothèques : {named}.", key.span,
                        "Rien ne dit laquelle suivre : retirez l'une d'elles, ou écrivez ici la condition (« si ») et les points.")  # fmt: skip
        return None
    return criterion


def _report_unknown(context: Context, key: Scalar) -> None:
    near = next((k for k in context.library if fold(k) == fold(key.text)), None) or nearest(key.text, context.library)
    if near:
        help_text = f"Vouliez-vous écrire « {near} » ?"
    else:
        help_text = "Écrivez sa condition : un bloc avec « si » et « points » ; ou nommez une bibliothèque dans « s'appuie sur »."
        if context.library:
            help_text += f" Critères des bibliothèques nommées : {' ; '.join(context.library)}."
    context.bag.add(
        "FX3021", f"« {key.text} » n'est dans aucune bibliothèque nommée par la grille.", key.span, help_text
    )


def _points(context: Context, criterion: Criterion, weight: Scalar) -> n.Points | None:
    if criterion.step is None:
        points = context.fine_text(weight)
        return None if points is None else n.Fixed(points)
    found = _BY_STEP.fullmatch(weight.text)
    if found is None:
        context.bag.add("FX3004", f"« {weight.text} » n'est pas un poids pour « {criterion.name} ».", weight.span,
                        "Écrivez les points de chaque pas, et leur limite si l'on veut : « 1 » ou « 1, au plus 60 ».")  # fmt: skip
        return None
    text = f"{found['rate'].strip()} par {criterion.step}{found['limit'] or ''}"
    return read_points(context, Scalar(text, weight.span, weight.style))
