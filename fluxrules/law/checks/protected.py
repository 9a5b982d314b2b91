"""DISC-NEG: no points are taken away for a protected ground."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.ir import nodes as n
from fluxrules.ir.walk import children, line_exprs
from fluxrules.law.case import Case, Found
from fluxrules.law.rules import Rule


def check_protected(case: Case) -> Iterator[Found]:
    """Three ways to read a ground: anywhere; affirmed (« sauf handicap » spares whom it names); outside counts (counting children to see
    who is under-occupied is not an age criterion). And to be poor, pregnant, ill or many: what a value or a side of a comparison says."""
    rule = case.law.get("DISC-NEG")
    if rule is None:
        return
    anywhere, affirmed, loose = (set(rule.words(k)) for k in ("champs", "champs affirmés", "champs hors comptes"))
    for placed in case.lines:
        if placed.low >= 0:
            continue
        line = placed.line
        read = case.fields(line) & anywhere | case.fields(line, counts=False) & loose
        signs = [s for e in line_exprs(line) for s in _signs(case, e, True)]
        read |= {e.name for e, yes in signs if isinstance(e, n.Field) and yes} & affirmed
        read |= {f for e, yes in signs for f in _said(rule, case, e, yes)} | _taken(rule, case, line.points)
        if read:
            yield Found("DISC-NEG", "FX7024", f"« {placed.name} » peut retirer des points et lit un motif protégé : {', '.join(sorted(read))}.",
                        placed.where, "Retirez ce critère, ou donnez des points à l'inverse.")  # fmt: skip


def _signs(case: Case, expr: n.Expr, positive: bool) -> Iterator[tuple[n.Expr, bool]]:
    """What is read, and whether its truth can make a condition true. What a number depends on is affirmed both ways."""
    match expr:
        case n.Not(item=item):
            yield from _signs(case, item, not positive)
        case n.Ref(name=name) if name in case.definitions:
            yield from _signs(case, case.definitions[name], positive)
        case n.Exists(rows=rows, where=where):
            for inside in (x for x in (rows.scope, where) if x is not None):
                yield from _signs(case, inside, positive)
        case n.ForAll(where=where):
            yield from _signs(case, where, positive)
        case n.And() | n.Or():
            for item in expr.items:
                yield from _signs(case, item, positive)
        case n.Count():
            yield from ((e, yes) for x in children(expr) for e, yes in _signs(case, x, True) if isinstance(e, n.Field))
        case _:
            yield expr, positive
            for item in children(expr):
                yield from _signs(case, item, True)


def _said(rule: Rule, case: Case, expr: n.Expr, positive: bool) -> Iterator[str]:
    """A value that names a ground, affirmed (« raisons de santé »), or the low side of an income."""
    match expr:
        case n.IsOneOf(item=n.Field(name=name), codes=codes) | n.ContainsAny(item=n.Field(name=name), codes=codes):
            if positive and {f"{name}={c}" for c in codes} & set(rule.words("valeurs affirmées")):
                yield name
        case n.Compare(op=op, left=left, right=right):
            if op in ("<", "<=", ">", ">="):
                yield from _income(rule, case, left if (op in ("<", "<=")) is positive else right)


def _taken(rule: Rule, case: Case, points: n.Points) -> set[str]:
    """Points that are taken as there are more people, or that the lowest incomes lose and others do not (of a line that takes some)."""
    match points:
        case n.Steps(item=item) if isinstance(counted := _through(case, item), n.Count):
            return {"le nombre de personnes"} if counted.rows.entity in rule.words("comptes") else set()
        case n.Bands(item=item, bands=bands):
            lowest = bands[0].points or 0
            if lowest < 0 and lowest < max(b.points or 0 for b in bands):
                return set(_income(rule, case, item))
    return set()


def _income(rule: Rule, case: Case, expr: n.Expr) -> Iterator[str]:
    found = _through(case, expr)
    if isinstance(found, n.Field) and found.name in rule.words("ressources"):
        yield found.name


def _through(case: Case, expr: n.Expr) -> n.Expr:
    while isinstance(expr, n.Ref):
        expr = case.definitions[expr.name]
    return expr
