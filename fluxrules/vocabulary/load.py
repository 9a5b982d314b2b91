"""Reads the vocabulary of ``rulesets/``. It is ours, so a mistake in it is a bug: ``ValueError``, with the place."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.document.tree import parse_tree
from fluxrules.text.near import fold
from fluxrules.text.resources import resource
from fluxrules.text.source import Unreadable, read_source
from fluxrules.vocabulary.fields import DerivedDef, EntityDef, FieldDef, Nomenclature, ScopeDef, Vocabulary


@cache
def standard_vocabulary() -> Vocabulary:
    """The vocabulary that travels with fluxrules. Read once: its files do not change while a process runs."""
    folders = (resource("rulesets/vocabulaire"), resource("rulesets/dérivés"))
    paths = [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
    return load_vocabulary(paths, principal="demande")


def load_vocabulary(paths: Iterable[Path], principal: str) -> Vocabulary:
    """Merge the vocabulary files. Raises ``ValueError`` for a file that is not one."""
    entities: dict[str, EntityDef] = {}
    nomenclatures: dict[str, Nomenclature] = {}
    derived: dict[tuple[str, str], DerivedDef] = {}
    for path in paths:
        tree = _tree(path)
        for name, block in _blocks(tree.get("nomenclatures")):
            nomenclatures[name] = _nomenclature(name, block)
        for name, block in _blocks(tree.get("entités")):
            entities[name] = _entity(name, block)
        for entity, group in _blocks(tree.get("dérivés")):
            for name, block in _blocks(group):
                derived[(entity, name)] = _derived(entity, name, block)
    if principal not in entities:
        raise ValueError(f"no entity {principal}")
    return Vocabulary(principal, entities, nomenclatures, derived)


def _tree(path: Path) -> Mapping:
    source = read_source(path, path.name)
    if isinstance(source, Unreadable):
        raise ValueError(f"{path.name}: {source.reason}")
    bag = Bag()
    tree = parse_tree(source, bag)
    if bag.items or not isinstance(tree, Mapping):
        raise ValueError(f"{path.name}: {[d.message + ' ' + d.place for d in bag.items]}")
    return tree


def _blocks(node: Node | None) -> list[tuple[str, Mapping]]:
    if node is None:
        return []
    assert isinstance(node, Mapping), node.span.place
    return [(e.key.text, e.value) for e in node if isinstance(e.value, Mapping)]


def _text(block: Mapping, key: str, default: str | None = None) -> str:
    node = block.get(key)
    if isinstance(node, Scalar):
        return node.text
    if default is None:
        raise ValueError(f"{block.span.place}: « {key} » is missing")
    return default


def _optional(block: Mapping, key: str) -> str | None:
    return _text(block, key, "") or None


def _texts(node: Node | None) -> list[str]:
    return [i.text for i in node.items if isinstance(i, Scalar)] if isinstance(node, Sequence) else []


def _nomenclature(name: str, block: Mapping) -> Nomenclature:
    values = block.get("valeurs")
    assert isinstance(values, Mapping), block.span.place
    labels = {e.key.text: e.value.text for e in values if isinstance(e.value, Scalar)}
    if len(set(labels.values())) != len(labels):
        raise ValueError(f"{block.span.place}: two codes share a value")
    return Nomenclature(name, labels, frozenset(_texts(block.get("inconnus"))))


def _entity(name: str, block: Mapping) -> EntityDef:
    most = _texts(block.get("bornes"))
    return EntityDef(
        name,
        _text(block, "libellé"),
        _text(block, "table"),
        _text(block, "clé"),
        _text(block, "au moins une ligne", "oui") == "oui",
        int(most[1]) if most else 1,
        {f: _field(name, f, b) for f, b in _blocks(block.get("champs"))},
        {s: _scope(name, s, b) for s, b in _blocks(block.get("portées"))},
        {f: _field(name, f, b) for f, b in _blocks(block.get("calculés"))},
        _text(block, "pluriel", _text(block, "libellé")),
    )


def _field(entity: str, name: str, block: Mapping) -> FieldDef:
    bounds = _texts(block.get("bornes"))
    return FieldDef(
        entity=entity,
        name=name,
        column=_text(block, "colonne", fold(name)),
        kind=_text(block, "type"),
        label=_text(block, "libellé"),
        usage=_text(block, "usage", "règle"),
        unit=_optional(block, "unité"),
        low=int(bounds[0]) if bounds else None,
        high=int(bounds[1]) if bounds else None,
        nomenclature=_optional(block, "nomenclature"),
        document=_optional(block, "pièce"),
        source=_text(block, "source", ""),
    )


def _scope(entity: str, name: str, block: Mapping) -> ScopeDef:
    condition = block.get("si")
    return ScopeDef(
        entity,
        name,
        _text(block, "pluriel"),
        _text(block, "libellé"),
        condition if isinstance(condition, Scalar) else None,
    )


def _derived(entity: str, name: str, block: Mapping) -> DerivedDef:
    return DerivedDef(
        entity,
        name,
        _text(block, "libellé"),
        block,
        _optional(block, "se compte"),
        _text(block, "source"),
        _text(block, "confiance"),
    )
