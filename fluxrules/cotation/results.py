"""Arrays of results → the tables of a run: results, points of every line, positions, distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.cotation.distribution import QUANTILES, band_width, spread
from fluxrules.cotation.intake import Intake, territories
from fluxrules.cotation.positions import Classes, Ranking, classes_of, positions, ranking
from fluxrules.cotation.scoring import GridScores, class_labels
from fluxrules.data.slices import in_slices
from fluxrules.data.tables import KEY
from fluxrules.engines.numpy.plan import pending_points
from fluxrules.engines.numpy.run import Membership, names_column
from fluxrules.engines.numpy.run import names_of as names_of_bits
from fluxrules.engines.numpy.scope import Names
from fluxrules.ir.evidence import verified
from fluxrules.ir.ranges import clamp, points_range
from fluxrules.ir.walk import lines
from fluxrules.model.grid import Grid

TABLES = ("resultats", "positions", "repartition", "quantiles")
NOTES = ("note", "note_min", "note_max", "note_verifiee", "note_verifiee_min", "note_verifiee_max")
DIGITS = 4
_PENDING: dict[pl.DataType, int] = {pl.Int16(): pending_points(np.int16), pl.Int64(): pending_points(np.int64)}
Array = NDArray[Any]


@dataclass(frozen=True)
class Part:
    """Some results of one grid, by territory then number, before anything that depends on the others of the territory.

    Columns of ``frame``: numero_unique, _t (territory), the six notes in 1/scale point, _w0… (what is missing), _k0…, _c0… (tie keys
    and classes), _l0… (points of lines, as the engine gives them). ``names`` and ``labels`` say what the bits and codes stand for.
    """

    grid: Grid
    frame: pl.DataFrame
    names: Names
    labels: tuple[tuple[tuple[str, ...], bool], ...]


def part_of(grid: Grid, batch: Intake, scores: GridScores, rows: slice) -> Part:
    """The results of a range of pairs."""
    first = scores.declared
    checked = first.other or (first.note, first.low, first.high)
    at = scores.pairs.row[rows]
    out: dict[str, Any] = {KEY: batch.numbers.gather(scores.pairs.demande[rows]), "_t": scores.pairs.territory[rows]}
    for name, values in zip(NOTES, (first.note, first.low, first.high, *checked), strict=True):
        out[name] = values.take(at)
    for w in range(first.bits.shape[1]):
        out[f"_w{w}"] = np.ascontiguousarray(first.bits[:, w]).take(at)
    for i, (values, known) in enumerate(first.ties):
        out[f"_k{i}"] = _nullable(values.take(at), ~known.take(at))
    labels = class_labels(grid.program)
    for i, held in enumerate(first.classes):
        out[f"_c{i}"] = _class_column(held, at, labels[i][0])
    for i, values in enumerate(first.points):
        out[f"_l{i}"] = values.take(at)
    return Part(grid, pl.DataFrame(out), first.names, labels)


def _nullable(values: Array, null: Array) -> pl.Series:
    if not null.any():
        return pl.Series(values)
    return pl.DataFrame({"v": values, "n": null}).select(pl.when(~pl.col("n")).then(pl.col("v"))).to_series()


def _class_column(held: Membership, at: Array, labels: tuple[str, ...]) -> Array:
    """Bits as they are (their labels are sorted codes), codes as positions in ``labels``, one past them where unknown."""
    values = held.values.take(at)
    if held.many:
        return values.astype(np.uint64)
    place = np.array([labels.index(x) if x in labels else len(labels) for x in held.labels], dtype=np.int64)
    values = place[values]
    return values if held.known is None else np.where(held.known[at], values, len(labels))


# --- tables


def territory_column(codes: pl.Series) -> pl.Series:
    """Positions of territories → their SIREN, empty for a grid that is run on all demandes."""
    known = pl.Series([*territories(), ""], dtype=pl.String)
    return known.gather(codes).alias("territoire")  # NO_TERRITORY, -1, is the last


def results_table(part: Part, decimal: bool, names: pl.Enum | None = None) -> pl.DataFrame:
    """One row a result: numero_unique, territoire, grille, the six notes, manque (of the type ``names``, text without it)."""
    frame, grid = part.frame, part.grid
    notes = [_points(name, grid.program.scale, decimal) for name in NOTES]
    bits = frame.select(f"_w{w}" for w in range(part.names.words)).to_numpy()
    return frame.select(
        KEY,
        territory_column(frame["_t"]),
        pl.lit(grid.header.name).alias("grille"),
        *notes,
        names_column(bits, part.names, names).alias("manque"),
    )


def _points(column: str, scale: int, decimal: bool) -> pl.Expr:
    """Points as whole numbers, or with four decimals (the scale always divides 10,000)."""
    value = pl.col(column).cast(pl.Int64)
    if not decimal:
        return value
    exact: pl.Expr = (value * (10**DIGITS // scale)).cast(pl.Decimal(38, 0))
    return (exact * pl.lit("0.0001").cast(pl.Decimal(38, 4))).cast(pl.Decimal(38, 4)).alias(column)


def names_of(grids: Sequence[Grid]) -> pl.Enum:
    """Every name that « manque » may hold for some grids, as one type: tables that hold few names many times are written faster."""
    return pl.Enum(sorted({name for g in grids for name in bit_names(g).names}))


def bit_names(grid: Grid) -> Names:
    """What the bits of the results of a grid stand for."""
    return names_of_bits(verified(grid.program))


def line_names(grid: Grid) -> list[str]:
    """The column of each line of a grid: its name in the file, with those of its families where two are the same."""
    paths = [line.path for line in lines(grid.program.root)]
    last = [p[-1] for p in paths]
    return [p[-1] if last.count(p[-1]) == 1 else " / ".join(p) for p in paths]


def has_points(part: Part) -> bool:
    """Whether the points of every line were kept."""
    return "_l0" in part.frame.columns


def lines_table(part: Part) -> pl.LazyFrame:
    """One row a result: numero_unique, territoire, then what each line counts now, null where it is en suspens.

    Made as it is read: it is by far the largest table of a run.
    """
    grid = part.grid
    decimal = grid.program.scale > 1
    points = []
    for i, name in enumerate(line_names(grid)):
        waits = pl.col(f"_l{i}") == _PENDING[part.frame.schema[f"_l{i}"]]
        points.append(pl.when(~waits).then(_points(f"_l{i}", grid.program.scale, decimal)).alias(name))
    return in_slices(part.frame, lambda some: some.select(KEY, territory_column(some["_t"]), *points))


def positions_table(part: Part, ranked: Ranking, held: Classes) -> pl.DataFrame:
    """numero_unique, territoire, grille, classe, position, effectif."""
    found = positions(part.frame[KEY], part.frame["_t"].to_numpy(), ranked, held)
    return found.with_columns(territory_column(found["territoire"])).select(
        KEY, "territoire", pl.lit(part.grid.header.name).alias("grille"), "classe", "position", "effectif"
    )


def ranked_of(part: Part) -> Ranking:
    """The rows of a part from the best to the worst, territory by territory."""
    return ranking(part.frame["_t"].to_numpy(), part.frame["note"].to_numpy(), _ties(part))


def classes(part: Part) -> Classes:
    """The classes of the rows of a part."""
    columns = [(part.frame[f"_c{i}"].to_numpy(), labels, many) for i, (labels, many) in enumerate(part.labels)]
    return classes_of(columns) if columns else Classes(np.zeros(len(part.frame), dtype=np.int64), ("toutes",), None, ())


def _ties(part: Part) -> list[tuple[Array, Array]]:
    found = []
    for i in range(len(part.grid.program.ties)):
        column = part.frame[f"_k{i}"]
        found.append((column.fill_null(0).to_numpy(), column.is_not_null().to_numpy()))
    return found


def merged(parts: Sequence[Part]) -> Part:
    """Parts of one grid, each of later territories than the one before, as one."""
    whole = pl.concat([p.frame for p in parts], how="vertical_relaxed") if len(parts) > 1 else parts[0].frame
    return Part(parts[0].grid, whole, parts[0].names, parts[0].labels)


@dataclass(frozen=True)
class RunTables:
    """The tables of some territories. ``lines`` by grid; ``bands`` and ``quantiles`` are the distribution."""

    results: pl.DataFrame
    positions: pl.DataFrame
    bands: pl.DataFrame
    quantiles: pl.DataFrame
    lines: dict[str, pl.DataFrame]


def tables_of(parts: list[Part], decimal: bool, names: pl.Enum | None = None) -> RunTables:
    """All tables of some parts, by territory, then number. ``names``: see ``results_table``."""
    found = {name: frame.lazy().collect() for name, frame in tables_in_turn(parts, decimal, names)}
    results, positions, bands, quantiles = (found.pop(("", name)) for name in TABLES)
    return RunTables(results, positions, bands, quantiles, {grid: frame for (_, grid), frame in found.items()})


def tables_in_turn(
    parts: list[Part], decimal: bool, names: pl.Enum | None = None
) -> Iterator[tuple[tuple[str, str], pl.DataFrame | pl.LazyFrame]]:
    """The tables of ``tables_of`` one at a time, as each may be large: their folder (« lignes » for those of each grid), name and rows.

    Parts are taken out of the list as they serve for the last time.
    """
    positions, bands, quantiles = _ranked(parts, decimal)
    yield ("", "positions"), _together(positions, ["territoire", KEY, "grille", "classe"])
    positions.clear()
    yield ("", "resultats"), _together([results_table(p, decimal, names) for p in parts], ["territoire", KEY, "grille"])
    key = ["territoire", "grille", "classe"]
    yield (
        ("", "repartition"),
        pl.concat(bands, how="vertical_relaxed").select(*key, "de", "a", "effectif").sort(*key, "de"),
    )
    yield (
        ("", "quantiles"),
        pl.concat(quantiles, how="vertical_relaxed").select(*key, "effectif", *QUANTILES).sort(*key),
    )
    parts[:] = [replace(p, frame=p.frame.select(KEY, "_t", pl.selectors.starts_with("_l"))) for p in parts]
    while parts and has_points(parts[0]):  # all have them, or none
        yield ("lignes", parts[0].grid.header.name), lines_table(parts.pop(0))


def _ranked(parts: Sequence[Part], decimal: bool) -> tuple[list[pl.DataFrame], list[pl.DataFrame], list[pl.DataFrame]]:
    """What depends on how the results of each part are ranked: positions, bands, quantiles."""
    positions: list[pl.DataFrame] = []
    bands: list[pl.DataFrame] = []
    quantiles: list[pl.DataFrame] = []
    for part in parts:
        grid = part.grid
        scale = grid.program.scale
        width = band_width(*total_range(grid), scale)
        ranked, held = ranked_of(part), classes(part)
        positions.append(positions_table(part, ranked, held))
        spreads = spread(part.frame["_t"].to_numpy(), part.frame["note"].to_numpy(), ranked, held, width)
        for frames, frame, columns in zip((bands, quantiles), spreads, (("de", "a"), tuple(QUANTILES)), strict=True):
            named = frame.with_columns(territory_column(frame["territoire"]), pl.lit(grid.header.name).alias("grille"))
            frames.append(named.with_columns(_points(c, scale, decimal) for c in columns))
    return positions, bands, quantiles


def _together(frames: list[pl.DataFrame], key: list[str]) -> pl.DataFrame:
    """Frames that are each in order, in order together."""
    filled = [f for f in frames if len(f)] or frames[:1]
    if len(filled) == 1:
        return filled[0]
    ends = sorted((f["territoire"][0], f["territoire"][-1], i) for i, f in enumerate(filled))
    ordered = pl.concat([filled[i] for _, _, i in ends], how="vertical_relaxed")
    apart = all(a[1] < b[0] for a, b in pairwise(ends))
    return ordered if apart else ordered.sort(key)


def total_range(grid: Grid) -> tuple[int, int]:
    """What the note may be over all households, in 1/scale point: the sum of what lines may bring, or the root's own limits."""
    program = grid.program
    definitions, parameters = dict(program.definitions), dict(program.parameters)
    found = [points_range(line.points, definitions, parameters) or (0, 0) for line in lines(program.root)]
    low, high = sum(min(0, a) for a, _ in found), sum(max(0, b) for _, b in found)
    return clamp(low, program.root.floor, program.root.cap), clamp(high, program.root.floor, program.root.cap)
