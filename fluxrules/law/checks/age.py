"""DISC-AGE-WARN: points for an age, other than the ages that the law itself names, serve a written aim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from fluxrules.ir import nodes as n
from fluxrules.ir.walk import line_exprs
from fluxrules.law.case import Case, Found


def check_age(case: Case) -> Iterator[Found]:
    """Outside counts: consumption units and rooms depend on ages without being an age criterion."""
    rule = case.law.get("DISC-AGE-WARN")
    if rule is None or not case.whole:
        return
    fields, legal = set(rule.words("champs")), {int(a) * 12 for a in rule.words("âges du droit")}
    for placed in case.lines:
        if placed.high <= 0 or placed.claims or placed.written("orientation"):
            continue
        ages = {months for x in line_exprs(placed.line) for e in case.reads(x, counts=False)
                if isinstance(e, n.CompareElapsed) and e.elapsed.since.name in fields for months in _lengths(case, e.length)}  # fmt: skip
        if ages - legal:
            yield Found("DISC-AGE-WARN", "FX7026", f"« {placed.name} » donne des points pour un âge, sans dire quel objectif il sert.", placed.where,
                        "Ajoutez « orientation: … », avec le document et l'objectif.")  # fmt: skip


def _lengths(case: Case, length: n.Const | n.Param) -> Iterable[Fraction]:
    """In months; of a dated parameter, each of its values."""
    return (length.value,) if isinstance(length, n.Const) else dict(case.grid.program.parameters)[length.name].known
