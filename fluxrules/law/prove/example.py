"""A household as an entry of « exemples », in the words that a grid uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping as Block
from fluxrules.document.tree import parse_tree
from fluxrules.engines.interpreter import Facts, Row
from fluxrules.engines.interpreter.facts import Value
from fluxrules.ir.calendar import add_months, whole_months
from fluxrules.language.numbers import show_date
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.fields import FieldDef, Vocabulary

UNKNOWN = "inconnu"


def points_text(points: int, scale: int) -> str:
    """Points as a grid writes them."""
    value = Fraction(points, scale)
    text = f"{float(value):.4f}".rstrip("0").rstrip(".") if value.denominator != 1 else str(value.numerator)
    return text.replace(".", ",")


def base_names(grid: Grid) -> tuple[str, ...]:
    """The facts of the « ménage de base », which an example inherits unless it says otherwise."""
    tree = parse_tree(grid.source, Bag())
    block = tree.get("ménage de base") if isinstance(tree, Block) else None
    return tuple(e.key.text for e in block) if isinstance(block, Block) else ()


def entry(
    title: str, facts: Facts, note: int, scale: int, day: date, vocabulary: Vocabulary, base: tuple[str, ...] = ()
) -> str:
    """The text to paste under « exemples »."""
    principal = vocabulary.principal
    said = _row(facts.values, principal, day, vocabulary)
    elapsed = {_elapsed_name(principal, x, vocabulary): x for x in facts.values}
    for name in base:
        if name not in facts.values and elapsed.get(name) is None and name not in said:
            said[name] = UNKNOWN
    out = [f"  - nom: {_scalar(title)}", f"    à la date du: {show_date(day)}"]
    rows = {entity: found for entity, found in facts.rows.items() if found is not None}
    plain = ", ".join(f"{k}: {v}" for k, v in said.items())
    if not rows:
        out.append(f"    faits: {{{plain}}}")
    else:
        out.append("    faits:")
        out += [f"      {k}: {v}" for k, v in said.items()]
        for entity, found in rows.items():
            name = vocabulary.entities[entity].plural
            out.append(f"      {name}:" + (" []" if not found else ""))
            for row in found:
                fields = _row(row, entity, day, vocabulary) or {_first(entity, vocabulary): UNKNOWN}
                out.append("        - {" + ", ".join(f"{k}: {v}" for k, v in fields.items()) + "}")
    out.append(f"    attendu: {{note: {_comma(points_text(note, scale))}}}")
    return "\n".join(out)


def _comma(text: str) -> str:
    return f'"{text}"' if "," in text else text


def _first(entity: str, vocabulary: Vocabulary) -> str:
    return next(f.name for f in vocabulary.entities[entity].all_fields.values() if f.readable)


def _row(row: Row | Mapping[str, Value], entity: str, day: date, vocabulary: Vocabulary) -> dict[str, str]:
    found: dict[str, str] = {}
    order = list(vocabulary.entities[entity].all_fields)
    for name in sorted(row, key=order.index):
        f = vocabulary.field_def(entity, name)
        value = row[name]
        assert f is not None
        if isinstance(value, date):
            called = _elapsed_name(entity, name, vocabulary)
            months = whole_months(value, day)
            if called is not None and months >= 0 and add_months(day, -months) == value:
                found[called] = f"{months // 12} ans" if months % 12 == 0 and called == "âge" else f"{months} mois"
                continue
        if value is not None and not (isinstance(value, frozenset) and not value and not f.readable):
            found[name] = _value(f, value, vocabulary)
    return found


def _elapsed_name(entity: str, name: str, vocabulary: Vocabulary) -> str | None:
    """The derived field that counts the time since a date."""
    for (owner, derived), d in vocabulary.derived.items():
        formula = d.body.get("formule")
        if owner == entity and getattr(formula, "text", "") == f"temps écoulé depuis {name}":
            return derived
    return None


def _value(f: FieldDef, value: Value, vocabulary: Vocabulary) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, date):
        return show_date(value)
    if isinstance(value, frozenset):
        known = [_label(f, v, vocabulary) for v in sorted(x for x in value if x is not None)]
        return "[" + ", ".join(known + ([UNKNOWN] if None in value else [])) + "]"
    return _label(f, value, vocabulary) if isinstance(value, str) else str(value)


def _label(f: FieldDef, code: str, vocabulary: Vocabulary) -> str:
    return _scalar(code if f.nomenclature is None else vocabulary.nomenclatures[f.nomenclature].labels[code])


def _scalar(text: str) -> str:
    return f'"{text}"' if any(c in text for c in ',:[]{}#"') else text
