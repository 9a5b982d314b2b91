"""The canonical household of a refutation: what does not matter is left out, and the rest takes the values that one meets.

Options are tried in a written order, and each answer of the solver is a yes or a no about them: whatever model it happened to find,
the household is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fluxrules.ir.calendar import add_months
from fluxrules.ir.types import Bool, Choice, Day, Many
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.terms import Formula, Integer
from fluxrules.law.prove.variables import Household, Var

Usual = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Point:
    """One thing to settle: the options in order; then, of a number, the value nearest above ``start`` (or below it)."""

    options: tuple[Formula, ...]
    number: Integer = None
    start: int = 0


def settle(solver: t.Solver, points: Sequence[Point]) -> bool:
    """Bring a solver with a model to the canonical one; ``False`` when the effort was spent on the way."""
    i, step = 0, len(points)
    while i < len(points):
        step = min(step, len(points) - i)
        first = [p.options[0] for p in points[i : i + step]]
        if _accept(solver, t.conj(first)):
            i, step = i + step, step * 2
        elif step > 1:
            step = max(1, step // 4)
        else:
            if not _one(solver, points[i]):
                return False
            i, step = i + 1, 4
    return solver.model is not None


def _accept(solver: t.Solver, option: Formula) -> bool:
    """Add an option that some household satisfies along with all that was added."""
    if not t.holds(solver.model, option):
        model = solver.model
        if solver.check(option) is not True:
            solver.model = model
            return False
    solver.add(option)
    return True


def _one(solver: t.Solver, point: Point) -> bool:
    if any(_accept(solver, option) for option in point.options[1:]):
        return True
    return point.number is not None and _nearest(solver, point.number, point.start)


def _nearest(solver: t.Solver, number: Integer, start: int) -> bool:
    """The least value from ``start`` on, else the greatest below it."""
    if _accept(solver, t.at_most(start, number)):
        low, high = start, t.value_in(solver.model, number)
        while low < high:
            middle = (low + high) // 2
            if _accept(solver, t.at_most(number, middle)):
                high = t.value_in(solver.model, number)
            else:
                low = middle + 1
        return _accept(solver, t.equal(number, low))
    low = high = t.value_in(solver.model, number)
    high = start
    while low < high:
        middle = (low + high + 1) // 2
        if _accept(solver, t.at_most(middle, number)):
            low = t.value_in(solver.model, number)
        else:
            high = middle - 1
    return _accept(solver, t.equal(number, low))


def points(household: Household, usual: Usual) -> Iterator[Point]:
    """Everything to settle of a household, in the order of its fields, then of its rows."""
    # Lists first: an enumeration that is the first of a list follows from it.
    for v in sorted(household.fields.values(), key=lambda v: not isinstance(v.field.type, Many)):
        yield from of_var(v, usual)
    for table in household.tables.values():
        options = [] if table.given is True else [t.neg(table.given)]
        for count in range(len(table.slots) + 1):
            more = [s.present if i < count else t.neg(s.present) for i, s in enumerate(table.slots)]
            options.append(t.conj([table.given, *more]))
        yield Point(tuple(options))
        for slot in table.slots:
            for v in slot.fields.values():
                yield from of_var(v, usual)


def of_var(v: Var, usual: Usual) -> Iterator[Point]:
    unknown, f = t.neg(v.known), v.field
    listed = tuple(usual.get(f.name, ()))
    match f.type:
        case Bool():
            yield Point((unknown, t.both(v.known, t.neg(v.value)), v.known))
        case Choice():
            yield Point((unknown, *v.bits.values()))
        case Many():
            bits = [*v.bits.values(), v.blank]
            yield Point((unknown, t.conj([v.known, *(t.neg(b) for b in bits)]), v.known))
            yield Point((t.neg(v.blank), v.blank))
            for bit in reversed(bits[:-1]):
                yield Point((t.neg(bit), bit))
        case Day() if not v.daily:
            yield Point((unknown, *(t.both(v.known, t.equal(v.value, 2 * m)) for m in listed), v.known))
            yield from _half(v, listed)
        case Day():
            days = [add_months(v.reference, -m).toordinal() for m in (*listed, 0)]
            yield Point((unknown, *(t.both(v.known, t.equal(v.value, x)) for x in days), v.known))
            yield Point((unknown,), v.value, days[0])
        case _:
            options = (unknown, *(t.both(v.known, t.equal(v.value, x)) for x in listed), v.known)
            yield Point(options)
            yield Point((unknown,), v.value, listed[0] if listed else 0)


def _half(v: Var, listed: tuple[int, ...]) -> Iterator[Point]:
    """The shortest time, in whole months where that can be."""
    unknown = t.neg(v.known)
    yield Point((t.either(unknown, t.equal(v.value, t.times(2, t.floor_div(v.value, 2)))), True))
    if listed:
        kept = t.either(unknown, t.disj(t.equal(v.value, 2 * m) for m in listed))
        yield Point((kept, True))
    yield Point((unknown,), v.value, 2 * listed[0] if listed else 0)
