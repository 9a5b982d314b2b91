"""Writes docs/vocabulaire.md from the vocabulary: what a rule may read. Run it after a change of rulesets/; a test compares."""

from __future__ import annotations

from pathlib import Path

from fluxrules.document.nodes import Scalar
from fluxrules.vocabulary.fields import FieldDef, Vocabulary
from fluxrules.vocabulary.load import standard_vocabulary

PAGE = Path(__file__).resolve().parent.parent / "docs" / "vocabulaire.md"
KINDS = {"booléen": "oui/non", "entier": "nombre", "énumération": "une valeur", "liste": "plusieurs valeurs"}
HEAD = """\
# Ce qu'une règle peut lire

Page écrite par `tools/vocabulary_page.py` d'après `rulesets/`. Un champ n'a pas de valeur par défaut : ce qui manque est inconnu.
"""
LABELS = """\
## Qui le dit, qui peut le détenir

Ces champs viennent d'ailleurs que du demandeur, ou demandent une attention particulière. Les données nominatives servent seulement à
l'attribution, entre les mains des services que cite l'article R. 441-2-6 du CCH (lu dans une version ancienne du code) : ce sont les
« services habilités ». D'une donnée sensible, on garde l'indication seule, jamais la pièce (RGPD, minimisation ; de mémoire, à vérifier).
Qui dit chaque champ est une définition du projet.
"""


def page(words: Vocabulary) -> str:
    """The whole page."""
    parts = [HEAD]
    for entity in words.entities.values():
        rows = [_row(f, words) for f in entity.all_fields.values() if f.readable]
        if rows:
            parts.append(f"## {entity.label[0].upper()}{entity.label[1:]} (`{entity.name}`)\n")
            parts.append(_table(("champ", "sens", "nature", "pièce"), rows))
        if entity.scopes:
            scopes = [(f"`{s.name}`, `{s.plural}`", s.label) for s in entity.scopes.values()]
            parts.append(_table(("désigne (`au moins un …`)", "qui"), scopes))
    parts.append(LABELS)
    parts.append(_table(("champ", "qui le dit", "qui peut le détenir", "donnée sensible"), _labels(words)))
    parts.append("## Champs calculés\n")
    parts.append(
        _table(("champ", "sens", "formule", "source (confiance)"), [_derived(words, key) for key in words.derived])
    )
    parts.append("## Listes de valeurs\n")
    used = {f.nomenclature for e in words.entities.values() for f in e.all_fields.values() if f.readable}
    lists = [(f"`{x.name}`", " ; ".join(x.labels.values())) for x in words.nomenclatures.values() if x.name in used]
    parts.append(_table(("liste", "valeurs"), lists))
    return "\n".join(parts)


def _row(f: FieldDef, words: Vocabulary) -> tuple[str, ...]:
    kind = KINDS.get(f.kind, f.kind)
    if f.nomenclature:
        kind += f" de la liste `{f.nomenclature}`"
    if f.kind == "entier":
        kind += f"{' en ' + f.unit if f.unit else ''}, de {f.low} à {f.high}"
    return f"`{f.name}`", f.label, kind, f.document or ""


def _labels(words: Vocabulary) -> list[tuple[str, ...]]:
    fields = [f for e in words.entities.values() for f in e.all_fields.values() if f.readable]
    return [
        (f"`{f.name}`", f.origin or "demandeur", f.holders or "services habilités", f.sensitive)
        for f in fields
        if f.origin or f.sensitive
    ]


def _derived(words: Vocabulary, key: tuple[str, str]) -> tuple[str, ...]:
    d = words.derived[key]
    formula = d.body.get("formule")
    shown = f"`{formula.text}`" if isinstance(formula, Scalar) else "par cas"
    name = f"`{d.name}`" + ("" if d.entity == words.principal else f" (d'un {d.entity})")
    if d.counted:
        name += f" ; « par {d.counted} »"
    return name, d.label, shown, f"{d.source} ({d.confidence})"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(standard_vocabulary()), "utf-8")
