"""A program and tables → one result a demande."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.engines.numpy.chunks import in_chunks
from fluxrules.engines.numpy.columns import Block, encode, fields_of, joined_blocks
from fluxrules.engines.numpy.expressions import code, number, truth
from fluxrules.engines.numpy.families import Item
from fluxrules.engines.numpy.links import positions_of
from fluxrules.engines.numpy.numbers import Ints
from fluxrules.engines.numpy.plan import Chunk, Node, Planner, line_items, put_points
from fluxrules.engines.numpy.rows import Attached, attach, over_rows, row_nodes
from fluxrules.engines.numpy.scope import Bits, Names, Scope, missing_names
from fluxrules.engines.numpy.truth import Bools
from fluxrules.ir import nodes as n
from fluxrules.ir.ranges import points_range
from fluxrules.ir.types import Many, Number
from fluxrules.ir.walk import families, lines, program_exprs
from fluxrules.ir.widths import TooWideError, check_widths


@dataclass(frozen=True)
class Encoded:
    """Tables as arrays, once for all the programs that are run over them. A table that was not given is not in ``attached``."""

    block: Block
    attached: Mapping[str, Attached]

    def take(self, rows: NDArray[Any], names: frozenset[Any]) -> Encoded:
        """Some demandes, with the columns named."""
        return Encoded(self.block.take(rows, names), {k: a.take(rows) for k, a in self.attached.items()})


@dataclass(frozen=True)
class LineColumns:
    """One line on every row: ``state`` (0 absente, 1 en suspens, 2 acquise), what counts now, and its bounds when present."""

    state: NDArray[np.uint8]
    points: Ints
    low: Ints
    high: Ints


@dataclass(frozen=True)
class Membership:
    """A code (a position in ``labels``), or, where ``many``, a set of them (one bit each), for each row."""

    values: NDArray[Any]
    known: Bools | None
    labels: tuple[str, ...]
    many: bool


@dataclass(frozen=True)
class Scored:
    """Points in 1/scale. ``bits`` says by ``names`` what would settle the lines en suspens. ``ties``: keys, with where they are known.

    ``points``: what each line counts now, ``pending_points`` where it is en suspens. ``lines`` has them in full, when asked.
    ``classes``: what makes demandes analogous. ``inside``: the rows that the grid is for, ``None`` for all.
    ``other``: the note of another reading of the program, and its bounds, where one was asked.
    """

    note: Ints
    low: Ints
    high: Ints
    bits: Bits
    names: Names
    ties: tuple[tuple[Ints, Bools], ...]
    points: tuple[NDArray[Any], ...] = ()
    lines: tuple[LineColumns, ...] = ()
    classes: tuple[Membership, ...] = ()
    inside: Bools | None = None
    other: tuple[Ints, Ints, Ints] | None = None


def encode_tables(
    programs: Sequence[n.Program], tables: Mapping[str, pl.DataFrame | None], *, principal: str, key: str
) -> Encoded:
    """The columns that some programs read, as arrays. ``tables[principal]`` has one row a demande."""
    main = tables[principal]
    assert main is not None
    fields, entities = fields_of(programs), entities_of(programs)
    attached: dict[str, Attached] = {}
    for entity, table in entities.items():
        rows = tables.get(table)
        if rows is not None:
            at = positions_of(rows[key], main[key])
            attached[table] = attach(rows, at, len(main), {f: c for f, c in fields.items() if f.entity == entity})
    return Encoded(encode(main, {f: c for f, c in fields.items() if f.entity not in entities}), attached)


def joined(parts: Sequence[Encoded]) -> Encoded:
    """The demandes of several encodings, one after the other."""
    if len(parts) == 1:
        return parts[0]
    tables = parts[0].attached
    return Encoded(
        joined_blocks([p.block for p in parts]), {t: joined_rows([p.attached[t] for p in parts]) for t in tables}
    )


def joined_rows(parts: Sequence[Attached]) -> Attached:
    """The rows of several tables, whose demandes come one after the other."""
    if len(parts) == 1:
        return parts[0]
    counts = np.concatenate([np.diff(p.starts) for p in parts])
    return Attached(joined_blocks([p.block for p in parts]), np.concatenate([[0], np.cumsum(counts)]))


def entities_of(programs: Sequence[n.Program]) -> dict[str, str]:
    """The entities over whose rows some programs test or count, with their tables."""
    return {node.rows.entity: node.rows.table for p in programs for node in row_nodes(list(program_exprs(p)))}


def evaluate(
    program: n.Program,
    data: Encoded,
    reference: date,
    *,
    points: bool = False,
    detail: bool = False,
    other: n.Program | None = None,
) -> Scored:
    """Score every row of ``data``, in order. ``other`` is the same program with more conditions on some lines: see ``Scored``.

    Raises ``TooWideError`` when 64 bits cannot be proved enough, ``ValueError`` when a parameter has no value on the reference date.
    """
    wide = check_widths(program)
    if wide:
        raise TooWideError(wide[0])
    scope = scope_of(program, data, reference, names_of(other or program))
    names, size = scope.names, data.block.size
    narrow, width = _widths(program)
    scope.points, scope.notes = narrow, width  # before the plan, whose tables have these types
    planner = Planner(scope)
    twins = planner.twins(program.root, other.root) if other is not None else None
    plan = twins.whole if twins is not None else planner.family(program.root)
    second = planner.family(other.root) if other is not None and twins is None else None
    notes, others = ([np.empty(size, dtype=width) for _ in range(3)] for _ in range(2))
    bits = np.empty((size, names.words), dtype=np.uint64)
    order = [id(line) for line in lines(program.root)]
    amounts = {key: np.empty(size, dtype=narrow) for key in order} if points else {}
    found = {key: _empty_columns(size) for key in order} if detail else {}

    def run(rows: slice) -> None:
        chunk = Chunk(rows, scope.over(scope.block.slice(rows)))
        if twins is not None:
            item, beside = twins.items(chunk)
            _put(others, beside, rows)
        else:
            item = plan.item(chunk)
            if second is not None:
                _put(others, second.item(chunk), rows)
        _put(notes, item, rows)
        bits[rows] = item.bits
        if points:
            put_points(plan, chunk, amounts)
        if detail:
            _fill(found, plan, chunk)

    in_chunks(run, size)
    ties = tuple(_tie(tie, scope) for tie in program.ties)
    shown = tuple(amounts[key] for key in order) if points else ()
    full = tuple(found[key] for key in order) if detail else ()
    classes = tuple(_membership(e, scope) for e in program.classes)
    inside = _inside(program.gate, scope)
    beside = (others[0], others[1], others[2]) if other is not None else None
    return Scored(notes[0], notes[1], notes[2], bits, names, ties, shown, full, classes, inside, beside)


def _put(out: Sequence[Ints], item: Item, rows: slice) -> None:
    for whole, values in zip(out, (item.points, item.low, item.high), strict=True):
        whole[rows] = values


def _membership(e: n.Expr, s: Scope) -> Membership:
    if isinstance(e, n.Field) and isinstance(e.type, Many):
        c = s.column(e)
        if c is None:
            return Membership(np.zeros(s.block.size, dtype=np.uint64), None, (), True)
        values = c.values[:, 0] if c.known is None else c.values[:, 0] * c.known
        return Membership(values, None, c.labels, True)
    held = code(e, s)
    known = None if held.known is None else np.broadcast_to(held.known, s.block.size)
    return Membership(np.broadcast_to(held.values, s.block.size), known, held.labels, False)


def _inside(gate: n.Gate | None, s: Scope) -> Bools | None:
    if gate is None:
        return None
    found = truth(gate.condition, s)
    inside = ~found.excluded if gate.if_unknown else found.certain
    return np.broadcast_to(inside, s.block.size)


def _widths(program: n.Program) -> tuple[Any, Any]:
    """The narrowest types that hold the points of any line, and any note: proved from what lines may be worth."""
    definitions, parameters = dict(program.definitions), dict(program.parameters)
    ends = [points_range(line.points, definitions, parameters) or (0, 0) for line in lines(program.root)]
    limits = [v for f in families(program.root) for v in (f.floor, f.cap) if v is not None]
    most = max([abs(x) for pair in ends for x in pair], default=0)
    total = sum(max(abs(low), abs(high)) for low, high in ends) + sum(abs(v) for v in limits)
    return (np.int16 if most < 2**15 - 1 else np.int64), (np.int32 if total < 2**31 - 1 else np.int64)


def names_of(program: n.Program) -> Names:
    """The names that ``Scored.bits`` may hold."""
    return Names(missing_names(program))


def scope_of(program: n.Program, data: Encoded, reference: date, names: Names) -> Scope:
    """The scope of a program over all rows, its tests and counts over rows computed."""
    parameters = {name: _in_force(name, dated, reference) for name, dated in program.parameters}
    block = Block(data.block.size, data.block.columns, {}, data.block.keys)
    scope = Scope(block, dict(program.definitions), parameters, reference, names)
    for node in row_nodes(list(program_exprs(program))):
        block.extra[node] = over_rows(node, data.attached.get(node.rows.table), scope)
    return scope


def _empty_columns(size: int) -> LineColumns:
    return LineColumns(np.empty(size, dtype=np.uint8), *(np.empty(size, dtype=np.int64) for _ in range(3)))


def _fill(found: dict[int, LineColumns], plan: Node, chunk: Chunk) -> None:
    for line, item in line_items(plan, chunk):
        out = found[id(line)]
        out.state[chunk.rows], out.points[chunk.rows] = item.state, item.points
        out.low[chunk.rows], out.high[chunk.rows] = item.low, item.high


def _in_force(name: str, dated: n.Dated, reference: date) -> Fraction | n.Dated:
    """The value in force; a published table that has none stands for itself."""
    value = dated.at(reference)
    if value is not None:
        return value
    if dated.table is None:
        raise ValueError(f"parameter {name} has no value on {reference}")
    return dated


def _tie(tie: n.TieKey, s: Scope) -> tuple[Ints, Bools]:
    """A key of the order, least first: days since 1970, or an exact number over its own denominator."""
    size = s.block.size
    if isinstance(tie.item, n.Field) and not isinstance(tie.item.type, Number):
        c = s.column(tie.item)
        if c is None:
            return np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.bool_)
        return c.values.astype(np.int64), np.ones(size, dtype=np.bool_) if c.known is None else c.known
    x = number(tie.item, s)
    known = ~x.open() if x.void is None else ~x.open() & ~x.void
    # Ratios are ordered by whole millionths: enough to part any two that a household could tell apart.
    values = x.low if isinstance(x.den, int) else x.low * 1_000_000 // x.den
    return np.broadcast_to(values, size), np.broadcast_to(known, size)


def score(
    program: n.Program,
    tables: Mapping[str, pl.DataFrame | None],
    reference: date,
    *,
    principal: str,
    key: str,
    detail: bool = False,
) -> pl.DataFrame:
    """Score every row of ``tables[principal]``, in its order. Same columns, and same errors, as the Polars engine."""
    main = tables[principal]
    assert main is not None
    done = evaluate(program, encode_tables([program], tables, principal=principal, key=key), reference, detail=detail)
    out: dict[str, Any] = {"note": done.note, "note_min": done.low, "note_max": done.high}
    for i, (values, known) in enumerate(done.ties):
        out[f"_cle_{i}"] = pl.Series(values).set(pl.Series(~known), None)
    for i, line in enumerate(done.lines):
        out |= {f"etat_{i}": line.state.astype(np.int8), f"points_{i}": line.points, f"min_{i}": line.low, f"max_{i}": line.high}  # fmt: skip
    frame = pl.DataFrame({key: main[key], **out})
    return frame.with_columns(names_column(done.bits, done.names).alias("manque"))


def names_column(bits: Bits, names: Names, kind: pl.Enum | None = None) -> pl.Series:
    """Bits → lists of names, sorted; of ``kind`` when it is given. Few combinations are distinct, so each is listed once."""
    columns = [f"w{w}" for w in range(bits.shape[1])]
    frame = pl.DataFrame({c: bits[:, w] for w, c in enumerate(columns)})
    distinct = frame.unique(maintain_order=True)
    listed = names.listed(distinct.to_numpy(), kind or pl.String()).alias("manque")
    return frame.join(distinct.with_columns(listed), on=columns, how="left", maintain_order="left")["manque"]
