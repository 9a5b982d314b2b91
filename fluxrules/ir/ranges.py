"""What ranges prove before any run: the points a line or a family may be worth, the numbers an expression may reach."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from fluxrules.ir import nodes as n

# Whole months since a day that is not known: from today to a life of 120 years.
ELAPSED_MONTHS = (0, 1440)
# Past it a number is as good as unbounded, and squares of squares would take more digits than there is time for.
_MOST_BITS = 1024


def points_range(
    points: n.Points, definitions: dict[str, n.Expr], parameters: dict[str, n.Dated]
) -> tuple[int, int] | None:
    """Least and greatest points over all households; ``None`` when the line can only be sans objet."""
    match points:
        case n.Fixed() | n.Table() | n.Bands():
            from fluxrules.ir.walk import point_values

            values = [p for p in point_values(points) if p is not None]
            return (min(values), max(values)) if values else None
        case n.Steps(item=item, rate=rate, step=step, least=least, most=most):
            low, high = (
                ELAPSED_MONTHS if isinstance(item, n.Elapsed) else number_range(item, definitions, parameters) or (0, 0)
            )
            ends = sorted(rate * floor(Fraction(x) / step) for x in (low, high))
            return clamp(ends[0], least, most), clamp(ends[1], least, most)


def clamp(value: int, least: int | None, most: int | None) -> int:
    """``value`` kept between two limits, each of which may be missing."""
    if most is not None:
        value = min(value, most)
    return value if least is None else max(value, least)


def number_range(
    e: n.Expr,
    definitions: dict[str, n.Expr],
    parameters: dict[str, n.Dated],
    memo: dict[str, tuple[Fraction, Fraction] | None] | None = None,
) -> tuple[Fraction, Fraction] | None:
    """The range of a numeric expression over all households; ``None`` when nothing bounds it (a quotient)."""
    known_names: dict[str, tuple[Fraction, Fraction] | None] = {} if memo is None else memo

    def of(x: n.Expr) -> tuple[Fraction, Fraction] | None:
        found = number_range(x, definitions, parameters, known_names)
        return None if found and any(abs(v.numerator).bit_length() > _MOST_BITS for v in found) else found

    match e:
        case n.Const(value=value):
            return value, value
        case n.Field(range=known, factor=factor):
            return (known.low * factor, known.high * factor) if known else None
        case n.Param(name=name):
            dated = parameters[name]
            return (
                (dated.range.low, dated.range.high) if dated.range is not None else (min(dated.known), max(dated.known))
            )
        case n.Ref(name=name):
            if name not in known_names:
                known_names[name] = of(definitions[name])
            return known_names[name]
        case n.Add(items=items):
            ends = [of(i) for i in items]
            if any(x is None for x in ends):
                return None
            return sum((x[0] for x in ends if x), Fraction(0)), sum((x[1] for x in ends if x), Fraction(0))
        case n.Mul(left=a, right=b):
            left, right = of(a), of(b)
            if left is None or right is None:
                return None
            products = [x * y for x in left for y in right]
            return min(products), max(products)
        case n.Count(rows=rows):
            return Fraction(0), Fraction(rows.most)
        case n.Case(branches=branches, otherwise=otherwise):
            ends = [of(v) for _, v in branches] + [of(otherwise)]
            if any(x is None for x in ends):
                return None
            return min(x[0] for x in ends if x), max(x[1] for x in ends if x)
        case _:
            return None
