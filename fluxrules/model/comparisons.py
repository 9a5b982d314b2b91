"""What to write instead of a comparison of two values of different natures."""

from __future__ import annotations

from fluxrules.ir.types import Bool, Choice, Day, Duration, Number, Type
from fluxrules.language.units import DAYS, MONTHS


def remedy(left: Type, right: Type, word: str) -> str:
    """``word`` names the left side, as its author wrote it."""
    match left, right:
        case (Choice(), _) | (_, Choice()):
            return "Écrivez « champ est « valeur » »."
        case Bool(), _:
            return f"Écrivez « {word} » ou « non {word} », sans comparaison."
        case Duration(), _:
            return "Écrivez une durée : 36 mois, 18 ans, 30 jours."
        case Day(), Number(unit=unit) if unit in (MONTHS, DAYS):
            return f"Écrivez « temps écoulé depuis {word} », et comparez-le à cette durée."
        case Day(), Number():
            return "Une date s'écrit jour/mois/année, avec des barres : 31/12/2026."
        case _:
            return "Comparez deux valeurs de même nature."
