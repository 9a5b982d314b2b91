"""Frames that a program hands over → canonical tables; what does not fit is said at once, with the table and the column."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from fluxrules.data.columns import dtype_of
from fluxrules.data.tables import KEY, Tables
from fluxrules.vocabulary.fields import EntityDef, Vocabulary


class TableError(ValueError):
    """A frame that is not a canonical table; the message is French, and says which table and column."""


def canonical(given: Tables | Mapping[str, pl.DataFrame | None], vocabulary: Vocabulary) -> Tables:
    """The tables with every column of the vocabulary and its type. A column that is not given is unknown throughout."""
    frames = vars(given) if isinstance(given, Tables) else given
    known = {e.table: e for e in vocabulary.entities.values()}
    for name in frames:
        if name not in known:
            raise TableError(f"La table « {name} » est inconnue. Tables possibles : {', '.join(known)}.")
    found = {name: _table(frame, known[name]) for name, frame in frames.items() if frame is not None}
    if "demandes" not in found:
        raise TableError("La table « demandes » manque.")
    if found["demandes"][KEY].is_duplicated().any():
        raise TableError(f"demandes : un numéro est porté par plusieurs lignes de « {KEY} ».")
    return Tables(found["demandes"], found.get("membres"), found.get("choix"), found.get("evenements"))


def _table(frame: pl.DataFrame, entity: EntityDef) -> pl.DataFrame:
    if KEY not in frame.columns or frame[KEY].null_count():
        raise TableError(f"{entity.table} : la colonne « {KEY} » manque, ou n'est pas remplie partout.")
    wanted = {KEY: pl.String(), **{f.column: dtype_of(f) for f in entity.fields.values()}}
    columns: list[pl.Expr] = []
    for name, dtype in wanted.items():
        if name not in frame.columns:
            columns.append(pl.lit(None, dtype=dtype).alias(name))
        elif frame.schema[name] != dtype:
            if not _fits(frame.schema[name], dtype):
                raise TableError(
                    f"{entity.table} : la colonne « {name} » est en {frame.schema[name]}, elle doit être en {dtype}."
                )
            columns.append(pl.col(name).cast(dtype))
    return frame.with_columns(columns)


def _fits(held: pl.DataType, wanted: pl.DataType) -> bool:
    """Types that say the same: any whole number, an empty column, a category."""
    if isinstance(held, pl.Null):
        return True
    if isinstance(held, pl.List) and isinstance(wanted, pl.List):
        return isinstance(held.inner, pl.Null | pl.Categorical | pl.Enum)
    return (held.is_integer() and wanted.is_integer()) or (
        isinstance(held, pl.Categorical | pl.Enum) and wanted == pl.String
    )
