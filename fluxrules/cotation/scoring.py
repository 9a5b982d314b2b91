"""One grid on a batch of demandes: arrays of results, and the pairs (demande, territory) that they are the results of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.cotation.intake import Intake, territories
from fluxrules.data.references import COLUMNS as REFERENCES
from fluxrules.data.references import attach_references
from fluxrules.data.tables import KEY
from fluxrules.engines.numpy.columns import Block, encode, fields_of
from fluxrules.engines.numpy.run import Encoded, Scored, entities_of, evaluate
from fluxrules.ir import nodes as n
from fluxrules.ir.evidence import declared, verified
from fluxrules.ir.types import Choice, Many
from fluxrules.model.grid import Grid

Array = NDArray[Any]
NO_TERRITORY = -1
"""The place of results of a grid that is run on all demandes, wherever they want to live."""


@dataclass(frozen=True)
class Pairs:
    """Results of a grid: ``demande`` (position in the batch) and ``territory`` (position in ``territories()``), by territory then number.

    ``row`` is where the arrays of ``declared`` and ``verified`` hold the result.
    """

    demande: Array
    territory: Array
    row: Array


@dataclass(frozen=True)
class GridScores:
    """``declared.other`` holds the notes « vérifiées ». ``outside``: pairs whose demande the grid is not for."""

    declared: Scored
    pairs: Pairs
    outside: int


def score_grid(grid: Grid, batch: Intake, reference: date, *, everyone: bool, points: bool) -> list[GridScores]:
    """A grid on the demandes of a batch that want its territories, or on all of them.

    One result where the note is the same whatever the territory, else one a territory. Raises what ``evaluate`` raises.
    """
    here = _pairs(grid, batch, everyone)
    if not _is_local(grid.program, batch):
        return [_scored(grid, batch, None, here, reference, points)]
    cuts = np.flatnonzero(np.diff(here.territory)) + 1
    found = []
    for rows in np.split(np.arange(len(here.territory)), cuts):
        some = Pairs(here.demande[rows], here.territory[rows], here.row[rows])
        territory = int(some.territory[0]) if len(rows) else NO_TERRITORY
        found.append(_scored(grid, batch, territory, some, reference, points))
    return found


def _is_local(program: n.Program, batch: Intake) -> bool:
    """Whether the note depends on the place wanted: on the rows of ``choix``, or on tables published by place."""
    places = batch.places is not None and "choix" in entities_of([program]).values()
    return places or (batch.rows is not None and not columns_of(program).isdisjoint(REFERENCES))


def _pairs(grid: Grid, batch: Intake, everyone: bool) -> Pairs:
    places = [territories().index(code) for code in grid.header.territories]
    if everyone or not places:
        where = places[0] if len(places) == 1 else NO_TERRITORY
        size = len(batch.numbers)
        return Pairs(batch.order, np.full(size, where, dtype=np.int16), batch.order)
    assert batch.wanted is not None
    starts = batch.wanted.starts
    demande = np.concatenate([batch.wanted.demande[starts[t] : starts[t + 1]] for t in places])
    territory = np.repeat(np.array(places, dtype=np.int16), [starts[t + 1] - starts[t] for t in places])
    return Pairs(demande, territory, demande)


def _scored(grid: Grid, batch: Intake, territory: int | None, here: Pairs, reference: date, points: bool) -> GridScores:
    program = grid.program
    data = _data(program, batch, territory)
    asked = np.zeros(len(batch.numbers), dtype=np.bool_)
    asked[here.demande] = True
    rows = np.flatnonzero(asked)
    row = here.demande
    if len(rows) * 4 < len(asked) * 3:  # a few demandes too many cost less than a copy of the others
        data = data.take(rows, columns_of(program))
        place = np.empty(len(asked), dtype=np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        row = place[here.demande]
    else:
        rows = np.arange(len(asked))
    if territory not in (None, NO_TERRITORY) and batch.rows is not None:
        data = _with_references(data, program, batch, rows, int(territory or 0), reference)
    first = evaluate(declared(program), data, reference, points=points, other=verified(program))
    pairs, outside = Pairs(here.demande, here.territory, row), 0
    if first.inside is not None:
        kept = first.inside[row]
        outside = int(len(kept) - kept.sum())
        pairs = Pairs(here.demande[kept], here.territory[kept], row[kept])
    return GridScores(first, pairs, outside)


def _data(program: n.Program, batch: Intake, territory: int | None) -> Encoded:
    tables = set(entities_of([program]).values())
    attached = {table: rows for table, rows in batch.data.attached.items() if table in tables}
    if territory is not None and batch.places is not None and "choix" in tables:
        attached["choix"] = batch.places.rows if territory == NO_TERRITORY else batch.places.of(territory)
    return Encoded(batch.data.block, attached)


def _with_references(
    data: Encoded, program: n.Program, batch: Intake, rows: Array, territory: int, reference: date
) -> Encoded:
    """``data`` (those of ``rows``) with what published tables say of each demande for the places that it wants in one territory."""
    assert batch.rows is not None
    wanted = batch.rows.frame.filter(pl.Series(batch.rows.territory == territory))
    demandes = pl.DataFrame({KEY: batch.numbers.gather(rows)})
    read = attach_references(demandes, wanted, reference, territories()[territory])
    fields = {f: c for f, c in fields_of([program]).items() if f.column in REFERENCES}
    columns = {**data.block.columns, **encode(read, fields).columns}
    keys = {k: v for k, v in data.block.keys.items() if k not in REFERENCES}
    return Encoded(Block(data.block.size, columns, {}, keys), data.attached)


def columns_of(program: n.Program) -> frozenset[Any]:
    """The columns that a program reads."""
    return frozenset(f.column for f in fields_of([program]))


def class_labels(program: n.Program) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """What the codes of each class stand for, and whether they are bits; the same for every batch of a run."""
    found = []
    for e in program.classes:
        many = isinstance(e.type, Many)
        codes = e.type.of.codes if isinstance(e.type, Many) else e.type.codes if isinstance(e.type, Choice) else ()
        found.append((tuple(sorted(codes)) if many else codes, many))
    return tuple(found)


def clashes(scores: Sequence[GridScores], demandes: int) -> int:
    """How many pairs (demande, territory) have a result from more than one grid."""
    if len(scores) < 2:
        return 0
    keys = np.concatenate([s.pairs.territory.astype(np.int64) * demandes + s.pairs.demande for s in scores])
    return int(len(keys) - len(np.unique(keys)))
