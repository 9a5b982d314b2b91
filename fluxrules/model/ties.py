"""« ex æquo »: how equals are parted, always written."""

from __future__ import annotations

from fractions import Fraction

from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Day, Number
from fluxrules.model.context import Context
from fluxrules.model.lower import Lower, parse
from fluxrules.model.names import ir_field

OLDEST = "la demande la plus ancienne d'abord"
NONE = "aucun départage"
_FILED = "date_dépôt_initial"


def read_ties(context: Context, node: Node | None) -> tuple[n.TieKey, ...] | None:
    """The keys in order; ``None`` when one has an error."""
    items: tuple[Node, ...] = node.items if isinstance(node, Sequence) else (node,) if node is not None else ()
    keys: list[n.TieKey] = []
    for item in items:
        if isinstance(item, Scalar) and item.text.replace("’", "'") == NONE:
            continue
        key = _key(context, item)
        if key is None:
            return None
        keys.append(key)
    return tuple(keys)


def _key(context: Context, item: Node) -> n.TieKey | None:
    vocabulary = context.env.vocabulary
    if isinstance(item, Scalar) and item.text.replace("’", "'") == OLDEST:
        return n.TieKey(ir_field(vocabulary, vocabulary.entities[context.principal].fields[_FILED]), OLDEST)
    if isinstance(item, Mapping) and len(item.entries) == 1:
        entry = item.entries[0]
        if entry.key.text in ("le plus faible d'abord", "le plus élevé d'abord") and isinstance(entry.value, Scalar):
            parsed = parse(context.env, entry.value)
            value = Lower(context.env, entry.value, context.principal).expr(parsed) if parsed is not None else None
            if value is None:
                return None
            if isinstance(value.type, Number):
                descending = entry.key.text == "le plus élevé d'abord"
                node = n.Mul(n.Const(Fraction(-1)), value, value.type) if descending else value
                return n.TieKey(node, f"{entry.key.text} : {entry.value.text}")
            if isinstance(value, n.Field) and value.type == Day() and entry.key.text == "le plus faible d'abord":
                return n.TieKey(value, f"{entry.key.text} : {entry.value.text}")
    context.bag.add("FX3026", "Cette clé de départage n'est pas comprise.", item.span,
                    f"Écrivez « {OLDEST} », « {NONE} », ou « - le plus faible d'abord: ressources_mensuelles_totales ».")  # fmt: skip
    return None
