"""A new version of a rule keeps the parameters of the one before: the checks read them, and a limit left out would be a limit lifted."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag, Label
from fluxrules.language.numbers import show_date
from fluxrules.law.rules import Code, Parameter, Rule

_DURATION = re.compile(r"\d{1,4} (mois|ans?)")
_TOLD = ("base", "portée")
"""Parameters that only say something to the reader."""


def same_parameters(code: Code, bag: Bag) -> None:
    """Add what each later version of a rule has lost, or wrote in a form that no check could read."""
    for before, after in zip(code.versions, code.versions[1:], strict=False):
        if before.id == after.id:
            _compare(before, after, bag)


def _compare(before: Rule, after: Rule, bag: Bag) -> None:
    labels = (Label(before.place, "la version d'avant"),)
    for name, old in before.parameters.items():
        new = after.parameters.get(name)
        if name in _TOLD or (new is not None and _form(old) == _form(new)):
            continue
        since = f" à partir du {show_date(after.since)}" if after.since else ""
        if new is None:
            bag.add("FX7090", f"« {after.id} » ne dit plus « {name} »{since}, que ses contrôles lisent.", after.place,
                    f"Ajoutez à « paramètres » : {name}: {_shown(old)}, ou sa nouvelle valeur.", labels=labels)  # fmt: skip
        else:
            bag.add("FX7090", f"« {name} » de « {after.id} » s'écrit comme {_form(old)} : « {_shown(new)} » n'en est pas.", after.place,
                    f"Écrivez-le comme dans la version d'avant : {name}: {_shown(old)}.", labels=labels)  # fmt: skip


def _form(value: Parameter) -> str:
    """What kind of value a check will find."""
    match value:
        case Fraction():
            return "un nombre entier ou une fraction"
        case date():
            return "une date"
        case tuple():
            return "une liste"
        case _ if _DURATION.fullmatch(value):
            return "une durée en mois ou en ans"
    return "un texte"


def _shown(value: Parameter) -> str:
    match value:
        case date():
            return show_date(value)
        case tuple():
            return f"[{', '.join(value)}]"
    return str(value)
