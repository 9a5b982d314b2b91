"""A program on one day: parameters become the numbers in force, and only what the note reads is kept."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import date
from typing import Any

from fluxrules.ir import nodes as n
from fluxrules.ir.evidence import declared
from fluxrules.ir.types import Number
from fluxrules.ir.walk import children, descend, line_exprs, lines
from fluxrules.language.units import DAYS


def specialise(program: n.Program, day: date) -> n.Program:
    """The program as a run scores it on ``day``: a parameter is its number, and unread definitions are gone.

    A cell of a published table without a value that day stays a parameter: it is unknown, between its bounds. Raises ``ValueError``
    when a parameter of the grid has no value.
    """
    program = declared(program)
    dated = dict(program.parameters)
    memo: dict[int, Any] = {}

    def put(value: Any) -> Any:
        if isinstance(value, n.Param):
            found = dated[value.name].at(day)
            if found is None and dated[value.name].table is None:
                raise ValueError(f"parameter {value.name} has no value on {day}")
            return value if found is None else n.Const(found, value.type.unit)
        if isinstance(value, tuple):
            return tuple(put(v) for v in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            if id(value) not in memo:
                changed = {f.name: put(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
                memo[id(value)] = (replace(value, **changed), value)
            return memo[id(value)][0]
        return value

    names = reached(program)
    definitions = tuple((name, put(e)) for name, e in program.definitions if name in names)
    kept = tuple((name, d) for name, d in program.parameters if d.at(day) is None)
    return replace(
        program, root=put(program.root), definitions=definitions, parameters=kept, ties=(), classes=(), gate=None
    )


def reached(program: n.Program) -> frozenset[str]:
    """The definitions that the note reads, one through another."""
    definitions = dict(program.definitions)
    found: set[str] = set()
    waiting = [e for line in lines(program.root) for e in line_exprs(line)]
    while waiting:
        for node in descend(waiting.pop()):
            if isinstance(node, n.Ref) and node.name not in found:
                found.add(node.name)
                waiting.append(definitions[node.name])
    return frozenset(found)


class Reads:
    """Which fields an expression reads, definitions included; each expression is walked once."""

    def __init__(self, program: n.Program) -> None:
        self.definitions = dict(program.definitions)
        self._kept: dict[int, tuple[frozenset[tuple[str, str]], n.Expr]] = {}

    def of(self, e: n.Expr) -> frozenset[tuple[str, str]]:
        """(entity, field) pairs; the presence of rows is (entity, "")."""
        if id(e) in self._kept:
            return self._kept[id(e)][0]
        found: set[tuple[str, str]] = set()
        match e:
            case n.Field(entity=entity, name=name):
                found.add((entity, name))
            case n.Ref(name=name):
                found |= self.of(self.definitions[name])
            case n.Count(rows=rows) | n.Exists(rows=rows) | n.ForAll(rows=rows):
                found.add((rows.entity, ""))
            case _:
                pass
        for child in children(e):
            found |= self.of(child)
        self._kept[id(e)] = (frozenset(found), e)
        return self._kept[id(e)][0]

    def of_line(self, line: n.Line) -> frozenset[tuple[str, str]]:
        return frozenset(x for e in line_exprs(line) for x in self.of(e))

    def of_item(self, item: n.Line | n.Family) -> frozenset[tuple[str, str]]:
        return frozenset(x for line in lines(item) for x in self.of_line(line))


def by_the_day(program: n.Program, reference: date, more: tuple[n.Expr, ...] = ()) -> frozenset[tuple[str, str]]:
    """The dates of which the very day matters, not only the months elapsed."""
    found: set[tuple[str, str]] = set()
    exprs = [e for line in lines(program.root) for e in line_exprs(line)] + [e for _, e in program.definitions]
    for node in (x for e in (*exprs, *more) for x in descend(e)):
        if isinstance(node, n.CompareDay):
            found |= {(f.entity, f.name) for f in (node.left, node.right) if isinstance(f, n.Field)}
        elif isinstance(node, n.CompareElapsed):
            length = node.length.type
            if reference.day > 28 or (isinstance(length, Number) and length.unit == DAYS):
                found.add((node.elapsed.since.entity, node.elapsed.since.name))
        elif isinstance(node, n.Elapsed) and reference.day > 28:
            found.add((node.since.entity, node.since.name))
    for line in lines(program.root):
        if isinstance(line.points, n.Bands) and line.points.unit == DAYS and isinstance(line.points.item, n.Elapsed):
            found.add((line.points.item.since.entity, line.points.item.since.name))
    return frozenset(found)
