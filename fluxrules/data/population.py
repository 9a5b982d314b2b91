"""A synthetic population: demandes that nobody filed, to try a grid without personal data.

Every number comes from published totals, or from an assumption marked so (``rulesets/référentiels/population.yaml``).
Each demande has its own random stream, so that it stays the same when more of them are asked for. Not drawn: legal
persons, demandes already struck off, and nationality, for which no figure was found.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from fluxrules.data.population_demande import draw_demande
from fluxrules.data.population_draws import Row
from fluxrules.data.population_figures import load_laws, read_yaml
from fluxrules.data.population_places import load_places
from fluxrules.data.population_report import describe
from fluxrules.data.tables import Tables

__all__ = ["LIMIT", "WATERMARK", "describe", "generate", "schema"]

WATERMARK = (
    "Données synthétiques : demandes inventées à partir de chiffres publiés et d'hypothèses. "
    "Aucune personne réelle n'y figure, et aucun résultat ne décrit les demandeurs d'un territoire."
)
"""What every table, file or screen made from this population has to say."""

LIMIT = 1_000_000
"""The most demandes: the number keeps six digits for them."""

_SEPARATOR = "|"
_DTYPES: Mapping[str, pl.DataType] = {
    "texte": pl.String(),
    "énumération": pl.String(),
    "commune": pl.String(),
    "date": pl.Date(),
    "booléen": pl.Boolean(),
    "entier": pl.Int64(),
    "liste": pl.List(pl.String()),
}


def generate(demandes: int, seed: int, reference: date, epci: Sequence[str] = ()) -> Tables:
    """That many active demandes as they stand on the reference date.

    ``epci`` keeps the homes within these territories (SIREN), the places wanted may be elsewhere; empty is France.
    """
    if not 0 <= demandes <= LIMIT:
        raise ValueError(f"Le nombre de demandes doit être compris entre 0 et {LIMIT} : {demandes}.")
    if reference.year < 2000:
        raise ValueError(f"La date de référence doit être postérieure à 1999 : {reference:%d/%m/%Y}.")
    laws, places = load_laws(), load_places()
    homes = places.homes(epci)
    rows, members, choices, events = list[Row](), list[Row](), list[Row](), list[Row]()
    stream = random.Random()
    for index in range(demandes):
        # Text is hashed alike on every machine; a sum of the two would give neighbouring seeds the same demandes.
        stream.seed(f"{seed}:{index}")
        home = places.by_code[homes.draw(stream.random())]
        one = draw_demande(laws, places, stream.random, index, home, reference)
        rows.append(one.row)
        members += one.members
        choices += one.choices
        events += one.events
    return Tables(
        demandes=_frame(rows, "demande"),
        membres=_frame(members, "membre"),
        choix=_frame(choices, "choix"),
        evenements=_frame(events, "evenement"),
    )


def schema(vocabulary: str) -> dict[str, pl.DataType]:
    """The columns of a table and their types, from ``rulesets/vocabulaire/<vocabulary>.yaml``; the key comes first."""
    (entity,) = read_yaml(f"rulesets/vocabulaire/{vocabulary}.yaml")["entités"].values()
    columns = {entity["clé"]: _DTYPES["texte"]}
    for name, field in entity["champs"].items():
        plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
        columns[field.get("colonne", plain)] = _DTYPES[field["type"]]
    return columns


def _frame(rows: Sequence[Row], vocabulary: str) -> pl.DataFrame:
    columns = schema(vocabulary)
    return pl.DataFrame([_column(name, [row.get(name) for row in rows], dtype) for name, dtype in columns.items()])


def _column(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    if dtype != pl.List:
        return pl.Series(name, values, dtype)
    # Reading a list per row is slow. No list here is empty, and no element holds the separator.
    joined = [None if value is None else _SEPARATOR.join(value) for value in values]
    return pl.Series(name, joined, pl.String).str.split(_SEPARATOR)
