"""COT-ANCIENNETE and COT-DAL: seniority runs from the first filing, and the abnormal delay is a dated parameter."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.ir import nodes as n
from fluxrules.ir.walk import line_exprs
from fluxrules.law.case import Case, Found
from fluxrules.text.near import fold


def check_seniority(case: Case) -> Iterator[Found]:
    """Lines and definitions."""
    renewal = set(case.rule("COT-ANCIENNETE").words("champs")) if case.law.get("COT-ANCIENNETE") else set()
    words = [fold(w) for w in case.rule("COT-DAL").words("mots")] if case.law.get("COT-DAL") and case.whole else []
    for placed in case.lines:
        nodes = [e for x in line_exprs(placed.line) for e in case.reads(x)]
        if any(_runs_from(e) & renewal for e in nodes):
            yield Found("COT-ANCIENNETE", "FX7035", f"« {placed.name} » compte le temps depuis le dernier renouvellement.", placed.where,
                        "Prenez « ancienneté », qui court du dépôt initial.")  # fmt: skip
        fixed = any(isinstance(e, n.CompareElapsed) and isinstance(e.length, n.Const) for e in nodes)
        if fixed and any(w in placed.words for w in words):
            yield Found("COT-DAL", "FX7036", f"« {placed.name} » fixe le délai anormalement long dans la condition.", placed.where,
                        "Nommez un paramètre daté, avec l'arrêté du préfet pour source.", most=case.advice)  # fmt: skip


def _runs_from(expr: n.Expr) -> set[str]:
    """The days from which a node measures time, whichever way it is written: « depuis », or a day before another."""
    match expr:
        case n.Elapsed(since=since):
            return {since.name}
        case n.CompareDay(left=left, right=right):
            return {x.name for x in (left, right) if isinstance(x, n.Field)}
    return set()
