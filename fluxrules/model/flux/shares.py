"""A share as a convention writes it: a percentage, rights over years, a number a year, a ramp, or the conversion of a stock."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar
from fluxrules.language.numbers import read_date, read_number
from fluxrules.model.flux.values import Share
from fluxrules.model.flux.written import number, percent, text
from fluxrules.model.shapes import validate

_NUMBER = r"(\d[\d \u00a0\u202f]*(?:,\d+)?)"
_RIGHTS = re.compile(_NUMBER + r" droits? uniques? sur (\d+) ans?")
_YEARLY = re.compile(_NUMBER + r" logements? par an")
_HELP = "Écrivez « 30 % du flux », « 100 droits uniques sur 10 ans » ou « 12 logements par an »."
_NEEDED = {
    "poids du stock": ("logements réservés", "parc"),
    "droits uniques": ("droits uniques", "durée", "attributions"),
    "droits de suite et rotation": ("logements réservés", "rotation", "assiette"),
    "coefficient": ("droits de suite", "coefficient", "durée", "attributions", "source"),
}
_BASES = {
    "poids du stock": ("parc", ""),
    "droits uniques": ("attributions", "attributions"),
    "droits de suite et rotation": ("assiette", "assiette"),
    "coefficient": ("attributions", "attributions"),
}


def read_share(node: Node | None, base: str, bag: Bag) -> Share | None:
    """The share; what is not one is reported. ``base``: of what a number of rights is a share (it must be written)."""
    if isinstance(node, Mapping):
        return _conversion(node, bag) if node.get("méthode") is not None else _ramp(node, bag)
    if not isinstance(node, Scalar):
        return None
    written = node.text.strip()
    if "%" in written:
        value = percent(node, bag, "Cette part")
        if value is None:
            bag.add("FX8002", f"« {written} » n'est pas une part.", node.span, _HELP)
            return None
        return Share("part", value, said=written, place=node.span)
    if rights := _RIGHTS.fullmatch(written):
        amount, years = read_number(rights[1]), int(rights[2])
        if amount is None or amount.denominator != 1 or years == 0:
            bag.add("FX8004", "Un nombre de droits uniques est entier, et sa durée n'est pas nulle.", node.span, _HELP)
            return None
        return Share("droits uniques", amount, years, _base(base, node, bag), said=written, place=node.span)
    if yearly := _YEARLY.fullmatch(written):
        amount = read_number(yearly[1])
        if amount is None or amount.denominator != 1:
            bag.add("FX8004", "Un nombre de logements par an est entier.", node.span, _HELP)
            return None
        return Share("logements par an", amount, None, _base(base, node, bag), said=written, place=node.span)
    negative = "Une part n'est pas négative." if written[:1] in "-−–" else f"« {written} » n'est pas une part."
    bag.add("FX8004" if written[:1] in "-−–" else "FX8002", negative, node.span, _HELP)
    return None


def _base(base: str, node: Scalar, bag: Bag) -> str:
    if not base:
        bag.add("FX8005", f"« {node.text} » ne dit pas de quoi ce nombre est une part.", node.span,
                "Ajoutez « base: attributions », ou « base: assiette » : 10 droits sur 100 attributions ne sont pas 10 droits sur une assiette de 80.")  # fmt: skip
    return base


def _ramp(node: Mapping, bag: Bag) -> Share | None:
    if not validate(node, bag, "« part »", "dates", "convention"):
        return None
    steps: list[tuple[date, Fraction]] = []
    for entry in node:
        day, value = read_date(entry.key.text), percent(entry.value, bag, "Cette part")
        if day is None:
            bag.add("FX1003", f"Le jour {entry.key.text} n'existe pas.", entry.key.span, "Écrivez une date qui existe.")
        elif value is None:
            bag.add("FX8002", f"« {text(entry.value)} » n'est pas une part.", entry.value.span, _HELP)
        elif steps and day <= steps[-1][0]:
            bag.add(
                "FX3016", "Les parts se suivent dans l'ordre des dates.", entry.key.span, "Remettez-les dans l'ordre."
            )
        else:
            steps.append((day, value))
    if not steps:
        return None
    said = ", puis ".join(f"{text(e.value)} du {e.key.text}" for e in node)
    return Share("part", steps[0][1], steps=tuple(steps), said=said, place=node.entries[0].key.span)


def _conversion(node: Mapping, bag: Bag) -> Share | None:
    if not validate(node, bag, "« part »", "conversion", "convention"):
        return None
    method = text(node.get("méthode"))
    place = node.entries[0].key.span
    missing = [k for k in _NEEDED[method] if node.get(k) is None]
    if missing:
        bag.add("FX3003", f"Il manque « {missing[0]} » à la conversion par « {method} ».", place,
                f"Cette méthode demande : {', '.join(_NEEDED[method])}.")  # fmt: skip
        return None
    inputs: dict[str, Fraction] = {}
    for key in _NEEDED[method]:
        value = percent(node.get(key), bag, f"« {key} »") if key == "rotation" else number(node.get(key))
        if value is not None:
            inputs[key] = value
    below, base = _BASES[method]
    if inputs.get(below) == 0 or inputs.get("durée") == 0:
        at = node.get(below if inputs.get(below) == 0 else "durée")
        bag.add("FX8004", "Une conversion ne divise pas par zéro.", at.span if at else place, "Corrigez ce nombre.")
        return None
    return Share(method, Fraction(0), None, base, (), inputs, said=f"conversion par {method}", place=place)
