"""The vectorised engine equals the interpreter on generated programs and rows (design: two engines, one meaning)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fluxrules.engines import numpy as numpy_engine
from fluxrules.engines import polars as polars_engine
from fluxrules.engines.interpreter import Facts, State, evaluate
from fluxrules.engines.numpy import chunks, plan
from fluxrules.ir import nodes as n
from fluxrules.ir.serial import from_json, to_json
from fluxrules.ir.walk import descend, families, lines, program_exprs
from fluxrules.ir.widths import check_widths
from tests.differential.generate import KEY, Draw, population

REFERENCES = [
    date(2026, 9, 1),
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2024, 8, 31),
    date(2026, 4, 30),
    date(2024, 5, 31),
]
STATES = {0: State.ABSENT, 1: State.PENDING, 2: State.ACQUIRED}
SEEN: Counter[str] = Counter()
ENGINES = ["polars", "numpy", "numpy by look-up"]


def run(engine: str, program: n.Program, frames: dict[str, pl.DataFrame | None], day: date) -> pl.DataFrame:
    """The last engine is as it runs millions of rows: tables of distinct inputs, several chunks."""
    module = polars_engine if engine == "polars" else numpy_engine
    with pytest.MonkeyPatch.context() as patch:
        if engine == "numpy by look-up":
            patch.setattr(plan, "FEW_ROWS", 0)
            patch.setattr(chunks, "CHUNK", 37)
        return module.score(program, frames, day, principal="demandes", key=KEY, detail=True)


def expected(program: n.Program, facts: Facts, day: date) -> tuple[object, ...]:
    result = evaluate(program, facts, day)
    assert result.note_min <= result.note <= result.note_max
    detail = tuple((x.state, x.points, x.low, x.high) for x in result.lines())
    return (result.note, result.note_min, result.note_max, result.missing, detail)


def got(row: dict[str, object], count: int) -> tuple[object, ...]:
    detail = tuple(
        (STATES[row[f"etat_{i}"]], row[f"points_{i}"], row[f"min_{i}"], row[f"max_{i}"]) for i in range(count)
    )  # type: ignore[index]
    return (row["note"], row["note_min"], row["note_max"], tuple(row["manque"]), detail)  # type: ignore[arg-type]


def compare(seed: int, size: int) -> None:
    r = Random(seed)
    program = Draw(r).program()
    if check_widths(program):
        return
    assert from_json(to_json(program)) == program
    day = r.choice(REFERENCES)
    facts, frames = population(r, size, day)
    for e in program_exprs(program):
        SEEN.update(type(x).__name__ for x in descend(e))
    SEEN.update(type(x.points).__name__ for x in lines(program.root))
    SEEN.update(f.reducer.name for f in families(program.root))
    count = len(list(lines(program.root)))
    meant = [expected(program, fact, day) for fact in facts]
    for engine in ENGINES:
        out = run(engine, program, frames, day)
        for row, e in zip(out.iter_rows(named=True), meant, strict=True):
            assert got(row, count) == e, (engine, seed, row[KEY])


SETTINGS = {"derandomize": True, "deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@settings(max_examples=60, **SETTINGS)  # type: ignore[arg-type]
@given(st.integers(0, 2**32))
def test_engines_agree_quick(seed: int) -> None:
    compare(seed, 40)


@pytest.mark.slow
@settings(max_examples=500, **SETTINGS)  # type: ignore[arg-type]
@given(st.integers(2**32, 2**40))
def test_engines_agree(seed: int) -> None:
    compare(seed, 200)


def test_every_node_is_drawn() -> None:
    """The generator reaches every node, kind of points and reducer: agreement on what is never drawn proves nothing."""
    SEEN.clear()
    for seed in range(400):
        r = Random(seed)
        program = Draw(r).program()
        for e in program_exprs(program):
            SEEN.update(type(x).__name__ for x in descend(e))
        SEEN.update(type(x.points).__name__ for x in lines(program.root))
        SEEN.update(f.reducer.name for f in families(program.root))
    wanted = (
        {c.__name__ for c in n.Expr.__args__} | {c.__name__ for c in n.Points.__args__} | {x.name for x in n.Reducer}
    )
    assert wanted - set(SEEN) == set()


@pytest.mark.slow
@settings(max_examples=25, **SETTINGS)  # type: ignore[arg-type]
@given(st.integers(0, 2**32), st.sampled_from(ENGINES))
def test_order_and_chunks_of_rows_do_not_matter(seed: int, engine: str) -> None:
    r = Random(seed)
    program = Draw(r).program()
    if check_widths(program):
        return
    day = r.choice(REFERENCES)
    _, frames = population(r, 30, day)
    main = frames["demandes"]
    assert main is not None
    whole = run(engine, program, frames, day)
    shuffled = run(
        engine, program, {**frames, "demandes": main.sample(fraction=1.0, shuffle=True, seed=seed % 1000)}, day
    )
    assert shuffled.sort(KEY).equals(whole.sort(KEY))
    parts = [run(engine, program, {**frames, "demandes": main.slice(i, 11)}, day) for i in range(0, len(main), 11)]
    assert pl.concat(parts).equals(whole)
