"""COT-PROVISIONAL and RGPD-MIN: a legal priority names its proof, and a sensitive label serves nothing but a priority."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from fluxrules.law.case import Case, Found
from fluxrules.vocabulary.load import standard_vocabulary


@cache
def _sensitive() -> frozenset[str]:
    """What is sensitive and not in the demande as the SNE carries it."""
    entities = standard_vocabulary().entities.values()
    return frozenset(f.name for e in entities for f in e.fields.values() if f.sensitive and f.source == "projet")


def check_evidence(case: Case) -> Iterator[Found]:
    """Without a document, the note on verified data can never hold the priority. What only others know is kept for what the law asks."""
    for placed in case.lines:
        labels = sorted(case.fields(placed.line) & _sensitive()) if not placed.claims else []
        if labels:
            yield Found("RGPD-MIN", "FX7031", f"« {placed.name} » lit une donnée sensible que la demande n'a pas ({', '.join(labels)}), sans servir une priorité légale.",
                        placed.where, "Retirez ce critère, ou dites par « couvre » quelle priorité il met en œuvre.", also=("RGPD-SENSITIVE",))  # fmt: skip
    if not case.whole:
        return
    for placed in case.priorities:
        if placed.line.covers and placed.line.evidence is None:
            yield Found("COT-PROVISIONAL", "FX7030", f"« {placed.name} » est une priorité légale sans pièce justificative : elle reste déclarée.", placed.where,
                        "Ajoutez « pièce justificative: … ».", most=case.advice)  # fmt: skip
