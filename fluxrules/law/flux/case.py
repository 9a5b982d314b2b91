"""A convention held against the law of a day, and what its checks ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from fluxrules.diagnostics.diagnostic import Label
from fluxrules.document.nodes import Mapping, Node, Scalar
from fluxrules.flux.extinction import runs
from fluxrules.flux.shares import Bases, share_of
from fluxrules.ir.calendar import add_months
from fluxrules.language.numbers import show_number
from fluxrules.law.case import Found
from fluxrules.law.flux.context import IN_FORCE, Context, last_day, within
from fluxrules.law.rules import Law, Rule
from fluxrules.model.flux.values import Convention, Reservation, Terms
from fluxrules.model.flux.versions import terms_at
from fluxrules.text.source import Span

GUARANTEE = "garantie d'emprunt"
STATE = "état"


@dataclass(frozen=True)
class Case:
    """A convention on one of its days."""

    convention: Convention
    day: date
    context: Context

    @property
    def law(self) -> Law:
        return self.context.law(self.day)

    @cached_property
    def terms(self) -> Terms:
        return terms_at(self.convention, self.day)

    @property
    def kind(self) -> str:
        return self.convention.reservataire.kind

    @property
    def of_state(self) -> bool:
        return self.kind == STATE

    @property
    def in_force(self) -> bool:
        return self.convention.nature == IN_FORCE

    @property
    def place(self) -> Span:
        return self.convention.place

    @property
    def flux_label(self) -> tuple[Label, ...]:
        """The flux that a finding counts on: the other document to look at."""
        year = self.context.year_of(self.convention.bailleur.code, self.convention.scale, self.day.year)
        return (Label(year.place, f"« {year.name} »"),) if year is not None else ()

    def at(self, key: str) -> Span:
        """Where a key of the document is, or its name."""
        found = self.convention.tree.key(key)
        return found.span if found else self.place

    def written(self, *keys: str) -> str:
        """The text under keys, empty where nothing is written."""
        node: Node | None = self.convention.tree
        for key in keys:
            node = node.get(key) if isinstance(node, Mapping) else None
        return node.text.strip() if isinstance(node, Scalar) else ""

    @cached_property
    def running(self) -> tuple[Reservation, ...]:
        """The reservations that are exercised that day."""
        return tuple(r for r in self.terms.reservations if runs(r, self.day, self.context.repaid))

    def share(self, right: Reservation) -> Fraction | None:
        """The exact share of the flux of the scale; ``None`` for a number whose base no document gives."""
        return share_in(self.convention, right, self.day, self.context)

    @cached_property
    def total(self) -> Fraction | None:
        """All the reservations together; unknown as soon as one is."""
        found = [self.share(r) for r in self.running]
        known = [s for s in found if s is not None]
        return sum(known, Fraction(0)) if len(known) == len(found) else None


Check = Callable[[Case], Iterator[Found]]


def share_in(convention: Convention, right: Reservation, day: date, context: Context) -> Fraction | None:
    """The share of a right; the bases of a written number are those of the year of the day."""
    share = right.share
    if share.kind in ("part",) or share.inputs:
        return share_of(share, day, Bases()).value
    year = context.year_of(convention.bailleur.code, convention.scale, day.year)
    attributions = year.attributions.value if year is not None and year.scale == convention.scale else None
    amount = context.amount(convention.bailleur.code, convention.scale, day.year)
    return share_of(share, day, Bases(amount, attributions)).value


def moments(convention: Convention, day: date) -> list[date]:
    """The day it is judged on, then each later day on which its terms change: a step that breaks a ceiling is found before it comes."""
    first = within(convention, day)
    ramps = [
        s
        for t in (convention.terms, *(a.terms for a in convention.amendments))
        for r in t.reservations
        for s in r.share.steps
    ]
    if not convention.amendments and not ramps and convention.relief is None:
        return [first]
    days = {a.since for a in convention.amendments} | {d for d, _ in ramps}
    if convention.relief is not None:
        days |= {convention.relief.since, convention.relief.until + timedelta(days=1)}
    end = last_day(convention)
    return [first, *sorted(d for d in days if d > first and (end is None or d <= end))]


def percent(value: Fraction) -> str:
    """A share as a person reads it."""
    return f"{show_number(100 * value, 2)} %"


def after(rule: Rule, name: str, day: date) -> date:
    """A day and a length of the rule (« 5 ans », « 1 an », « 2 mois ») after it."""
    return add_months(day, months(str(rule.parameters[name])))


def months(length: str) -> int:
    """« 5 ans » → 60, « 2 mois » → 2. Raises ``ValueError`` for anything else: parameters are ours or a decree's, checked when read."""
    amount, unit = length.split()
    return int(amount) * {"an": 12, "ans": 12, "mois": 1}[unit]
