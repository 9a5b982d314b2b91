"""The figures of the synthetic flux, from ``rulesets/référentiels/population-flux.yaml``, each with what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fluxrules.data.population.figures import Figure, read_figures
from fluxrules.data.population.laws import Law


@dataclass(frozen=True)
class FluxFigures:
    figures: Mapping[str, Figure]
    laws: Mapping[str, Law]

    def value(self, name: str) -> float:
        """A figure that is one number."""
        return self.figures[name].value

    def share(self, name: str, key: str) -> float:
        """One share of a figure that is a law."""
        return self.figures[name].values[key]


@cache
def flux_figures() -> FluxFigures:
    """Read once: the file travels with the package."""
    figures = read_figures("rulesets/référentiels/population-flux.yaml")
    laws = {name: Law.of(tuple(f.values), list(f.values.values())) for name, f in figures.items() if f.values}
    return FluxFigures(figures, laws)
