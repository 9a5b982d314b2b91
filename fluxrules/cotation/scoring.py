"""One grid on a batch of demandes: arrays of results, and the pairs (demande, territory) that they are the results of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fluxrules.cotation.intake import Intake, territories
from fluxrules.engines.numpy.columns import fields_of
from fluxrules.engines.numpy.run import Encoded, Scored, entities_of, evaluate
from fluxrules.ir import nodes as n
from fluxrules.ir.evidence import declared, verified
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
    """``verified`` is ``declared`` itself where no line asks for a document. ``outside``: pairs whose demande the grid is not for."""

    declared: Scored
    verified: Scored
    pairs: Pairs
    outside: int


def score_grid(grid: Grid, batch: Intake, reference: date, *, everyone: bool, points: bool) -> list[GridScores]:
    """A grid on the demandes of a batch that want its territories, or on all of them.

    One result where the note is the same whatever the territory, else one a territory. Raises what ``evaluate`` raises.
    """
    here = _pairs(grid, batch, everyone)
    if batch.places is None or "choix" not in entities_of([grid.program]).values():
        return [_scored(grid, batch, None, here, reference, points)]
    cuts = np.flatnonzero(np.diff(here.territory)) + 1
    found = []
    for rows in np.split(np.arange(len(here.territory)), cuts):
        some = Pairs(here.demande[rows], here.territory[rows], here.row[rows])
        found.append(
            _scored(grid, batch, int(some.territory[0]) if len(rows) else NO_TERRITORY, some, reference, points)
        )
    return found


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
    if len(rows) < len(asked):
        data = data.take(rows, columns_of(program))
        place = np.empty(len(asked), dtype=np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        row = place[here.demande]
    first = evaluate(declared(program), data, reference, points=points)
    checked = (
        evaluate(replace(verified(program), classes=(), ties=(), gate=None), data, reference)
        if _has_evidence(program.root)
        else first
    )
    pairs, outside = Pairs(here.demande, here.territory, row), 0
    if first.inside is not None:
        kept = first.inside[row]
        outside = int(len(kept) - kept.sum())
        pairs = Pairs(here.demande[kept], here.territory[kept], row[kept])
    return GridScores(first, checked, pairs, outside)


def _data(program: n.Program, batch: Intake, territory: int | None) -> Encoded:
    tables = set(entities_of([program]).values())
    attached = {table: rows for table, rows in batch.data.attached.items() if table in tables}
    if territory is not None:
        assert batch.places is not None
        attached["choix"] = batch.places.rows if territory == NO_TERRITORY else batch.places.of(territory)
    return Encoded(batch.data.block, attached)


def columns_of(program: n.Program) -> frozenset[Any]:
    """The columns that a program reads."""
    return frozenset(f.column for f in fields_of([program]))


def _has_evidence(root: n.Family) -> bool:
    return any(_has_evidence(i) if isinstance(i, n.Family) else i.evidence is not None for i in root.items)


def clashes(scores: Sequence[GridScores], demandes: int) -> int:
    """How many pairs (demande, territory) have a result from more than one grid."""
    if len(scores) < 2:
        return 0
    keys = np.concatenate([s.pairs.territory.astype(np.int64) * demandes + s.pairs.demande for s in scores])
    return int(len(keys) - len(np.unique(keys)))
