"""The key of each row: there, and its own."""

from __future__ import annotations

import polars as pl

from fluxrules.data.findings import Findings

_LINK = "Ajoutez-la : c'est elle qui rattache ces lignes aux autres tables."
NEEDED: dict[str, dict[str, str]] = {
    "logements": {"id_logement": "Ajoutez l'identifiant de chaque logement."},
    "liberations": {
        "id_liberation": "Ajoutez l'identifiant de chaque libération.",
        "id_logement": _LINK,
        "date_liberation": "Ajoutez le jour où chaque logement est libre : sans lui, une libération n'est d'aucune année.",
    },
    "attributions": {"id_attribution": "Ajoutez l'identifiant de chaque attribution.", "id_liberation": _LINK},
    "reservataires": {"code": "Ajoutez le code de chaque réservataire, celui des conventions."},
    "droits": {"id_droit": "Ajoutez l'identifiant de chaque droit.", "reservataire": _LINK},
    "prets": {"id_pret": "Ajoutez l'identifiant de chaque prêt, celui des conventions."},
    "programmes": {"programme": "Ajoutez le nom de chaque programme."},
    "journal": {"numero": "Ajoutez le numéro de chaque écriture."},
}
"""The columns without which a table means nothing, the key first, and what to do about each."""


def keyed(table: str, frame: pl.DataFrame, file: str, findings: Findings) -> pl.DataFrame:
    """Without the rows that have no key, and without all those that share one: nothing says which is the good one.

    A right stands once in each list: that of the bailleur and that of the réservataire.
    """
    key = next(iter(NEEDED[table]))
    frame = findings.reject(frame, frame[key].is_null(), file, key, "FX8302", f"« {key} » n'est pas renseigné")
    whole = [key, "liste"] if table == "droits" else [key]
    twice = frame.select(whole).is_duplicated()
    return findings.reject(frame, twice, file, key, "FX8303", f"« {key} » est porté par plusieurs lignes")
