"""A share that is not the same everywhere (« par commune ») : the rate of a commune is all that the convention takes there.

Each reservation keeps its part of it: a convention of 20 % and 10 % that takes 15 % in a commune takes 10 % and 5 % there.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from fluxrules.flux.assiette import Assiette
from fluxrules.flux.territory import communes_of
from fluxrules.model.flux.values import Convention, Terms


def factors(convention: Convention, terms: Terms, written: Fraction | None) -> Mapping[str, Fraction] | None:
    """By commune of the convention that has its own rate: what a share is multiplied by there. ``written``: all its shares together.
    Empty where there is none; ``None`` where what it takes elsewhere is not known, or is nothing: a rate cannot be shared then."""
    if not terms.by_commune:
        return {}
    here = communes_of(convention.scale)
    rates = {c: rate for c, rate in terms.by_commune.items() if c in here}
    if not rates:
        return {}
    return {c: rate / written for c, rate in rates.items()} if written else None


def volume(
    share: Fraction, amount: Fraction, factors_: Mapping[str, Fraction] | None, assiette: Assiette
) -> Fraction | None:
    """Dwellings a year of a share of ``amount``, each commune at its rate; ``None`` where the assiette of one of them is not known."""
    if not amount:
        return amount  # nothing to share, at any rate
    if factors_ is None:
        return None
    total = share * amount
    for commune, factor in factors_.items():
        own = assiette.on(frozenset({commune}))
        if own is None:
            return None
        total += share * own * (factor - 1)
    return total
