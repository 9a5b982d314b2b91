"""Criteria → lines and families."""

from __future__ import annotations

from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Label
from fluxrules.document.nodes import Entry, Mapping, Node, Scalar
from fluxrules.ir import nodes as n
from fluxrules.ir.ranges import points_range
from fluxrules.language.numbers import read_number, show_number
from fluxrules.model.bands import read_bands
from fluxrules.model.context import FINE, Context
from fluxrules.model.coverage import read_covers
from fluxrules.model.from_library import read_weight
from fluxrules.model.lower import lower_condition
from fluxrules.model.points import read_points, read_table
from fluxrules.model.shapes import validate
from fluxrules.text.source import Span

Path = tuple[str, ...]
_ONE = Fraction(1, FINE)


def shape_of(block: Mapping) -> str:
    """The shape that a criterion's keys announce."""
    if block.get("critères") is not None or block.get("retenir") is not None:
        return "famille"
    if block.get("tranches") is not None:
        return "tranches"
    return "table" if block.get("selon") is not None else "ligne"


def read_family(context: Context, block: Mapping, path: Path, what: str) -> n.Family | None:
    """A family and all below it. A child with an error is left out: the others are still checked."""
    good = validate(block, context.bag, what, "famille")
    covers = read_covers(context, block)
    children = block.get("critères")
    items: list[n.Line | n.Family] = []
    if isinstance(children, Mapping):
        for entry in children:
            item = _criterion(context, entry, path)
            good &= item is not None
            if item is not None:
                items.append(item)
    retenir = _text(block, "retenir")
    if not good or retenir is None:
        return None
    reducer = n.Reducer(retenir)
    rounding = _rounding(context, block, reducer)
    floor, cap = context.fine_text(block.get("plancher")), context.fine_text(block.get("plafond"))
    if floor is not None and cap is not None and floor > cap:
        context.bag.add(
            "FX3017",
            f"Le plancher dépasse le plafond dans {what}.",
            _span(block, "plancher"),
            "Échangez les deux nombres.",
        )
        return None
    _advise(context, reducer, items, children)
    label = _text(block, "libellé") or (path[-1] if path else "note")
    return n.Family(reducer, tuple(items), floor, cap, rounding, path, label, covers)


def _rounding(context: Context, block: Mapping, reducer: n.Reducer) -> n.Rounding | None:
    written = _text(block, "arrondi")
    if reducer is n.Reducer.MEAN and written is None:
        context.bag.add("FX3018", "Une moyenne dit comment elle s'arrondit.", _span(block, "retenir"),
                        "Ajoutez « arrondi: à l'unité inférieure », « supérieure » ou « la plus proche ».")  # fmt: skip
    if reducer is not n.Reducer.MEAN and written is not None:
        context.bag.add(
            "FX3018", "« arrondi » ne sert qu'à « retenir: la moyenne ».", _span(block, "arrondi"), "Retirez cette clé."
        )
    return n.Rounding(written) if written else None


def _advise(context: Context, reducer: n.Reducer, items: list[n.Line | n.Family], children: Node | None) -> None:
    """Warnings on combinations that surprise."""
    if not isinstance(children, Mapping):
        return
    for position, item in enumerate(items):
        key = children.key(item.path[-1])
        if key is None or not isinstance(item, n.Family):
            continue
        if reducer is n.Reducer.FIRST and position < len(items) - 1:
            context.bag.add("FX3019", f"La famille « {item.label} » est toujours présente : les critères écrits après elle ne comptent jamais.",
                            key.span, "Placez-la en dernier.")  # fmt: skip
        if reducer in (n.Reducer.MIN, n.Reducer.MEAN):
            context.bag.add("FX3020", f"La famille « {item.label} » vaut 0 quand rien n'y est acquis, et ce 0 compte dans « {reducer.value} ».",
                            key.span, "Vérifiez que c'est voulu, ou mettez ses critères directement ici.")  # fmt: skip


def _criterion(context: Context, entry: Entry, parent: Path) -> n.Line | n.Family | None:
    name = entry.key.text
    path = (*parent, name)
    what = f"le critère « {name} »"
    if (first := context.names.get(name)) is not None:
        context.bag.add("FX3025", f"Deux critères s'appellent « {name} ».", entry.key.span,
                        "Donnez-leur des noms différents : l'explication et les exemples les nomment.",
                        labels=(Label(first.span, "l'autre critère"),))  # fmt: skip
    context.names.setdefault(name, entry.key)
    match entry.value:
        case Scalar():
            return read_weight(context, entry.key, entry.value, path)
        case Mapping():
            if shape_of(entry.value) == "famille":
                return read_family(context, entry.value, path, f"la famille « {name} »")
            return _line(context, entry.value, path, what)
        case _:
            context.bag.add(
                "FX3001",
                f"Le critère « {name} » est une liste.",
                entry.value.span,
                "Écrivez un bloc de clés : « points: … ».",
            )
            return None


def _line(context: Context, block: Mapping, path: Path, what: str) -> n.Line | None:
    shape = shape_of(block)
    good = validate(block, context.bag, what, shape)
    covers = read_covers(context, block)
    condition_text, selon = block.get("si"), block.get("selon")
    condition = (
        lower_condition(context.env, condition_text, context.principal) if isinstance(condition_text, Scalar) else None
    )
    good &= condition is not None or condition_text is None
    points = _points(context, block, shape, selon)
    if not good or points is None:
        return None
    document = _text(block, "pièce justificative")
    on_evidence = _text(block, "compte") == "sur pièce"
    if on_evidence and document is None:
        context.bag.add("FX3003", f"« compte: sur pièce » demande le nom de la pièce dans {what}.", _span(block, "compte"),
                        "Ajoutez « pièce justificative: … ».")  # fmt: skip
        return None
    default = _if_unknown(context, block, points, what)
    said = tuple(x.text for x in (condition_text, selon, block.get("points")) if isinstance(x, Scalar))
    label = _text(block, "libellé") or path[-1]
    return n.Line(points, condition, default, document, on_evidence, path, label, said, covers)


def _points(context: Context, block: Mapping, shape: str, selon: Node | None) -> n.Points | None:
    points, bands = block.get("points"), block.get("tranches")
    if shape == "ligne":
        return read_points(context, points) if isinstance(points, Scalar) else None
    if not isinstance(selon, Scalar):
        return None
    if shape == "tranches":
        return read_bands(context, selon, bands) if isinstance(bands, Mapping) else None
    return read_table(context, selon, points) if isinstance(points, Mapping) else None


def _if_unknown(context: Context, block: Mapping, points: n.Points, what: str) -> int:
    node = block.get("si non renseigné")
    if not isinstance(node, Scalar):
        return 0
    value = read_number(node.text)
    fine = context.fine_text(node)
    env = context.env
    definitions = {k.partition(".")[2]: v for k, v in env.done.items() if v is not None}
    span = points_range(points, definitions, env.dated)
    if fine is None or value is None or fine == 0:
        return 0
    if span is None or not span[0] <= fine <= span[1]:
        low, high = (show_number(x * _ONE) for x in span or (0, 0))
        either = f", ou une valeur entre {low} et {high}" if low != high else f" ou {low}" if low != "0" else ""
        context.bag.add("FX3014", f"« si non renseigné: {node.text} » n'est pas une valeur que {what} peut donner.", node.span,
                        f"Écrivez 0{either}.")  # fmt: skip
        return 0
    return fine


def _text(block: Mapping, key: str) -> str | None:
    node = block.get(key)
    return node.text if isinstance(node, Scalar) and not node.empty else None


def _span(block: Mapping, key: str) -> Span:
    found = block.key(key)
    return found.span if found else block.span
