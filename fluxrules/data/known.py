"""The columns of a table set against the vocabulary: identities refused, unknown ones named, each field under its column's name."""

from __future__ import annotations

import re

import polars as pl

from fluxrules.data.findings import Findings
from fluxrules.data.mapping.identity import looks_like_nir
from fluxrules.diagnostics.diagnostic import Cell
from fluxrules.text.near import nearest
from fluxrules.vocabulary.fields import EntityDef

_IDENTITY = re.compile(
    r"(^|_)(nir|nss|numss|secu|securite_sociale|nom|prenom|nom_naissance|courriel|email|mail|telephone|tel)(_|$)"
)
_TWICE = re.compile(r"(.+)_duplicated_\d+")  # how Polars names a column that stands twice in a CSV
# Anywhere in a text: the month is one, or a code of those born far away, so that the numéro unique is not taken for it.
_NIR_INSIDE = re.compile(
    r"(?:^|[^0-9A-Za-z])[12378]\s?\d{2}\s?(?:0[1-9]|1[0-2]|[2-9]\d)\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}(?:\s?\d{2})?(?:[^0-9A-Za-z]|$)"
)


def holds_nir(text: str) -> bool:
    """Whether a text holds what has the form of a social security number."""
    return _NIR_INSIDE.search(text) is not None


def nir_cells(values: pl.Series) -> pl.Series:
    """Where the texts of a column do."""
    return values.str.contains(_NIR_INSIDE.pattern).fill_null(False)


def known_columns(frame: pl.DataFrame, entity: EntityDef, file: str, findings: Findings) -> pl.DataFrame:
    """The frame with its fields under the names of their columns. What no field reads stays, and is reported."""
    by_column = {f.column: f for f in entity.fields.values()}
    frame = frame.rename(
        {f.name: c for c, f in by_column.items() if f.name in frame.columns and c not in frame.columns}
    )
    wanted = {*by_column, entity.key}
    for column in frame.columns:
        if column == "_ligne":
            continue
        if (twice := _TWICE.fullmatch(column)) and twice[1] in frame.columns:
            findings.bag.add("FX5008", f"La colonne « {twice[1]} » est écrite deux fois : la seconde n'est pas lue.",
                             Cell(file, None, twice[1]), "Gardez une seule des deux colonnes.")  # fmt: skip
            continue
        if column == entity.key and looks_like_nir(frame[column]):
            findings.bag.add("FX5006", f"La colonne « {column} » semble contenir des numéros de sécurité sociale, et non le numéro de la demande.",
                             Cell(file, None, column), "Redemandez ce fichier avec le numéro unique, et effacez celui-ci : les résultats répéteraient ces numéros.")  # fmt: skip
        elif column not in wanted and _identity(frame, column):
            findings.bag.add("FX5006", f"La colonne « {column} » semble contenir une identité ou un numéro de sécurité sociale.",
                             Cell(file, None, column), "Retirez cette colonne du fichier : fluxrules n'en a pas l'usage.")  # fmt: skip
        elif column not in wanted:
            near = nearest(column, wanted)
            findings.bag.add("FX5008", f"La colonne « {column} » est inconnue : elle n'est pas lue.", Cell(file, None, column),
                             f"Vouliez-vous écrire « {near} » ?" if near else "Retirez-la, ou renommez-la d'après le vocabulaire.")  # fmt: skip
    return frame


def _identity(frame: pl.DataFrame, column: str) -> bool:
    """A name that says so, or values that look like a NIR."""
    return _IDENTITY.search(column.lower()) is not None or looks_like_nir(frame[column])
