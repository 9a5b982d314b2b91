"""Dated parameters, and whether they cover the period in which the grid applies."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar
from fluxrules.ir import nodes as n
from fluxrules.language.numbers import read_date, read_quantity, show_date
from fluxrules.language.units import Unit, in_base
from fluxrules.model.days import read_day
from fluxrules.model.header import Header
from fluxrules.model.names import ParameterDef, check_name
from fluxrules.model.percents import PERCENT, signs_differ
from fluxrules.model.shapes import validate


def read_parameters(node: Node | None, bag: Bag) -> dict[str, ParameterDef]:
    """The parameters of a grid, by name."""
    found: dict[str, ParameterDef] = {}
    if not isinstance(node, Mapping):
        return found
    for entry in node:
        name = entry.key.text
        check_name(entry.key, "un paramètre", bag)
        good = validate(entry.value, bag, f"le paramètre « {name} »", "paramètre")
        parameter = _parameter(entry.key, entry.value, bag) if good and isinstance(entry.value, Mapping) else None
        if parameter is not None:
            found[name] = parameter
    return found


def _parameter(key: Scalar, block: Mapping, bag: Bag) -> ParameterDef | None:
    values = block.get("valeurs")
    assert isinstance(values, Mapping)
    dated: list[tuple[date, Fraction]] = []
    written: list[tuple[Fraction, str | None]] = []
    unit: Unit | None = None
    for entry in values:
        day = read_date(entry.key.text)
        if day is None:
            bag.add(
                "FX1003",
                f"Le jour {entry.key.text} n'existe pas.",
                entry.key.span,
                "Écrivez une date qui existe, comme 01/01/2026.",
            )
            continue
        read = read_quantity(entry.value.text) if isinstance(entry.value, Scalar) else None
        if read is None:
            bag.add(
                "FX3004",
                "La valeur d'un paramètre est un nombre avec son unité.",
                entry.value.span,
                "Écrivez « 36 mois », « 30 % ».",
            )
            continue
        value, of = in_base(*read)
        if unit is not None and of != unit:
            bag.add(
                "FX2005",
                f"Le paramètre « {key.text} » change d'unité.",
                entry.value.span,
                f"Donnez toutes ses valeurs en {unit.label}.",
            )
            continue
        unit = of
        written.append(read)
        if signs_differ(written):
            bag.add("FX2005", f"Le paramètre « {key.text} » est écrit tantôt avec « % », tantôt sans.", entry.value.span,
                    "Écrivez « % » derrière toutes ses valeurs, ou derrière aucune.")  # fmt: skip
            continue
        if dated and day <= dated[-1][0]:
            bag.add(
                "FX3016",
                "Les valeurs d'un paramètre se suivent dans l'ordre des dates.",
                entry.key.span,
                "Remettez-les dans l'ordre.",
            )
            continue
        dated.append((day, value))
    until = read_day(block.get("jusqu'au"), bag)
    if not dated or unit is None:
        return None
    return ParameterDef(key.text, unit, n.Dated(tuple(dated), until), key, any(u == PERCENT for _, u in written))


def check_cover(parameters: dict[str, ParameterDef], used: set[str], header: Header, bag: Bag) -> None:
    """A parameter has a value on every day of the validity: a value of last year is never used silently."""
    for name, p in parameters.items():
        if name not in used:
            if not bag.has_errors:  # what could not be read may use it
                bag.add(
                    "FX2012",
                    f"Le paramètre « {name} » ne sert à rien.",
                    p.key.span,
                    "Retirez-le, ou nommez-le dans un critère.",
                )
            continue
        first = p.dated.values[0][0]
        if header.since is not None and first > header.since:
            bag.add("FX3015", f"Le paramètre « {name} » commence le {show_date(first)}, la grille le {show_date(header.since)}.", p.key.span,
                    "Ajoutez la valeur en vigueur au premier jour de la grille.")  # fmt: skip
        if p.dated.until is not None and (header.until is None or p.dated.until < header.until):
            bag.add("FX3015", f"Le paramètre « {name} » n'a plus de valeur après le {show_date(p.dated.until)}, la grille continue.",
                    p.key.span, "Ajoutez la valeur suivante, ou fermez la grille à cette date.")  # fmt: skip
