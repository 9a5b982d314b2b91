"""The calendar against its own definition, over month ends and leap days."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxrules.ir.calendar import add_months, elapsed_bound, whole_months

days = st.dates(date(1995, 1, 1), date(2035, 12, 31))
EDGES = [date(2024, 2, 29), date(2023, 2, 28), date(2024, 1, 31), date(2024, 12, 31), date(2025, 4, 30)]
edge = st.one_of(days, st.sampled_from(EDGES))
SETTINGS = settings(max_examples=400, deadline=None, derandomize=True, database=None)


@SETTINGS
@given(edge, edge)
def test_whole_months_is_the_largest_that_fits(since: date, reference: date) -> None:
    n = whole_months(since, reference)
    assert add_months(since, n) <= reference < add_months(since, n + 1)


@SETTINGS
@given(edge, edge, st.integers(0, 60), st.integers(0, 40), st.sampled_from(["<", "<=", ">", ">=", "="]))
def test_elapsed_bound_is_the_comparison(since: date, reference: date, months: int, extra: int, op: str) -> None:
    shifted = add_months(since, months) + timedelta(days=extra)
    holds = {
        ">": shifted < reference,
        ">=": shifted <= reference,
        "<": shifted > reference,
        "<=": shifted >= reference,
        "=": shifted == reference,
    }
    first, last = elapsed_bound(op, months, extra, reference)
    assert (first <= since <= last) == holds[op]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
    ],
)
def test_add_months_clamps(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected
