"""The floor outside QPV, the uniformity and the ceiling: what the formula says, a search over every sharing says too."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from fluxrules.law.flux.feasibility import Frees, Place, solve

FLOOR = Fraction(3, 10)
places = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=1, max_size=3)


def reachable(total: int, communes: list[tuple[int, int]], *, uniform: bool) -> bool:
    """Search: in each commune the State takes ``out`` dwellings outside QPV and ``into`` in QPV, ``total`` tenths of the flux in all."""
    choices = []
    for flux, outside in communes:
        every = [(out, into) for out in range(outside + 1) for into in range(flux - outside + 1)]
        choices.append([pair for pair in every if not uniform or 10 * sum(pair) == total * flux])
    whole, out_of = sum(f for f, _ in communes), sum(o for _, o in communes)
    return any(
        10 * sum(map(sum, taken)) == total * whole and 10 * sum(out for out, _ in taken) >= 3 * out_of
        for taken in product(*choices)
    )


@given(places, st.integers(0, 3))
def test_the_formula_is_the_search(drawn: list[tuple[int, int]], total: int) -> None:
    """Fluxes are tens, so that a tenth of each is whole and the search misses nothing."""
    communes = [(10, outside) if ten else (0, 0) for ten, outside in drawn]
    flux = [Place(Fraction(f), Fraction(o)) for f, o in communes]
    for uniform in (True, False):
        found = solve(Fraction(total, 10), FLOOR, flux, uniform=uniform)
        assert (found.frees is Frees.NOTHING) is reachable(total, communes, uniform=uniform)


def test_the_clause_that_frees_is_enough() -> None:
    apart = [Place(Fraction(150), Fraction(150)), Place(Fraction(50), Fraction(0))]
    assert solve(Fraction(1, 4), FLOOR, apart, uniform=True).frees is Frees.UNIFORM
    assert solve(Fraction(1, 4), FLOOR, apart, uniform=False).frees is Frees.NOTHING
    assert solve(Fraction(2, 10), FLOOR, apart, uniform=False).least == Fraction(225, 1000)
