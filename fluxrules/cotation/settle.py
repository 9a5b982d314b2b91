"""Which missing fields are worth asking for: those whose value, alone, could change the note or its bounds (docs/calculus.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import product

from fluxrules.engines.interpreter import Facts, FamilyResult, LineResult, Result, State, combine, evaluate_lines
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import lines_reading
from fluxrules.vocabulary.fields import Vocabulary

MOST_LINES = 5
"""Past so many lines en suspens for want of one field, it is asked for without more ado."""

_Note = tuple[int, int, int]


def worth_asking(
    program: n.Program, facts: Facts, reference: date, result: Result, vocabulary: Vocabulary
) -> tuple[str, ...]:
    """The missing fields that could change the note; all of them when only several together could."""
    if result.note_min == result.note_max:
        return ()
    before, every = _note(result.root), result.lines()
    reading = lines_reading(program)

    def differs(old: Sequence[LineResult], new: Sequence[LineResult]) -> bool:
        if all(_worth(a) == _worth(b) for a, b in zip(old, new, strict=True)):
            return False
        settled = dict(zip(map(id, old), new, strict=True))
        return _note(_again(result.root, settled)) != before

    def changes(name: str) -> bool:
        values = _values(name, vocabulary)
        if values is not None:
            read = [x for x in every if x.line.path in reading[name]]  # the others stay as they are
            told = (replace(facts, values={**facts.values, name: v}) for v in values)
            return any(differs(read, evaluate_lines((x.line for x in read), program, f, reference)) for f in told)
        pending = [x for x in every if name in x.missing]
        return len(pending) > MOST_LINES or any(differs(pending, way) for way in product(*map(_outcomes, pending)))

    return tuple(name for name in result.missing if changes(name)) or result.missing


def _values(name: str, vocabulary: Vocabulary) -> Sequence[bool | str] | None:
    """Every value of a field of the demande, where they are few."""
    f = vocabulary.field_def(vocabulary.principal, name)
    if f is None:
        return None
    if f.kind == "booléen":
        return (False, True)
    return tuple(vocabulary.nomenclature_of(f).labels) if f.kind == "énumération" else None


def _outcomes(x: LineResult) -> list[LineResult]:
    """What a line en suspens may turn out to be; what lies between its least and greatest points changes nothing that they do not."""
    ends = [replace(x, state=State.ACQUIRED, points=p, low=p, high=p, missing=()) for p in {x.low, x.high}]
    return [x, replace(x, state=State.ABSENT, points=0, low=0, high=0, missing=()), *ends]


def _again(f: FamilyResult, settled: dict[int, LineResult]) -> FamilyResult:
    items = (_again(i, settled) if isinstance(i, FamilyResult) else settled.get(id(i), i) for i in f.items)
    return combine(f.family, tuple(items))


def _worth(x: LineResult) -> tuple[State, int, int, int]:
    return x.state, x.points, x.low, x.high


def _note(f: FamilyResult) -> _Note:
    return f.points, f.low, f.high
