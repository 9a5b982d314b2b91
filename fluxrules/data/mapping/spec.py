"""A mapping file as values: what each file gives, column by column. Every part keeps its place in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fluxrules.text.source import Source, Span
from fluxrules.vocabulary.fields import FieldDef

UNKNOWN = "inconnu"
"""What a code table writes on the right of a source value that says nothing."""


@dataclass(frozen=True)
class Layout:
    """How the text of a file is written. ``separator`` is ``None`` when the first line tells it."""

    encoding: str = "utf-8"
    separator: str | None = None
    quote: str | None = '"'
    dates: tuple[str, ...] = ("jj/mm/aaaa", "aaaa-mm-jj")
    decimal: str = ","
    thousands: str = " "
    blanks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Codes:
    """Source value → value of the vocabulary. ``versions`` has one table under ``""`` when there is a single list.

    ``column`` holds the version of each row; ``version`` is that of the whole file.
    """

    name: str
    versions: Mapping[str, Mapping[str, str]]
    column: Column | None = None
    version: str = ""
    places: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """A column of the source file, and where the mapping names it."""

    name: str
    span: Span


@dataclass(frozen=True)
class Rule:
    """Where a field comes from: columns (several for a list, or for several rows), ticked boxes, or one constant."""

    field: FieldDef
    span: Span
    columns: tuple[Column, ...] = ()
    boxes: tuple[tuple[Column, str], ...] = ()
    constant: str | None = None
    codes: Codes | None = None
    dates: tuple[str, ...] | None = None
    decimal: str | None = None
    rounding: str | None = None
    split: str | None = None
    repair: bool = False

    def read(self) -> tuple[Column, ...]:
        """Every column of the file that the rule reads."""
        version = self.codes.column if self.codes else None
        return (*self.columns, *(c for c, _ in self.boxes), *((version,) if version else ()))


@dataclass(frozen=True)
class RowRule:
    """The fields of one row of a table. With several columns a field, it makes that many rows (``repeats``)."""

    table: str
    rules: tuple[Rule, ...]
    span: Span
    always: bool = False
    repeats: int = 1


@dataclass(frozen=True)
class FileRule:
    """What one file gives. ``several``: it may hold several rows for one demande."""

    pattern: str
    span: Span
    key: Column
    rows: tuple[RowRule, ...]
    layout: Layout
    sheet: str | None = None
    several: bool = False
    ignored: frozenset[str] = frozenset()

    def read(self) -> list[Column]:
        """Every column of the file that is read, once."""
        found = {self.key.name: self.key}
        for rows in self.rows:
            for rule in rows.rules:
                for column in rule.read():
                    found.setdefault(column.name, column)
        return list(found.values())

    def gives(self, table: str, field_name: str) -> bool:
        return any(r.table == table and any(rule.field.name == field_name for rule in r.rules) for r in self.rows)


@dataclass(frozen=True)
class MappingFile:
    name: str
    source: Source
    files: tuple[FileRule, ...]
    codes: Mapping[str, Codes] = field(default_factory=dict)

    @property
    def main(self) -> FileRule | None:
        """The file whose rows are the demandes: the first that gives the filing date."""
        return next((f for f in self.files if f.gives("demandes", "date_dépôt_initial")), None)
