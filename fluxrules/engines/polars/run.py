"""A program and tables → one result a demande, as one Polars plan, collected at the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from fluxrules.engines.polars import points
from fluxrules.engines.polars.conditions import code, condition
from fluxrules.engines.polars.families import Item, limited, reduced
from fluxrules.engines.polars.frame import TRUE, Frame
from fluxrules.engines.polars.missing import Names, masked, merge, of_code, of_condition, of_number
from fluxrules.engines.polars.numbers import Num, number
from fluxrules.engines.polars.rows import join_rows, row_nodes
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Bool, Number
from fluxrules.ir.walk import lines, program_exprs
from fluxrules.ir.widths import TooWideError, check_widths

ACQUIRED, ABSENT, PENDING = 2, 0, 1
_BITS = 63


def score(
    program: n.Program,
    tables: Mapping[str, pl.DataFrame | None],
    reference: date,
    *,
    principal: str,
    key: str,
    detail: bool = False,
) -> pl.DataFrame:
    """Score every row of ``tables[principal]``, in its order.

    Columns: ``key``, ``note``, ``note_min``, ``note_max`` (Int64, in 1/scale point), ``manque`` (list of the names that would settle
    the lines en suspens, sorted), and the program's tie keys as ``_cle_0``, … With ``detail``, for the i-th line: ``etat_i`` (0 absente,
    1 en suspens, 2 acquise), ``points_i``, ``min_i``, ``max_i``.

    Raises ``TooWideError`` when 64 bits cannot be proved enough, ``ValueError`` when a parameter has no value on the reference date.
    """
    wide = check_widths(program)
    if wide:
        raise TooWideError(wide[0])
    tables = {name: None if t is None else _as_text(t) for name, t in tables.items()}
    main = tables[principal]
    assert main is not None
    f = Frame(program, reference, frozenset(main.columns))
    for name, _ in program.parameters:
        f.parameter(name)
    frame = main.lazy().with_row_index("_id")
    frame = join_rows(frame, f, row_nodes(program_exprs(program)), tables, key)
    for i, (name, expr) in enumerate(program.definitions):
        frame = _define(frame, f, i, name, expr)
    frame, items, missing = _lines(frame, program, f)
    frame = _family(frame, program.root, dict(zip(map(id, lines(program.root)), items, strict=True)), "n")
    names = sorted(missing)
    frame = frame.with_columns(_masks(names, missing))
    kept: list[pl.Expr] = [
        pl.col(key),
        pl.col("n_now").alias("note"),
        pl.col("n_min").alias("note_min"),
        pl.col("n_max").alias("note_max"),
    ]
    kept += [_tie(t, f).alias(f"_cle_{i}") for i, t in enumerate(program.ties)]
    if detail:
        for i in range(len(items)):
            kept += [pl.col(f"l{i}_s").alias(f"etat_{i}"), pl.col(f"l{i}_p").alias(f"points_{i}"),
                     pl.col(f"l{i}_lo").alias(f"min_{i}"), pl.col(f"l{i}_hi").alias(f"max_{i}")]  # fmt: skip
    masks = [pl.col(f"_masque_{w}") for w in range(_words(names))]
    result = frame.sort("_id").select(*kept, *masks).collect()
    return _decode(result, names)


def _as_text(table: pl.DataFrame) -> pl.DataFrame:
    """Codes as text: a plan compares them with the codes of rules, which a list of values of its own would refuse."""
    return table.with_columns(pl.col(c).cast(pl.String) for c, t in table.schema.items() if isinstance(t, pl.Enum))


def _define(frame: pl.LazyFrame, f: Frame, i: int, name: str, expr: n.Expr) -> pl.LazyFrame:
    """The columns of one definition, computed once."""
    out: dict[str, pl.Expr] = {}
    p = f"d{i}"
    if isinstance(expr.type, Bool):
        for positive in (True, False):
            column = f"{p}_{positive}"
            out[column] = condition(expr, f, positive)
            f.missing[(name, positive)] = _keep(out, column, of_condition(expr, f, positive))
        frame = frame.with_columns(**out)
        f.tests |= {(name, positive): pl.col(f"{p}_{positive}") for positive in (True, False)}
        return frame
    if not isinstance(expr.type, Number):
        out[p] = code(expr, f)
        f.missing[(name, True)] = _keep(out, p, of_code(expr, f))
        frame = frame.with_columns(**out)
        f.codes[name] = pl.col(p)
        return frame
    x = number(expr, f)
    out[f"{p}_lo"] = x.low
    if not x.exact:
        out[f"{p}_hi"] = x.high
    if not isinstance(x.den, int):
        out[f"{p}_den"] = x.den
    if x.void is not None:
        out[f"{p}_void"] = x.void
    f.missing[(name, True)] = _keep(out, p, of_number(expr, f))
    if isinstance(x.den, int) and x.void is None:
        low, high, den = points.bounds(expr, f)
        out |= {f"{p}_least": low, f"{p}_most": high}
        f.numbers[f"{name} bounds"] = (pl.col(f"{p}_least"), pl.col(f"{p}_most"), den)
    frame = frame.with_columns(**out)
    low = pl.col(f"{p}_lo")
    f.numbers[name] = Num(
        low,
        low if x.exact else pl.col(f"{p}_hi"),
        x.den if isinstance(x.den, int) else pl.col(f"{p}_den"),
        x.exact,
        None if x.void is None else pl.col(f"{p}_void"),
    )
    return frame


def _keep(out: dict[str, pl.Expr], prefix: str, names: Names) -> Names:
    """Stores the flags as columns and gives them back by reference."""
    kept: Names = {}
    for j, (name, flag) in enumerate(sorted(names.items())):
        out[f"{prefix}_m{j}"] = flag
        kept[name] = pl.col(f"{prefix}_m{j}")
    return kept


def _lines(frame: pl.LazyFrame, program: n.Program, f: Frame) -> tuple[pl.LazyFrame, list[Item], Names]:
    items: list[Item] = []
    parts: list[Names] = []
    stage: list[pl.Expr] = []
    flags: list[pl.Expr] = []
    for i, line in enumerate(lines(program.root)):
        w = points.worth(line.points, f)
        test = condition(line.condition, f) if line.condition is not None else TRUE
        out = ~test.fill_null(True) | w.void
        sure = test.fill_null(False) & w.known
        state = pl.when(out).then(ABSENT).when(sure).then(ACQUIRED).otherwise(PENDING).cast(pl.Int8)
        stage += [state.alias(f"l{i}_s"), w.low.alias(f"_l{i}_lo"), w.high.alias(f"_l{i}_hi")]
        s, low, high = pl.col(f"l{i}_s"), pl.col(f"_l{i}_lo"), pl.col(f"_l{i}_hi")
        zero = pl.lit(0, dtype=pl.Int64)
        default = (
            pl.min_horizontal(pl.max_horizontal(pl.lit(line.if_unknown, dtype=pl.Int64), low), high)
            if line.if_unknown
            else zero
        )
        flags += [
            pl.when(s == ACQUIRED).then(low).when(s == PENDING).then(default).otherwise(zero).alias(f"l{i}_p"),
            pl.when(s == ABSENT).then(zero).otherwise(low).alias(f"l{i}_lo"),
            pl.when(s == ABSENT).then(zero).otherwise(high).alias(f"l{i}_hi"),
        ]
        p = pl.col(f"l{i}_p")
        counts = (s == ACQUIRED) | ((s == PENDING) & (p != 0)) if line.if_unknown else s == ACQUIRED
        items.append(Item(p, pl.col(f"l{i}_lo"), pl.col(f"l{i}_hi"), s == ACQUIRED, s == PENDING, counts))
        names = merge(of_condition(line.condition, f) if line.condition is not None else {}, _unless_known(w))
        parts.append(masked(names, s == PENDING))
    return frame.with_columns(stage).with_columns(flags), items, merge(*parts)


def _unless_known(w: points.Worth) -> Names:
    return masked(w.missing, ~w.known)


def _family(frame: pl.LazyFrame, family: n.Family, items: dict[int, Item], name: str) -> pl.LazyFrame:
    """Adds ``{name}_now``, ``_min``, ``_max``; families from the inside out."""
    parts: list[Item] = []
    for i, child in enumerate(family.items):
        if isinstance(child, n.Family):
            inner = f"{name}_{i}"
            frame = _family(frame, child, items, inner)
            false = pl.lit(False)
            parts.append(
                Item(pl.col(f"{inner}_now"), pl.col(f"{inner}_min"), pl.col(f"{inner}_max"), TRUE, false, TRUE)
            )
        else:
            parts.append(items[id(child)])
    values = reduced(family.reducer, family.rounding, parts)
    ends = ("now", "min", "max")
    return frame.with_columns(
        limited(v, family.floor, family.cap).alias(f"{name}_{e}") for v, e in zip(values, ends, strict=True)
    )


def _tie(tie: n.TieKey, f: Frame) -> pl.Expr:
    """A key of the order, least first, null when unknown: a date, or an exact number over its own denominator."""
    if isinstance(tie.item, n.Field) and not isinstance(tie.item.type, Number):
        return f.column(tie.item, pl.Date())
    x = number(tie.item, f)
    known = x.low if x.exact else pl.when(x.low == x.high).then(x.low)
    if isinstance(x.den, int):
        return known
    # Ratios are ordered by whole millionths: enough to part any two that a household could tell apart.
    return known * 1_000_000 // x.den


def _words(names: list[str]) -> int:
    return -(-len(names) // _BITS)


def _masks(names: list[str], missing: Names) -> list[pl.Expr]:
    """Which names are missing, one bit each: 30 times cheaper than building lists of text row by row."""
    out = []
    for w in range(_words(names)):
        total = pl.lit(0, dtype=pl.Int64)
        for bit, name in enumerate(names[w * _BITS : (w + 1) * _BITS]):
            total = total + pl.when(missing[name]).then(pl.lit(1 << bit, dtype=pl.Int64)).otherwise(
                pl.lit(0, dtype=pl.Int64)
            )
        out.append(total.alias(f"_masque_{w}"))
    return out


def _decode(result: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Bit masks back to lists of names; few masks are distinct, so each is decoded once."""
    columns = [f"_masque_{w}" for w in range(_words(names))]
    empty = pl.lit([], dtype=pl.List(pl.String)).alias("manque")
    if not columns:
        return result.with_columns(empty)
    distinct = result.select(columns).unique()
    lists = [
        [name for i, name in enumerate(names) if row[i // _BITS] >> (i % _BITS) & 1] for row in distinct.iter_rows()
    ]
    known = distinct.with_columns(pl.Series("manque", lists, dtype=pl.List(pl.String)))
    return result.join(known, on=columns, how="left", maintain_order="left").drop(columns)
