"""The result for one demande: the note, its bounds, every line and family. All points in 1/scale point."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fluxrules.ir.nodes import Family, Line


class State(Enum):
    ACQUIRED = "acquise"
    ABSENT = "absente"
    PENDING = "en suspens"


@dataclass(frozen=True)
class LineResult:
    """``points`` is what counts in the note now; [low, high] what the line may be worth when present."""

    line: Line
    state: State
    points: int
    low: int
    high: int
    missing: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        return self.state is State.ACQUIRED

    @property
    def counts(self) -> bool:
        """Whether the line takes part in the note now (acquired, or pending with ``si non renseigné``)."""
        return self.present or (self.state is State.PENDING and self.points != 0)


@dataclass(frozen=True)
class FamilyResult:
    """``reduced`` is before ``plancher`` and ``plafond``. Always present for its parent."""

    family: Family
    items: tuple[LineResult | FamilyResult, ...]
    reduced: int
    points: int
    low: int
    high: int


@dataclass(frozen=True)
class Result:
    root: FamilyResult

    @property
    def note(self) -> int:
        return self.root.points

    @property
    def note_min(self) -> int:
        return self.root.low

    @property
    def note_max(self) -> int:
        return self.root.high

    def lines(self) -> tuple[LineResult, ...]:
        """All lines in written order."""
        found: list[LineResult] = []

        def walk(item: LineResult | FamilyResult) -> None:
            if isinstance(item, LineResult):
                found.append(item)
            else:
                for child in item.items:
                    walk(child)

        walk(self.root)
        return tuple(found)

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that would settle the pending lines, sorted."""
        return tuple(sorted({m for line in self.lines() for m in line.missing}))
