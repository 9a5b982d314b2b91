"""A diagnostic: one defect of a rule file or of a table, said so that its author can mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from fluxrules.text.source import Span

MOST_SHOWN = 100
"""Diagnostics of one file that a person is shown at once; a program is given them all."""


class Severity(IntEnum):
    """How much a diagnostic weighs. Only errors stop a grid."""

    CONSEIL = 1
    AVERTISSEMENT = 2
    ERREUR = 3

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Cell:
    """A place in a table: ``row`` is the line of a CSV as a spreadsheet numbers it, else the row from 1."""

    file: str
    row: int | None = None
    column: str | None = None

    @property
    def place(self) -> str:
        parts = [self.file]
        if self.row is not None:
            parts.append(f"ligne {self.row}")
        if self.column is not None:
            parts.append(f"colonne « {self.column} »")
        return ", ".join(parts)


@dataclass(frozen=True)
class Label:
    """A second place that matters (the other criterion, the first of two keys) and what it is."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """``code`` names the kind of defect for good; ``message`` says what and why in one French sentence; ``help`` what to do."""

    code: str
    message: str
    where: Span | Cell
    help: str
    labels: tuple[Label, ...] = ()
    references: tuple[str, ...] = ()
    witness: str | None = None
    severity: Severity = field(default=Severity.ERREUR)

    @property
    def place(self) -> str:
        return self.where.place


@dataclass
class Bag:
    """Collects the diagnostics of one pass after another; no pass stops at the first."""

    items: list[Diagnostic] = field(default_factory=list)
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    def add(
        self,
        code: str,
        message: str,
        where: Span | Cell,
        help: str,
        *,
        labels: tuple[Label, ...] = (),
        references: tuple[str, ...] = (),
        witness: str | None = None,
    ) -> None:
        """Add a diagnostic; its severity is the registry's. Unknown codes are a bug and raise ``KeyError``."""
        from fluxrules.diagnostics.registry import page

        severity = page(code).severity
        item = Diagnostic(code, message, where, help, labels, references, witness, severity)
        key = (code, message, item.place)
        if key not in self._seen:
            self._seen.add(key)
            self.items.append(item)

    @property
    def full(self) -> bool:
        """Whether there are already more than a person is shown: what is added needs no guess of what was meant."""
        return len(self.items) >= MOST_SHOWN

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERREUR for d in self.items)

    def sorted(self) -> list[Diagnostic]:
        """In the order of the text, which is the order in which an author mends."""

        def key(d: Diagnostic) -> tuple[str, int, int, str, str]:
            if isinstance(d.where, Span):
                return (d.where.source.name, d.where.start, -d.severity, d.code, d.message)
            return (d.where.file, d.where.row or 0, -d.severity, d.code, d.message)

        return sorted(self.items, key=key)
