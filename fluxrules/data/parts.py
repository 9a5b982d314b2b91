"""Canonical Parquet tables read part by part: what bounds the memory of a large run.

A part of ``demandes`` goes with the parts of the same number of the other tables. Tables whose parts do not hold the same
demandes, or hold too many, are first laid out again by a hash of the number (``layout.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.data.dataset import parquet_parts
from fluxrules.data.findings import Findings
from fluxrules.data.raw import NAMES, RawTable
from fluxrules.data.read import Reading, typed_tables
from fluxrules.data.tables import KEY
from fluxrules.diagnostics.diagnostic import Cell, Diagnostic
from fluxrules.engines.numpy.links import positions_of
from fluxrules.vocabulary.fields import Vocabulary

LARGE = 400_000
"""From that many demandes on, Parquet tables are read part by part."""
LARGEST_PART = 600_000
LINE = "_ligne"
ALWAYS = frozenset({"statut_demande", "date_depot_initial", "code_commune"})
Hashes = NDArray[Any]


@dataclass(frozen=True)
class Parts:
    """The files of each part, by table. ``rows``: demandes in all; ``largest``: in one part. ``shown``: how messages call a table's file."""

    parts: tuple[Mapping[str, tuple[Path, ...]], ...]
    rows: int
    largest: int
    shown: Mapping[str, str]

    def to_lay_out(self) -> Parts:
        """The same tables, known not to be in parts that match."""
        return replace(self, largest=self.rows + LARGEST_PART)

    @property
    def tables(self) -> list[str]:
        return sorted({name for part in self.parts for name in part})


def find_parts(folder: Path) -> Parts | None:
    """The parts of a folder of Parquet tables with many demandes; ``None`` for anything else, or when a file cannot be opened."""
    if not folder.is_dir() or any((folder / f"{n}.{e}").exists() for n in NAMES for e in ("csv", "xlsx")):
        return None
    files = {name: found for name in NAMES if (found := parquet_parts(folder, name))}
    if "demandes" not in files:
        return None
    try:
        sizes = [pl.scan_parquet(f).select(pl.len()).collect().item() for f in files["demandes"]]
        if sum(sizes) < LARGE or any(KEY not in pl.read_parquet_schema(f[0]) for f in files.values()):
            return None
    except (pl.exceptions.PolarsError, OSError):
        return None
    parts: list[dict[str, tuple[Path, ...]]] = [{"demandes": (f,)} for f in files["demandes"]]
    for name in files.keys() - {"demandes"}:
        for number, file in enumerate(files[name]):
            at = parts[min(number, len(parts) - 1)]
            at[name] = (*at.get(name, ()), file)
        for part in parts:
            part.setdefault(name, ())
    shown = {name: f"{name}.parquet" if len(found) == 1 else f"{name}/" for name, found in files.items()}
    return Parts(tuple(parts), sum(sizes), max(sizes), shown)


def keys(files: tuple[Path, ...]) -> pl.Series:
    """The numbers of some files of a table."""
    if not files:
        return pl.Series(KEY, [], dtype=pl.String)
    return pl.read_parquet(list(files), columns=[KEY])[KEY].cast(pl.String).str.strip_chars()


@dataclass(frozen=True)
class Numbers:
    """The hashes of all numbers, sorted, and the numbers that several rows carry."""

    hashes: Hashes
    repeated: tuple[str, ...]


def all_numbers(parts: Parts) -> Numbers:
    """Look at every number once. Rows of one number may stand in different parts."""
    hashes, filled = np.empty(parts.rows, dtype=np.uint64), 0
    for p in parts.parts:
        own = keys(p["demandes"]).drop_nulls().hash().to_numpy()
        hashes[filled : filled + len(own)] = own
        filled += len(own)
    hashes = hashes[:filled]
    hashes.sort()
    again = pl.Series(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    if not len(again):
        return Numbers(hashes, ())
    held = [keys(p["demandes"]).drop_nulls() for p in parts.parts]
    suspects = pl.concat([k.filter(k.hash().is_in(again.implode())) for k in held])
    return Numbers(hashes, tuple(sorted(set(suspects.filter(suspects.is_duplicated()).to_list()))))


class MisalignedError(Exception):
    """A part holds rows of a demande of another part."""


def read_part(parts: Parts, number: int, numbers: Numbers, vocabulary: Vocabulary, reference: date) -> Reading:
    """One part, read and checked as ``read_tables`` does; ``vocabulary`` is that of ``narrowed``. Raises ``MisalignedError``."""
    findings = Findings()
    raw: dict[str, RawTable] = {}
    part = parts.parts[number]
    for entity in vocabulary.entities.values():
        if entity.table not in part:
            continue
        wanted = frozenset({KEY, LINE, *(f.column for f in entity.fields.values())})
        frame, name = _frame(part[entity.table], wanted, parts.shown[entity.table], findings)
        if frame is None:
            return Reading(None, findings.all_rejects(), tuple(findings.bag.items))
        if entity.table == "demandes" and numbers.repeated:
            again = frame[KEY].cast(pl.String).str.strip_chars().is_in(list(numbers.repeated)).fill_null(False)
            why = "le numéro unique est porté par plusieurs lignes"
            frame = findings.reject(frame, again, name, KEY, "FX5015", why)
        raw[entity.table] = RawTable(frame, name)
    for table in raw.keys() - {"demandes"}:
        _check_aligned(raw[table].frame[KEY], raw["demandes"].frame[KEY], numbers)
    return typed_tables(raw, vocabulary, reference, findings)


def _check_aligned(keys: pl.Series, demandes: pl.Series, numbers: Numbers) -> None:
    """Rows of no demande at all may stand anywhere."""
    strangers = keys.filter(pl.Series(positions_of(keys, demandes) < 0)).drop_nulls().unique()
    if not len(strangers):
        return
    plain = strangers.cast(pl.String).str.strip_chars()
    looked = plain.filter(~plain.is_in(demandes.implode()) & ~plain.is_in(list(numbers.repeated))).hash().to_numpy()
    place = np.minimum(np.searchsorted(numbers.hashes, looked), len(numbers.hashes) - 1)
    if (numbers.hashes[place] == looked).any():
        raise MisalignedError


def _frame(
    files: tuple[Path, ...], wanted: frozenset[str], shown: str, findings: Findings
) -> tuple[pl.DataFrame | None, str]:
    """The columns wanted of a part, with the number of each row in its file; and how messages call the file."""
    name = f"{shown}{files[0].name}" if shown.endswith("/") and len(files) == 1 else shown.rstrip("/")
    try:
        if not files:
            return pl.DataFrame(schema={KEY: pl.String, LINE: pl.UInt32}), name
        held = [c for c in pl.read_parquet_schema(files[0]) if c in wanted]
        frame = pl.read_parquet(list(files), columns=held)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        findings.bag.add("FX5001", "La table ne se lit pas : le fichier est tronqué ou d'un autre format.", Cell(name),
                         "Vérifiez que le fichier est complet.")  # fmt: skip
        return None, name
    return frame if LINE in held else frame.with_row_index(LINE, offset=1), name


def narrowed(vocabulary: Vocabulary, columns: frozenset[str], tables: frozenset[str]) -> Vocabulary:
    """The vocabulary with the fields of some columns, of some tables, alone."""
    entities = {
        name: replace(e, fields={k: f for k, f in e.fields.items() if f.column in columns})
        for name, e in vocabulary.entities.items()
        if e.table in tables
    }
    return replace(vocabulary, entities=entities)


def first_look(parts: Parts, vocabulary: Vocabulary, reference: date) -> tuple[Diagnostic, ...]:
    """What is said of the columns of each table, from the first rows of its first file: unknown names, identities."""
    findings, raw = Findings(), {}
    for name in parts.tables:
        file = next(p[name][0] for p in parts.parts if p.get(name))
        head = pl.read_parquet(file, n_rows=200).drop(LINE, strict=False).with_row_index(LINE, offset=1)
        raw[name] = RawTable(head, parts.shown[name])
    typed_tables(raw, vocabulary, reference, findings)
    return tuple(d for d in findings.bag.items if d.code in ("FX5002", "FX5006", "FX5008"))
