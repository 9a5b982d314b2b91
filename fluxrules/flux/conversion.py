"""From rights on named dwellings to a share of the flux: three methods, and what parts them.

A. weight of the stock: reserved / stock. B. droits uniques: (rights / years) / attributions of the year. C. droits de suite × rotation:
reserved × rotation / assiette. A and C differ by share × subtractions: A makes every réservataire bear them, C the bailleur alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from fluxrules.flux.figures import Figure
from fluxrules.model.flux.values import Share


def by_stock_weight(reserved: Fraction, stock: Fraction) -> Figure:
    """Method A."""
    inputs = (Figure("logements réservés", reserved), Figure("parc", stock))
    return Figure("part", reserved / stock, "%", "logements réservés / parc (poids du stock)", inputs)


def by_single_rights(rights: Fraction, years: int, attributions: Fraction) -> Figure:
    """Method B: a fixed number of rights is a greater share of a smaller year."""
    yearly = Figure("droits par an", rights / years, "droits", "droits uniques / durée",
                    (Figure("droits uniques", rights, "droits"), Figure("durée", Fraction(years), "ans")))  # fmt: skip
    return Figure(
        "part",
        yearly.known / attributions,
        "%",
        "droits par an / attributions",
        (yearly, Figure("attributions", attributions)),
    )


def by_rotation(reserved: Fraction, rotation: Fraction, assiette: Fraction) -> Figure:
    """Method C."""
    volume = Figure("volume", reserved * rotation, "logements", "logements réservés × rotation",
                    (Figure("logements réservés", reserved), Figure("rotation", rotation, "%")))  # fmt: skip
    return Figure(
        "part",
        volume.known / assiette,
        "%",
        "volume / assiette (droits de suite et rotation)",
        (volume, Figure("assiette", assiette)),
    )


def by_coefficient(lasting: Fraction, coefficient: Fraction, years: int, attributions: Fraction) -> Figure:
    """Method D (ANRU and Action Logement): so many droits uniques for a droit de suite, by a coefficient of the EPCI's zone and of the
    operation. The published coefficients were not found (RGA NPNRU, annexe 3): the document gives its own, with its source."""
    rights = Figure("droits uniques", lasting * coefficient, "droits", "droits de suite × coefficient",
                    (Figure("droits de suite", lasting, "droits"), Figure("coefficient", coefficient, "")))  # fmt: skip
    found = by_single_rights(rights.known, years, attributions)
    yearly = replace(found.inputs[0], inputs=(rights, found.inputs[0].inputs[1]))
    return replace(found, inputs=(yearly, found.inputs[1]))


def rights_of_programme(dwellings: int, rate: Fraction) -> int:
    """Dwellings reserved in a programme by an old deed: the whole part (20 % of 114 is 22; 23 would pass 20 %)."""
    return int(rate * dwellings)


def converted(share: Share) -> Figure:
    """The share of a written conversion."""
    i = share.inputs
    match share.kind:
        case "poids du stock":
            return by_stock_weight(i["logements réservés"], i["parc"])
        case "coefficient":
            return by_coefficient(i["droits de suite"], i["coefficient"], int(i["durée"]), i["attributions"])
        case "droits de suite et rotation":
            return by_rotation(i["logements réservés"], i["rotation"], i["assiette"])
        case _:
            return by_single_rights(i["droits uniques"], int(i["durée"]), i["attributions"])


@dataclass(frozen=True)
class Compared:
    """Methods A and C on the same rights: volumes, shares of the assiette, and the dwellings that part them (share × subtractions)."""

    weight: Figure
    weight_volume: Fraction
    rotation: Figure
    gap: Fraction


def compared(reserved: Fraction, stock: Fraction, rotation: Fraction, assiette: Fraction) -> Compared:
    """Who bears the subtractions: « ``gap`` » dwellings a year go from all réservataires (A) to the bailleur alone (C)."""
    a, c = by_stock_weight(reserved, stock), by_rotation(reserved, rotation, assiette)
    return Compared(a, a.known * assiette, c, reserved * rotation - a.known * assiette)
