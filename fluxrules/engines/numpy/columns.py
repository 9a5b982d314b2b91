"""Columns of a table as arrays, and the small whole number that stands for the value of a column in a row.

That number is what makes large runs cheap: what a grid gives for a column is computed once per value, then looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.engines.numpy.chunks import ranges, several
from fluxrules.engines.numpy.truth import Bools
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Bool, Choice, Day, Many
from fluxrules.ir.walk import descend, lines, program_exprs

Array = NDArray[Any]
Codes = NDArray[Any]
WORD = 62
MOST_VALUES = 1 << 16
"""A column with a wider span of values, and than an eighth of the rows, has no key: it is computed row by row."""


@dataclass(frozen=True)
class Column:
    """``known``: ``None`` for everywhere. What ``values`` holds, by the type of the field:

    boolean 0/1 (uint8), number (integers of the file), day (int32 since 1970), code (position in ``labels``, uint32),
    list (one row of uint64 words: a bit for each of ``labels``; ``partial`` where an element of the list is unknown).
    """

    values: Array
    known: Bools | None = None
    labels: tuple[str, ...] = ()
    partial: Bools | None = None

    def take(self, rows: Array) -> Column:
        def of(x: Any) -> Any:
            return None if x is None else x.take(rows, axis=0)

        return Column(of(self.values), of(self.known), self.labels, of(self.partial))

    def slice(self, rows: slice) -> Column:
        known, partial = self.known, self.partial
        return Column(
            self.values[rows],
            None if known is None else known[rows],
            self.labels,
            None if partial is None else partial[rows],
        )


@dataclass(frozen=True)
class Key:
    """``codes`` (one a row) are below ``size``, of any unsigned type; rows with the same code have the same value, unknown included."""

    codes: Codes
    size: int


@dataclass
class Block:
    """Rows of a table. ``columns`` by name; a column that is not there is unknown throughout.

    ``extra`` holds what was computed over the rows hanging on each row (``rows.py``). Keys are made when asked, then kept.
    """

    size: int
    columns: dict[str, Column]
    extra: dict[Any, Any] = field(default_factory=dict)
    keys: dict[Any, Key | None] = field(default_factory=dict)

    def key(self, name: Any) -> Key | None:
        """The key of a column or of an extra; ``None`` where its values are too many."""
        if name not in self.keys:
            column = self.columns.get(name)
            self.keys[name] = self.extra[name].key() if column is None else key_of(column)
        return self.keys[name]

    def take(self, rows: Array, names: frozenset[Any]) -> Block:
        """Some rows, with the columns and extras named; keys already made are kept."""
        columns = {k: c.take(rows) for k, c in self.columns.items() if k in names}
        extra = {k: x.take(rows) for k, x in self.extra.items() if k in names}
        keys = {
            k: None if key is None else Key(key.codes.take(rows), key.size)
            for k, key in self.keys.items()
            if k in names
        }
        return Block(len(rows), columns, extra, keys)

    def slice(self, rows: slice) -> Block:
        """A range of rows, without copying; keys are left behind."""
        columns = {k: c.slice(rows) for k, c in self.columns.items()}
        return Block(rows.stop - rows.start, columns, {k: x.slice(rows) for k, x in self.extra.items()})


def fields_of(programs: Sequence[n.Program]) -> dict[n.Field, set[str]]:
    """The fields that programs read, each with the codes that they name in it (what matters of a list).

    The documents that lines ask for are among them, whether the program waits for them or is but the one that ``verified`` makes wait.
    """
    found: dict[n.Field, set[str]] = {}
    for program in programs:
        for expr in program_exprs(program):
            for node in descend(expr):
                if isinstance(node, n.Field):
                    found.setdefault(node, set())
                elif isinstance(node, n.ContainsAny):
                    found.setdefault(node.item, set()).update(node.codes)
                elif isinstance(node, n.Evidence):
                    found.setdefault(node.verified, set()).add(node.document)
        for f in program.classes:
            if isinstance(f, n.Field) and isinstance(f.type, Many):
                found[f] |= set(f.type.of.codes)
        for line in lines(program.root):
            if line.evidence is not None and program.verified is not None:
                found.setdefault(program.verified, set()).add(line.evidence)
    return found


def encode(frame: pl.DataFrame, fields: Mapping[n.Field, set[str]]) -> Block:
    """The columns that rules read. A field whose column the frame does not have is left out."""
    read = [(f, named) for f, named in fields.items() if f.column in frame.columns]
    columns = several(lambda of: _column(frame[of[0].column], *of), read, len(frame))
    return Block(len(frame), {f.column: c for (f, _), c in zip(read, columns, strict=True)})


def _column(s: pl.Series, f: n.Field, named: set[str]) -> Column:
    known = s.is_not_null().to_numpy() if s.null_count() else None
    match f.type:
        case Many():
            return _sets(s, known, tuple(sorted(named)))
        case Choice(codes=codes):
            return _labels(s, known, codes)
        case Bool():
            return Column(s.fill_null(False).cast(pl.UInt8).to_numpy(), known)
        case Day():
            return Column(s.to_physical().fill_null(0).to_numpy(), known)
        case _:
            return Column(s.shrink_dtype().fill_null(0).to_numpy(), known)


def _labels(s: pl.Series, known: Bools | None, codes: tuple[str, ...]) -> Column:
    if isinstance(s.dtype, pl.Enum):
        return Column(s.to_physical().fill_null(0).to_numpy(), known, tuple(s.dtype.categories.to_list()))
    found = s.cast(pl.Enum(codes), strict=False) if codes else None
    if found is None or found.null_count() > s.null_count():
        codes = tuple(s.drop_nulls().unique().sort().to_list())
        found = s.cast(pl.Enum(codes), strict=False)
    return Column(found.to_physical().fill_null(0).to_numpy(), known, codes)


def _sets(s: pl.Series, known: Bools | None, labels: tuple[str, ...]) -> Column:
    """One bit for each code that rules name; the others are held too, but no rule can tell."""
    lengths = s.list.len().fill_null(0).to_numpy().astype(np.int64)
    flat = s.explode(empty_as_null=False, keep_nulls=False)
    missing = flat.is_null().to_numpy() if flat.null_count() else None
    place = flat.cast(pl.String).cast(pl.Enum(labels), strict=False).to_physical()
    at = place.fill_null(len(labels)).to_numpy().astype(np.int64)
    filled = np.flatnonzero(lengths)
    starts = (np.cumsum(lengths) - lengths)[filled]
    words = np.zeros((len(s), max(1, -(-len(labels) // WORD))), dtype=np.uint64)
    for w in range(words.shape[1]):
        bits = np.zeros(len(labels) + 1, dtype=np.uint64)
        inside = np.arange(w * WORD, min(len(labels), (w + 1) * WORD))
        bits[inside] = np.uint64(1) << (inside - w * WORD).astype(np.uint64)
        if len(filled):
            words[filled, w] = np.bitwise_or.reduceat(bits[at], starts)
    partial = None
    if missing is not None and missing.any():
        partial = np.zeros(len(s), dtype=np.bool_)
        partial[filled] = np.logical_or.reduceat(missing, starts)
    return Column(words, known, labels, partial)


def joined_columns(parts: Sequence[Column]) -> Column:
    """The rows of several columns of one field, one after the other."""
    first = parts[0]
    labels = first.labels
    values = [p.values for p in parts]
    if any(p.labels != labels for p in parts):
        labels = tuple(sorted({x for p in parts for x in p.labels}))
        place = {x: i for i, x in enumerate(labels)}
        values = [np.array([place[x] for x in p.labels] or [0], dtype=np.uint32)[p.values] for p in parts]

    def masks(held: Sequence[Bools | None], absent: bool) -> Bools | None:
        if all(h is None for h in held):
            return None
        return np.concatenate(
            [np.full(len(p.values), absent) if h is None else h for h, p in zip(held, parts, strict=True)]
        )

    return Column(
        np.concatenate(values), masks([p.known for p in parts], True), labels, masks([p.partial for p in parts], False)
    )


def joined_blocks(parts: Sequence[Block]) -> Block:
    """The rows of several blocks of one table, one after the other. They have the same columns."""
    if len(parts) == 1:
        return parts[0]
    names = parts[0].columns
    return Block(sum(p.size for p in parts), {k: joined_columns([p.columns[k] for p in parts]) for k in names})


# --- keys


def key_of(c: Column) -> Key | None:
    """0 where the value is unknown, then one code a value."""
    if c.values.ndim == 2:
        return _key_of_sets(c)
    if c.labels or c.values.dtype == np.uint8:
        span = max(len(c.labels), 2)
        return _shifted(c.values, 0, span, c.known)
    if not len(c.values):
        return Key(np.zeros(0, dtype=np.uint8), 1)
    low, high = int(c.values.min()), int(c.values.max())
    return (
        _shifted(c.values, low, high - low + 1, c.known) if high - low < max(MOST_VALUES, len(c.values) >> 3) else None
    )


def narrowest(size: int) -> Any:
    """The unsigned type that holds whole numbers below a size."""
    return np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.uint32


def _shifted(values: Array, low: int, span: int, known: Bools | None) -> Key:
    narrow = narrowest(span + 1)
    codes = values.astype(narrow)
    codes += narrow((1 - low) % (int(np.iinfo(narrow).max) + 1))
    if known is not None:
        codes *= known
    return Key(codes, span + 1)


def _key_of_sets(c: Column) -> Key | None:
    key = Key(np.zeros(len(c.values), dtype=np.uint8), 1)
    for w in range(c.values.shape[1]):
        key = pack([key, dense(c.values[:, w])])
    if c.partial is not None:
        key = pack([key, Key(c.partial.view(np.uint8), 2)])
    if c.known is not None:
        key = pack([key, Key(c.known.view(np.uint8), 2)])
    return key if key.size <= MOST_VALUES else dense(key.codes)


def dense(values: Array) -> Key:
    """Distinct whole numbers as 0, 1, 2…, in their order."""
    if len(values) and values.dtype.kind == "u" and (most := int(values.max())) < MOST_VALUES:
        held = np.zeros(most + 1, dtype=np.bool_)
        for rows in ranges(len(values)):
            held[values[rows]] = True
        size = int(held.sum())
        place = (np.cumsum(held) - 1).astype(narrowest(size))
        codes = np.empty(len(values), dtype=place.dtype)
        for rows in ranges(len(values)):
            np.take(place, values[rows], out=codes[rows], mode="clip")
        return Key(codes, size)
    distinct = pl.Series(values).unique().sort().to_numpy()
    size = max(1, len(distinct))
    return Key(np.searchsorted(distinct, values).astype(narrowest(size)), size)


def pack(keys: list[Key]) -> Key:
    """The key of several columns together (mixed radix); made dense again before it could leave 32 bits."""
    whole = keys[0]
    for key in keys[1:]:
        if key.size <= 1:
            continue
        size = whole.size * key.size
        if size < 1 << 32:
            codes = np.multiply(whole.codes, np.uint32(key.size), dtype=np.uint32)
            codes += key.codes
            whole = Key(codes, size)
        else:
            whole = dense(whole.codes.astype(np.uint64) * np.uint64(key.size) + key.codes)
    return whole
