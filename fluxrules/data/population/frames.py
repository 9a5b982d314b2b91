"""From blocks of integers to tables: the words of the vocabulary, and the numbers that no register ever gave."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import polars as pl

from fluxrules.data.population import dwelling, follow_up, household
from fluxrules.data.population.block import Block
from fluxrules.data.population.figures import load_laws, read_yaml
from fluxrules.data.population.household import NULL
from fluxrules.data.population.laws import Ints
from fluxrules.data.population.places import load_places
from fluxrules.data.tables import KEY, Tables

LIMIT = 36**6
"""The most demandes: six characters of base 36 in their number."""

_COUNTER = "SYNTH"
"""No counter has this code: such a number cannot be taken for a real one."""
_IDF_OFFICE = "111"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DTYPES: Mapping[str, pl.DataType] = {
    "texte": pl.String(),
    "énumération": pl.String(),
    "commune": pl.String(),
    "date": pl.Date(),
    "booléen": pl.Boolean(),
    "entier": pl.Int64(),
    "liste": pl.List(pl.String()),
}


@cache
def schema(vocabulary: str) -> dict[str, pl.DataType]:
    """The columns of a table and their types, from ``rulesets/vocabulaire/<vocabulary>.yaml``; the key comes first."""
    (entity,) = read_yaml(f"rulesets/vocabulaire/{vocabulary}.yaml")["entités"].values()
    columns = {entity["clé"]: _DTYPES["texte"]}
    for name, field in entity["champs"].items():
        plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
        columns[field.get("colonne", plain)] = _DTYPES[field["type"]]
    return columns


def tables(blocks: Sequence[Block], first: int) -> Tables:
    """The tables of these blocks, that follow each other; ``first`` is the number of their first demande."""
    starts = np.cumsum([0, *(block.size for block in blocks)])
    keys = _numbers(blocks, first)

    def hung(name: str, vocabulary: str) -> pl.DataFrame:
        lines = [getattr(block, name) for block in blocks]
        joined = {c: np.concatenate([np.asarray(line[c]) for line in lines]) for c in lines[0]} if lines else {}
        at = [line["demande"] + start for line, start in zip(lines, starts, strict=False)]
        return _frame(joined, vocabulary, keys.gather(np.concatenate(at)) if at else keys)

    rows = [block.demandes for block in blocks]
    return Tables(
        demandes=_frame(
            {c: np.concatenate([row[c] for row in rows]) for c in rows[0]} if rows else {}, "demande", keys
        ),
        membres=hung("members", "membre"),
        choix=hung("choices", "choix"),
        evenements=hung("events", "evenement"),
    )


def _numbers(blocks: Sequence[Block], first: int) -> pl.Series:
    """The numéro unique: territory, month and year of filing, sequence in base 36, counter; 18 characters."""
    if not blocks:
        return pl.Series(KEY, [], pl.String)
    filed = np.concatenate([block.demandes["date_depot_initial"] for block in blocks])
    months = filed.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)
    sequence = first + np.arange(len(filed), dtype=np.int64)
    words = _words()
    return pl.select(
        pl.concat_str(
            words["office"].gather(np.concatenate([block.office for block in blocks])),
            words["month"].gather(months % 12),
            words["year"].gather((1970 + months // 12) % 100),
            words["sequence"].gather(sequence // 36**3),
            words["sequence"].gather(sequence % 36**3),
            pl.lit(_COUNTER),
        ).alias(KEY)
    ).to_series()


def _frame(columns: Mapping[str, Ints], vocabulary: str, keys: pl.Series) -> pl.DataFrame:
    """The columns of the vocabulary, those that were not drawn left blank."""
    words, made = _words(), [keys.alias(KEY)]
    for name, dtype in schema(vocabulary).items():
        if name == KEY:
            continue
        if name not in columns:
            made.append(pl.Series(name, [None], dtype).new_from_index(0, len(keys)))
        elif name in words:
            # The last word of each list is the blank.
            codes = columns[name]
            made.append(words[name].gather(np.where(codes == NULL, len(words[name]) - 1, codes)).alias(name))
        else:
            drawn = pl.Series(name, columns[name].astype(np.int32))
            value = pl.when(drawn != NULL).then(drawn)
            made.append(pl.select(value.cast(dtype).alias(name)).to_series())
    return pl.DataFrame(made)


@cache
def _words() -> Mapping[str, pl.Series]:
    """What ranks stand for, column by column, a blank at the end."""
    laws, places = load_laws(), load_places()
    motives = ["", *laws.motive.values]
    documents = list(laws.documents)
    free = {name: _without_unknown(law.values) for name, law in laws.free.items() if "oui" not in law.values}
    texts: dict[str, Sequence[Any]] = {
        "type_demandeur": ("personne_physique", "association"),
        "statut_demande": ("active", "radiee"),
        "civilite_demandeur": ("1", "2"),
        "situation_familiale": laws.family.values,
        "lien_codemandeur": household.LINKS,
        "situation_pro_demandeur": laws.works,
        "situation_pro_codemandeur": laws.works,
        "mode_logement_actuel": laws.modes,
        "type_logement_actuel": dwelling.TYPES,
        "categorie_logement_actuel": dwelling.CATEGORIES,
        "statut_dalo": (*laws.figures["dalo"].values, "NON"),
        "code_commune": places.codes,
        "code_commune_residence": places.codes,
        "code_commune_travail_demandeur": places.codes,
        "code_commune_travail_codemandeur": places.codes,
        **free,
        "relogement_operationnel": (*free["relogement_operationnel"], "anru"),
        "role": household.ROLES,
        "lien_parente": household.KINSHIP,
        "coparentalite": household.CUSTODY,
        "sexe": household.SEXES,
        "type_evenement": follow_up.EVENTS,
        "motif_refus": (*laws.plain["motif_refus"].values, "sans_reponse"),
    }
    lists: dict[str, Sequence[Sequence[str]]] = {
        "motifs": [[m for m in three if m] for three in product(motives, repeat=3)],
        "modes_logement_actuel": dwelling.mode_lists(laws),
        "types_logement_recherches": dwelling.wanted_types(laws),
        "pieces_verifiees": [
            [name for rank, name in enumerate(documents) if bits >> rank & 1] for bits in range(2 ** len(documents))
        ],
    }
    internal = {
        "office": (*(code.zfill(3) for code in places.departements), _IDF_OFFICE),
        "month": [f"{month:02}" for month in range(1, 13)],
        "year": [f"{year:02}" for year in range(100)],
        "sequence": ["".join(three) for three in product(_DIGITS, repeat=3)],
    }
    return {
        **{name: pl.Series(name, [*values, None], pl.String) for name, values in (texts | internal).items()},
        **{name: pl.Series(name, [*values, None], pl.List(pl.String)) for name, values in lists.items()},
    }


def _without_unknown(values: Sequence[str]) -> tuple[str, ...]:
    """The ranks of a free law are those of the words that come before « inconnu », always the last one."""
    return tuple(value for value in values if value != "inconnu")
