"""Walks over the IR: children of a node, all lines, the fields that an expression reads."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.ir import nodes as n


def children(expr: n.Expr) -> tuple[n.Expr, ...]:
    """The direct sub-expressions of a node, those over rows included."""
    match expr:
        case n.Add(items=items) | n.And(items=items) | n.Or(items=items):
            return items
        case (
            n.Mul(left=a, right=b) | n.Div(left=a, right=b) | n.Compare(left=a, right=b) | n.CompareDay(left=a, right=b)
        ):
            return (a, b)
        case n.CompareElapsed(elapsed=e, length=length):
            return (e, length)
        case n.Elapsed(since=since):
            return (since,)
        case n.IsOneOf(item=item) | n.ContainsAny(item=item) | n.Not(item=item):
            return (item,)
        case n.Case(branches=branches, otherwise=otherwise):
            return (*(e for pair in branches for e in pair), otherwise)
        case n.Count(rows=rows, where=where) | n.Exists(rows=rows, where=where) | n.ForAll(rows=rows, where=where):
            return tuple(e for e in (rows.scope, where) if e is not None)
        case n.Evidence(verified=verified):
            return (verified,)
        case _:
            return ()


def descend(expr: n.Expr) -> Iterator[n.Expr]:
    """The node and everything below it."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


def lines(item: n.Family | n.Line) -> Iterator[n.Line]:
    """The lines of a family in written order."""
    if isinstance(item, n.Line):
        yield item
        return
    for child in item.items:
        yield from lines(child)


def families(item: n.Family) -> Iterator[n.Family]:
    """A family and those inside it, from the outside in."""
    yield item
    for child in item.items:
        if isinstance(child, n.Family):
            yield from families(child)


def line_exprs(line: n.Line) -> tuple[n.Expr, ...]:
    """The condition and the quantity of a line."""
    item = getattr(line.points, "item", None)
    return tuple(e for e in (line.condition, item) if e is not None)


def lines_reading(program: n.Program) -> dict[str, frozenset[tuple[str, ...]]]:
    """The paths of the lines that read each field of the demande, through definitions too. (A field of a row counts by its name alone.)"""
    read: dict[str, frozenset[str]] = {}

    def through(expr: n.Expr) -> frozenset[str]:
        nodes = list(descend(expr))
        direct = frozenset(x.name for x in nodes if isinstance(x, n.Field))
        return direct.union(*(read[x.name] for x in nodes if isinstance(x, n.Ref)))

    for name, expr in program.definitions:  # each comes after those that it uses
        read[name] = through(expr)
    found: dict[str, set[tuple[str, ...]]] = {}
    for line in lines(program.root):
        for expr in line_exprs(line):
            for name in through(expr):
                found.setdefault(name, set()).add(line.path)
    return {name: frozenset(paths) for name, paths in found.items()}


def program_exprs(program: n.Program) -> Iterator[n.Expr]:
    """Every expression of a program, definitions included."""
    for line in lines(program.root):
        yield from line_exprs(line)
    for _, expr in program.definitions:
        yield expr
    for tie in program.ties:
        yield tie.item
    yield from program.classes
    if program.gate is not None:
        yield program.gate.condition


def fields_read(program: n.Program) -> tuple[n.Field, ...]:
    """The fields that a program reads, definitions included, in a stable order."""
    found = {node for expr in program_exprs(program) for node in descend(expr) if isinstance(node, n.Field)}
    return tuple(sorted(found, key=lambda f: (f.entity, f.name)))


def tables_read(program: n.Program) -> frozenset[str]:
    """The tables over whose rows a program tests or counts."""
    nodes = (node for expr in program_exprs(program) for node in descend(expr))
    return frozenset(node.rows.table for node in nodes if isinstance(node, n.Count | n.Exists | n.ForAll))


def point_values(points: n.Points) -> tuple[int | None, ...]:
    """Every constant of a points node."""
    match points:
        case n.Fixed(points=p):
            return (p,)
        case n.Table(entries=entries):
            return tuple(p for _, p in entries)
        case n.Bands(bands=bands):
            return tuple(b.points for b in bands)
        case n.Steps(least=least, most=most):
            return (least, most)
