"""A figure that explains itself: its value, how it was worked out, from which other figures, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from fluxrules.language.numbers import show_number


@dataclass(frozen=True)
class Figure:
    """An exact number of ``unit`` (« logements », « % », « droits »; a share is a fraction of one, shown in per cent).

    ``value`` is ``None`` where something it needs is unknown: ``source`` then says what. ``formula`` is in French, with the names of ``inputs``.
    """

    name: str
    value: Fraction | None
    unit: str = "logements"
    formula: str = ""
    inputs: tuple[Figure, ...] = ()
    source: str = ""

    @property
    def shown(self) -> str:
        """As a person reads it; « ≈ » where the decimals are cut for the eye."""
        if self.value is None:
            return "inconnu"
        if self.unit == "%":
            return f"{show_number(self.value * 100, 2)} %"
        unit = self.unit[:-1] if abs(self.value) < 2 and self.unit.endswith("s") else self.unit
        return f"{show_number(self.value, 2)} {unit}".strip()

    @property
    def known(self) -> Fraction:
        """The value. Raises ``ValueError`` when it is unknown: callers look first."""
        if self.value is None:
            raise ValueError(self.name)
        return self.value


def total(name: str, items: tuple[Figure, ...], formula: str = "", unit: str = "logements") -> Figure:
    """A sum; unknown as soon as one of its terms is."""
    values = [i.value for i in items]
    known = [v for v in values if v is not None]
    value = sum(known, Fraction(0)) if len(known) == len(values) else None
    return Figure(name, value, unit, formula or " + ".join(i.name for i in items), items)


def lines(figure: Figure, depth: int = 0) -> Iterator[tuple[int, Figure]]:
    """A figure and all that it comes from, each with its depth."""
    yield depth, figure
    for item in figure.inputs:
        yield from lines(item, depth + 1)


def explained(figure: Figure) -> str:
    """The tree of a figure as text: one figure a line, what it comes from under it."""
    out = []
    for depth, item in lines(figure):
        how = " ; ".join(x for x in (item.formula, item.source) if x)
        out.append(f"{'  ' * depth}{item.name} : {item.shown}{f'  ({how})' if how else ''}")
    return "\n".join(out)


def plain(figure: Figure) -> dict[str, object]:
    """For json: the exact value as « 27/2 », and a decimal for the eye."""
    return {
        "nom": figure.name,
        "valeur": None if figure.value is None else str(figure.value),
        "affiché": figure.shown,
        "unité": figure.unit,
        "formule": figure.formula,
        "source": figure.source,
        "entrées": [plain(i) for i in figure.inputs],
    }
