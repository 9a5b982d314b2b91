"""DISC-RES-3: a link with the territory adds little, and is broad."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.language.numbers import show_number
from fluxrules.law.case import Case, Found


def check_residence(case: Case) -> Iterator[Found]:
    """Advice on a whole grid."""
    rule = case.law.get("DISC-RES-3")
    if rule is None or not case.whole:
        return
    home, work = set(rule.words("champs")), set(rule.words("travail"))
    links = [p for p in case.lines if case.fields(p.line) & home and p.high > 0 and not p.claims]
    weakest = min((p.high for p in case.priorities if p.high > 0), default=None)
    for placed in links:
        if weakest is not None and placed.high > weakest:
            yield Found("DISC-RES-3", "FX7025", f"« {placed.name} » peut valoir {placed.worth} points, plus qu'une priorité légale ({show_number(weakest)}).",
                        placed.where, "Baissez le poids du lien avec le territoire.")  # fmt: skip
    if links and not any(case.fields(p.line) & work for p in case.lines):
        yield Found("DISC-RES-3", "FX7025", f"« {links[0].name} » ne retient que la résidence, et aucun critère le travail.", links[0].where,
                    "Élargissez le lien : « habite_territoire_demandé ou travaille_territoire_demandé ».")  # fmt: skip
