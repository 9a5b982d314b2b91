"""How a program is run over a block: what is computed once per distinct input and looked up, what row by row.

A line reads few columns, and a column has few distinct values next to the rows of a large run: the days of twenty years, the
motives ticked together, nine occupations. Lines of a sum that read the same columns are even added up before the look-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fluxrules.engines.numpy.chunks import in_chunks, ranges, several
from fluxrules.engines.numpy.columns import Block, Codes, Key, narrowest, pack
from fluxrules.engines.numpy.families import Item, family_item, in_sum, limited, line_item, reduced
from fluxrules.engines.numpy.outcomes import MOST_OUTCOMES, is_plain, outcome_of
from fluxrules.engines.numpy.scope import Bits, Scope
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import children, line_exprs, lines

FEW_ROWS = 2_000
"""Under this, everything is computed row by row: tables would not pay."""
MOST_PACKED = 1 << 15
_MOST_MASKS = 6
_LANES = 4  # now, least, greatest; a fourth, unused, makes a row of the table a power of two, which is gathered twice as fast


def pending_points(dtype: Any) -> int:
    """What stands for the points of a line en suspens that counts for nothing meanwhile."""
    return int(np.iinfo(dtype).min)


Support = frozenset[Any]
Sums = NDArray[Any]


@dataclass
class Chunk:
    """A range of rows being computed, with its scope for what is computed row by row."""

    rows: slice
    scope: Scope


@dataclass(frozen=True)
class Lookup:
    """Items that depend on one key: their values by code. ``sums`` is what they bring to a sum together."""

    codes: Codes
    items: tuple[Item, ...]
    sums: Sums
    bits: Bits | None
    lines: tuple[tuple[n.Line, Item], ...]
    points: tuple[tuple[n.Line, NDArray[Any]], ...]

    def item(self, chunk: Chunk) -> Item:
        (only,) = self.items
        return at(only, self.codes[chunk.rows])

    def add(self, chunk: Chunk, sums: Sums, bits: Bits) -> None:
        codes = self.codes[chunk.rows]
        sums += np.take(self.sums, codes, axis=0, mode="clip")
        if self.bits is not None:
            bits |= np.take(self.bits, codes, axis=0, mode="clip")


@dataclass(frozen=True)
class Direct:
    """A line computed row by row."""

    line: n.Line

    def item(self, chunk: Chunk) -> Item:
        line = self.line
        return chunk.scope.once("line", line, lambda: line_item(line, chunk.scope))

    def add(self, chunk: Chunk, sums: Sums, bits: Bits) -> None:
        _add_item(self.item(chunk), sums, bits)


@dataclass(frozen=True)
class Sum:
    """A family that adds up; ``floor`` and ``cap`` apply to it."""

    parts: tuple[Node, ...]
    floor: int | None
    cap: int | None

    def item(self, chunk: Chunk) -> Item:
        return self.ended(*self.totals(chunk))

    def totals(self, chunk: Chunk) -> tuple[Sums, Bits]:
        """What the parts bring together, before the floor and the cap."""
        size = chunk.rows.stop - chunk.rows.start
        sums = np.zeros((size, _LANES), dtype=chunk.scope.notes)
        bits = np.zeros((size, chunk.scope.names.words), dtype=np.uint64)
        return self.added(chunk, sums, bits)

    def added(self, chunk: Chunk, sums: Sums, bits: Bits) -> tuple[Sums, Bits]:
        """The parts added to others."""
        for part in self.parts:
            part.add(chunk, sums, bits)
        return sums, bits

    def ended(self, sums: Sums, bits: Bits) -> Item:
        """The family, from what all its parts bring."""
        now, low, high = (limited(sums[:, i], self.floor, self.cap) for i in range(3))
        return family_item((now, low, high), bits)

    def add(self, chunk: Chunk, sums: Sums, bits: Bits) -> None:
        _add_item(self.item(chunk), sums, bits)


@dataclass(frozen=True)
class Twins:
    """Two sums that differ by a few parts: what they share is added up once."""

    shared: Sum
    own: Sum
    other: Sum

    @property
    def whole(self) -> Sum:
        """The first of the two."""
        return replace(self.own, parts=(*self.shared.parts, *self.own.parts))

    def items(self, chunk: Chunk) -> tuple[Item, Item]:
        sums, bits = self.shared.totals(chunk)
        own = self.own.ended(*self.own.added(chunk, sums.copy(), bits.copy()))
        return own, self.other.ended(*self.other.added(chunk, sums, bits))


@dataclass(frozen=True)
class Reduce:
    """A family with another reducer, its items brought to the rows first."""

    family: n.Family
    parts: tuple[Node, ...]

    def item(self, chunk: Chunk) -> Item:
        return _reduce(self.family, [p.item(chunk) for p in self.parts], chunk.scope)

    def add(self, chunk: Chunk, sums: Sums, bits: Bits) -> None:
        _add_item(self.item(chunk), sums, bits)


Node = Lookup | Direct | Sum | Reduce


def line_items(node: Node, chunk: Chunk) -> Iterator[tuple[n.Line, Item]]:
    """Every line of a plan, by row."""
    match node:
        case Lookup(codes=codes, lines=own):
            yield from ((line, at(item, codes[chunk.rows])) for line, item in own)
        case Direct(line=line):
            yield line, node.item(chunk)
        case Sum(parts=parts) | Reduce(parts=parts):
            for part in parts:
                yield from line_items(part, chunk)


def put_points(node: Node, chunk: Chunk, out: Mapping[int, NDArray[Any]]) -> None:
    """Writes what every line counts now in the rows of the chunk; ``pending_points`` where it is en suspens and counts for nothing."""
    match node:
        case Lookup(codes=codes, points=own):
            here = codes[chunk.rows]
            for line, values in own:
                np.take(values, here, out=out[id(line)][chunk.rows], mode="clip")
        case Direct(line=line):
            out[id(line)][chunk.rows] = _points_now(node.item(chunk), chunk.scope.points)
        case Sum(parts=parts) | Reduce(parts=parts):
            for part in parts:
                put_points(part, chunk, out)


def _points_now(item: Item, dtype: Any) -> NDArray[Any]:
    waits = item.maybe & ~item.counts
    return np.where(waits, pending_points(dtype), np.where(item.counts, item.points, 0)).astype(dtype)


def _add_item(item: Item, sums: Sums, bits: Bits) -> None:
    for i, values in enumerate(in_sum([item])):
        sums[:, i] += values
    bits |= item.bits


def _reduce(family: n.Family, items: Sequence[Item], s: Scope) -> Item:
    values = reduced(family.reducer, family.rounding, items)
    now, low, high = (limited(v, family.floor, family.cap) for v in values)
    return family_item((now, low, high), reduce(np.bitwise_or, [i.bits for i in items], s.names.none))


def at(item: Item, codes: Codes) -> Item:
    """An item by code → by row."""

    def of(x: Any) -> Any:
        return x if len(x) == 1 else x.take(codes, axis=0)

    return Item(of(item.points), of(item.low), of(item.high), of(item.state), of(item.counts), of(item.bits))


@dataclass
class Planner:
    """Makes the plan of programs over one block; ``scope`` is that of the whole block."""

    scope: Scope
    supports: dict[str, Support] = field(default_factory=dict)

    @property
    def block(self) -> Block:
        return self.scope.block

    def family(self, family: n.Family) -> Node:
        """The plan of a family."""
        found = self._looked_up([family])
        if found is not None:
            return found
        if family.reducer is n.Reducer.SUM:
            return Sum(tuple(self.sum_parts(list(_flat(family)))), family.floor, family.cap)
        return Reduce(family, tuple(self._part(i) for i in family.items))

    def twins(self, family: n.Family, other: n.Family) -> Twins | None:
        """The plan of two families whose items are the same but for some lines; ``None`` when they are no sums."""
        if family.reducer is not n.Reducer.SUM:
            return None
        pairs = list(zip(_flat(family), _flat(other), strict=True))
        same = [a for a, b in pairs if all(x is y for x, y in zip(lines(a), lines(b), strict=True))]
        ids = {id(a) for a in same}
        own, theirs = [a for a, _ in pairs if id(a) not in ids], [b for a, b in pairs if id(a) not in ids]
        groups = [tuple(self.sum_parts(items)) for items in (same, own, theirs)]
        shared, one, two = (Sum(parts, family.floor, family.cap) for parts in groups)
        return Twins(shared, one, two)

    def _part(self, item: n.Line | n.Family) -> Node:
        if isinstance(item, n.Family):
            return self.family(item)
        return self._looked_up([item]) or self._coded(item) or Direct(item)

    def sum_parts(self, items: Sequence[n.Line | n.Family]) -> list[Node]:
        """Items that a sum adds up, those of the same columns together, then small keys packed into one."""
        several(self.block.key, sorted({c for i in items for c in self.support(i)}, key=repr), self.block.size)
        by_support: dict[Support, list[n.Line | n.Family]] = {}
        for item in items:
            by_support.setdefault(self.support(item), []).append(item)
        sized: list[tuple[int, Support, list[n.Line | n.Family]]] = []
        wide: list[n.Line | n.Family] = []
        for support, group in by_support.items():
            size = self._size(support)
            if size is None:
                wide += group
            else:
                sized.append((size, support, group))
        most = min(MOST_PACKED, max(64, self.block.size // 8))
        groups: list[tuple[Support, list[n.Line | n.Family]]] = []
        for _, support, group in sorted(sized, key=lambda x: x[0]):
            together = self._size(groups[-1][0] | support) if groups else None
            if together is not None and together <= most:
                groups[-1] = (groups[-1][0] | support, [*groups[-1][1], *group])
            else:
                groups.append((support, group))
        nodes = several(self._part, wide, self.block.size)
        return [*nodes, *(x for found in several(self._group, [g for _, g in groups], self.block.size) for x in found)]

    def _group(self, items: list[n.Line | n.Family]) -> list[Node]:
        found = self._looked_up(items)
        return (
            [found] if found is not None else [Direct(i) if isinstance(i, n.Line) else self._rowwise(i) for i in items]
        )

    def _rowwise(self, family: n.Family) -> Node:
        parts = tuple(Direct(i) if isinstance(i, n.Line) else self._rowwise(i) for i in family.items)
        return Reduce(family, parts)

    def _looked_up(self, items: Sequence[n.Line | n.Family]) -> Lookup | None:
        """The items as a table over their common key, or ``None`` where that would not pay."""
        support = frozenset().union(*(self.support(i) for i in items))
        if self.block.size < FEW_ROWS or self._size(support) is None:
            return None
        keys = [k for name in sorted(support, key=repr) if (k := self.block.key(name)) is not None]
        key = pack(keys) if keys else Key(np.zeros(self.block.size, dtype=np.uint8), 1)
        return self._tabulated(items, key, support)

    def _coded(self, line: n.Line) -> Lookup | None:
        """A line over columns of many values, when all that matters of a row is how its comparison turned out and what is unknown.

        That is worked out row by row, in a few operations; the rest is looked up as elsewhere.
        """
        if self.block.size < FEW_ROWS or not is_plain(line, self.scope.definitions):
            return None
        outcome = np.empty(self.block.size, dtype=narrowest(MOST_OUTCOMES))

        def run(rows: slice) -> None:
            outcome[rows] = outcome_of(line, self.scope.over(self.block.slice(rows)))

        in_chunks(run, self.block.size)
        support = self.support(line)
        masks = [c.known for name in sorted(support) if (c := self.block.columns[name]).known is not None]
        if len(masks) > _MOST_MASKS:
            return None
        key = pack([Key(outcome, MOST_OUTCOMES), *(Key(m.view(np.uint8), 2) for m in masks if m is not None)])
        return self._tabulated([line], key, support)

    def _tabulated(self, items: Sequence[n.Line | n.Family], key: Key, support: Support) -> Lookup | None:
        """The items by code of a key that decides them, or ``None`` where that would not pay. A row of each code stands for all."""
        sample = np.full(key.size, -1, dtype=np.int32)
        for rows in ranges(self.block.size):
            sample[key.codes[rows]] = np.arange(rows.start, rows.stop, dtype=np.int32)
        distinct = np.flatnonzero(sample >= 0)
        if len(distinct) * 2 > self.block.size:
            return None
        slot = np.zeros(key.size, dtype=narrowest(len(distinct)))
        slot[distinct] = np.arange(len(distinct), dtype=slot.dtype)
        codes = np.empty(self.block.size, dtype=slot.dtype)
        for rows in ranges(self.block.size):
            np.take(slot, key.codes[rows], out=codes[rows], mode="clip")
        scope = self.scope.over(self.block.take(sample[distinct], support))
        found = tuple(replace_full(self._item_on(i, scope), len(distinct)) for i in items)
        sums = np.zeros((len(distinct), _LANES), dtype=self.scope.notes)
        for lane, values in enumerate(in_sum(found)):
            sums[:, lane] = values
        bits = reduce(np.bitwise_or, [i.bits for i in found])
        own = tuple((x, replace_full(self._item_on(x, scope), len(distinct))) for i in items for x in lines(i))
        points = tuple((line, _points_now(item, self.scope.points)) for line, item in own)
        return Lookup(codes, found, sums, bits if bits.any() else None, own, points)

    def _item_on(self, item: n.Line | n.Family, s: Scope) -> Item:
        if isinstance(item, n.Line):
            return s.once("line", item, lambda: line_item(item, s))
        return _reduce(item, [self._item_on(i, s) for i in item.items], s)

    def _size(self, support: Support) -> int | None:
        """How many values the joint key may take; ``None`` where a column has no key, or they are too many for the rows."""
        size = 1
        for name in support:
            key = self.block.key(name)
            if key is None:
                if name in self.block.columns:
                    return None
                continue
            size *= key.size
            if size > max(1 << 16, 2 * self.block.size):
                return None
        return size

    def support(self, item: n.Line | n.Family) -> Support:
        """The columns, and the nodes over rows, that decide an item."""
        exprs = [e for line in lines(item) for e in line_exprs(line)]
        return frozenset().union(*(self._support(e) for e in exprs))

    def _support(self, e: n.Expr) -> Support:
        match e:
            case n.Field(column=column):
                return frozenset([column]) if column in self.block.columns else frozenset()
            case n.Ref(name=name):
                if name not in self.supports:
                    self.supports[name] = self._support(self.scope.definitions[name])
                return self.supports[name]
            case n.Count() | n.Exists() | n.ForAll():
                return frozenset([e])
            case _:
                return frozenset().union(*(self._support(x) for x in children(e)))


def _flat(family: n.Family) -> Iterator[n.Line | n.Family]:
    """The items of a sum, with those of the sums inside it that have no floor and no cap."""
    for item in family.items:
        free = isinstance(item, n.Family) and item.reducer is n.Reducer.SUM and item.floor is None and item.cap is None
        if isinstance(item, n.Family) and free:
            yield from _flat(item)
        else:
            yield item


def replace_full(item: Item, size: int) -> Item:
    """The same with one value a row where one stood for all."""

    def of(x: Any) -> Any:
        return np.repeat(x, size, axis=0) if len(x) == 1 and size != 1 else x

    return replace(item, points=of(item.points), low=of(item.low), high=of(item.high), state=of(item.state),
                   counts=of(item.counts), bits=of(item.bits))  # fmt: skip
