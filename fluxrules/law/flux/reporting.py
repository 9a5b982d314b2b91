"""The yearly bilan, as a convention promises it: no later than the article asks for (TRAP-15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from fluxrules.language.numbers import show_date
from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case
from fluxrules.law.limits import report_day


def check_report_day(case: Case) -> Iterator[Found]:
    """« avant le 28/02 » is the article's own; any later day is too late."""
    rule, report = case.law.get("FLUX-BILAN-DATE"), case.terms.report
    if rule is None or report is None or report.before is None:
        return
    day, month = report.before
    limit = report_day(rule, case.day.year)
    if date(limit.year, month, min(day, 28)) > limit or (month == limit.month and day > limit.day):
        yield Found(rule.id, "FX8140", f"La convention promet le bilan avant le {day:02}/{month:02} : l'article le demande avant le {show_date(limit)[:5]}.",
                    report.place, f"Écrivez « avant le: {show_date(limit)[:5]} », ou un jour plus tôt.")  # fmt: skip
