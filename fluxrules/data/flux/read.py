"""Reads the tables of a year of flux: typed by the vocabulary of dwellings, then held against each other.

A row that cannot be true is left out, with its reason, never mended: a libération of a dwelling that is not in the parc, a lease before
the commission… Anything else that does not fit its column is unknown, with a finding, as for demandes.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from fluxrules.data.columns import as_text, blank, dtype_of, read_column
from fluxrules.data.findings import Findings
from fluxrules.data.flux.folders import raw_flux_tables
from fluxrules.data.flux.keys import NEEDED, keyed
from fluxrules.data.flux.links import Links, linked
from fluxrules.data.flux.order import in_order
from fluxrules.data.flux.tables import NAMES, NO_QPV, FluxReading, FluxTables
from fluxrules.data.flux.years import report_years
from fluxrules.data.known import known_columns, nir_cells
from fluxrules.data.raw import RawTable
from fluxrules.diagnostics.diagnostic import Cell
from fluxrules.vocabulary.fields import EntityDef, FieldDef, Vocabulary
from fluxrules.vocabulary.flux import flux_vocabulary

COUNTS = {("droits", "nombre"), ("programmes", "logements"), ("attributions", "demandes_examinees"), ("prets", "quotite_dix_milliemes")}  # fmt: skip
"""Numbers that decide: a row where one is negative or has decimals is left out, since « unknown » would hide it in a sum."""
_FATAL = frozenset({"FX5001", "FX5006", "FX5007", "FX5031", "FX5032", "FX5043", "FX8300", "FX8301", "FX8316"})


def read_flux_tables(
    path: Path, *, bailleurs: Collection[str] | None = None, years: Collection[int] = (), findings: Findings | None = None
) -> FluxReading:  # fmt: skip
    """Read a folder of tables (CSV, Parquet, xlsx), or a workbook with a sheet a table. Never raises for what the files hold.

    ``bailleurs``: the SIREN whose flux is computed; dwellings of others are left out. ``years``: those that must have libérations.
    For each table, rows in = rows kept + rows rejected.
    """
    vocabulary, findings = flux_vocabulary(), findings or Findings()
    raw = raw_flux_tables(path, findings)
    uneven = _rejected_by_file(findings)
    rows_in = {name: len(table.frame) + uneven.get(table.file, 0) for name, table in raw.items()}
    entities = {e.table: e for e in vocabulary.entities.values()}
    frames = {name: _typed(raw[name], entities[name], vocabulary, findings) for name in NAMES if name in raw}
    if any(d.code in _FATAL for d in findings.bag.items):
        return FluxReading(None, findings.all_rejects(), tuple(findings.bag.items), rows_in)
    files = {name: table.file for name, table in raw.items()}
    frames = {name: keyed(name, frame, files[name], findings) for name, frame in frames.items()}
    frames = linked(Links(frames, files, {n: _all_keys(raw[n], entities[n]) for n in raw}, bailleurs), findings)
    frames = in_order(frames, files, findings)
    report_years(frames.get("liberations"), files.get("liberations", ""), years, findings)
    given = {name: _given(raw[name], entities[name]) for name in raw}
    frames = {name: frame.drop("_ligne") for name, frame in frames.items()}
    if "logements" in frames:
        frames["logements"] = _out_of_qpv(frames["logements"], given["logements"])
    tables = FluxTables(**frames, given=given, whole=None)
    return FluxReading(tables, findings.all_rejects(), tuple(findings.bag.items), rows_in)


def _typed(table: RawTable, entity: EntityDef, vocabulary: Vocabulary, findings: Findings) -> pl.DataFrame:
    """Every column of the vocabulary, typed, with ``_ligne``."""
    frame, file = known_columns(table.frame, entity, table.file, findings), table.file
    for column, remedy in NEEDED[entity.table].items():
        if column not in frame.columns:
            findings.bag.add("FX8301", f"La colonne « {column} » manque.", Cell(file, None, column), remedy)
    for f in entity.fields.values():
        if (entity.table, f.column) in COUNTS and f.column in frame.columns:
            frame = _whole(frame, f, vocabulary, file, findings)
    out = {"_ligne": frame["_ligne"]}
    for f in entity.fields.values():
        if f.kind == "texte" and f.column in frame.columns:
            _without_nir(frame, f.column, file, findings)
        out[f.column] = (
            _coded(read_column(frame, f, vocabulary, file, findings), f, vocabulary).alias(f.column)
            if f.column in frame.columns
            else _coded(pl.Series(f.column, [None] * len(frame), dtype=dtype_of(f)), f, vocabulary)
        )
    return pl.DataFrame(out)


def _out_of_qpv(frame: pl.DataFrame, given: frozenset[str]) -> pl.DataFrame:
    """A dwelling without code, in a column that the file has, is in no QPV (an empty text); where the file has not the column, nobody knows."""
    return frame.with_columns(pl.col(c).fill_null(NO_QPV) for c in sorted(given) if c.startswith("code_qpv_"))


def _without_nir(frame: pl.DataFrame, column: str, file: str, findings: Findings) -> None:
    bad = nir_cells(as_text(frame[column]))
    if bad.any():
        line = frame["_ligne"].filter(bad)[0]
        findings.bag.add("FX8316", f"La colonne « {column} » contient ce qui semble être un numéro de sécurité sociale.", Cell(file, line, column),
                         "Retirez-le : fluxrules n'en a pas l'usage, et rien n'est calculé tant qu'il est là.")  # fmt: skip


def _whole(frame: pl.DataFrame, f: FieldDef, vocabulary: Vocabulary, file: str, findings: Findings) -> pl.DataFrame:
    typed = read_column(frame, f, vocabulary, file, Findings())
    bad = typed.is_null() & ~blank(frame[f.column])
    reason = f"« {f.column} » n'est pas un nombre entier de {f.low} à {f.high}"
    return findings.reject(frame, bad, file, f.column, "FX8311", reason)


def _coded(values: pl.Series, f: FieldDef, vocabulary: Vocabulary) -> pl.Series:
    """Codes as an enumeration, always: tables of several files can then be put together."""
    return values.cast(pl.Enum(list(vocabulary.nomenclature_of(f).labels))) if f.kind == "énumération" else values


def _given(table: RawTable, entity: EntityDef) -> frozenset[str]:
    """The columns of the file, each under its name in the vocabulary."""
    return frozenset(f.column for f in entity.fields.values() if {f.column, f.name} & set(table.frame.columns))


def _all_keys(table: RawTable, entity: EntityDef) -> pl.Series:
    """The keys of all rows, rejected ones too: what hangs on them is not said to be unknown."""
    if entity.key not in table.frame.columns:
        return pl.Series(entity.key, [], dtype=pl.String)
    return as_text(table.frame[entity.key]).str.strip_chars()


def _rejected_by_file(findings: Findings) -> dict[str, int]:
    return dict(findings.all_rejects().group_by("fichier").len().iter_rows())
