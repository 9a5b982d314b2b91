"""A batch of demandes made ready to be scored: their columns as arrays, the territories they want, the order of their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.data.order import by_number
from fluxrules.data.places import all_places
from fluxrules.data.references import COLUMNS as REFERENCES
from fluxrules.data.tables import KEY, Tables
from fluxrules.engines.numpy.chunks import workers
from fluxrules.engines.numpy.columns import encode, fields_of
from fluxrules.engines.numpy.links import positions_of
from fluxrules.engines.numpy.rows import Attached, attach, grouping
from fluxrules.engines.numpy.run import Encoded, entities_of, joined, joined_rows
from fluxrules.ir import nodes as n
from fluxrules.vocabulary.territoires import load_communes, load_territoires

Array = NDArray[Any]
NOWHERE = -1
"""Stands for the territory of a commune that is unknown, or that no territory scores."""


@dataclass(frozen=True)
class Wanted:
    """Pairs (demande, territory) without repeats, by territory, then by number. Those of territory t are ``starts[t]`` to ``starts[t + 1]``.

    ``demande`` is a position in the batch, ``t`` one in ``territories()``. ``nowhere``: pairs whose territory is not known or none.
    """

    demande: Array
    starts: Array
    nowhere: int


@dataclass(frozen=True)
class Places:
    """The rows of ``choix`` as rules read them, each with its territory; one whose commune is ``unknown`` may be in any."""

    rows: Attached
    territory: Array
    unknown: Array

    def of(self, territory: int) -> Attached:
        """Those that a grid reads for a territory."""
        return self.rows.keep((self.territory == territory) | self.unknown)


@dataclass(frozen=True)
class Rows:
    """One table of ``choix`` as it came: the demande of each row (a position in the batch), and its territory."""

    frame: pl.DataFrame
    demande: Array
    territory: Array


@dataclass(frozen=True)
class Piece:
    """Demandes as they were read, before they are put together with others and in order."""

    numbers: pl.Series
    data: Encoded
    rows: Rows | None
    places: Places | None
    struck_off: int


@dataclass(frozen=True)
class Intake:
    """``numbers`` are those of the demandes still active, ``order`` their positions by number; ``wanted``: ``None`` without ``choix``.

    ``places`` and ``rows``: where a program reads what depends on the place wanted.
    """

    numbers: pl.Series
    order: Array
    data: Encoded
    wanted: Wanted | None
    rows: Rows | None
    places: Places | None
    struck_off: int


@cache
def territories() -> tuple[str, ...]:
    """The SIREN of every scoring territory, sorted."""
    return tuple(sorted(load_territoires()["territoire"].to_list()))


@cache
def _territory_of_commune() -> tuple[pl.DataType, Array]:
    """Communes as a list of values, and for each the position of its territory."""
    known = load_communes()
    place = {code: i for i, code in enumerate(territories())}
    found = np.array([place.get(t, NOWHERE) for t in known["territoire"].to_list()] + [NOWHERE], dtype=np.int16)
    return pl.Enum(known["commune"].to_list()), found


def territory_positions(communes: pl.Series) -> Array:
    """The position of the territory of each commune, ``NOWHERE`` where it is unknown or none."""
    kind, found = _territory_of_commune()
    at = communes.cast(kind, strict=False).to_physical().fill_null(len(found) - 1).to_numpy()
    return np.asarray(found[at])


def take_in(tables: Tables, programs: Sequence[n.Program]) -> Intake:
    """Tables that were read and checked → a batch."""
    return put_together([piece_of(tables, programs)])


def piece_of(tables: Tables, programs: Sequence[n.Program], links: Mapping[str, Array] | None = None) -> Piece:
    """Tables that were read and checked → arrays. Their demandes are those of no other piece. ``links``: those of ``Reading``."""
    demandes = tables.demandes
    active = np.ones(len(demandes), dtype=np.bool_)
    if "statut_demande" in demandes.columns:
        active = (demandes["statut_demande"] != "radiee").fill_null(True).to_numpy()
        demandes = demandes if active.all() else demandes.filter(pl.Series(active))
    numbers, struck_off = demandes[KEY], len(tables.demandes) - len(demandes)

    def linked(table: str, rows: pl.DataFrame) -> Array:
        if links is None:
            return positions_of(rows[KEY], numbers)
        if not struck_off:
            return links[table]
        return np.where(active, np.cumsum(active) - 1, -1).astype(np.int32)[links[table]]

    fields, entities = fields_of(programs), entities_of(programs)
    main = encode(demandes, {f: c for f, c in fields.items() if f.entity not in entities})
    attached = {}
    for entity, table in entities.items():
        rows = getattr(tables, table)
        if rows is not None and table != "choix":
            of = {f: c for f, c in fields.items() if f.entity == entity}
            attached[table] = attach(rows, linked(table, rows), len(numbers), of)
    wanted = places = None
    if tables.choix is not None:
        at = linked("choix", tables.choix)
        where = territory_positions(tables.choix["code_commune"])
        local = any(f.column in REFERENCES for f in fields)
        wanted = Rows(tables.choix.select(KEY, "code_commune") if local else pl.DataFrame(), at, where)
        if "choix" in entities.values():
            of = {f: c for f, c in fields.items() if entities.get(f.entity) == "choix"}
            places = _places(all_places(Tables(demandes), tables.choix), at, where, len(numbers), of)
    return Piece(numbers, Encoded(main, attached), wanted, places, struck_off)


def put_together(pieces: Sequence[Piece]) -> Intake:
    """Pieces → one batch, in the order of the numbers."""
    numbers = pl.concat([p.numbers for p in pieces], rechunk=True) if len(pieces) > 1 else pieces[0].numbers
    with workers(1) as pool:  # beside the ordering
        beside = pool.submit(lambda: (joined([p.data for p in pieces]), _joined_rows(pieces, len(numbers))))
        order = by_number(numbers)
    data, found = beside.result()
    rows, pairs = found if found is not None else (None, None)
    places = [p.places for p in pieces if p.places is not None]
    return Intake(
        numbers, order, data, None if pairs is None else _wanted(pairs, order), rows,
        _joined_places(places) if places else None, sum(p.struck_off for p in pieces),
    )  # fmt: skip


def _joined_rows(pieces: Sequence[Piece], demandes: int) -> tuple[Rows | None, _Pairs] | None:
    """The rows of ``choix`` where a grid reads them, and the pairs that they make; ``None`` without the table."""
    given = [p.rows for p in pieces if p.rows is not None]
    if not given:
        return None
    shifts = np.cumsum([0, *(len(p.numbers) for p in pieces[:-1])])
    at = np.concatenate(
        [
            np.where(r.demande >= 0, r.demande + shift, -1).astype(np.int32)
            for r, shift in zip(given, shifts, strict=True)
        ]
    )
    where = np.concatenate([r.territory for r in given])
    frame = pl.concat([r.frame for r in given])
    return Rows(frame, at, where) if frame.width else None, _distinct(at, where, demandes)


def _joined_places(places: Sequence[Places]) -> Places:
    if len(places) == 1:
        return places[0]
    return Places(
        joined_rows([p.rows for p in places]),
        np.concatenate([p.territory for p in places]),
        np.concatenate([p.unknown for p in places]),
    )


def _places(frame: pl.DataFrame, at: Array, where: Array, demandes: int, fields: dict[n.Field, set[str]]) -> Places:
    unknown = frame["code_commune"].is_null().to_numpy()
    rows = grouping(at)
    if rows is not None:
        frame, at, where, unknown = frame[rows], at[rows], where[rows], unknown[rows]
    return Places(attach(frame, at, demandes, fields), where, unknown)


@dataclass(frozen=True)
class _Pairs:
    """Pairs without repeats, by demande: that of each, its territory, how many each demande has. ``nowhere``: see ``Wanted``."""

    demande: Array
    territory: Array
    counts: Array
    nowhere: int


def _distinct(at: Array, where: Array, demandes: int) -> _Pairs:
    """From the rows of ``choix``: ``at`` the demande of each (-1 for none), ``where`` its territory."""
    rows = grouping(at)
    if rows is not None:
        at, where = at[rows], where[rows]
    again = np.zeros(len(at), dtype=np.bool_)
    for lag in range(1, int(np.bincount(at, minlength=1).max(initial=0))):
        again[lag:] |= (at[lag:] == at[:-lag]) & (where[lag:] == where[:-lag])
    known = where != NOWHERE
    nowhere = int((~known & ~again).sum())
    kept = known & ~again
    at = at[kept]
    return _Pairs(at, where[kept], np.bincount(at, minlength=demandes).astype(np.int32), nowhere)


def _wanted(pairs: _Pairs, order: Array) -> Wanted:
    """Pairs by demande → by territory, then in the order of the numbers."""
    counts = pairs.counts
    first = np.cumsum(counts, dtype=np.int32) - counts
    mine = counts[order]
    shift = first[order] - (np.cumsum(mine, dtype=np.int32) - mine)
    rows = np.arange(len(pairs.demande), dtype=np.int32) + np.repeat(shift, mine)
    where = pairs.territory[rows]
    by_territory = np.argsort(where, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(where, minlength=len(territories())))])
    return Wanted(pairs.demande[rows[by_territory]], starts, pairs.nowhere)
