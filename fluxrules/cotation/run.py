"""Grids and tables in memory → results, points of every line, positions, distribution. Large runs: ``batch.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.cotation.intake import Intake, take_in, territories
from fluxrules.cotation.results import Part, RunTables, merged, part_of, tables_of
from fluxrules.cotation.scoring import NO_TERRITORY, GridScores, clashes, columns_of, score_grid
from fluxrules.data.references import COLUMNS as REFERENCES
from fluxrules.data.references import attach_references
from fluxrules.data.tables import Tables
from fluxrules.diagnostics.diagnostic import Bag, Diagnostic
from fluxrules.engines.numpy.columns import Block
from fluxrules.engines.numpy.run import Encoded
from fluxrules.language.numbers import show_date
from fluxrules.law.judge import refusals
from fluxrules.law.together import refused_together
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.territoires import nom_territoire

PART_RESULTS = 250_000
"""About how many results are turned into tables together: what bounds the memory of a large run."""


@dataclass(frozen=True)
class Counts:
    """What became of the demandes: pairs (demande, territory) that no grid covers, demandes struck off, pairs outside the public of a grid."""

    results: int = 0
    without_grid: int = 0
    struck_off: int = 0
    outside: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.results + other.results,
            self.without_grid + other.without_grid,
            self.struck_off + other.struck_off,
            self.outside + other.outside,
        )


@dataclass(frozen=True)
class Scores:
    """The tables of a run (docs/python.md has their columns), empty when ``diagnostics`` has an error.

    ``lines`` by name of grid. Notes are whole numbers, or decimals with four digits when a grid has decimal points.
    """

    results: pl.DataFrame
    positions: pl.DataFrame
    bands: pl.DataFrame
    quantiles: pl.DataFrame
    lines: Mapping[str, pl.DataFrame]
    diagnostics: tuple[Diagnostic, ...]
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True)
class Scored:
    """A batch with every grid run on it. ``by_grid``: see ``score_grid``."""

    batch: Intake
    by_grid: tuple[tuple[Grid, tuple[GridScores, ...]], ...]
    counts: Counts

    def per_territory(self) -> NDArray[Any]:
        """How many results each territory has; the last is that of results without one."""
        total = np.zeros(len(territories()) + 1, dtype=np.int64)
        for _, found in self.by_grid:
            for scores in found:
                total += np.bincount(scores.pairs.territory.astype(np.int64) % len(total), minlength=len(total))
        return total

    def parts(self, first: int, last: int) -> list[Part]:
        """The results of the territories from ``first`` to ``last``, that one excluded."""
        found = []
        for grid, several in self.by_grid:
            own = []
            for scores in several:
                where = scores.pairs.territory
                low, high = np.searchsorted(where, np.array([first, last], dtype=where.dtype))
                if high > low:
                    own.append(part_of(grid, self.batch, scores, slice(int(low), int(high))))
            found += [merged(own)] if own else []
        return found

    def nothing(self, grid: Grid) -> Part:
        """An empty part of a grid, for its columns."""
        scores = next(found[0] for g, found in self.by_grid if g is grid)
        return part_of(grid, self.batch, scores, slice(0, 0))


def score_tables(
    grids: Sequence[Grid], tables: Tables, reference: date, *, everyone: bool = False, points: bool = True
) -> Scores:
    """Score the demandes that want a place in each grid's territories (all of them, with ``everyone`` or a grid without territory)."""
    bag = Bag()
    check_run(grids, reference, bag, has_choices=tables.choix is not None, everyone=everyone)
    if bag.has_errors:
        return _empty(bag)
    programs = [g.program for g in grids]
    if any(not columns_of(p).isdisjoint(REFERENCES) for p in programs):
        tables = replace(tables, demandes=attach_references(tables.demandes, tables.choix, reference))
    scored = score_batch(grids, take_in(tables, programs), reference, everyone=everyone, points=points)
    if report_clashes(scored, bag):
        return _empty(bag)
    decimal = any(g.program.scale > 1 for g in grids)
    found = [tables_of(scored.parts(first, last), decimal) for first, last in territory_ranges(scored.per_territory())]
    whole = together(found) if found else tables_of([scored.nothing(g) for g in grids], decimal)
    return Scores(
        whole.results, whole.positions, whole.bands, whole.quantiles, whole.lines, tuple(bag.items), scored.counts
    )


def _empty(bag: Bag) -> Scores:
    none = pl.DataFrame()
    return Scores(none, none, none, none, {}, tuple(bag.items))


def check_run(grids: Sequence[Grid], reference: date, bag: Bag, *, has_choices: bool, everyone: bool) -> None:
    """What keeps grids from being run together on that day, the law first; goes to ``bag``."""
    bag.items += (*refusals(grids, reference), *refused_together(grids, reference))
    if not has_choices and not everyone and any(g.header.territories for g in grids):
        first = next(g for g in grids if g.header.territories)
        bag.add("FX6003", "La table « choix » n'est pas donnée : rien ne dit quelles demandes relèvent de la grille.",
                first.place, "Ajoutez la table, ou demandez « --tous ».")  # fmt: skip
    seen: dict[str | None, Grid] = {}
    named: dict[str, Grid] = {}
    for grid in grids:
        if named.setdefault(grid.header.name, grid) is not grid:
            bag.add("FX6011", f"Deux grilles s'appellent « {grid.header.name} » : leurs résultats se confondraient.", grid.place,
                    "Donnez à l'une un autre nom, avec la clé « cotation ».")  # fmt: skip
        if not grid.header.applies(reference):
            bag.add("FX6002", f"La grille « {grid.header.name} » ne vaut pas à la date du {show_date(reference)}.", grid.place,
                    "Donnez la grille en vigueur à cette date, ou une autre date de référence.")  # fmt: skip
        for territory in grid.header.territories or (None,):
            other = seen.setdefault(territory, grid)
            if other is not grid and (other.program.gate is None or grid.program.gate is None):
                where = nom_territoire(territory) if territory else "toutes les demandes"
                bag.add("FX6001", f"Deux grilles portent sur {where} : « {other.header.name} » et « {grid.header.name} ».", grid.place,
                        "Retirez l'une des deux, ou dites le public de chacune avec « demandeurs ».")  # fmt: skip
                break


def score_batch(grids: Sequence[Grid], batch: Intake, reference: date, *, everyone: bool, points: bool) -> Scored:
    """Run every grid on a batch."""
    by_grid = tuple((g, tuple(score_grid(g, batch, reference, everyone=everyone, points=points))) for g in grids)
    found = [scores for _, several in by_grid for scores in several]
    results = sum(len(s.pairs.demande) for s in found)
    light = replace(
        batch, order=batch.order[:0], data=Encoded(Block(0, {}), {}), wanted=None, rows=None, places=None
    )  # what was read is not needed any more
    return Scored(
        light,
        by_grid,
        Counts(
            results, _without_grid(grids, batch, everyone), batch.struck_off, _outside(grids, batch, everyone, results)
        ),
    )


def report_clashes(scored: Scored, bag: Bag) -> bool:
    """Two grids for one public: the same demande would have two notes on one territory."""
    gated = [(g, s) for g, several in scored.by_grid if g.program.gate is not None for s in several]
    count = clashes([s for _, s in gated], len(scored.batch.numbers))
    if count:
        bag.add("FX6010", f"{count} couple(s) demande et territoire relèvent de deux grilles à la fois.", gated[0][0].place,
                "Revoyez les conditions « demandeurs » : elles ne doivent pas se recouper.")  # fmt: skip
    return count > 0


def _outside(grids: Sequence[Grid], batch: Intake, everyone: bool, results: int) -> int:
    """Pairs (demande, territory) of a territory that has grids, none of which is for the demande."""
    if all(g.program.gate is None for g in grids):
        return 0
    asked: dict[int, int] = {}
    for grid in grids:
        places = [territories().index(code) for code in grid.header.territories]
        if everyone or not places:
            asked[places[0] if len(places) == 1 else NO_TERRITORY] = len(batch.numbers)
        elif batch.wanted is not None:
            sizes = np.diff(batch.wanted.starts)
            asked |= {t: int(sizes[t]) for t in places}
    return max(0, sum(asked.values()) - results)


def _without_grid(grids: Sequence[Grid], batch: Intake, everyone: bool) -> int:
    """Pairs (demande, territory) for which no grid was given, unknown territories included."""
    if everyone or batch.wanted is None or any(not g.header.territories for g in grids):
        return 0
    sizes = np.diff(batch.wanted.starts)
    covered = {territories().index(code) for g in grids for code in g.header.territories}
    return int(sizes.sum() - sum(sizes[t] for t in covered)) + batch.wanted.nowhere


def territory_ranges(counts: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Ranges of territories of about ``PART_RESULTS`` results each; results without territory (the last count) come first, alone."""
    if counts[-1]:
        yield NO_TERRITORY, 0
    first = held = 0
    for place, count in enumerate(counts[:-1]):
        if held and held + count > PART_RESULTS:
            yield first, place
            first = held = 0
        if count:
            first = first if held else place
            held += int(count)
    if held:
        yield first, len(counts) - 1


def together(found: Sequence[RunTables]) -> RunTables:
    """Tables of ranges of territories, one after the other."""
    if len(found) == 1:
        return found[0]
    names = {name: None for t in found for name in t.lines}
    return RunTables(
        pl.concat([t.results for t in found], how="vertical_relaxed"),
        pl.concat([t.positions for t in found], how="vertical_relaxed"),
        pl.concat([t.bands for t in found], how="vertical_relaxed"),
        pl.concat([t.quantiles for t in found], how="vertical_relaxed"),
        {name: pl.concat([t.lines[name] for t in found if name in t.lines]) for name in names},
    )
