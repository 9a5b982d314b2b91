"""Frames that a program hands over → canonical tables, checked as files are; what does not fit is said at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from fluxrules.data.columns import FORM, dtype_of
from fluxrules.data.findings import Findings
from fluxrules.data.raw import RawTable
from fluxrules.data.read import Reading, typed_tables
from fluxrules.data.tables import CheckedTables, Tables
from fluxrules.diagnostics.diagnostic import Cell, Diagnostic
from fluxrules.vocabulary.fields import EntityDef, Vocabulary


class TableError(ValueError):
    """Frames that are not canonical tables; the message is French. ``diagnostics`` are those that the same files would have."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


def canonical(
    given: Tables | Mapping[str, pl.DataFrame | None], vocabulary: Vocabulary, reference: date
) -> tuple[Tables, tuple[Diagnostic, ...]]:
    """The tables with every column of the vocabulary and its type, and the values that were read as unknown.

    A column that is not given is unknown throughout. Raises ``TableError`` for a column of another type, a row that a file would
    have rejected, and whatever would have stopped the reading of a file.
    """
    if isinstance(given, CheckedTables) and given.checked_for == reference:
        return given, ()
    names = ("demandes", "membres", "choix", "evenements")
    frames = {name: getattr(given, name) for name in names} if isinstance(given, Tables) else given
    known = {e.table: e for e in vocabulary.entities.values()}
    for name in frames:
        if name not in known:
            raise TableError(f"La table « {name} » est inconnue. Tables possibles : {', '.join(known)}.")
    found = {name: frame for name, frame in frames.items() if frame is not None}
    if "demandes" not in found:
        raise TableError("La table « demandes » manque.")
    findings = Findings()
    raw = {name: _raw(frame, known[name], findings) for name, frame in found.items()}
    if findings.bag.items:
        raise _refused(findings.bag.items)
    reading: Reading = typed_tables(raw, vocabulary, reference, findings)
    if reading.tables is None or len(reading.rejects):
        raise _refused(reading.diagnostics)
    return reading.tables, reading.diagnostics


def _refused(found: Sequence[Diagnostic]) -> TableError:
    return TableError(" ".join(f"{d.code}, {d.place} : {d.message}" for d in found), found)


def _raw(frame: pl.DataFrame, entity: EntityDef, findings: Findings) -> RawTable:
    """The frame with its rows numbered from 1, without the columns that are worked out for a run; wrong types are reported."""
    for f in entity.fields.values():
        wanted = dtype_of(f)
        held = frame.schema.get(f.column, wanted)
        if held != wanted and not _fits(held, wanted):
            findings.bag.add(FORM.get(f.kind, "FX5010"), f"La colonne est en {held}, elle doit être en {wanted}.",
                             Cell(entity.table, None, f.column), "Convertissez-la, ou lisez le fichier avec read_tables.")  # fmt: skip
    bare = frame.drop("_ligne", *(f.column for f in entity.computed.values()), strict=False)
    return RawTable(bare.with_row_index("_ligne", offset=1), entity.table)


def _fits(held: pl.DataType, wanted: pl.DataType) -> bool:
    """Types that say the same: any whole number, an empty column, a category."""
    if isinstance(held, pl.Null):
        return True
    if isinstance(held, pl.List) and isinstance(wanted, pl.List):
        return isinstance(held.inner, pl.Null | pl.Categorical | pl.Enum)
    return (held.is_integer() and wanted.is_integer()) or (
        isinstance(held, pl.Categorical | pl.Enum) and wanted == pl.String
    )
