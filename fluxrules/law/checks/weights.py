"""Weights: one that closes the door (COT-NO-ELIM), one above DALO (COT-DALO-TOP). Advice, but for the first."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from fluxrules.language.numbers import show_number
from fluxrules.law.case import Case, Found


def check_weights(case: Case) -> Iterator[Found]:
    """Single lines; what several outweigh together is proved elsewhere."""
    total = sum(max(p.high, Fraction(0)) for p in case.lines)
    for placed in case.lines:
        if 0 < total <= -placed.low:
            yield Found("COT-NO-ELIM", "FX7032", f"« {placed.name} » peut retirer {show_number(-placed.low)} points, tout ce que la grille peut donner ({show_number(total)}) : ce critère élimine.",
                        placed.where, "Réduisez ce retrait, pour qu'il n'efface pas tout le reste.")  # fmt: skip
    dalo = max((p.high for p in case.priorities if "DALO" in p.claims), default=None)
    if dalo is None or not case.whole:
        return
    for placed in case.lines:
        if placed.high > dalo:
            yield Found("COT-DALO-TOP", "FX7033", f"« {placed.name} » peut valoir {placed.worth} points à lui seul, plus que le DALO ({show_number(dalo)}).",
                        placed.where, "Regardez si ce poids est voulu ; aucun texte ne l'interdit.", also=("COT-DOMINANCE",))  # fmt: skip
