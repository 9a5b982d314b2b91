"""Reads the rules of law: ``rulesets/loi/``, and any decree beside it. Every defect is located: jurists edit these files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

from fluxrules.diagnostics.diagnostic import Bag, Label
from fluxrules.diagnostics.own import OwnFileError
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.document.tree import parse_tree
from fluxrules.language.numbers import read_date, show_date
from fluxrules.law.confidence import table
from fluxrules.law.parameters import same_parameters
from fluxrules.law.rules import Code, Parameter, Rule, Verification, in_order
from fluxrules.model.shapes import validate
from fluxrules.text.near import nearest
from fluxrules.text.resources import resource
from fluxrules.text.source import Source, Unreadable, read_source

_TABLE = "confiances.yaml"
_NUMBER = re.compile(r"(\d{1,9})(?:/([1-9]\d{0,8}))?")


@cache
def standard_code() -> Code:
    """The law that travels with fluxrules. Raises ``OwnFileError``: nothing is judged by a law that is half read."""
    bag = Bag()
    code = load_code(standard_files(), bag)
    if bag.items:
        raise OwnFileError.of(bag.sorted())
    return code


def standard_files() -> list[Path]:
    """The files of ``rulesets/loi/``, in the order in which people read them."""
    order = ("flux", "attributions", "priorités", "cotation", "non-discrimination", "information", "données")
    named = [resource(f"rulesets/loi/{name}.yaml") for name in order]
    return named + sorted(p for p in resource("rulesets/loi").glob("*.yaml") if p not in named and p.name != _TABLE)


def load_code(paths: Iterable[Path], bag: Bag) -> Code:
    """The rules of several files: a later version of a rule ends the one before it."""
    return _code(map(_read, paths), bag)


def read_law(path: Path, source: Source, bag: Bag) -> None:
    """The defects of one file, read with the rest of the law: two versions of a rule may not begin the same day. Of the table of
    confidences only the form is looked at: nothing can be read without it."""
    if path.name == _TABLE:
        parse_tree(source, bag)
        return
    _code([*(_read(p) for p in standard_files() if p.resolve() != path.resolve()), source], bag)


def _code(sources: Iterable[Source], bag: Bag) -> Code:
    rules = [rule for source in sources for rule in _rules(source, bag)]
    _twice(rules, bag)
    code = Code(in_order(rules))
    same_parameters(code, bag)
    return code


def _read(path: Path) -> Source:
    source = read_source(path, path.name)
    if isinstance(source, Unreadable):
        raise OwnFileError(f"{source.name} : {source.reason}.")
    return source


def _rules(source: Source, bag: Bag) -> Iterator[Rule]:
    tree = parse_tree(source, bag)
    if tree is None or not validate(tree, bag, "le fichier de règles de droit", name="loi"):
        return
    assert isinstance(tree, Mapping)
    rules, title = tree.get("règles"), tree.get("titre")
    assert isinstance(rules, Sequence) and isinstance(title, Scalar)
    for block in rules:
        if validate(block, bag, "une règle de droit", "règle", "loi") and isinstance(block, Mapping):
            rule = _rule(block, title.text, bag)
            if rule is not None:
                yield rule


def _rule(block: Mapping, chapter: str, bag: Bag) -> Rule | None:
    head = block.get("id")
    assert isinstance(head, Scalar)
    before = len(bag.items)
    verified = block.get("vérifié")
    parameters = block.get("paramètres")
    rule = Rule(
        head.text, _text(block, "article"), _text(block, "gravité"), _text(block, "confiance"), _text(block, "règle"),
        _text(block, "que faire"), head.span, chapter, _day(block.get("du"), bag), _day(block.get("au"), bag),
        _texts(block.get("sources")), _verification(verified, bag) if isinstance(verified, Mapping) else None,
        {e.key.text: _parameter(e.value, bag) for e in parameters} if isinstance(parameters, Mapping) else {},
        _text(block, "catégorie") or None, _text(block, "note") or None,
        _texts(block.get("contrôlée par")), _text(block, "sans contrôle") or None,
    )  # fmt: skip
    _report(rule, block, bag)
    return rule if len(bag.items) == before else None


def _report(rule: Rule, block: Mapping, bag: Bag) -> None:
    """What the schema cannot say of one rule."""
    known = table().sources
    cited = block.get("sources")
    for node in cited.items if isinstance(cited, Sequence) else ():
        if isinstance(node, Scalar) and node.text not in known:
            near = nearest(node.text, known)
            bag.add("FX7090", f"La source « {node.text} » n'est pas dans la table des sources.", node.span,
                    f"Vouliez-vous écrire « {near} » ?" if near else "Ajoutez-la à rulesets/loi/confiances.yaml.")  # fmt: skip
    if rule.confidence == "deux sources secondaires" and len(rule.sources) < 2:
        bag.add("FX7090", f"« {rule.id} » se dit connue par deux sources et en cite {len(rule.sources)}.", rule.place,
                "Citez la seconde, ou écrivez « confiance: source secondaire ».")  # fmt: skip
    if rule.since and rule.until and rule.since > rule.until:
        bag.add("FX7090", f"« {rule.id} » finit le {show_date(rule.until)}, avant de commencer.", rule.place,
                "Échangez « du » et « au ».")  # fmt: skip


def _twice(rules: list[Rule], bag: Bag) -> None:
    """Two versions of one rule that begin the same day."""
    seen: dict[tuple[str, date | None], Rule] = {}
    for rule in rules:
        first = seen.setdefault((rule.id, rule.since), rule)
        if first is not rule:
            bag.add("FX7090", f"Deux versions de « {rule.id} » commencent le même jour.", rule.place,
                    "Donnez à la nouvelle le jour où elle entre en vigueur (« du »).",
                    labels=(Label(first.place, "l'autre version"),))  # fmt: skip


def _verification(block: Mapping, bag: Bag) -> Verification | None:
    day = _day(block.get("le"), bag)
    return None if day is None else Verification(_text(block, "par"), day, _text(block, "texte"))


def _parameter(node: Node, bag: Bag) -> Parameter:
    """A whole number or a fraction is exact, a date is a date, a list stays one; any other text is read by the check that wants it."""
    if not isinstance(node, Scalar):
        return _texts(node)
    number = _NUMBER.fullmatch(node.text) if not node.style else None
    if number is not None:
        return Fraction(int(number[1]), int(number[2] or 1))
    return read_date(node.text) or node.text


def _day(node: Node | None, bag: Bag) -> date | None:
    if not isinstance(node, Scalar):
        return None
    day = read_date(node.text)
    if day is None:
        bag.add("FX1003", f"Le jour {node.text} n'existe pas.", node.span, "Écrivez une date qui existe, comme 31/12/2026.")  # fmt: skip
    return day


def _text(block: Mapping, key: str) -> str:
    node = block.get(key)
    return node.text if isinstance(node, Scalar) else ""


def _texts(node: Node | None) -> tuple[str, ...]:
    return tuple(i.text for i in node if isinstance(i, Scalar)) if isinstance(node, Sequence) else ()
