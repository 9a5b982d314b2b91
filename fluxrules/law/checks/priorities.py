"""PRIO-COVER: every priority of the law has a line, which pays; DALO is in the grid; no other line says it is one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.law.case import Case, Found
from fluxrules.law.coverage import library_name
from fluxrules.law.covered import blind
from fluxrules.law.rules import Rule
from fluxrules.text.near import fold


def check_priorities(case: Case) -> Iterator[Found]:
    """What a claim reads is looked at here; whether it reaches and pays everyone is proved (``covered.py``, ``prove/``)."""
    if case.whole:
        yield from _missing(case)
    for placed in case.priorities:
        own = placed.line.covers
        if own and placed.high <= 0:
            named = _named(r for c in own if (r := case.law.get(c)))
            yield Found("PRIO-COVER", "FX7002", f"« {placed.name} » ne rapporte aucun point, alors que la loi met ce public en priorité : {named}.",
                        placed.where, "Donnez un poids positif à cette priorité.", also=own)  # fmt: skip
    for rule, placed in blind(case):
        yield Found("PRIO-COVER", "FX7005", f"« {placed.name} » dit couvrir « {rule.category} » et ne lit rien de ce qui fait reconnaître ce public.",
                    placed.where, "Prenez le critère de la bibliothèque, ou reprenez sa condition.", most=Severity.AVERTISSEMENT, also=(rule.id,))  # fmt: skip
    words = [fold(w) for w in case.rule("PRIO-NOT-EXTRA").words("mots")] if case.law.get("PRIO-NOT-EXTRA") else []
    for placed in case.lines:
        if not placed.claims and any(w in placed.words for w in words):
            yield Found("PRIO-NOT-EXTRA", "FX7004", f"« {placed.name} » se présente comme une priorité légale sans dire laquelle.",
                        placed.where, "Sortez ce critère de la famille des priorités légales, prenez-le dans la bibliothèque, ou dites ce qu'il couvre.")  # fmt: skip


def _missing(case: Case) -> Iterator[Found]:
    covered = {c for placed in case.priorities for c in placed.claims}
    missing = [r for r in case.law.priorities if r.id not in covered]
    for rule in missing:
        if rule.id == "DALO":
            yield Found("COT-MANDATORY-SET", "FX7003", "Le DALO n'est pas dans la grille.", case.at("note"),
                        "Ajoutez « DALO » et son poids parmi les critères : la loi ne le laisse pas hors de la cotation.", also=("DALO",))  # fmt: skip
    others = [r for r in missing if r.id != "DALO"]
    if others:
        named = _named(others)
        count = "Une priorité légale n'a" if len(others) == 1 else f"{len(others)} priorités légales n'ont"
        known = [name for r in others if (name := library_name(r)) is not None]
        help_text = (
            f"Ajoutez ces critères de la bibliothèque, avec leur poids : {' ; '.join(known)}."
            if known
            else "Ajoutez un critère pour chacune."
        )
        yield Found("PRIO-COVER", "FX7001", f"{count} aucun critère : {named}.", case.at("note"),
                    help_text, also=tuple(r.id for r in others))  # fmt: skip


def _named(rules: Iterable[Rule]) -> str:
    return " ; ".join(r.category for r in rules if r.category)
