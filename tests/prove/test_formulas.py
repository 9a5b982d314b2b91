"""The formulas of a household mean what the interpreter says: same note, bounds and lines on generated programs and facts."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fluxrules.engines.interpreter import State, evaluate
from fluxrules.ir.walk import lines
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.problem import Problem, frame
from fluxrules.law.prove.valuation import facts_of, fixed
from tests.differential.generate import Draw, population

NO_CONSTRAINT = ((), Draw(Random(0)).program())
SETTINGS = {"derandomize": True, "deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


def compare(seed: int) -> None:
    r = Random(seed)
    program = Draw(r).program()
    day = r.choice([date(2026, 9, 1), date(2025, 2, 28), date(2024, 8, 31)])
    facts, _ = population(r, 5, day)
    problem = Problem(frame([program], day, NO_CONSTRAINT, {}))
    note = problem.note
    try:
        now, held = note.now(), [note.line(x) for x in lines(problem.program.root)]
    except t.UnsupportedError:
        return
    try:
        ends = note.settled()
    except t.UnsupportedError:
        ends = None
    solver = problem.solver(effort=2_000_000)
    for f in facts:
        result = evaluate(problem.program, f, day)
        answer = solver.check(*fixed(problem.household, f, day))
        if answer is None:  # a product of products
            continue
        assert answer
        model = solver.model
        assert t.value_in(model, now) == result.note
        if ends is not None:
            assert [t.value_in(model, x) for x in ends] == [result.note_min, result.note_max]
        for x, line in zip(held, result.lines(), strict=True):
            state = State.ACQUIRED if t.holds(model, x.acquired) else State.PENDING if t.holds(model, x.pending) else State.ABSENT  # fmt: skip
            assert state is line.state
            if state is not State.ABSENT:
                assert (t.value_in(model, x.low), t.value_in(model, x.high)) == (line.low, line.high)
        if day.day <= 28:
            assert evaluate(problem.program, facts_of(model, problem.household, day), day).note == result.note


@settings(max_examples=40, **SETTINGS)  # type: ignore[arg-type]
@given(st.integers(0, 2**32))
def test_formulas_mean_what_the_interpreter_says_quick(seed: int) -> None:
    compare(seed)


@pytest.mark.slow
@settings(max_examples=400, **SETTINGS)  # type: ignore[arg-type]
@given(st.integers(2**32, 2**40))
def test_formulas_mean_what_the_interpreter_says(seed: int) -> None:
    compare(seed)
