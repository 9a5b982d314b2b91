"""On small domains the prover says what going through every household says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations, product
from random import Random

import pytest

from fluxrules.engines.interpreter import Facts, evaluate
from fluxrules.engines.interpreter.facts import Value
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Bool, Choice, Number
from fluxrules.ir.walk import descend, lines, program_exprs
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.kinds.bounds import extreme
from fluxrules.law.prove.kinds.cover import without
from fluxrules.law.prove.kinds.monotone import more
from fluxrules.law.prove.problem import Problem, frame
from tests.differential import generate

DAY = date(2026, 9, 1)
OUT = (n.Elapsed, n.CompareDay, n.ContainsAny, n.Count, n.Exists, n.ForAll, n.Param)
NO_CONSTRAINT = ((), n.Program(n.Family(n.Reducer.SUM, ())))


def small_programs(seed: int, count: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[n.Program]:
    """Programs over two booleans, two numbers of a few values, one enumeration and two documents."""
    a, b, *_ = generate.BOOLS
    numbers = [generate._field("n", Number(), 0, 3), generate._field("m", Number(), -2, 1)]
    monkeypatch.setattr(generate, "BOOLS", [a, b])
    monkeypatch.setattr(generate, "NUMBERS", numbers)
    monkeypatch.setattr(generate, "CODES", generate.CODES[:1])
    fields = {"bools": [a, b], "numbers": numbers, "days": [], "codes": generate.CODES}
    monkeypatch.setattr(generate, "PRINCIPAL", fields)
    r = Random(seed)
    while count:
        program = generate.Draw(r).program()
        if not any(isinstance(x, OUT) for e in program_exprs(_bare(program)) for x in descend(e)):
            count -= 1
            yield _bare(program)


def _bare(program: n.Program) -> n.Program:
    return n.Program(program.root, program.definitions, (), (), program.verified)


def households(problem: Problem) -> list[Facts]:
    def values(f: n.Field) -> list[Value]:
        match f.type:
            case Bool():
                return [None, False, True]
            case Number():
                assert f.range is not None
                return [None, *range(int(f.range.low), int(f.range.high) + 1)]
            case Choice(codes=codes):
                return [None, *codes]
            case _:
                return [frozenset(x) for x in ((), ("P1",), ("P2",), ("P1", "P2"))]

    fields = problem.domain.fields
    return [
        Facts({f.name: v for f, v in zip(fields, row, strict=True)}) for row in product(*(values(f) for f in fields))
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_prover_equals_brute_force(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in small_programs(seed, 6, monkeypatch):
        problem = Problem(frame([program], DAY, NO_CONSTRAINT))
        try:
            problem.note.now()
        except t.UnsupportedError:
            continue
        solver = problem.solver()
        every = households(problem)
        results = [evaluate(problem.program, f, DAY) for f in every]
        notes = [r.note for r in results]
        low, high = (extreme(problem, solver, problem.program.root, up=up) for up in (False, True))
        assert low is not None and high is not None and low.sure and high.sure
        assert (low.value, high.value) == (min(notes), max(notes))
        for line in lines(problem.program.root):
            changes = t.neg(t.equal(problem.note.now(), problem.note.without(line.path).now()))
            assert solver.check(changes) is any(without(r, line.path) != r.note for r in results)
        by_values = {tuple(sorted(f.values.items(), key=lambda x: x[0])): r.note for f, r in zip(every, results, strict=True)}  # fmt: skip
        for f in (f for f in problem.domain.fields if isinstance(f.type, Bool)):
            other = problem.household.changed((f.name,), problem.domain)
            note = problem.changed(other, {(f.entity, f.name)})
            rise = more(problem.household.fields[f.name], other.fields[f.name])
            lowers = problem.solver(*problem.possible(note.enc), rise).check(t.below(note.now(), problem.note.now()))
            differs = problem.solver(*problem.possible(note.enc)).check(t.neg(t.equal(note.now(), problem.note.now())))
            pairs = [(by_values[_with(x, f.name, False)], by_values[_with(x, f.name, True)]) for x in every]
            assert lowers is any(b < a for a, b in pairs)
            three = [{by_values[_with(x, f.name, v)] for v in (None, False, True)} for x in every]
            assert differs is any(len(s) > 1 for s in three)
        for f in (f for f in problem.domain.fields if isinstance(f.type, Number)):
            assert f.range is not None
            other = problem.household.changed((f.name,), problem.domain)
            note = problem.changed(other, {(f.entity, f.name)})
            rise = more(problem.household.fields[f.name], other.fields[f.name])
            lowers = problem.solver(*problem.possible(note.enc), rise).check(t.below(note.now(), problem.note.now()))
            rows = [[by_values[_with(x, f.name, v)] for v in range(int(f.range.low), int(f.range.high) + 1)] for x in every]  # fmt: skip
            assert lowers is any(b < a for row in rows for a, b in combinations(row, 2))


def _with(facts: Facts, name: str, value: Value) -> tuple[tuple[str, Value], ...]:
    return tuple(sorted({**facts.values, name: value}.items(), key=lambda x: x[0]))
