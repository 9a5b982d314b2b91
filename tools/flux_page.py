"""Writes docs/conventions.md (what conventions, fluxes and orientations may say, from their schemas) and docs/tables-flux.md (the tables of a
year, from their vocabulary); a test holds both pages to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fluxrules.vocabulary.flux import flux_vocabulary

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Conventions, flux, orientations : ce qui s'écrit

Cette page est tirée des schémas de `grammar/schemas/` (`python tools/flux_page.py`). Un exemple complet : `rulesets/exemples/marne/`.
Dans un éditeur, ajoutez en tête d'un fichier : `# yaml-language-server: $schema=…/convention.schema.json` ; `fluxrules schema convention` donne le schéma.
"""
DOCUMENTS = {"convention": "La convention", "flux": "Le flux d'une année", "orientations": "Les orientations d'un EPCI"}


ACTS = """## Ce que fait chaque clause

« Agit » : le texte change ce qui est calculé, conseillé ou alerté. « Tenu » : une règle de droit le regarde. « Présent » : le texte est
gardé, et rien ne s'en calcule.

| clé | | ce qu'elle change |
|---|---|---|
| `nature` | agit | un projet ne compte que dans `simuler --avec-projets` ; ce qui est fini est lu, sans être refusé |
| `bailleur`, `réservataire`, `échelle` | agit | à qui, où ; `patrimoine` est présent ; `se divise en` : une ligne par partie dans `repartir` |
| `signée le`, `transmise au préfet le` | agit, tenu | sans les deux signatures, le préfet exerce ce flux, à part |
| `arrêté du préfet` | agit, tenu | il tient lieu de convention avec l'État (CCH R. 441-5-2, IV), et d'elle seule |
| `en vigueur`, `résiliée le`, `renouvellement` | agit, tenu | tacite : la convention continue jusqu'à `résiliée le`, ou la veille de celle qui la suit |
| `régime`, `logements désignés` | agit, tenu | en stock, le réservataire du logement ; en mixte, lui d'abord, puis le flux |
| `réservations` | agit, tenu | part, sous-parts, condition, dates, prêts (remboursement + 5 ans), programmes, `au plus du programme` (ce que le droit occupe à la fois) |
| `hors QPV` | tenu, agit | le plancher et la faisabilité, l'alerte de `suivi` ; pas le choix d'un réservataire |
| `par commune` | agit, tenu | une part propre dans chaque commune nommée |
| `stipulations contraires`, `dérogation préfectorale` | tenu | ce qu'elles lèvent, et pour combien de temps |
| `gestion` | agit | déléguée : le bailleur désigne, le logement compte quand même ; aucun délai ne court |
| `délai de désignation`, `départ du délai`, `silence` | agit, tenu | le jour de réponse, l'alerte « délai dépassé » |
| `nouveaux candidats` | agit | après un refus, le délai dont `suivi` alerte |
| `à défaut de candidat` | agit | à qui va un logement rendu |
| `reprise par le bailleur` | tenu | « non » et « bailleur pour un tour » se contredisent |
| `candidats` | tenu | moins de trois se dit |
| `compté`, `décompte` | agit | quel événement, quelle issue compte |
| `report` | agit | le solde de l'année suivante, dans ses limites |
| `arrondi` | présent | le seul qui soit fait : plus fort reste, sous les plafonds |
| `livraisons` | tenu | la même chose que dans le flux, qui compte |
| `objectifs`, `cohérence` | agit, tenu | les objectifs du bilan, ceux qu'une part ne permet pas, les orientations citées |
| `bilan` | agit, tenu | le jour et les destinataires de la table « destinataires », la tolérance de T2 |
| `délégation` | agit, tenu | l'orientation nomme le délégataire |
| `gouvernance` | tenu | mise en demeure et échanges d'information de la convention de l'État ; le reste est présent |
| `signalement`, `programmes neufs` | tenu | leur présence, dans la convention de l'État |
| `avenants` | agit, tenu | du jour où ils valent, s'ils sont signés des deux ; sans signature, le droit les regarde comme un projet |

Dans les orientations : `objectifs` et `travailleurs essentiels` sont tenus et vont au bilan ; `résidences` et `recommandations` se lisent dans
`orienter` ; le seuil du
`premier quartile` est rappelé au bilan (le public de chaque attribution est celui de la table) ; `adoptées` est présent.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, title in DOCUMENTS.items():
        schema = json.loads((ROOT / f"grammar/schemas/{name}.schema.json").read_text("utf-8"))
        parts.append(f"## {title}\n\n{schema['errorMessage']}\n")
        parts.append(_table(schema, schema["definitions"], set(schema["required"])))
        for key, part in _blocks(schema, schema["definitions"]):
            parts.append(f"### `{key}`\n")
            parts.append(_table(part, schema["definitions"], set(part.get("required", ()))))
    return "\n".join([*parts, ACTS])


def _table(part: dict[str, Any], definitions: dict[str, Any], required: set[str]) -> str:
    rows = ["| clé | | ce qu'elle dit |", "|---|---|---|"]
    for key, value in part.get("properties", {}).items():
        said = _followed(value, definitions).get("errorMessage", "")
        said = said or _followed(value, definitions).get("else", {}).get("errorMessage", "")
        rows.append(f"| `{key}` | {'obligatoire' if key in required else ''} | {said.replace('|', '¦')} |")
    return "\n".join(rows) + "\n"


def _blocks(schema: dict[str, Any], definitions: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The blocks below the first level, each once, by the key that holds it."""
    found: dict[str, dict[str, Any]] = {}
    stack = list(schema["properties"].items())
    while stack:
        key, value = stack.pop(0)
        part = _followed(value, definitions)
        part = _followed(part["items"], definitions) if part.get("type") == "array" else part
        if isinstance(extra := part.get("additionalProperties"), dict):
            part = _followed(extra, definitions)
        if part.get("properties") and key not in found:
            found[key] = part
            stack += list(part["properties"].items())
    if "conversion" in definitions:
        found["part (conversion)"] = definitions["conversion"]
    return list(found.items())


def _followed(part: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = definitions[part["$ref"].removeprefix("#/definitions/")]
    return part


TABLES = """# Les tables d'une année de flux

Cette page est tirée de `rulesets/vocabulaire-flux/` (`python tools/flux_page.py`). Chaque table est un fichier CSV, Parquet ou xlsx du dossier
`donnees/`, à côté des conventions ; le nom du fichier est celui de la table. Une colonne qui manque, ou une cellule vide, est inconnue.
Les champs marqués « condition » se lisent dans un « si » : `typologie est parmi (« T1 » ; « T2 »)`.
"""


def tables_page() -> str:
    """The tables, their columns and their codes."""
    words = flux_vocabulary()
    parts = [TABLES]
    for entity in words.entities.values():
        parts.append(f"## `{entity.table}` : {entity.plural_label}\n")
        rows = ["| colonne | sens | valeurs | condition | d'où |", "|---|---|---|---|---|"]
        for f in entity.fields.values():
            if f.nomenclature:
                values = " ; ".join(f"{c} = {label}" for c, label in words.nomenclatures[f.nomenclature].labels.items())
            else:
                values = (
                    f.kind
                    if f.kind != "entier"
                    else f"entier{' en ' + f.unit if f.unit else ''}, de {f.low} à {f.high}"
                )
            key = " (clé)" if f.column == entity.key else ""
            rows.append(
                f"| `{f.column}`{key} | {f.label} | {values} | {f'`{f.name}`' if f.readable else ''} | {f.source} |"
            )
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    (ROOT / "docs/tables-flux.md").write_text(tables_page(), "utf-8")
    (ROOT / "docs/conventions.md").write_text(page(), "utf-8")
