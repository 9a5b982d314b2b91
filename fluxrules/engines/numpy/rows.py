"""Tests and counts over the rows that hang on each demande: members, events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.engines.numpy import truth as t
from fluxrules.engines.numpy.columns import Array, Block, Key, dense, encode, pack
from fluxrules.engines.numpy.expressions import truth
from fluxrules.engines.numpy.missing import merge, of_condition, where
from fluxrules.engines.numpy.numbers import Num
from fluxrules.engines.numpy.scope import Bits, Scope
from fluxrules.engines.numpy.truth import Bools, Truth
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import descend

RowNode = n.Count | n.Exists | n.ForAll


@dataclass(frozen=True)
class Attached:
    """Rows of a table in the order of the demandes they hang on: those of demande i are ``starts[i]`` to ``starts[i + 1]``."""

    block: Block
    starts: NDArray[np.int64]

    def take(self, demandes: Array) -> Attached:
        """Those of some demandes."""
        counts = self.starts[demandes + 1] - self.starts[demandes]
        starts = np.concatenate([[0], np.cumsum(counts)])
        rows = np.arange(starts[-1]) + np.repeat(self.starts[demandes] - starts[:-1], counts)
        return Attached(self.block.take(rows, frozenset(self.block.columns)), starts)

    def keep(self, mask: Bools) -> Attached:
        """Without the rows where the mask does not hold."""
        kept = np.concatenate([[0], np.cumsum(mask)])
        rows = np.flatnonzero(mask)
        return Attached(self.block.take(rows, frozenset(self.block.columns)), kept[self.starts])


@dataclass(frozen=True)
class Found:
    """What a node over rows gave for each demande: a truth, or a count; and what would settle it, in each polarity."""

    truth: Truth
    count: Num
    missing_if: tuple[Bits, Bits]

    def missing(self, positive: bool) -> Bits:
        return self.missing_if[0 if positive else 1]

    def take(self, rows: Array) -> Found:
        return self._each(lambda x: x.take(rows, axis=0))

    def slice(self, rows: slice) -> Found:
        return self._each(lambda x: x[rows])

    def _each(self, pick: Callable[[Array], Array]) -> Found:
        def of(x: Array) -> Array:
            return x if len(x) == 1 else pick(x)

        low, c = of(self.truth.low), self.count
        high = low if self.truth.low is self.truth.high else of(self.truth.high)
        count_low = of(c.low)
        count = Num(count_low, count_low if c.exact else of(c.high), 1, None if c.known is None else of(c.known))
        return Found(Truth(low, high), count, (of(self.missing_if[0]), of(self.missing_if[1])))

    def key(self) -> Key | None:
        parts: list[Array] = [self.truth.low, self.truth.high, self.count.low, self.count.high]
        parts += [] if self.count.known is None else [self.count.known]
        parts += [bits[:, w] for bits in self.missing_if for w in range(bits.shape[1])]
        keys = [dense(p) for p in parts if len(p) > 1]
        return pack(keys) if keys else None


def attach(frame: pl.DataFrame, at: Array, demandes: int, fields: Mapping[n.Field, set[str]]) -> Attached:
    """The rows of a table grouped by the position ``at`` of their demande; those of no demande (-1) are left out."""
    order = grouping(at)
    if order is not None:
        frame, at = frame[order], at[order]
    counts = np.bincount(at, minlength=demandes)
    return Attached(encode(frame, fields), np.concatenate([[0], np.cumsum(counts)]))


def grouping(at: Array) -> Array | None:
    """The rows in the order of their demande, without those of none; ``None`` when they are so already."""
    if not len(at) or (at.min() >= 0 and (at[1:] >= at[:-1]).all()):
        return None
    order = np.argsort(at, kind="stable")
    return np.asarray(order[np.searchsorted(at[order], 0) :])


def row_nodes(exprs: list[n.Expr]) -> list[RowNode]:
    """The tests and counts over rows of a program, once each."""
    found = {x: None for e in exprs for x in descend(e) if isinstance(x, n.Count | n.Exists | n.ForAll)}
    return list(found)


def over_rows(node: RowNode, attached: Attached | None, s: Scope) -> Found:
    """The node for each demande of ``s``."""
    table = s.names.bit(node.rows.table)
    if attached is None:
        nothing = np.zeros(1, dtype=np.int64)
        return Found(t.UNKNOWN, Num(nothing, nothing, 1, np.zeros(1, dtype=np.bool_)), (table, table))
    inner = Scope(attached.block, s.definitions, s.parameters, s.reference, s.names, node.rows.entity)
    starts = attached.starts
    filled = np.flatnonzero(starts[1:] > starts[:-1])
    unknown = starts[1:] == starts[:-1] if node.rows.at_least_one else None
    group = _Group(starts[filled], filled, len(starts) - 1, attached.block.size)
    lacks = tuple(_missing(node, inner, group, positive, unknown, table) for positive in (True, False))
    nothing = np.zeros(1, dtype=np.int64)
    if isinstance(node, n.Count):
        whole = _row_truth(node, inner)
        low = group.reduce(np.add, whole.certain.astype(np.int64), 0)
        high = group.reduce(np.add, (~whole.excluded).astype(np.int64), 0)
        return Found(t.NO, Num(low, high, 1, None if unknown is None else ~unknown), (lacks[0], lacks[1]))
    some = isinstance(node, n.Exists)
    whole = _row_truth(node, inner)
    pick, empty = (np.maximum, t.FALSE) if some else (np.minimum, t.TRUE)
    low8, high8 = group.reduce(pick, whole.low, empty), group.reduce(pick, whole.high, empty)
    if unknown is not None:
        low8, high8 = np.where(unknown, np.uint8(t.FALSE), low8), np.where(unknown, np.uint8(t.TRUE), high8)
    return Found(Truth(low8, high8), Num(nothing, nothing), (lacks[0], lacks[1]))


@dataclass(frozen=True)
class _Group:
    """Which rows hang on which demande: those of demande ``filled[k]`` begin at ``starts[k]``."""

    starts: NDArray[np.int64]
    filled: NDArray[np.int64]
    demandes: int
    rows: int

    def reduce(self, ufunc: np.ufunc, values: Array, empty: int) -> Array:
        """One value a demande; ``empty`` where it has no row."""
        whole = np.broadcast_to(values, (self.rows, *values.shape[1:]))
        out = np.full((self.demandes, *values.shape[1:]), empty, dtype=values.dtype)
        if len(self.filled):
            out[self.filled] = ufunc.reduceat(whole, self.starts, axis=0)
        return out


def _row_truth(node: RowNode, inner: Scope) -> Truth:
    """*scope et C* for one row, or *(non scope) ou C* where all must satisfy it."""
    scope, test = node.rows.scope, node.where
    if isinstance(node, n.ForAll):
        out = [] if scope is None else [t.negate(truth(scope, inner))]
        return t.any_of([*out, truth(node.where, inner)])
    return t.all_of([truth(e, inner) for e in (scope, test) if e is not None])


def _missing(node: RowNode, inner: Scope, group: _Group, positive: bool, unknown: Bools | None, table: Bits) -> Bits:
    """The names missing in the rows that are themselves undecided; the table's own where there is no row."""
    mask = _row_truth(node, inner).undecided(positive)
    found: Bits = inner.names.none
    if mask.any():
        demand = isinstance(node, n.ForAll)
        parts = [] if node.rows.scope is None else [of_condition(node.rows.scope, inner, positive is not demand)]
        parts += [] if node.where is None else [of_condition(node.where, inner, positive)]
        found = group.reduce(np.bitwise_or, where(mask, merge(parts, inner)), 0)
    return found if unknown is None or not unknown.any() else found | where(unknown, table)
