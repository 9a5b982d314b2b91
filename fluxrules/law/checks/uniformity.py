"""COT-UNIFORM: the same points in all communes of the territory."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.ir import nodes as n
from fluxrules.ir.walk import line_exprs
from fluxrules.law.case import Case, Found
from fluxrules.model.names import COMMUNE
from fluxrules.text.near import fold
from fluxrules.vocabulary.territoires import known_communes, territoire_de


def check_uniformity(case: Case) -> Iterator[Found]:
    """A criterion that names some communes of the territory and not the others, or a counter or an organisme."""
    rule = case.law.get("COT-UNIFORM")
    if rule is None:
        return
    own = frozenset(case.grid.header.territories)
    for placed in case.lines:
        named = {c for x in line_exprs(placed.line) for e in case.reads(x) if isinstance(e, n.IsOneOf)
                 if e.item.type == COMMUNE for c in e.codes}  # fmt: skip
        mothers = {known_communes().get(c, c) for c in named}  # a long table, read for a criterion that names communes
        inside = {m for m in mothers if territoire_de(m) in own}
        if inside and inside < _communes(own):
            yield Found("COT-UNIFORM", "FX7010", f"« {placed.name} » compte pour certaines communes du territoire, et pas pour les autres.", placed.where,
                        "Donnez les mêmes points dans toutes les communes : « habite_commune_demandée », ou « habite_territoire_demandé ».")  # fmt: skip
            continue
        word = next((w for w in rule.words("mots") if fold(w) in placed.words.split()), None)
        if word is not None:
            yield Found("COT-UNIFORM", "FX7010", f"« {placed.name} » semble dépendre du {word} : la grille est la même pour tous.", placed.where,
                        "Retirez ce critère, ou dites autrement ce qu'il mesure.", most=case.advice)  # fmt: skip


def _communes(territories: frozenset[str]) -> set[str]:
    return {m for m in set(known_communes().values()) if territoire_de(m) in territories}
