"""What the passes over one grid share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Scalar
from fluxrules.language.numbers import read_number, too_long
from fluxrules.model.library import Criterion
from fluxrules.model.names import Env

# Points are read in units of 1/10,000 and brought to the smallest scale at the end: a grid may write 2,5 anywhere.
FINE = 10_000
MOST_POINTS = 1_000_000


@dataclass
class Context:
    """``library_read``: whether every library that the grid names was read. Otherwise a criterion of none is not said again."""

    env: Env
    library: Mapping[str, Criterion] = field(default_factory=dict)
    library_read: bool = True
    names: dict[str, Scalar] = field(default_factory=dict)

    @property
    def bag(self) -> Bag:
        return self.env.bag

    @property
    def principal(self) -> str:
        return self.env.vocabulary.principal

    def fine(self, value: Fraction, scalar: Scalar) -> int | None:
        """Points in units of 1/``FINE``; too many decimals or too large is reported."""
        scaled = value * FINE
        if scaled.denominator != 1:
            self.bag.add("FX3022", "Des points ont plus de quatre décimales.", scalar.span, "Arrondissez-les.")
            return None
        if abs(value) > MOST_POINTS:
            self.bag.add("FX3022", "Ce nombre de points dépasse un million.", scalar.span, "Vérifiez le nombre.")
            return None
        return int(scaled)

    def fine_text(self, scalar: object) -> int | None:
        """The points of a scalar that is a plain number (its form was checked by the shape)."""
        if not isinstance(scalar, Scalar):
            return None
        value = read_number(scalar.text)
        if value is None:
            self.not_a_number(scalar)
            return None
        return self.fine(value, scalar)

    def not_a_number(self, scalar: Scalar) -> None:
        """Report a scalar where a number is expected."""
        message = f"« {scalar.text} » n'est pas un nombre." if scalar.text else "Un nombre est attendu ici."
        if too_long(scalar.text):
            message = f"« {scalar.text[:12]}… » est trop long pour un nombre de points."
        self.bag.add("FX3004", message, scalar.span, "Écrivez un nombre, comme 10 ou 2,5.")
