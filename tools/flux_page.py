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
    return "\n".join(parts)


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
