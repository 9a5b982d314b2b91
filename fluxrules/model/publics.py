"""Whom a grid is for (« demandeurs »), and which demandes are compared with each other (« demandes analogues »)."""

from __future__ import annotations

from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Choice, Many
from fluxrules.model.context import Context
from fluxrules.model.lower import Lower, parse
from fluxrules.model.names import ir_field

BY_DEFAULT = "types_logement_recherchés"


def read_classes(context: Context, node: Node | None) -> tuple[n.Expr, ...] | None:
    """What makes two demandes analogous: the types wanted, unless the grid says otherwise. ``None`` when a name has an error."""
    vocabulary = context.env.vocabulary
    named = node.get("selon") if isinstance(node, Mapping) else None
    if not isinstance(named, Sequence):
        usual = vocabulary.field_def(context.principal, BY_DEFAULT)
        return () if usual is None else (ir_field(vocabulary, usual),)
    found = [_class(context, item) for item in named.items if isinstance(item, Scalar)]
    several = [item for item, f in zip(named.items, found, strict=False) if f is not None and isinstance(f.type, Many)]
    if len(several) > 1:
        context.bag.add("FX3060", "Deux champs à plusieurs valeurs ne peuvent pas former ensemble des classes.", several[1].span,
                        "N'en gardez qu'un ; ajoutez-lui des champs d'une seule valeur.")  # fmt: skip
        return None
    return None if any(f is None for f in found) else tuple(f for f in found if f is not None)


def _class(context: Context, item: Scalar) -> n.Expr | None:
    parsed = parse(context.env, item)
    value = Lower(context.env, item, context.principal).expr(parsed) if parsed is not None else None
    if value is None:
        return None
    if isinstance(value.type, Choice) and value.type.codes:
        return value
    if isinstance(value, n.Field) and isinstance(value.type, Many) and value.type.of.codes:
        return value
    context.bag.add("FX3060", f"« {item.text} » ne peut pas former des classes de demandes analogues.", item.span,
                    "Nommez un champ ou une définition dont les valeurs sont celles d'une liste, comme types_logement_recherchés.")  # fmt: skip
    return None


def read_gate(context: Context, node: Node | None) -> n.Gate | None:
    """The public of the grid; ``None`` for all demandes, or when the condition has an error (then reported)."""
    condition, name = (node.get("si"), node.get("nom")) if isinstance(node, Mapping) else (None, None)
    if not isinstance(node, Mapping) or not isinstance(condition, Scalar):
        return None
    parsed = parse(context.env, condition)
    value = Lower(context.env, condition, context.principal).condition(parsed) if parsed is not None else None
    if value is None:
        return None
    unknown = node.get("si non renseigné")
    said = name.text if isinstance(name, Scalar) else ""
    return n.Gate(value, isinstance(unknown, Scalar) and unknown.text in ("oui", "true"), said)
