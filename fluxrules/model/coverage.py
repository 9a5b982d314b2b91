"""« couvre »: which legal categories a line or a family says that it pays. The claim is read here; proving it is the prover's work."""

from __future__ import annotations

from fluxrules.document.nodes import Mapping, Scalar, Sequence
from fluxrules.model.context import Context
from fluxrules.model.library import all_criteria, legal_categories
from fluxrules.text.near import fold, nearest


def read_covers(context: Context, block: Mapping) -> tuple[str, ...]:
    """The categories that a block says it covers, by their stable names; a name that is none is reported."""
    node = block.get("couvre")
    items = node.items if isinstance(node, Sequence) else (node,)
    found = [c for item in items if isinstance(item, Scalar) and not item.empty for c in _categories(context, item)]
    return tuple(dict.fromkeys(found))


def _categories(context: Context, written: Scalar) -> tuple[str, ...]:
    """A category by its stable name; or those of a criterion, by its name in a library."""
    name = written.text.replace("’", "'")
    if name in legal_categories():
        return (name,)
    criterion = all_criteria().get(name)
    if criterion is None:
        _report(context, written, name)
    elif not criterion.covers:
        context.bag.add("FX3051", f"« {written.text} » est un critère local, pas une priorité de l'article L. 441-1.", written.span,
                        "Retirez « couvre » : seule une priorité légale se couvre.")  # fmt: skip
    return criterion.covers if criterion is not None else ()


def _report(context: Context, written: Scalar, name: str) -> None:
    known = {**legal_categories(), **{c.name: c for c in legal_categories().values()}}
    near = next((k for k in known if fold(k) == fold(name)), None) or nearest(name, known)
    listed = " ; ".join(c.name for c in legal_categories().values())
    help_text = f"Vouliez-vous écrire « {near} » ?" if near else f"Priorités connues : {listed}."
    context.bag.add(
        "FX3050", f"« {written.text} » n'est pas une priorité légale de la bibliothèque.", written.span, help_text
    )
