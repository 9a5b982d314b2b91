"""Members and events: each node over rows becomes one aggregation of its table, joined back to the demandes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from fluxrules.engines.polars.conditions import condition
from fluxrules.engines.polars.frame import Frame
from fluxrules.engines.polars.missing import Names, masked, merge, of_condition
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import descend

RowNode = n.Count | n.Exists | n.ForAll
_ROW_ID = "_id"


def row_nodes(exprs: Iterable[n.Expr]) -> list[RowNode]:
    """The distinct nodes over rows, in a stable order."""
    found: dict[RowNode, None] = {}
    for e in exprs:
        for node in descend(e):
            if isinstance(node, n.Count | n.Exists | n.ForAll):
                found.setdefault(node)
    return list(found)


@dataclass(frozen=True)
class _Want:
    """One aggregated column and what it becomes where a demande has no row in a table that was given."""

    name: str
    expr: pl.Expr
    dtype: pl.DataType
    empty: object


def join_rows(
    frame: pl.LazyFrame, f: Frame, nodes: list[RowNode], tables: Mapping[str, pl.DataFrame | None], key: str
) -> pl.LazyFrame:
    """The frame with the columns of every node over rows; ``f`` learns their names."""
    for table in sorted({node.rows.table for node in nodes}):
        mine = [node for node in nodes if node.rows.table == table]
        data = tables.get(table)
        inner = replace(
            f, inside=mine[0].rows.entity, columns=frozenset(data.columns) if data is not None else frozenset()
        )
        at_least_one = mine[0].rows.at_least_one
        wants: list[_Want] = []
        absent = pl.col(f"_{table}").is_null() if data is not None else pl.lit(True)
        unknown = absent if at_least_one or data is None else pl.lit(False)
        for i, node in enumerate(mine):
            wants += _wants(node, f"_{table}_{i}", inner, f, table, unknown)
        if data is None:
            frame = frame.with_columns(*(pl.lit(None, dtype=w.dtype).alias(w.name) for w in wants if not w.name.endswith("?")),
                                       *(pl.lit(False).alias(w.name) for w in wants if w.name.endswith("?")))  # fmt: skip
            continue
        ids = frame.select(key, _ROW_ID)
        grouped = (
            data.lazy()
            .join(ids, on=key, how="inner")
            .group_by(_ROW_ID)
            .agg(pl.len().alias(f"_{table}"), *(w.expr.alias(w.name) for w in wants))
        )
        frame = frame.join(grouped, on=_ROW_ID, how="left", maintain_order="left")
        if not at_least_one:
            filled = (
                pl.when(absent).then(pl.lit(w.empty, dtype=w.dtype)).otherwise(pl.col(w.name)).alias(w.name)
                for w in wants
            )
            frame = frame.with_columns(*filled)
        frame = frame.with_columns(pl.col(w.name).fill_null(False) for w in wants if w.name.endswith("?"))
    return frame


def _wants(node: RowNode, name: str, inner: Frame, f: Frame, table: str, unknown: pl.Expr) -> list[_Want]:
    if isinstance(node, n.Count):
        whole = _whole(node, inner, True)
        f.rows[("count", node)] = name
        names = _missing_rows(node, inner, True)
        f.row_missing[("count", node)] = {w: pl.col(f"{name}_{i}?") for i, w in enumerate(names)} | {table: unknown}
        return [
            _Want(f"{name}_lo", whole.fill_null(False).sum().cast(pl.Int64), pl.Int64(), 0),
            _Want(f"{name}_hi", whole.fill_null(True).sum().cast(pl.Int64), pl.Int64(), 0),
            *(_Want(f"{name}_{i}?", flag.any(), pl.Boolean(), False) for i, flag in enumerate(names.values())),
        ]
    wants: list[_Want] = []
    for positive in (True, False):
        whole = _whole(node, inner, positive)
        column = f"{name}_{'oui' if positive else 'non'}"
        f.rows[("test", node, positive)] = column
        joined_by_or = isinstance(node, n.Exists) is positive
        wants.append(_Want(column, whole.any(ignore_nulls=False) if joined_by_or else whole.all(ignore_nulls=False), pl.Boolean(),
                           not joined_by_or))  # fmt: skip
        names = _missing_rows(node, inner, positive)
        undecided = pl.col(column).is_null()
        f.row_missing[("test", node, positive)] = {
            w: pl.col(f"{column}_{i}?") & undecided for i, w in enumerate(names)
        } | {table: unknown}
        wants += [_Want(f"{column}_{i}?", flag.any(), pl.Boolean(), False) for i, flag in enumerate(names.values())]
    return wants


def _parts(node: RowNode) -> list[tuple[n.Expr, bool]]:
    """The conditions of one row, each with whether it is read as written: *scope et C*, or *(non scope) ou C*."""
    demand = isinstance(node, n.ForAll)
    scope = [] if node.rows.scope is None else [(node.rows.scope, not demand)]
    return scope + ([] if node.where is None else [(node.where, True)])


def _whole(node: RowNode, inner: Frame, positive: bool) -> pl.Expr:
    """The truth of one row, or of its ``non``. ``et`` where both must hold."""
    parts = [condition(e, inner, positive if as_written else not positive) for e, as_written in _parts(node)]
    both = isinstance(node, n.ForAll) is not positive
    if not parts:
        some = pl.col(min(inner.columns)) if inner.columns else pl.lit(None)
        return some.is_null() | True if positive else some.is_null() & False  # a constant with the length of the group
    result = parts[0]
    for p in parts[1:]:
        result = result & p if both else result | p
    return result


def _missing_rows(node: RowNode, inner: Frame, positive: bool) -> Names:
    """The names missing in a row that is itself undecided."""
    names = merge(*(of_condition(e, inner, positive if as_written else not positive) for e, as_written in _parts(node)))
    return masked(names, _whole(node, inner, positive).is_null()) if names else {}
