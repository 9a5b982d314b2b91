"""DISC-NEG: no points are taken away for a protected ground."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.ir import nodes as n
from fluxrules.ir.walk import children, line_exprs
from fluxrules.law.case import Case, Found


def check_protected(case: Case) -> Iterator[Found]:
    """Three ways to read a ground: anywhere; affirmed (« sauf handicap » spares whom it names); outside counts (counting children to see
    who is under-occupied is not an age criterion)."""
    rule = case.law.get("DISC-NEG")
    if rule is None:
        return
    anywhere, affirmed, loose = (set(rule.words(k)) for k in ("champs", "champs affirmés", "champs hors comptes"))
    for placed in case.lines:
        if placed.low >= 0:
            continue
        read = case.fields(placed.line) & anywhere | case.fields(placed.line, counts=False) & loose
        read |= {f for e in line_exprs(placed.line) for f in _affirmed(case, e, True)} & affirmed
        if read:
            yield Found("DISC-NEG", "FX7024", f"« {placed.name} » peut retirer des points et lit un motif protégé : {', '.join(sorted(read))}.",
                        placed.where, "Retirez ce critère, ou donnez des points à l'inverse.")  # fmt: skip


def _affirmed(case: Case, expr: n.Expr, positive: bool) -> Iterator[str]:
    """The fields whose truth can make a condition true. What a number depends on is affirmed both ways."""
    match expr:
        case n.Not(item=item):
            yield from _affirmed(case, item, not positive)
        case n.Ref(name=name) if name in case.definitions:
            yield from _affirmed(case, case.definitions[name], positive)
        case n.Field(name=name) if positive:
            yield name
        case n.Exists(where=None):
            return
        case n.Exists(where=where) | n.ForAll(where=where):
            assert where is not None
            yield from _affirmed(case, where, positive)
        case n.And() | n.Or():
            for item in expr.items:
                yield from _affirmed(case, item, positive)
        case n.Field():
            return
        case _:
            for item in children(expr):
                yield from _affirmed(case, item, True)
