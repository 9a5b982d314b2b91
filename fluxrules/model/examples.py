"""« exemples »: households with the note that the author expects. They run at each ``check`` and with ``fluxrules test``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.engines.interpreter import Facts, FamilyResult, LineResult, Result, evaluate
from fluxrules.ir import nodes as n
from fluxrules.ir.evidence import declared
from fluxrules.language.numbers import read_number, show_date, show_number
from fluxrules.model.context import Context
from fluxrules.model.days import read_day
from fluxrules.model.facts import read_facts
from fluxrules.model.header import Header
from fluxrules.model.shapes import validate
from fluxrules.text.near import nearest
from fluxrules.text.source import Span


@dataclass(frozen=True)
class Expectation:
    """One figure that an example states: ``key`` is note, note min, note max, or the name of a criterion."""

    key: str
    value: Fraction
    span: Span
    detail: bool = False


@dataclass(frozen=True)
class Example:
    name: str
    reference: date
    facts: Facts
    expected: tuple[Expectation, ...]
    missing: frozenset[str] | None
    span: Span


@dataclass(frozen=True)
class Outcome:
    """An example that ran: ``failures`` are French sentences, with the place of the figure that differs."""

    example: Example
    result: Result
    failures: tuple[tuple[Span, str], ...] = field(default=())


def read_examples(context: Context, tree: Mapping, header: Header) -> tuple[Example, ...]:
    """The examples of a grid; those with an error are reported and left out."""
    node, base = tree.get("exemples"), tree.get("ménage de base")
    if base is not None:
        validate(base, context.bag, "« ménage de base »", "faits")
    bases = (base,) if isinstance(base, Mapping) else ()
    found: list[Example] = []
    for item in node.items if isinstance(node, Sequence) else ():
        good = validate(item, context.bag, "un exemple", "exemple")
        example = _example(context, item, bases, header) if good and isinstance(item, Mapping) else None
        if example is not None:
            found.append(example)
    return tuple(found)


def _example(context: Context, block: Mapping, bases: tuple[Mapping, ...], header: Header) -> Example | None:
    name, facts_block, expected = block.get("nom"), block.get("faits"), block.get("attendu")
    when = block.get("à la date du")
    day = read_day(when, context.bag)
    assert isinstance(name, Scalar) and when is not None and facts_block is not None and isinstance(expected, Mapping)
    validate(facts_block, context.bag, f"« faits » de l'exemple « {name.text} »", "faits")
    if day is None or not isinstance(facts_block, Mapping):
        return None
    if not header.applies(day):
        context.bag.add("FX4004", f"L'exemple « {name.text} » est daté du {show_date(day)}, hors de la validité de la grille.", when.span,
                        "Choisissez une date où la grille est en vigueur.")  # fmt: skip
        return None
    facts = read_facts(context, (*bases, facts_block), day)
    if facts is None:
        return None
    return Example(name.text, day, facts, _expected(context, expected), _missing(expected.get("manque")), name.span)


def _expected(context: Context, block: Mapping) -> tuple[Expectation, ...]:
    found: list[Expectation] = []
    for entry in block:
        if isinstance(entry.value, Scalar) and (value := _number(context, entry.value)) is not None:
            found.append(Expectation(entry.key.text, value, entry.value.span))
    detail = block.get("détail")
    for entry in detail if isinstance(detail, Mapping) else ():
        if entry.key.text not in context.names and entry.key.text != "refus d'un logement adapté":
            near = nearest(entry.key.text, context.names)
            context.bag.add("FX4002", f"Aucun critère ne s'appelle « {entry.key.text} ».", entry.key.span,
                            f"Vouliez-vous écrire « {near} » ?" if near else "Nommez un critère de la grille.")  # fmt: skip
        elif isinstance(entry.value, Scalar) and (value := _number(context, entry.value)) is not None:
            found.append(Expectation(entry.key.text, value, entry.value.span, detail=True))
    return tuple(found)


def _number(context: Context, scalar: Scalar) -> Fraction | None:
    value = read_number(scalar.text)
    if value is None:
        context.not_a_number(scalar)
    return value


def _missing(node: Node | None) -> frozenset[str] | None:
    return frozenset(i.text for i in node if isinstance(i, Scalar)) if isinstance(node, Sequence) else None


def run_example(example: Example, program: n.Program) -> Outcome:
    """Run one example on the reference engine, as a run scores it: « compte: sur pièce » waits for its document."""
    result = evaluate(declared(program), example.facts, example.reference)
    got = {"note": result.note, "note min": result.note_min, "note max": result.note_max}
    detail = {item_name(i): item_points(i) for i in items(result.root)}
    failures: list[tuple[Span, str]] = []
    for e in example.expected:
        value = Fraction((detail if e.detail else got).get(e.key, 0), program.scale)
        if value != e.value:
            what = f"« {e.key} » vaut" if e.detail else f"{e.key} :"
            failures.append((e.span, f"{what} {show_number(value)} au lieu de {show_number(e.value)}"))
    if example.missing is not None and set(result.missing) != example.missing:
        shown = ", ".join(result.missing) or "rien"
        failures.append((example.span, f"il manque {shown} au lieu de {', '.join(sorted(example.missing)) or 'rien'}"))
    return Outcome(example, result, tuple(failures))


def check_examples(examples: tuple[Example, ...], program: n.Program, bag: Bag) -> tuple[Outcome, ...]:
    """Run all examples; one that fails is an error of the grid."""
    outcomes = tuple(run_example(e, program) for e in examples)
    for outcome in outcomes:
        for span, sentence in outcome.failures:
            bag.add("FX4001", f"L'exemple « {outcome.example.name} » échoue : {sentence}.", span,
                    f"Corrigez l'exemple, ou la règle. Détail obtenu : {describe(outcome.result, program.scale)}.")  # fmt: skip
    return outcomes


def describe(result: Result, scale: int) -> str:
    """The lines that count, in one sentence."""
    parts = [f"{item_name(i)} {show_number(Fraction(i.points, scale))}" for i in result.lines() if i.points]
    return ", ".join(parts) or "aucune ligne acquise"


def items(root: FamilyResult) -> list[LineResult | FamilyResult]:
    """Every line and family below the root."""
    found: list[LineResult | FamilyResult] = []
    for item in root.items:
        found.append(item)
        if isinstance(item, FamilyResult):
            found += items(item)
    return found


def item_name(item: LineResult | FamilyResult) -> str:
    path = item.line.path if isinstance(item, LineResult) else item.family.path
    return path[-1] if path else "note"


def item_points(item: LineResult | FamilyResult) -> int:
    return item.points
