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
MOST_ROWS = 1000
"""Readers leave out a demande with more rows than its vocabulary admits, which is far less."""


class TooWideError(Exception):
    """A calculation may leave 64 bits; ``expr`` is the first such expression."""

    def __init__(self, expr: n.Expr) -> None:
        super().__init__("64 bits are not proved enough")
        self.expr = expr


@dataclass(frozen=True)
class Size:
    """Greatest absolute numerator, and greatest denominator (constant or not). ``exact``: never an interval in any engine.

    A constant denominator of a parameter changes with the day: ``den`` is then a multiple of each, and ``num`` is over it.
    """

    num: int
    den: int
    constant: bool = True
    exact: bool = True


def check_widths(program: n.Program) -> list[n.Expr]:
    """The expressions of a program that may leave 64 bits, none below another."""
    found: list[n.Expr] = []
    sizes: dict[str, Size] = {}
    parameters = dict(program.parameters)

    def size(e: n.Expr) -> Size:
        result = _size(e, size, sizes, parameters)
        crossed = 0
        if isinstance(e, n.Case) and not result.constant:
            crossed = _crossed([size(v) for _, v in e.branches] + [size(e.otherwise)])
        if max(result.num, result.den, crossed) >= LIMIT:
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
            return Size(MOST_ROWS, 1, exact=False)
        case n.Add(items=items):
            parts = [size(i) for i in items]
            constant, exact = all(p.constant for p in parts), all(p.exact for p in parts)
            den = lcm(*(p.den for p in parts)) if constant else prod(p.den for p in parts)
            return Size(sum(p.num * (den // max(1, p.den)) for p in parts), den, constant, exact)
        case n.Mul(left=a, right=b):
            x, y = size(a), size(b)
            return Size(x.num * y.num, x.den * y.den, x.constant and y.constant, x.exact and y.exact)
        case n.Div(left=a, right=b):
            x, y = size(a), size(b)
            twice = 1 if y.exact else max(1, y.num)  # over an interval, both ends are multiplied
            return Size(x.num * y.den * twice, x.den * y.num * twice, False, x.exact and y.exact)
        case n.Case(branches=branches, otherwise=otherwise):
            parts = [size(v) for _, v in branches] + [size(otherwise)]
            exact = all(p.exact for p in parts)
            if all(p.constant for p in parts):
                den = lcm(*(p.den for p in parts))
                return Size(max(p.num * (den // p.den) for p in parts), den, True, exact)
            # Where the condition is unknown, each branch is compared with each other: ``_crossed`` bounds that.
            return Size(max(p.num for p in parts), max(p.den for p in parts), False, exact)
        case _:
            return Size(1, 1)


def _crossed(parts: list[Size]) -> int:
    """The greatest product when each number is brought over the denominator of each other."""
    return max((a.num * b.den for i, a in enumerate(parts) for j, b in enumerate(parts) if i != j), default=0)
