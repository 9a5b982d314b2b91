"""« refus d'un logement adapté »: what refusals cost, as one more line of the note (docs/calculus.md §6)."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Choice, Number
from fluxrules.language.numbers import read_number
from fluxrules.language.units import WRITTEN
from fluxrules.model.context import Context
from fluxrules.model.lower import Lower
from fluxrules.model.names import ir_field
from fluxrules.model.quantifiers import scope_rows
from fluxrules.model.shapes import validate

SCOPE, MOTIVE, DAY = "refus_adapté", "motif_refus", "date_événement"
NAME = "refus d'un logement adapté"
WITHOUT_EFFECT = "sans effet"


def apply_refusals(context: Context, node: Node | None, root: n.Family) -> n.Family | None:
    """The root with the malus in it; ``None`` when the block has an error."""
    if node is None or (isinstance(node, Scalar) and node.text == WITHOUT_EFFECT):
        return root
    if not isinstance(node, Mapping):
        context.bag.add(
            "FX3004",
            "L'effet des refus est un bloc de clés.",
            node.span,
            f"Écrivez « retrait: … », « à partir du: … », ou « {WITHOUT_EFFECT} ».",
        )
        return None
    if not validate(node, context.bag, f"« {NAME} »", "refus"):
        return None
    line = _line(context, node)
    if line is None:
        return None
    when = node.get("s'applique")
    assert isinstance(when, Scalar)
    if when.text == "après le plafond":
        floor = root.floor
        return n.Family(
            n.Reducer.SUM,
            (replace(root, path=("note avant refus",), label="note avant refus"), line),
            floor,
            None,
            None,
            (),
            "note",
        )
    if root.reducer is not n.Reducer.SUM:
        context.bag.add("FX3024", f"Le retrait « avant le plafond » s'ajoute à une somme ; la note retient « {root.reducer.value} ».", when.span,
                        "Écrivez « s'applique: après le plafond », ou « retenir: la somme ».")  # fmt: skip
        return None
    return replace(root, items=(*root.items, line))


def _line(context: Context, block: Mapping) -> n.Line | None:
    rate, cap = _points(context, block, "retrait"), _points(context, block, "plafond du retrait")
    first = int(re.sub(r"\D", "", _text(block, "à partir du")))
    amount, word = _text(block, "chaque refus compte pendant").split()
    months = Fraction(int(amount)) * WRITTEN[word][1]
    if first < 1:
        context.bag.add(
            "FX3024",
            "Le premier refus qui compte est au moins le 1er.",
            _value(block, "à partir du").span,
            "Écrivez « à partir du: 1er refus ».",
        )
        return None
    motives = _motives(context, block)
    vocabulary = context.env.vocabulary
    rows = scope_rows(Lower(context.env, Scalar("", block.span), context.principal), SCOPE)
    if rate is None or cap is None or motives is None or rows is None:
        return None
    fields = vocabulary.entities[rows.entity].fields
    recent = n.CompareElapsed("<", n.Elapsed(ir_field(vocabulary, fields[DAY])), n.Const(months, WRITTEN["mois"][0]))
    where: n.Expr = recent
    if motives:
        where = n.And((recent, n.Not(n.IsOneOf(ir_field(vocabulary, fields[MOTIVE]), motives))))
    count: n.Expr = n.Count(rows, where)
    if first > 1:
        count = n.Add((count, n.Const(Fraction(1 - first))), Number())
    said = tuple(f"{e.key.text} : {e.value.text}" for e in block if isinstance(e.value, Scalar))
    label = _text(block, "libellé") or NAME
    return n.Line(n.Steps(count, -rate, Fraction(1), -cap, 0), None, 0, None, False, (NAME,), label, said)


def _motives(context: Context, block: Mapping) -> tuple[str, ...] | None:
    node = block.get("motifs légitimes")
    assert isinstance(node, Sequence)
    vocabulary = context.env.vocabulary
    found: list[str] = []
    for item in node:
        assert isinstance(item, Scalar)
        code = Lower(context.env, item, context.principal).code(
            Choice(MOTIVE, tuple(vocabulary.nomenclatures[MOTIVE].labels)), item.text, (0, len(item.text))
        )
        if code is None:
            return None
        found.append(code)
    return tuple(found)


def _points(context: Context, block: Mapping, key: str) -> int | None:
    node = block.get(key)
    assert isinstance(node, Scalar)
    value = read_number(node.text.split()[0])
    return None if value is None else context.fine(value, node)


def _value(block: Mapping, key: str) -> Node:
    return block.get(key) or block


def _text(block: Mapping, key: str) -> str:
    node = block.get(key)
    return node.text if isinstance(node, Scalar) else ""
