"""COT-REFUS-CASES and COT-REFUS-BOUNDED: what a refusal costs is written, for adapted offers only, and bounded."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.document.nodes import Scalar
from fluxrules.language.numbers import show_number
from fluxrules.language.units import WRITTEN
from fluxrules.law.case import Case, Found
from fluxrules.model.refusals import NAME as REFUSALS


def check_refusals(case: Case) -> Iterator[Found]:
    """The block, its absence, and lines that take points for a refusal on their own."""
    rule = case.law.get("COT-REFUS-CASES")
    if rule is not None:
        if case.whole and case.tree.get(REFUSALS) is None:
            yield Found(rule.id, "FX7013", "La grille ne dit pas ce que coûte le refus d'un logement adapté.", case.at("note"),
                        f"Ajoutez « {REFUSALS}: sans effet », ou le bloc qui dit cet effet.", most=Severity.CONSEIL)  # fmt: skip
        events, adapted = set(rule.words("champs")), set(rule.words("adapté"))
        for placed in case.lines:
            read = case.fields(placed.line)
            if placed.low < 0 and read & events and not read & adapted:
                yield Found(rule.id, "FX7014", f"« {placed.name} » retire des points pour un refus, sans demander que le logement ait été adapté.", placed.where,
                            f"Écrivez cet effet dans « {REFUSALS} », ou comptez « refus_adaptés ».")  # fmt: skip
    malus = case.malus
    bounded = case.law.get("COT-REFUS-BOUNDED")
    if malus is None or bounded is None or not case.whole:
        return
    weakest = min((p for p in case.priorities if p.high > 0), key=lambda p: p.high, default=None)
    if weakest is not None and -malus.low >= weakest.high:
        yield Found(bounded.id, "FX7015", f"Des refus peuvent coûter {show_number(-malus.low)} points, autant que « {weakest.name} » ({weakest.worth}), une priorité légale.",
                    malus.where, "Baissez « plafond du retrait ».")  # fmt: skip
    months = _months(malus.written("chaque refus compte pendant"), 0)
    if months > _months(bounded.parameters.get("durée qui étonne"), months):
        yield Found(bounded.id, "FX7015", f"Un refus compte pendant {months} mois.", malus.where, "Réduisez « chaque refus compte pendant ».")  # fmt: skip


def _months(written: object, missing: int) -> int:
    text = written.text if isinstance(written, Scalar) else written
    if not isinstance(text, str):
        return missing
    amount, word = text.split()
    return int(int(amount) * WRITTEN[word][1])
