"""What a grid must have written beside its points: evaluation, information, the plan it lives in, the act that adopts it."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.language.numbers import show_date
from fluxrules.law.case import Case, Found


def check_writings(case: Case) -> Iterator[Found]:
    """Of a whole grid only; the plan and the act are asked of a grid in force."""
    if not case.whole:
        return
    if case.law.get("COT-EVAL"):
        block = case.tree.get("évaluation")
        missing = [
            k for k in case.rule("COT-EVAL").words("clés") if not (isinstance(block, Mapping) and _said(block.get(k)))
        ]
        if missing:
            named = " et ".join(f"« {k} »" for k in missing)
            yield Found("COT-EVAL", "FX7016", f"La grille ne dit pas comment elle est évaluée : il manque {named}.", case.at("évaluation"),
                        "Ajoutez « évaluation: {fréquence: annuelle, indicateurs: [part des priorités légales]} ».")  # fmt: skip
    information = case.tree.get("information")
    if not (isinstance(information, Mapping) and any(_said(e.value) for e in information)):
        yield Found("COT-INFO", "FX7017", "La grille ne dit pas comment le public et le demandeur sont informés.", case.at("information"),
                    "Ajoutez « information: {service d'accueil: …} ».")  # fmt: skip
    if case.grid.header.nature != "en vigueur":
        return
    if case.tree.get("PPGDID") is None:
        yield Found("COT-PPGDID", "FX7018", "La grille en vigueur ne nomme pas le PPGDID où elle est écrite.", case.at("nature"),
                    "Ajoutez « PPGDID: {adopté le: …} ».")  # fmt: skip
    day, since = case.grid.header.deliberation_date, case.grid.header.since
    # The language asks both of a grid in force (FX3003, FX3027).
    assert day is not None
    assert since is not None
    if day > since:
        yield Found("COT-PPGDID-PROC", "FX7019", f"La grille s'applique depuis le {show_date(since)}, avant la délibération du {show_date(day)} qui l'adopte.",
                    case.at("délibération"), "Nommez la délibération qui adopte cette version, ou corrigez une des dates.", most=Severity.AVERTISSEMENT)  # fmt: skip


def _said(node: Node | None) -> bool:
    match node:
        case Scalar():
            return bool(node.text.strip())
        case Mapping():
            return any(_said(e.value) for e in node)
        case Sequence():
            return any(_said(i) for i in node)
    return False
