"""Reads the vocabulary of ``rulesets/``. It is ours, so a mistake in it is a bug: ``ValueError``, with the place."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fluxrules.document.nodes import Mapping, Scalar
from fluxrules.text.near import fold
from fluxrules.text.resources import resource
from fluxrules.vocabulary.baremes import published_table
from fluxrules.vocabulary.blocks import blocks, optional, text, texts, tree
from fluxrules.vocabulary.constraints import ConstraintDef, constraint
from fluxrules.vocabulary.fields import (
    DerivedDef,
    EntityDef,
    FieldDef,
    Nomenclature,
    PublishedTable,
    ScopeDef,
    Vocabulary,
)


@cache
def standard_vocabulary() -> Vocabulary:
    """The vocabulary that travels with fluxrules. Read once: its files do not change while a process runs."""
    folders = (resource("rulesets/vocabulaire"), resource("rulesets/dérivés"))
    paths = [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
    paths.append(resource("rulesets/référentiels/plafonds.yaml"))
    return load_vocabulary(paths, principal="demande")


def load_vocabulary(paths: Iterable[Path], principal: str) -> Vocabulary:
    """Merge the vocabulary files. Raises ``ValueError`` for a file that is not one."""
    entities: dict[str, EntityDef] = {}
    nomenclatures: dict[str, Nomenclature] = {}
    derived: dict[tuple[str, str], DerivedDef] = {}
    tables: dict[str, PublishedTable] = {}
    constraints: list[ConstraintDef] = []
    usual: dict[str, tuple[int, ...]] = {}
    for path in paths:
        file = tree(path)
        for name, block in blocks(file.get("nomenclatures")):
            nomenclatures[name] = _nomenclature(name, block)
        for name, block in blocks(file.get("entités")):
            entities[name] = _entity(name, block)
        for entity, group in blocks(file.get("dérivés")):
            for name, block in blocks(group):
                derived[(entity, name)] = _derived(entity, name, block)
        for name, block in blocks(file.get("barèmes")):
            tables[name] = published_table(name, block)
        constraints += [constraint(name, block) for name, block in blocks(file.get("contraintes"))]
        listed = file.get("valeurs usuelles")
        if isinstance(listed, Mapping):
            usual |= {e.key.text: tuple(int(x) for x in texts(e.value)) for e in listed}
    if principal not in entities:
        raise ValueError(f"no entity {principal}")
    return Vocabulary(principal, entities, nomenclatures, derived, tables, tuple(constraints), usual)


def _nomenclature(name: str, block: Mapping) -> Nomenclature:
    values = block.get("valeurs")
    assert isinstance(values, Mapping), block.span.place
    labels = {e.key.text: e.value.text for e in values if isinstance(e.value, Scalar)}
    if len(set(labels.values())) != len(labels):
        raise ValueError(f"{block.span.place}: two codes share a value")
    return Nomenclature(name, labels, frozenset(texts(block.get("inconnus"))))


def _entity(name: str, block: Mapping) -> EntityDef:
    most = texts(block.get("bornes"))
    return EntityDef(
        name,
        text(block, "libellé"),
        text(block, "table"),
        text(block, "clé"),
        text(block, "au moins une ligne", "oui") == "oui",
        int(most[1]) if most else 1,
        {f: _field(name, f, b) for f, b in blocks(block.get("champs"))},
        {s: _scope(name, s, b) for s, b in blocks(block.get("portées"))},
        {f: _field(name, f, b) for f, b in blocks(block.get("calculés"))},
        text(block, "pluriel", text(block, "libellé")),
    )


def _field(entity: str, name: str, block: Mapping) -> FieldDef:
    bounds = texts(block.get("bornes"))
    return FieldDef(
        entity=entity,
        name=name,
        column=text(block, "colonne", fold(name)),
        kind=text(block, "type"),
        label=text(block, "libellé"),
        usage=text(block, "usage", "règle"),
        unit=optional(block, "unité"),
        low=int(bounds[0]) if bounds else None,
        high=int(bounds[1]) if bounds else None,
        nomenclature=optional(block, "nomenclature"),
        document=optional(block, "pièce"),
        source=text(block, "source", ""),
        origin=text(block, "origine", ""),
        holders=text(block, "détenu par", ""),
        sensitive=text(block, "sensible", ""),
        drawn_from=tuple(texts(block.get("d'après"))),
    )


def _scope(entity: str, name: str, block: Mapping) -> ScopeDef:
    condition = block.get("si")
    return ScopeDef(
        entity,
        name,
        text(block, "pluriel"),
        text(block, "libellé"),
        condition if isinstance(condition, Scalar) else None,
    )


def _derived(entity: str, name: str, block: Mapping) -> DerivedDef:
    return DerivedDef(
        entity,
        name,
        text(block, "libellé"),
        block,
        optional(block, "se compte"),
        text(block, "source"),
        text(block, "confiance"),
    )
