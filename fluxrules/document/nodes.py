"""The located YAML tree. Every scalar is text: YAML never types a value here (it would read INSEE code 01053 as 555)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from fluxrules.text.source import Span


@dataclass(frozen=True)
class Scalar:
    """A text value. ``style`` is ``''`` for a plain scalar, else the YAML sign (``"``, ``'``, ``|``, ``>``)."""

    text: str
    span: Span
    style: str = ""

    @property
    def empty(self) -> bool:
        return not self.text and not self.style


@dataclass(frozen=True)
class Entry:
    key: Scalar
    value: Node


@dataclass(frozen=True)
class Mapping:
    """Keys in written order; duplicated keys were reported and only the first kept."""

    entries: tuple[Entry, ...]
    span: Span

    @cached_property
    def _by_name(self) -> dict[str, Entry]:
        return {e.key.text: e for e in reversed(self.entries)}

    def get(self, name: str) -> Node | None:
        found = self._by_name.get(name)
        return found.value if found else None

    def key(self, name: str) -> Scalar | None:
        found = self._by_name.get(name)
        return found.key if found else None

    def names(self) -> tuple[str, ...]:
        return tuple(e.key.text for e in self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


@dataclass(frozen=True)
class Sequence:
    items: tuple[Node, ...]
    span: Span

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


Node = Scalar | Mapping | Sequence


def plain(node: Node) -> object:
    """The tree as nested Python values, all leaves text: what a JSON Schema is held against."""
    match node:
        case Scalar(text=text):
            return text
        case Mapping(entries=entries):
            return {e.key.text: plain(e.value) for e in entries}
        case Sequence(items=items):
            return [plain(i) for i in items]


def kind(node: Node) -> str:
    """What a node is, in French, for messages."""
    match node:
        case Scalar():
            return "un texte"
        case Mapping():
            return "un bloc de clés"
        case Sequence():
            return "une liste"
