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
    found = [t for code in case.grid.header.territories if isinstance(t := resolve_epci(code), Territoire)]
    if any(set(t.departements) & set(rule.words("départements")) for t in found):
        yield Found(rule.id, "FX7037", "En Île-de-France, la grille tient compte des 17 situations du socle régional ; fluxrules n'en a pas la liste.",
                    case.at("territoire"), "Rapprochez la grille du socle régional.", most=case.advice)  # fmt: skip
