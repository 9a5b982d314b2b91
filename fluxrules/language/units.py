"""Units: what may be added and compared. Money, length of time and area are dimensions; days are one of their own."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Unit:
    """A product of base dimensions: ``(("€", 1), ("mois", -1))`` for euros a month. No dimension: a pure number or a count."""

    powers: tuple[tuple[str, int], ...] = ()

    def times(self, other: Unit, sign: int = 1) -> Unit:
        """The unit of a product (``sign`` 1) or of a quotient (``sign`` -1)."""
        merged = dict(self.powers)
        for base, power in other.powers:
            merged[base] = merged.get(base, 0) + sign * power
        return Unit(tuple(sorted((b, p) for b, p in merged.items() if p)))

    @property
    def label(self) -> str:
        """As a person writes it: ``€/mois``; ``sans unité`` for none."""
        if not self.powers:
            return "sans unité"
        over = [b if p == 1 else f"{b}^{p}" for b, p in self.powers if p > 0]
        under = [b if p == -1 else f"{b}^{-p}" for b, p in self.powers if p < 0]
        return "/".join(["·".join(over) or "1", *under])


NONE = Unit()
MONTHS = Unit((("mois", 1),))
DAYS = Unit((("jour", 1),))
EURO = Unit((("€", 1),))
EURO_PER_MONTH = EURO.times(MONTHS, -1)
AREA = Unit((("m²", 1),))

# Written unit → (base unit, how many base units one is). A year is twelve months: €/an is a twelfth of €/mois.
WRITTEN: dict[str, tuple[Unit, Fraction]] = {
    "%": (NONE, Fraction(1, 100)),
    "€": (EURO, Fraction(1)),
    "€/mois": (EURO_PER_MONTH, Fraction(1)),
    "€/an": (EURO_PER_MONTH, Fraction(1, 12)),
    "m²": (AREA, Fraction(1)),
    "mois": (MONTHS, Fraction(1)),
    "an": (MONTHS, Fraction(12)),
    "ans": (MONTHS, Fraction(12)),
    "année": (MONTHS, Fraction(12)),
    "années": (MONTHS, Fraction(12)),
    "jour": (DAYS, Fraction(1)),
    "jours": (DAYS, Fraction(1)),
}


def in_base(value: Fraction, unit: str | None) -> tuple[Fraction, Unit]:
    """A written quantity in base units. Raises ``KeyError`` for a unit the grammar does not know."""
    if unit is None:
        return value, NONE
    base, factor = WRITTEN[unit]
    return value * factor, base
