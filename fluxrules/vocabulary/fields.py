"""The vocabulary as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from fluxrules.document.nodes import Mapping as MappingNode
from fluxrules.document.nodes import Scalar
from fluxrules.language.units import NONE, Unit
from fluxrules.vocabulary.constraints import ConstraintDef


@dataclass(frozen=True)
class Nomenclature:
    """A code list: ``labels`` by code; codes in ``unknown`` mean "not documented" and are read as unknown."""

    name: str
    labels: Mapping[str, str]
    unknown: frozenset[str] = frozenset()

    def code_of(self, label: str) -> str | None:
        """The code of a readable value."""
        wanted = label.replace("’", "'")
        return next((c for c, text in self.labels.items() if text == wanted), None)


@dataclass(frozen=True)
class FieldDef:
    """A field of an entity. ``kind``: booléen, entier, date, énumération, liste, commune, texte. ``unit``: as written.

    ``origin`` is who says it, ``holders`` who may keep it, ``sensitive`` why it asks for more care (empty: it does not).
    ``drawn_from``: the fields that it is worked out from when tables are read, as a property writes them.
    """

    entity: str
    name: str
    column: str
    kind: str
    label: str
    usage: str = "règle"
    unit: str | None = None
    low: int | None = None
    high: int | None = None
    nomenclature: str | None = None
    document: str | None = None
    source: str = ""
    origin: str = ""
    holders: str = ""
    sensitive: str = ""
    drawn_from: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether a rule may read it."""
        return self.usage == "règle"


@dataclass(frozen=True)
class ScopeDef:
    """Whom « au moins un … » ranges over: the rows of ``entity`` that satisfy ``condition`` (all rows without one)."""

    entity: str
    name: str
    plural: str
    label: str
    condition: Scalar | None


@dataclass(frozen=True)
class EntityDef:
    name: str
    label: str
    table: str
    key: str
    at_least_one: bool
    most: int
    fields: Mapping[str, FieldDef]
    scopes: Mapping[str, ScopeDef] = field(default_factory=dict)
    computed: Mapping[str, FieldDef] = field(default_factory=dict)
    plural_label: str = ""

    @property
    def all_fields(self) -> Mapping[str, FieldDef]:
        """Those of the files, and those that ``data/`` works out for a run (no file carries them)."""
        return {**self.fields, **self.computed}

    @property
    def plural(self) -> str:
        """How facts name the rows of the entity."""
        own = self.scopes.get(self.name)
        return own.plural if own else f"{self.name}s"


@dataclass(frozen=True)
class DerivedDef:
    """A field computed in the language itself; ``body`` is its block, ``counted`` the words of « 5 par … »."""

    entity: str
    name: str
    label: str
    body: MappingNode
    counted: str | None = None
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class Published:
    """One value of a published table, as its file gives it: what it is worth and where it was read."""

    key: tuple[str, ...]
    year: int
    value: int
    status: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class PublishedTable:
    """A table that an order fixes for a year, read by keys: codes of a nomenclature, or whole numbers. A year not in it has no value.

    ``keys`` are the codes of each key; ``low`` and ``high`` bound every value, known or not.
    """

    name: str
    label: str
    source: str
    unit: str
    low: int
    high: int
    keys: tuple[tuple[str, ...], ...]
    values: tuple[Published, ...]

    def cell(self, key: tuple[str, ...]) -> tuple[tuple[date, int | None], ...]:
        """The value at a place, each from a day on; ``None`` from the end of a year that the next one does not follow."""
        years = {v.year: v.value for v in self.values if v.key == key}
        found: list[tuple[date, int | None]] = []
        for year, value in sorted(years.items()):
            found.append((date(year, 1, 1), value))
            if year + 1 not in years:
                found.append((date(year + 1, 1, 1), None))
        return tuple(found)


@dataclass(frozen=True)
class Vocabulary:
    """``principal`` is the entity that a result is about. ``usual`` are values one meets, by field (months elapsed for a date)."""

    principal: str
    entities: Mapping[str, EntityDef]
    nomenclatures: Mapping[str, Nomenclature]
    derived: Mapping[tuple[str, str], DerivedDef] = field(default_factory=dict)
    tables: Mapping[str, PublishedTable] = field(default_factory=dict)
    constraints: tuple[ConstraintDef, ...] = ()
    usual: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def field_def(self, entity: str, name: str) -> FieldDef | None:
        return self.entities[entity].fields.get(name) or self.entities[entity].computed.get(name)

    def scope(self, word: str) -> ScopeDef | None:
        """A scope by its singular or plural."""
        return next((s for e in self.entities.values() for s in e.scopes.values() if word in (s.name, s.plural)), None)

    def scope_words(self) -> Iterable[str]:
        return (w for e in self.entities.values() for s in e.scopes.values() for w in (s.name, s.plural))

    def counted(self, words: str) -> DerivedDef | None:
        """The derived count named by « par enfant à charge »."""
        return next((d for d in self.derived.values() if d.counted == words and d.entity == self.principal), None)

    def names(self, entity: str) -> set[str]:
        """What an expression about an entity may name, for suggestions."""
        fields = {f.name for f in self.entities[entity].all_fields.values() if f.readable}
        return fields | {name for e, name in self.derived if e == entity}

    def nomenclature_of(self, f: FieldDef) -> Nomenclature:
        assert f.nomenclature is not None, f.name
        return self.nomenclatures[f.nomenclature]


def field_range(f: FieldDef) -> tuple[Fraction, Fraction]:
    """The bounds of an integer field, in the unit of the file."""
    assert f.low is not None and f.high is not None, f.name
    return Fraction(f.low), Fraction(f.high)


__all__ = [
    "NONE",
    "DerivedDef",
    "EntityDef",
    "FieldDef",
    "Nomenclature",
    "Published",
    "PublishedTable",
    "ScopeDef",
    "Unit",
    "Vocabulary",
    "field_range",
]
