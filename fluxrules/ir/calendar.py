"""The one calendar (docs/calculus.md §3)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of that month. Raises ``OverflowError`` out of years 1 to 9999."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("year out of range")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def whole_months(since: date, reference: date) -> int:
    """The largest n with ``since`` + n months ≤ ``reference``."""
    months = (reference.year - since.year) * 12 + reference.month - since.month
    return months if add_months(since, months) <= reference else months - 1


@lru_cache(maxsize=4096)
def elapsed_bound(op: str, months: int, days: int, reference: date) -> tuple[date, date]:
    """The days D for which « elapsed since D op length » holds, as an inclusive interval (first > last for none).

    D + n months grows with D, so each comparison cuts the calendar at one or two days.
    """
    last_past = _last(lambda d: _shift(d, months, days) < reference)
    last_same = _last(lambda d: _shift(d, months, days) <= reference)
    next_past, next_same = _after(last_past), _after(last_same)
    return {
        ">": (date.min, last_past),
        ">=": (date.min, last_same),
        "<": (next_same, date.max),
        "<=": (next_past, date.max),
        "=": (next_past, last_same),
    }[op]


def _shift(day: date, months: int, days: int) -> date:
    try:
        return add_months(day, months) + timedelta(days=days)
    except OverflowError:
        return date.max if months + days > 0 else date.min


def _after(day: date) -> date:
    return date.max if day == date.max else day + timedelta(days=1)


def _last(holds: Callable[[date], bool]) -> date:
    """The last day on which a predicate that is true first and false after holds (``date.min`` when it never does)."""
    low, high = date.min.toordinal(), date.max.toordinal()
    if not holds(date.min):
        return date.min
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(date.fromordinal(middle)) else (low, middle - 1)
    return date.fromordinal(low)
