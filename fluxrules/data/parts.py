"""Canonical Parquet tables read part by part: what bounds the memory of a large run.

A part of ``demandes`` goes with the parts of the same number of the other tables. Tables whose parts do not hold the same
demandes, or hold too many, are first laid out again by a hash of the number (``layout.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
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
from fluxrules.diagnostics.diagnostic import Bag, Cell, Diagnostic
from fluxrules.engines.numpy.chunks import workers
from fluxrules.vocabulary.fields import EntityDef, Vocabulary

LARGE = 400_000
"""From that many demandes on, Parquet tables are read part by part."""
LARGEST_PART = 600_000
LINE = "_ligne"
ALWAYS = frozenset({"statut_demande", "date_depot_initial", "code_commune"})
Hashes = NDArray[Any]


@dataclass(frozen=True)
class Parts:
    """The files of each part, by table. ``rows``: demandes in all; ``largest``: in one part. ``shown``: how messages call a table's file.

    ``numbered``: rows carry their number in the table that they come from.
    """

    parts: tuple[Mapping[str, tuple[Path, ...]], ...]
    rows: int
    largest: int
    shown: Mapping[str, str]
    numbered: bool = False

    def name_of(self, table: str, files: Sequence[Path]) -> str:
        """How messages call some files of a table."""
        shown = self.shown[table]
        return f"{shown}{files[0].name}" if shown.endswith("/") and len(files) == 1 else shown.rstrip("/")

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
        sizes = [pl.scan_parquet(f, glob=False).select(pl.len()).collect().item() for f in files["demandes"]]
        if sum(sizes) < LARGE or any(KEY not in columns_of(f) for held in files.values() for f in held):
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


def columns_of(file: Path) -> list[str]:
    return pl.scan_parquet(file, glob=False).collect_schema().names()


class UnreadPartError(Exception):
    """A file that is not read to its end; ``name`` is how messages call it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Whatever goes wrong in a file that is read is an ``UnreadPartError``: Polars has many names for a damaged page."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise UnreadPartError(name) from error


def unread(name: str, bag: Bag) -> None:
    bag.add("FX5001", "La table ne se lit pas : le fichier est tronqué, abîmé ou d'un autre format.", Cell(name),
            "Vérifiez que le fichier est complet.")  # fmt: skip


def numbers_of(parts: Parts, number: int) -> pl.Series:
    """The numbers of the demandes of a part, without those that are missing."""
    files = parts.parts[number]["demandes"]
    if not files:
        return pl.Series(KEY, [], dtype=pl.String)
    with reading(parts.name_of("demandes", files)):
        found = pl.read_parquet(list(files), columns=[KEY], glob=False)[KEY].cast(pl.String).str.strip_chars()
    return found.filter((found != "").fill_null(False))


@dataclass(frozen=True)
class Numbers:
    """The numbers that several rows carry. ``crowded``: those of ``crowds``."""

    parts: Parts
    repeated: tuple[str, ...]
    crowded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def hashes(self) -> Hashes:
        """Those of all numbers, sorted. Worked out again for whoever asks: few data have rows of no demande, and 8 bytes each is much."""
        return _hashes(self.parts)


def all_numbers(parts: Parts) -> Numbers:
    """Look at every number once. Rows of one number may stand in different parts."""
    hashes = _hashes(parts)
    again = pl.Series(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
    del hashes
    if not len(again):
        return Numbers(parts, ())
    held = (numbers_of(parts, i) for i in range(len(parts.parts)))
    suspects = pl.concat([k.filter(k.hash().is_in(again.implode())) for k in held])
    return Numbers(parts, tuple(sorted(set(suspects.filter(suspects.is_duplicated()).to_list()))))


def _hashes(parts: Parts) -> Hashes:
    hashes, filled = np.empty(parts.rows, dtype=np.uint64), 0
    for i in range(len(parts.parts)):
        own = numbers_of(parts, i).hash().to_numpy()
        hashes[filled : filled + len(own)] = own
        filled += len(own)
    hashes = hashes[:filled]
    hashes.sort()
    return hashes


class MisalignedError(Exception):
    """A part holds rows of a demande of another part."""


def read_part(parts: Parts, number: int, numbers: Numbers, vocabulary: Vocabulary, reference: date) -> Reading:
    """One part, read and checked as ``read_tables`` does; ``vocabulary`` is that of ``narrowed``. Raises ``MisalignedError``."""
    findings = Findings()
    raw: dict[str, RawTable] = {}
    part = parts.parts[number]
    try:
        for entity in vocabulary.entities.values():
            name = parts.name_of(entity.table, part[entity.table]) if entity.table in part else ""
            if entity.table in part and entity.fields:
                frame = _frame(part[entity.table], entity, name, numbered=parts.numbered)
                raw[entity.table] = RawTable(frame, name)
    except UnreadPartError as error:
        unread(error.name, findings.bag)
        return Reading(None, findings.all_rejects(), tuple(findings.bag.items))
    why = "le numéro unique est porté par plusieurs lignes"
    _reject(raw, numbers.repeated, KEY, "FX5015", why, findings)
    own = raw["demandes"].frame[KEY].cast(pl.String).str.strip_chars()
    for entity in vocabulary.entities.values():
        crowd = numbers.crowded.get(entity.table, ())
        _reject(raw, crowd, None, "FX5004", f"plus de {entity.most} {entity.plural_label}", findings)
    return typed_tables(raw, vocabulary, reference, findings, lambda astray: _check_aligned(astray, own, numbers))


def _reject(
    raw: dict[str, RawTable], numbers: Sequence[str], column: str | None, code: str, why: str, findings: Findings
) -> None:
    """Leaves out the demandes of these numbers."""
    if numbers:
        frame, name = raw["demandes"].frame, raw["demandes"].file
        mask = frame[KEY].cast(pl.String).str.strip_chars().is_in(list(numbers)).fill_null(False)
        raw["demandes"] = RawTable(findings.reject(frame, mask, name, column, code, why), name)


def crowds(parts: Parts, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """The numbers that have more rows than the vocabulary admits in each table that is but counted, whatever the parts they stand in."""
    return {
        e.table: found
        for e in vocabulary.entities.values()
        if not e.fields and e.table in parts.tables and (found := _crowded(parts, e))
    }


def _crowded(parts: Parts, entity: EntityDef) -> tuple[str, ...]:
    """Where the rows of each number follow each other, in one part, the longest run says it; else numbers are counted over all parts."""
    held = [part[entity.table] for part in parts.parts if part.get(entity.table)]
    if not held:
        return ()
    with workers(2) as pool:
        runs = list(pool.map(lambda files: _runs(_keys(files, parts, entity)), held))
    heads = np.concatenate([r.heads for r in runs])
    if max((r.longest for r in runs), default=0) <= entity.most and _all_apart(heads):
        return ()
    share = entity.most // len(held)  # with no more than that in each part, a number has not too many in all
    suspects: set[str] = set()
    for files in held:
        counts = _counts(_keys(files, parts, entity).str.strip_chars())
        suspects.update(counts.filter(pl.col("count") > share)[KEY].to_list())
    if not suspects:
        return ()
    wanted = pl.Series(sorted(suspects)).implode()
    stripped = (_keys(files, parts, entity).str.strip_chars() for files in held)
    counts = _counts(pl.concat([keys.filter(keys.is_in(wanted)) for keys in stripped]))
    return tuple(sorted(counts.filter(pl.col("count") > entity.most)[KEY].to_list()))


@dataclass(frozen=True)
class _Runs:
    """Rows of one key that follow each other: the hash of the key of each run, and the length of the longest."""

    heads: NDArray[Any]
    longest: int


def _runs(keys: pl.Series) -> _Runs:
    if not len(keys):
        return _Runs(np.empty(0, dtype=np.uint64), 0)
    hashes = keys.hash().to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
    return _Runs(keys.gather(starts).str.strip_chars().hash().to_numpy(), int(np.diff(starts, append=len(keys)).max()))


def _all_apart(hashes: NDArray[Any]) -> bool:
    """Whether no key has two runs (nor two keys one hash, which is as if they had)."""
    ordered = np.sort(hashes)
    return not bool((ordered[1:] == ordered[:-1]).any())


def _counts(keys: pl.Series) -> pl.DataFrame:
    return keys.rename(KEY).drop_nulls().value_counts()


def _keys(files: tuple[Path, ...], parts: Parts, entity: EntityDef) -> pl.Series:
    with reading(parts.name_of(entity.table, files)):
        return pl.read_parquet(list(files), columns=[KEY], glob=False)[KEY].cast(pl.String)


def _check_aligned(astray: pl.Series, own: pl.Series, numbers: Numbers) -> None:
    """Rows of no demande at all may stand anywhere, and those of a rejected one are where it is; ``own``: the numbers of the part."""
    plain = astray.drop_nulls().unique()
    looked = plain.filter(~plain.is_in(own.implode()) & ~plain.is_in(list(numbers.repeated))).hash().to_numpy()
    if not len(looked):
        return
    place = np.minimum(np.searchsorted(numbers.hashes, looked), len(numbers.hashes) - 1)
    if (numbers.hashes[place] == looked).any():
        raise MisalignedError


def _frame(files: tuple[Path, ...], entity: EntityDef, name: str, *, numbered: bool) -> pl.DataFrame:
    """The columns of an entity in some files, with the number of each row."""
    wanted = {KEY, *(f.column for f in entity.fields.values()), *([LINE] if numbered else [])}
    if not files:
        return pl.DataFrame(schema=dict.fromkeys(sorted(wanted), pl.Null) | {KEY: pl.String, LINE: pl.UInt32})
    with reading(name):
        held = [c for c in columns_of(files[0]) if c in wanted]
        frame = pl.read_parquet(list(files), columns=held, glob=False)
    return frame if numbered else frame.with_row_index(LINE, offset=1)


def narrowed(vocabulary: Vocabulary, columns: frozenset[str], tables: frozenset[str]) -> Vocabulary:
    """The vocabulary with the fields of some columns, of some tables, alone: tables left without fields are but counted."""
    entities = {
        name: replace(e, fields={k: f for k, f in e.fields.items() if f.column in columns and e.table in tables})
        for name, e in vocabulary.entities.items()
    }
    return replace(vocabulary, entities=entities)


def first_look(parts: Parts, vocabulary: Vocabulary, reference: date) -> tuple[Diagnostic, ...]:
    """What is said of the columns of each table, from the first rows of its first file: unknown names, identities."""
    findings, raw = Findings(), {}
    for name in parts.tables:
        file = next(p[name][0] for p in parts.parts if p.get(name))
        with reading(parts.name_of(name, [file])):
            head = pl.read_parquet(file, n_rows=200, glob=False)
        raw[name] = RawTable(head.drop(LINE, strict=False).with_row_index(LINE, offset=1), parts.shown[name])
    typed_tables(raw, vocabulary, reference, findings)
    return tuple(d for d in findings.bag.items if d.code in ("FX5002", "FX5006", "FX5008"))
