"""From a model of the solver to the facts of a demande, and back to formulas."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fluxrules.engines.interpreter import Facts, Row
from fluxrules.engines.interpreter.facts import Value
from fluxrules.ir.calendar import add_months, whole_months
from fluxrules.ir.types import Bool, Choice, Day, Many
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.terms import Formula
from fluxrules.law.prove.variables import Household, Var


def facts_of(model: Any, household: Household, reference: date) -> Facts:
    """The household of a model. A field that is not known is left out."""
    rows: dict[str, tuple[Row, ...] | None] = {}
    for entity, table in household.tables.items():
        if not t.holds(model, table.given):
            rows[entity] = None
            continue
        present = [s for s in table.slots if t.holds(model, s.present)]
        rows[entity] = tuple(_values(model, s.fields, reference) for s in present)
    return Facts(_values(model, household.fields, reference), rows)


def _values(model: Any, fields: Any, reference: date) -> dict[str, Value]:
    found = {name: value_of(model, v, reference) for name, v in fields.items()}
    return {name: value for name, value in found.items() if value is not None}


def value_of(model: Any, v: Var, reference: date) -> Value:
    """The value of a field in a model, ``None`` where unknown."""
    if not t.holds(model, v.known):
        return None
    match v.field.type:
        case Bool():
            return t.holds(model, v.value)
        case Day():
            raw = t.value_in(model, v.value)
            return date.fromordinal(raw) if v.daily else day_of(raw, reference)
        case Choice():
            return next(group[0] for group, bit in v.bits.items() if t.holds(model, bit))
        case Many():
            held: set[str | None] = {group[0] for group, bit in v.bits.items() if t.holds(model, bit)}
            return frozenset(held | {None} if t.holds(model, v.blank) else held)
        case _:
            return t.value_in(model, v.value)


def day_of(half: int, reference: date) -> date:
    """A day with so many half months elapsed. The reference day is 28 at most, so that every count of months has its day."""
    months, some_days = divmod(half, 2)
    day = add_months(reference, -months)
    return day - timedelta(days=1) if some_days else day


def half_months(day: date, reference: date) -> int:
    """The half months elapsed since a day."""
    months = whole_months(day, reference)
    return 2 * months + (add_months(day, months) != reference)


def fixed(household: Household, facts: Facts, reference: date) -> list[Formula]:
    """That a household has exactly these facts."""
    found: list[Formula] = []
    for name, v in household.fields.items():
        found += fixed_var(v, facts.values.get(name), reference)
    for entity, table in household.tables.items():
        rows = facts.rows.get(entity)
        found.append(table.given if rows is not None else t.neg(table.given))
        for i, slot in enumerate(table.slots):
            there = rows is not None and i < len(rows)
            found.append(slot.present if there else t.neg(slot.present))
            for name, v in slot.fields.items():
                found += fixed_var(v, rows[i].get(name) if rows is not None and there else None, reference)
    return found


def fixed_var(v: Var, value: Value, reference: date) -> list[Formula]:
    if value is None:
        return [t.neg(v.known)]
    match v.field.type:
        case Bool():
            return [v.known, v.value if value else t.neg(v.value)]
        case Day():
            assert isinstance(value, date)
            return [v.known, t.equal(v.value, value.toordinal() if v.daily else half_months(value, reference))]
        case Choice():
            return [next(bit for group, bit in v.bits.items() if value in group)]
        case Many():
            assert isinstance(value, frozenset)
            bits = [bit if set(group) & value else t.neg(bit) for group, bit in v.bits.items()]
            return [v.known, *bits, v.blank if None in value else t.neg(v.blank)]
        case _:
            return [v.known, t.equal(v.value, int(value))]  # type: ignore[arg-type]
