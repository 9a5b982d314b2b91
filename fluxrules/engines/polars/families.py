"""Reducers as columns (docs/calculus.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import polars as pl

from fluxrules.engines.polars.frame import TRUE
from fluxrules.ir.nodes import Reducer, Rounding

ZERO = pl.lit(0, dtype=pl.Int64)


@dataclass(frozen=True)
class Item:
    """See ``interpreter.reduce.Item``; ``maybe`` is en suspens. Absent where none of the flags holds. No column is ever null."""

    points: pl.Expr
    low: pl.Expr
    high: pl.Expr
    present: pl.Expr
    maybe: pl.Expr
    counts: pl.Expr


def reduced(reducer: Reducer, rounding: Rounding | None, items: list[Item]) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """The value now, the least and the greatest over all settlings."""
    if not items:
        return ZERO, ZERO, ZERO
    match reducer:
        case Reducer.SUM:
            return _sums(items)
        case Reducer.MAX:
            now = _max([_if(i.counts, i.points) for i in items]).fill_null(0)
            sure = _max([_if(i.present, i.low) for i in items])
            least = sure.fill_null(_min([ZERO, *(_if(i.maybe, i.low) for i in items)]))
            top = _max([_if(i.present, i.high) for i in items]).fill_null(0)
            return now, least, _max([top, *(_if(i.maybe, i.high) for i in items)])
        case Reducer.MIN:
            now = _min([_if(i.counts, i.points) for i in items]).fill_null(0)
            sure = _min([_if(i.present, i.high) for i in items])
            most = sure.fill_null(_max([ZERO, *(_if(i.maybe, i.high) for i in items)]))
            bottom = _min([_if(i.present, i.low) for i in items]).fill_null(0)
            return now, _min([bottom, *(_if(i.maybe, i.low) for i in items)]), most
        case Reducer.FIRST:
            return _firsts(items)
        case Reducer.MEAN:
            return _means(items, rounding)


def _if(test: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(test).then(value)


def _max(values: list[pl.Expr]) -> pl.Expr:
    """Nulls are skipped: an item that does not take part has none."""
    return pl.max_horizontal(values)


def _min(values: list[pl.Expr]) -> pl.Expr:
    return pl.min_horizontal(values)


def _total(values: list[pl.Expr]) -> pl.Expr:
    return reduce(lambda a, b: a + b, values)


def _sums(items: list[Item]) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    now = _total([pl.when(i.counts).then(i.points).otherwise(ZERO) for i in items])
    low = _total(
        [pl.when(i.present).then(i.low).when(i.maybe & (i.low < 0)).then(i.low).otherwise(ZERO) for i in items]
    )
    high = _total(
        [pl.when(i.present).then(i.high).when(i.maybe & (i.high > 0)).then(i.high).otherwise(ZERO) for i in items]
    )
    return now, low, high


def _firsts(items: list[Item]) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    now = pl.coalesce([*(_if(i.counts, i.points) for i in items), ZERO])
    lows, highs, reached = [], [], TRUE
    for i in items:
        taken = reached & (i.present | i.maybe)
        lows.append(_if(taken, i.low))
        highs.append(_if(taken, i.high))
        reached = reached & ~i.present
    end = _if(reached, ZERO)
    return now, _min([*lows, end]), _max([*highs, end])


def _means(items: list[Item], rounding: Rounding | None) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Rounding grows with its argument, so the extreme of rounded means is the rounded extreme mean."""
    counted = _total([i.counts.cast(pl.Int64) for i in items])
    now = _round(_total([pl.when(i.counts).then(i.points).otherwise(ZERO) for i in items]), counted, rounding)
    least = _extreme([(i.present, i.maybe, i.low) for i in items], rounding, least=True)
    return now.fill_null(0), least, _extreme([(i.present, i.maybe, i.high) for i in items], rounding, least=False)


def _extreme(parts: list[tuple[pl.Expr, pl.Expr, pl.Expr]], rounding: Rounding | None, *, least: bool) -> pl.Expr:
    total = _total([pl.when(present).then(end).otherwise(ZERO) for present, _, end in parts])
    count = _total([present.cast(pl.Int64) for present, _, _ in parts])
    ends = (
        pl.concat_list([_if(maybe, end) for _, maybe, end in parts]).list.drop_nulls().list.sort(descending=not least)
    )
    found = [_round(total, count, rounding).fill_null(0)]
    running = total
    for k in range(len(parts)):
        running = running + ends.list.get(k, null_on_oob=True)
        found.append(_round(running, count + (k + 1), rounding))
    return _min(found) if least else _max(found)


def _round(total: pl.Expr, count: pl.Expr, rounding: Rounding | None) -> pl.Expr:
    """``total / count`` as an integer, null where there is nothing to divide by; a half goes up."""
    by = pl.when(count > 0).then(count)
    match rounding:
        case Rounding.DOWN:
            return total // by
        case Rounding.UP:
            return -((-total) // by)
        case _:
            return (2 * total + by) // (2 * by)


def limited(value: pl.Expr, floor: int | None, cap: int | None) -> pl.Expr:
    """``plancher`` and ``plafond``."""
    if cap is not None:
        value = pl.min_horizontal(value, pl.lit(cap, dtype=pl.Int64))
    return value if floor is None else pl.max_horizontal(value, pl.lit(floor, dtype=pl.Int64))


__all__ = ["Item", "limited", "reduced"]
