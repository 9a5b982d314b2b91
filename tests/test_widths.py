"""The proof that 64 bits suffice: what it admits, every engine computes exactly; what would wrap, it refuses."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from fluxrules.ir import nodes as n
from fluxrules.ir.types import Bool, Number, Range
from fluxrules.ir.widths import check_widths

NUMBER = Number()
KNOWN = n.Field("demande", "oui", "oui", Bool())
ROWS = n.Rows("membre", "membres", None, True, 30)


def field(name: str, most: int) -> n.Field:
    return n.Field("demande", name, name, NUMBER, Range(Fraction(0), Fraction(most)))


def quotient(a: str, b: str, most: int) -> n.Div:
    return n.Div(field(a, most), field(b, most), NUMBER)


def proved(e: n.Expr) -> bool:
    line = n.Line(n.Steps(e, 1, Fraction(1), 0, 10))
    return check_widths(n.Program(n.Family(n.Reducer.SUM, (line,)), (), (), (), KNOWN, 1)) == []


@pytest.mark.parametrize(("most", "fits"), [(2**30, True), (2**31, False), (2**40, False)])
def test_two_quotients_of_a_case_are_multiplied_crosswise(most: int, fits: bool) -> None:
    case = n.Case(((KNOWN, quotient("a", "b", most)),), quotient("c", "d", most), NUMBER)
    assert proved(case) is fits


def test_any_two_branches_are_crossed() -> None:
    """A wide quotient in one branch, a wide denominator in another that is not the next one."""
    small, wide = field("x", 10), quotient("a", "b", 2**31)
    between = n.Case(((KNOWN, wide), (n.Not(KNOWN), small)), quotient("c", "d", 2**31), NUMBER)
    assert not proved(between)
    assert proved(n.Case(((KNOWN, wide), (n.Not(KNOWN), small)), n.Const(Fraction(1, 2)), NUMBER))


def test_over_a_count_both_ends_are_multiplied() -> None:
    count = n.Count(ROWS, KNOWN)  # up to 1 000 rows, which may be an interval
    assert proved(n.Div(field("a", 2**50), count, NUMBER))
    assert not proved(n.Div(field("a", 2**53), count, NUMBER))
    assert proved(n.Div(field("a", 10), n.Mul(count, n.Const(Fraction(2**20)), NUMBER), NUMBER))
    assert not proved(n.Div(field("a", 10), n.Mul(count, n.Const(Fraction(2**22)), NUMBER), NUMBER))


def test_the_denominators_of_a_parameter_are_those_of_all_its_values() -> None:
    values = ((date(2020, 1, 1), Fraction(1, 3)), (date(2021, 1, 1), Fraction(1, 2**20)))
    p = n.Param("p", NUMBER)
    total = n.Add((p, field("a", 2**40)), NUMBER)
    line = n.Line(n.Steps(total, 1, Fraction(1), 0, 10))
    program = n.Program(n.Family(n.Reducer.SUM, (line,)), (), (("p", n.Dated(values)),), (), KNOWN, 1)
    assert check_widths(program) == []
    wide = ((date(2020, 1, 1), Fraction(1, 3)), (date(2021, 1, 1), Fraction(1, 2**21)))
    assert check_widths(n.Program(program.root, (), (("p", n.Dated(wide)),), (), KNOWN, 1)) != []
