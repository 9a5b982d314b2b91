"""One demande of the tables as the interpreter reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from fluxrules.data.places import wanted_places
from fluxrules.data.references import COLUMNS as REFERENCES
from fluxrules.data.references import attach_references
from fluxrules.data.tables import KEY, Tables
from fluxrules.engines.interpreter.facts import Facts, Row, Value
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import fields_read, tables_read
from fluxrules.vocabulary.fields import EntityDef, Vocabulary


def facts_of(
    tables: Tables,
    number: str,
    vocabulary: Vocabulary,
    territory: str | None = None,
    reference: date | None = None,
    program: n.Program | None = None,
) -> Facts | None:
    """The facts of the demande that carries a number as a grid of ``territory`` reads them on a day, or ``None``.

    With ``program``, what depends on the places wanted is worked out only where it reads it.
    """
    found = tables.demandes.filter(pl.col(KEY) == number)
    if found.is_empty():
        return None
    principal = vocabulary.entities[vocabulary.principal]
    rows: dict[str, tuple[Row, ...] | None] = {}
    own = Tables(found, choix=None if tables.choix is None else tables.choix.filter(pl.col(KEY) == number))
    columns = {f.column for f in fields_read(program)} if program is not None else set(REFERENCES)
    if reference is not None and not columns.isdisjoint(REFERENCES):
        found = attach_references(found, own.choix, reference, territory)
    places = program is None or "choix" in tables_read(program)
    given = {
        "membres": tables.membres,
        "choix": wanted_places(own, territory) if places else own.choix,
        "evenements": tables.evenements,
    }
    for entity in vocabulary.entities.values():
        table = given.get(entity.table)
        if table is not None:
            rows[entity.name] = tuple(
                _row(r, entity) for r in table.filter(pl.col(KEY) == number).iter_rows(named=True)
            )
    return Facts(_row(found.row(0, named=True), principal), rows)


def _row(raw: dict[str, Any], entity: EntityDef) -> dict[str, Value]:
    return {f.name: _value(raw.get(f.column)) for f in entity.all_fields.values()}


def _value(raw: Any) -> Value:
    if isinstance(raw, list):
        return frozenset(raw)
    assert raw is None or isinstance(raw, bool | int | str | date), type(raw)
    return raw
