"""COT-IDF-SOCLE: the regional base of Île-de-France, of which the list is not in the data."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.law.case import Case, Found
from fluxrules.vocabulary.territoires import Territoire, resolve_epci


def check_regional(case: Case) -> Iterator[Found]:
    """Says that it cannot check."""
    rule = case.law.get("COT-IDF-SOCLE")
    if rule is None or not case.whole:
        return
    for code in case.grid.header.territories:
        found = resolve_epci(code)
        if isinstance(found, Territoire) and set(found.departements) & set(rule.words("départements")):
            yield Found(rule.id, "FX7037", "En Île-de-France, la grille tient compte des 17 situations du socle régional ; fluxrules n'en a pas la liste.",
                        case.at("territoire"), "Rapprochez la grille du socle régional.", most=case.advice)  # fmt: skip
            return
