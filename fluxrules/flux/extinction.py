"""When a right ends: its own date, or five years after the guaranteed loan was fully repaid (CCH L. 441-1), to the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fluxrules.ir.calendar import add_months
from fluxrules.model.flux.values import Reservation

YEARS_AFTER = 5


def after_repayment(repaid: date, years: int = YEARS_AFTER) -> date:
    """The last day of a right whose loan was repaid: the same day, five years later; 29 February gives 28 February."""
    return add_months(repaid, 12 * years)


def last_day(right: Reservation, repaid: Mapping[str, date | None]) -> date | None:
    """The last day of a right, inclusive; ``None`` while it has no end.

    ``repaid``: for each loan of the table, the day of its full repayment, ``None`` while it runs. A right that rests on several
    loans lasts as long as one of them; a loan that the table does not know keeps it open.
    """
    ends: list[date] = []
    if right.until is not None:
        ends.append(right.until)
    if right.repaid is not None:
        ends.append(after_repayment(right.repaid))
    elif right.loans:
        days = [repaid.get(loan) for loan in right.loans]
        done = [d for d in days if d is not None]
        if len(done) == len(days):
            ends.append(after_repayment(max(done)))
    return min(ends, default=None)


def runs(right: Reservation, day: date, repaid: Mapping[str, date | None]) -> bool:
    """Whether a right is exercised on a day."""
    end = last_day(right, repaid)
    return (right.since is None or right.since <= day) and (end is None or day <= end)
