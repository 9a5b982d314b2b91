"""Reads the canonical tables from Parquet or CSV: a folder with ``demandes`` and what hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
    ``links``: by table, the position in ``tables.demandes`` of the demande of each row.
    """

    tables: Tables | None
    rejects: pl.DataFrame
    diagnostics: tuple[Diagnostic, ...]
    rows_in: int = 0
    tallies: tuple[Tally, ...] = ()
    links: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def read_tables(path: Path, vocabulary: Vocabulary, reference: date) -> Reading:
    """Read a folder of tables, or one file of demandes. Never raises for what the files hold.

    A demande is rejected when its row does not have the cells of its columns, its number is missing or carried by several rows, its
    filing date is impossible (missing, before 1990, after the reference date), or it has more persons, places wanted or events than
    the vocabulary admits. Anything else that does not fit is read as unknown, with a finding.
    """
    findings = Findings()
    return typed_tables(raw_tables(path, findings), vocabulary, reference, findings)


def typed_tables(
    raw: Mapping[str, RawTable],
    vocabulary: Vocabulary,
    reference: date,
    findings: Findings,
    astray: Callable[[pl.Series], None] = lambda _: None,
) -> Reading:
    """Raw tables, whatever file they come from → canonical ones. ``findings`` holds what was already said of them.

    ``astray`` is handed the numbers of rows that hang on no demande, where there are any.
    """
    frames = {
        entity.table: _typed(raw[entity.table].frame, entity, vocabulary, raw[entity.table].file, findings)
        for entity in vocabulary.entities.values()
        if entity.table in raw
    }
    demandes = frames.pop("demandes", None)
    if demandes is None or (findings.bag.has_errors and any(d.code in _FATAL for d in findings.bag.items)):
        return Reading(None, findings.all_rejects(), tuple(findings.bag.items))
    rows_in = len(demandes) + sum(map(len, findings.rejects))
    demandes = _keyed(demandes, raw["demandes"].file, reference, findings)
    links = {name: positions_of(frame[KEY], demandes[KEY]) for name, frame in frames.items()}
    for name, frame in frames.items():
        if (links[name] < 0).any():
            astray(frame[KEY].filter(pl.Series(links[name] < 0)))
            frames[name], links[name] = _attached(frame, links[name], raw[name].file, findings)
    kept = np.ones(len(demandes), dtype=np.bool_)
    for entity in vocabulary.entities.values():
        if entity.table in frames:  # the bounds of a count rely on it (ir/ranges.py, ir/widths.py)
            crowded = np.bincount(links[entity.table], minlength=len(kept)) > entity.most
            why = f"plus de {entity.most} {entity.plural_label}"
            demandes = findings.reject(demandes, pl.Series(crowded[kept]), raw["demandes"].file, None, "FX5004", why)
            kept &= ~crowded
    if not kept.all():
        place = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        for name, frame in frames.items():
            at = place[links[name]]
            frames[name], links[name] = frame.filter(pl.Series(at >= 0)), at[at >= 0]
    demandes = demandes.drop("_ligne")
    others = {name: frame.drop("_ligne") for name, frame in frames.items()}
    if ZONE in {f.column for f in vocabulary.entities[vocabulary.principal].all_fields.values()}:
        demandes = attach_references(demandes, others.get("choix"), reference)
    tables = CheckedTables(
        demandes, others.get("membres"), others.get("choix"), others.get("evenements"), checked_for=reference
    )
    return Reading(tables, findings.all_rejects(), tuple(findings.bag.items), rows_in, tuple(findings.tallies), links)


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
            out[column] = pl.repeat(None, len(frame), dtype=dtype_of(f), eager=True).alias(column)
    return pl.DataFrame(out)


def _keyed(demandes: pl.DataFrame, file: str, reference: date, findings: Findings) -> pl.DataFrame:
    key = demandes[KEY]
    demandes = findings.reject(
        demandes, key.is_null() | (key == "").fill_null(False), file, KEY, "FX5014", "le numéro unique manque"
    )
    if demandes[KEY].hash().n_unique() < len(demandes):  # where hashes differ, so do numbers
        twice = demandes[KEY].is_duplicated()
        demandes = findings.reject(
            demandes, twice, file, KEY, "FX5015", "le numéro unique est porté par plusieurs lignes"
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


def _attached(
    frame: pl.DataFrame, at: NDArray[Any], file: str, findings: Findings
) -> tuple[pl.DataFrame, NDArray[Any]]:
    """Without the rows that hang on no demande; ``at`` says where each hangs."""
    hung = pl.Series(at >= 0)
    first = Cell(file, int(frame.filter(~hung)["_ligne"][0]), KEY)
    findings.tally("détachée", "FX5009", "", int((~hung).sum()), first)
    return frame.filter(hung), at[at >= 0]
