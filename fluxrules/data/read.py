"""Reads the canonical tables from Parquet or CSV: a folder with ``demandes`` and what hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from fluxrules.data.columns import as_text, dtype_of, read_column
from fluxrules.data.findings import Findings, Tally
from fluxrules.data.known import known_columns
from fluxrules.data.raw import RawTable, raw_tables
from fluxrules.data.references import ZONE, attach_references
from fluxrules.data.tables import KEY, CheckedTables, Tables
from fluxrules.diagnostics.diagnostic import Cell, Diagnostic
from fluxrules.engines.numpy.links import positions_of
from fluxrules.language.numbers import show_date
from fluxrules.vocabulary.fields import EntityDef, Vocabulary

FIRST_FILING = date(1990, 1, 1)
_NEEDED = {
    KEY: "Ajoutez le numéro unique de chaque demande.",
    "date_depot_initial": "Ajoutez la date de dépôt initial de chaque demande, en JJ/MM/AAAA.",
}


@dataclass(frozen=True)
class Reading:
    """What was read: ``rows_in`` demandes were in the files, ``len(tables.demandes)`` are kept, the others are in ``rejects``.

    ``tables`` is ``None`` when a file could not be read at all. ``tallies``: what ``diagnostics`` counts, to be summed over parts.
    """

    tables: Tables | None
    rejects: pl.DataFrame
    diagnostics: tuple[Diagnostic, ...]
    rows_in: int = 0
    tallies: tuple[Tally, ...] = ()


def read_tables(path: Path, vocabulary: Vocabulary, reference: date) -> Reading:
    """Read a folder of tables, or one file of demandes. Never raises for what the files hold.

    A demande is rejected when its row does not have the cells of its columns, its number is missing or carried by several rows, its
    filing date is impossible (missing, before 1990, after the reference date), or it has more persons, places wanted or events than
    the vocabulary admits. Anything else that does not fit is read as unknown, with a finding.
    """
    findings = Findings()
    return typed_tables(raw_tables(path, findings), vocabulary, reference, findings)


def typed_tables(raw: Mapping[str, RawTable], vocabulary: Vocabulary, reference: date, findings: Findings) -> Reading:
    """Raw tables, whatever file they come from → canonical ones. ``findings`` holds what was already said of them."""
    frames = {
        entity.table: _typed(raw[entity.table].frame, entity, vocabulary, raw[entity.table].file, findings)
        for entity in vocabulary.entities.values()
        if entity.table in raw
    }
    demandes = frames.get("demandes")
    if demandes is None or (findings.bag.has_errors and any(d.code in _FATAL for d in findings.bag.items)):
        return Reading(None, findings.all_rejects(), tuple(findings.bag.items))
    rows_in = len(demandes) + sum(map(len, findings.rejects))
    demandes = _keyed(demandes, raw["demandes"].file, reference, findings)
    kept = demandes[KEY]
    others = {
        name: _attached(frame, kept, raw[name].file, findings) for name, frame in frames.items() if name != "demandes"
    }
    for entity in vocabulary.entities.values():
        if entity.table in others:
            demandes = _not_crowded(demandes, others[entity.table], entity, raw["demandes"].file, findings)
    if len(demandes) < len(kept):
        others = {name: frame.filter(frame[KEY].is_in(demandes[KEY].implode())) for name, frame in others.items()}
    demandes = demandes.drop("_ligne")
    if ZONE in {f.column for f in vocabulary.entities[vocabulary.principal].all_fields.values()}:
        demandes = attach_references(demandes, others.get("choix"), reference)
    tables = CheckedTables(
        demandes, others.get("membres"), others.get("choix"), others.get("evenements"), checked_for=reference
    )
    return Reading(tables, findings.all_rejects(), tuple(findings.bag.items), rows_in, tuple(findings.tallies))


_FATAL = ("FX5001", "FX5002", "FX5006", "FX5007", "FX5031", "FX5032", "FX5043")


def _typed(
    frame: pl.DataFrame, entity: EntityDef, vocabulary: Vocabulary, file: str, findings: Findings
) -> pl.DataFrame:
    """The known columns, typed; identities refused, unknown columns named."""
    frame = known_columns(frame, entity, file, findings)
    by_column = {f.column: f for f in entity.fields.values()}
    out = {"_ligne": frame["_ligne"]}
    for column, remedy in _NEEDED.items():
        if column not in frame.columns and (column == entity.key or entity.name == vocabulary.principal):
            findings.bag.add("FX5002", f"La colonne « {column} » manque.", Cell(file, None, column), remedy)
    if entity.key in frame.columns:
        out[entity.key] = as_text(frame[entity.key]).str.strip_chars()
    typed = frame.with_columns(pl.col("_ligne"))
    for column, f in by_column.items():
        if column in frame.columns and column != entity.key:
            out[column] = read_column(typed, f, vocabulary, file, findings).alias(column)
        elif column != entity.key:
            out[column] = pl.Series(column, [None] * len(frame), dtype=dtype_of(f))
    return pl.DataFrame(out)


def _keyed(demandes: pl.DataFrame, file: str, reference: date, findings: Findings) -> pl.DataFrame:
    key = demandes[KEY]
    demandes = findings.reject(
        demandes, key.is_null() | (key == "").fill_null(False), file, KEY, "FX5014", "le numéro unique manque"
    )
    demandes = findings.reject(
        demandes, demandes[KEY].is_duplicated(), file, KEY, "FX5015", "le numéro unique est porté par plusieurs lignes"
    )
    filed = demandes["date_depot_initial"]
    reasons = (
        (filed.is_null(), "la date de dépôt manque, ou ce jour n'existe pas"),
        ((filed < FIRST_FILING).fill_null(False), f"la date de dépôt précède le {show_date(FIRST_FILING)}"),
        (
            (filed > reference).fill_null(False),
            f"la date de dépôt suit la date de référence, le {show_date(reference)}",
        ),
    )
    impossible = filed.is_null() & False
    for mask, reason in reasons:
        findings.reject(demandes, mask, file, "date_depot_initial", "FX5016", reason)
        impossible |= mask
    return demandes.filter(~impossible) if impossible.any() else demandes


def _attached(frame: pl.DataFrame, kept: pl.Series, file: str, findings: Findings) -> pl.DataFrame:
    orphans = pl.Series(positions_of(frame[KEY], kept) < 0)
    if orphans.any():
        first = Cell(file, int(frame.filter(orphans)["_ligne"][0]), KEY)
        findings.tally("détachée", "FX5009", "", int(orphans.sum()), first)
    return (frame.filter(~orphans) if orphans.any() else frame).drop("_ligne")


def _not_crowded(
    demandes: pl.DataFrame, rows: pl.DataFrame, entity: EntityDef, file: str, findings: Findings
) -> pl.DataFrame:
    """Without the demandes that have more rows than the bounds of a count say (ir/ranges.py and ir/widths.py rely on them)."""
    at = positions_of(rows[KEY], demandes[KEY])
    mask = pl.Series(np.bincount(at[at >= 0], minlength=len(demandes)) > entity.most)
    return findings.reject(demandes, mask, file, None, "FX5004", f"plus de {entity.most} {entity.plural_label}")
