"""Facts of an example or of a base household → what the interpreter reads. Values are written as a person would."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.engines.interpreter.facts import Facts, Row, Value
from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import add_months
from fluxrules.ir.types import Bool, Choice, Number
from fluxrules.language.numbers import read_date, read_quantity, show_number
from fluxrules.language.units import WRITTEN, in_base
from fluxrules.model.context import Context
from fluxrules.model.definitions import define
from fluxrules.model.places import read_commune
from fluxrules.text.near import fold, nearest
from fluxrules.vocabulary.fields import FieldDef

UNKNOWN = "inconnu"


@dataclass
class _Reading:
    values: dict[str, Value] = field(default_factory=dict)
    stated: dict[str, Value] = field(default_factory=dict)
    rows: dict[str, tuple[Row, ...] | None] = field(default_factory=dict)


def read_facts(context: Context, blocks: tuple[Mapping, ...], reference: date) -> Facts | None:
    """The facts of several blocks, the last one wins on each name; ``None`` when a fact has an error."""
    count = len(context.bag.items)
    reading = _Reading()
    for block in blocks:
        for entry in block:
            _fact(context, reading, entry.key, entry.value, reference)
    return Facts(reading.values, reading.rows, reading.stated) if len(context.bag.items) == count else None


def _fact(context: Context, out: _Reading, key: Scalar, node: Node, reference: date) -> None:
    vocabulary = context.env.vocabulary
    name = key.text
    if _left_empty(context, key, node):
        return
    tables = _tables(context)
    if name in tables:
        out.rows[tables[name]] = _rows(context, tables[name], node, reference)
        return
    f = vocabulary.field_def(context.principal, name)
    if f is not None:
        out.values[name] = _value(context, f, node)
        return
    if context.env.definition(name, context.principal) is not None:
        _state(context, out, key, node, reference)
        return
    near = nearest(name, context.env.known_names(context.principal) | set(tables))
    context.bag.add("FX4002", f"Le fait « {name} » est inconnu.", key.span,
                    f"Vouliez-vous écrire « {near} » ?" if near else "Prenez un nom du vocabulaire ou d'une définition.")  # fmt: skip


def _tables(context: Context) -> dict[str, str]:
    """The plural by which facts name each entity whose rows a rule may read, and the entity."""
    vocabulary = context.env.vocabulary
    return {d.plural: e for e, d in vocabulary.entities.items() if e != context.principal and vocabulary.names(e)}


def _rows(context: Context, entity: str, node: Node, reference: date) -> tuple[Row, ...] | None:
    if isinstance(node, Scalar) and node.text == UNKNOWN:
        return None
    definition = context.env.vocabulary.entities[entity]
    first = next(f.name for f in definition.all_fields.values() if f.readable)
    help_text = f"Écrivez « - {first}: … »."
    if not isinstance(node, Sequence):
        context.bag.add(
            "FX4003", f"« {definition.plural} » est une liste : un tiret par {entity}.", node.span, help_text
        )
        return None
    rows: list[Row] = []
    for item in node:
        if not isinstance(item, Mapping):
            context.bag.add("FX4003", f"Chaque {entity} est un bloc de champs.", item.span, help_text)
            continue
        row: dict[str, Value] = {}
        for entry in item:
            _row_fact(context, row, entity, entry.key, entry.value, reference)
        rows.append(row)
    return tuple(rows)


def _row_fact(context: Context, row: dict[str, Value], entity: str, key: Scalar, node: Node, reference: date) -> None:
    if _left_empty(context, key, node):
        return
    f = context.env.vocabulary.field_def(entity, key.text)
    if f is not None:
        row[f.name] = _value(context, f, node)
        return
    if (entity, key.text) in context.env.vocabulary.derived:
        elapsed = define(context.env, key.text, entity)
        if isinstance(elapsed, n.Elapsed):
            if isinstance(node, Scalar):
                row[elapsed.since.name] = _since(context, node, reference)
            else:
                _one_value(context, key.text, node)
            return
    near = nearest(key.text, context.env.vocabulary.names(entity))
    context.bag.add("FX4002", f"« {key.text} » n'est pas un champ de « {entity} ».", key.span,
                    f"Vouliez-vous écrire « {near} » ?" if near else "Prenez un champ du vocabulaire.")  # fmt: skip


def _state(context: Context, out: _Reading, key: Scalar, node: Node, reference: date) -> None:
    """A derived field or a definition given outright. Time elapsed sets the date that it is counted from."""
    expr = define(context.env, key.text, context.principal)
    if expr is None:
        return
    if isinstance(expr, n.Field):  # another name for a field
        f = context.env.vocabulary.field_def(expr.entity, expr.name)
        assert f is not None
        out.values[f.name] = _value(context, f, node)
    elif not isinstance(node, Scalar):
        _one_value(context, key.text, node)
    elif isinstance(expr, n.Elapsed):
        out.values[expr.since.name] = _since(context, node, reference)
    elif node.text == UNKNOWN:
        context.bag.add("FX4003", f"« {key.text} » se calcule : il est inconnu quand ses champs le sont.", node.span,
                        "Retirez ce fait, et écrivez « inconnu » pour les champs dont il dépend.")  # fmt: skip
    elif isinstance(expr.type, Bool):
        out.stated[key.text] = _yes_no(context, node)
    elif isinstance(expr.type, Number):
        read = read_quantity(node.text)
        if read is None or in_base(*read)[1] != expr.type.unit:
            context.bag.add("FX4003", f"« {node.text} » n'est pas une valeur de « {key.text} », en {expr.type.unit.label}.", node.span,
                            "Écrivez un nombre avec cette unité.")  # fmt: skip
        else:
            out.stated[key.text] = in_base(*read)[0]
    elif isinstance(expr.type, Choice):
        out.stated[key.text] = _of_list(context, key.text, expr.type.nomenclature, node)
    else:
        context.bag.add("FX4003", f"« {key.text} » ne se donne pas dans un exemple.", node.span,
                        "Donnez les champs dont il dépend.")  # fmt: skip


def _left_empty(context: Context, key: Scalar, node: Node) -> bool:
    if not isinstance(node, Scalar) or node.text.strip():
        return False
    context.bag.add("FX4003", f"« {key.text} » n'a pas de valeur.", node.span,
                    f"Écrivez une valeur, ou « {UNKNOWN} ».")  # fmt: skip
    return True


def _one_value(context: Context, name: str, node: Node) -> None:
    context.bag.add("FX4003", f"« {name} » attend une seule valeur.", node.span, "Écrivez une valeur.")


def _since(context: Context, node: Scalar, reference: date) -> date | None:
    """The day from which exactly this time has passed."""
    if node.text == UNKNOWN:
        return None
    read = read_quantity(node.text)
    bare = read is not None and read[1] is None and read[0] > 1
    if read is not None and read[1] in WRITTEN and read[0].denominator == 1:
        value, unit = in_base(*read)
        if unit == WRITTEN["mois"][0]:
            try:
                day = add_months(reference, -int(value))
            except OverflowError:
                context.bag.add("FX4003", f"« {node.text} » avant la date de l'exemple sort du calendrier.", node.span, "Écrivez une durée plus courte.")  # fmt: skip
                return None
            if add_months(day, int(value)) == reference:
                return day
            context.bag.add("FX4003", f"Aucun jour n'est exactement {node.text} avant la date de l'exemple.", node.span,
                            "Écrivez la date elle-même, ou changez le jour de l'exemple.")  # fmt: skip
            return None
    context.bag.add(
        "FX4003",
        f"« {node.text} » n'est pas une durée en mois ou en années.",
        node.span,
        f"Écrivez « {node.text} mois » ou « {node.text} ans »." if bare else "Écrivez « 40 mois » ou « 12 ans ».",
    )
    return None


_MEANT = {
    **dict.fromkeys(("oui", "vrai", "true", "yes", "1"), "oui"),
    **dict.fromkeys(("non", "faux", "false", "no", "0"), "non"),
}


def _yes_no(context: Context, node: Scalar) -> bool | None:
    if node.text in ("oui", "non"):
        return node.text == "oui"
    near = _MEANT.get(fold(node.text))
    context.bag.add("FX4003", f"« {node.text} » n'est ni « oui » ni « non ».", node.span,
                    f"Écrivez « {near} »." if near else "Écrivez oui, non ou inconnu.")  # fmt: skip
    return None


def _value(context: Context, f: FieldDef, node: Node) -> Value:
    if isinstance(node, Scalar) and node.text == UNKNOWN:
        return None
    if f.kind == "liste":
        items = node.items if isinstance(node, Sequence) else (node,)
        return frozenset(None if isinstance(i, Scalar) and i.text == UNKNOWN else _label(context, f, i) for i in items)
    if not isinstance(node, Scalar):
        _one_value(context, f.name, node)
        return None
    match f.kind:
        case "booléen":
            return _yes_no(context, node)
        case "entier":
            return _integer(context, f, node)
        case "date":
            day = read_date(node.text)
            if day is None:
                context.bag.add(
                    "FX4003",
                    f"« {node.text} » n'est pas un jour qui existe.",
                    node.span,
                    "Écrivez une date comme 31/12/2026.",
                )
            return day
        case "énumération":
            return _label(context, f, node)
        case "commune":
            return read_commune(context.bag, node.text, node.span, "FX4003")
        case _:
            return node.text


def _integer(context: Context, f: FieldDef, node: Scalar) -> int | None:
    read = read_quantity(node.text)
    if read is not None and read[1] in (None, f.unit) and read[0].denominator == 1:
        value = int(read[0])
        if f.low is not None and f.high is not None and not f.low <= value <= f.high:
            bounds = f"de {show_number(f.low)} à {show_number(f.high)}"
            context.bag.add("FX4003", f"« {f.name} » va {bounds}.", node.span, "Corrigez la valeur.")
        return value
    unit = f" en {f.unit}" if f.unit else ""
    context.bag.add(
        "FX4003",
        f"« {node.text} » n'est pas une valeur de « {f.name} », qui est un nombre entier{unit}.",
        node.span,
        "Écrivez un nombre entier.",
    )
    return None


def _label(context: Context, f: FieldDef, node: Node) -> str | None:
    if not isinstance(node, Scalar):
        context.bag.add(
            "FX4003", f"« {f.name} » attend des valeurs simples.", node.span, "Écrivez « [valeur, valeur] »."
        )
        return None
    return node.text if f.nomenclature is None else _of_list(context, f.name, f.nomenclature, node)


def _of_list(context: Context, name: str, nomenclature: str, node: Scalar) -> str | None:
    """The code of a readable value."""
    values = context.env.vocabulary.nomenclatures[nomenclature]
    code = values.code_of(node.text)
    if code is None:
        labels = list(values.labels.values())
        near = next((x for x in labels if fold(x) == fold(node.text)), None) or nearest(node.text, labels)
        context.bag.add("FX4003", f"« {node.text} » n'est pas une valeur de « {name} ».", node.span,
                        f"Vouliez-vous écrire « {near} » ?" if near else f"Valeurs possibles : {' ; '.join(labels)}.")  # fmt: skip
    return code
