"""The bounds of a family equal brute force over every way of settling its lines, nested families included."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxrules.engines.interpreter.reduce import Item, now, settled
from fluxrules.ir.nodes import Reducer, Rounding

Tree = list["Leaf | tuple[Reducer, Rounding, Tree]"]  # type: ignore[misc]
Leaf = tuple[bool, int, int]

leaf = st.tuples(st.booleans(), st.integers(-6, 6), st.integers(0, 3)).map(
    lambda t: (t[0], t[1], t[1] + (0 if t[0] else t[2]))
)
rounding = st.sampled_from(list(Rounding))
reducer = st.sampled_from(list(Reducer))
child = st.tuples(reducer, rounding, st.lists(leaf, max_size=2))


def settlings(x):  # type: ignore[no-untyped-def]
    """Every value an item may take; None for absent."""
    if isinstance(x[0], bool):
        present, low, high = x
        return [low] if present else [None, *range(low, high + 1)]
    r, k, items = x
    return [value(r, k, list(combo)) for combo in product(*(settlings(i) for i in items))]


def value(r: Reducer, k: Rounding, values: list[int | None]) -> int:
    return now(r, k, [Item(v, v, v, True, True) for v in values if v is not None])


def item(x) -> Item:  # type: ignore[no-untyped-def]
    if isinstance(x[0], bool):
        present, low, high = x
        return Item(low if present else 0, low, high, present, present)
    r, k, items = x
    low, high = settled(r, k, [item(i) for i in items])
    return Item(now(r, k, [item(i) for i in items]), low, high, True, True)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, derandomize=True, database=None)
@given(reducer, rounding, st.lists(st.one_of(leaf, leaf, child), max_size=4))
def test_bounds_equal_brute_force(r: Reducer, k: Rounding, items) -> None:  # type: ignore[no-untyped-def]
    every = [value(r, k, list(combo)) for combo in product(*(settlings(i) for i in items))]
    low, high = settled(r, k, [item(i) for i in items])
    assert (low, high) == (min(every), max(every))
    assert low <= now(r, k, [item(i) for i in items]) <= high
