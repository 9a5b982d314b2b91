"""Proof that 64 bits are enough: a column that wraps gives a wrong note in silence.

The greatest numerator and denominator that each expression may reach follow from the bounds of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, lcm, prod

from fluxrules.ir import nodes as n
from fluxrules.ir.walk import children, line_exprs, lines

LIMIT = 2**62


class TooWideError(Exception):
    """A calculation may leave 64 bits; ``expr`` is the first such expression."""

    def __init__(self, expr: n.Expr) -> None:
        super().__init__("64 bits are not proved enough")
        self.expr = expr


@dataclass(frozen=True)
class Size:
    """Greatest absolute numerator, and greatest denominator (constant or not)."""

    num: int
    den: int
    constant: bool = True


def check_widths(program: n.Program) -> list[n.Expr]:
    """The expressions of a program that may leave 64 bits, none below another."""
    found: list[n.Expr] = []
    sizes: dict[str, Size] = {}
    parameters = dict(program.parameters)

    def size(e: n.Expr) -> Size:
        result = _size(e, size, sizes, parameters)
        if result.num >= LIMIT or result.den >= LIMIT:
            found.append(e)
            return Size(1, 1)
        return result

    def visit(e: n.Expr) -> None:
        if isinstance(e, n.Compare):
            a, b = size(e.left), size(e.right)
            if max(a.num * b.den, b.num * a.den) >= LIMIT:
                found.append(e)
            return
        if hasattr(e, "type") and isinstance(e, n.Add | n.Mul | n.Div | n.Case | n.Field):
            if isinstance(e, n.Field) and e.range is None:
                return
            if not isinstance(e, n.Case) or not isinstance(e.otherwise, n.Pick):
                size(e)
        for child in children(e):
            visit(child)

    for name, expr in program.definitions:
        visit(expr)
        sizes[name] = size(expr) if isinstance(expr, _NUMERIC) and not _picks(expr) else Size(1, 1)
    for line in lines(program.root):
        for expr in line_exprs(line):
            visit(expr)
        if isinstance(line.points, n.Bands) and not isinstance(line.points.item, n.Elapsed):
            s = size(line.points.item)
            bounds = [v for b in line.points.bands for v in (b.low, b.high) if v is not None]
            if any(s.num * v.denominator >= LIMIT or abs(v.numerator) * s.den >= LIMIT for v in bounds):
                found.append(line.points.item)
        if isinstance(line.points, n.Steps) and not isinstance(line.points.item, n.Elapsed):
            s = size(line.points.item)
            step = line.points.step
            if s.num * step.denominator * abs(line.points.rate) >= LIMIT or s.den * step.numerator >= LIMIT:
                found.append(line.points.item)
    return found


_NUMERIC = (n.Const, n.Field, n.Param, n.Ref, n.Add, n.Mul, n.Div, n.Count, n.Case)


def _picks(e: n.Expr) -> bool:
    return isinstance(e, n.Case) and isinstance(e.otherwise, n.Pick)


def _size(e: n.Expr, size: Callable[[n.Expr], Size], sizes: dict[str, Size], parameters: dict[str, n.Dated]) -> Size:
    match e:
        case n.Const(value=value):
            return Size(abs(value.numerator), value.denominator)
        case n.Param(name=name):
            dated = parameters[name]
            ends = (dated.range.low, dated.range.high) if dated.range is not None else ()
            den = lcm(*(v.denominator for v in (*dated.known, *ends)))
            return Size(max(ceil(abs(v) * den) for v in (*dated.known, *ends)), den)
        case n.Field(range=known, factor=factor) if known is not None:
            return Size(int(max(abs(known.low), abs(known.high))) * factor.numerator, factor.denominator)
        case n.Ref(name=name):
            return sizes.get(name, Size(1, 1))
        case n.Count():
            return Size(100_000, 1)  # a table may hold more rows than the vocabulary admits
        case n.Add(items=items):
            parts = [size(i) for i in items]
            if all(p.constant for p in parts):
                den = lcm(*(p.den for p in parts))
                return Size(sum(p.num * (den // p.den) for p in parts), den)
            den = prod(p.den for p in parts)
            return Size(sum(p.num * (den // max(1, p.den)) for p in parts), den, False)
        case n.Mul(left=a, right=b):
            x, y = size(a), size(b)
            return Size(x.num * y.num, x.den * y.den, x.constant and y.constant)
        case n.Div(left=a, right=b):
            x, y = size(a), size(b)
            return Size(x.num * y.den * max(1, y.num), x.den * y.num * max(1, y.num if not y.constant else 1), False)
        case n.Case(branches=branches, otherwise=otherwise):
            parts = [size(v) for _, v in branches] + [size(otherwise)]
            den = lcm(*(p.den for p in parts))
            top = max(p.num * (den // p.den) for p in parts)
            # Two branches are compared with each other where the condition is unknown.
            return Size(top, den, all(p.constant for p in parts))
        case _:
            return Size(1, 1)
