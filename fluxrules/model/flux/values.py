"""A convention as values. Shares are exact fractions of the flux; every value that a message may point to keeps its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from fluxrules.document.nodes import Mapping as Tree
from fluxrules.model.flux.conditions import Condition
from fluxrules.text.source import Source, Span

NOWHERE = Span(Source("", ""), 0, 0)
EXEMPT = ("défense nationale", "sécurité intérieure", "établissement public de santé")
"""The services whose reservations stay on named dwellings (CCH R. 441-5, I, and L. 441-1)."""
SIGNATORIES = {"bailleur", "réservataire"}
LOCAL = ("commune", "epci", "département", "région")
"""Collectivités and their groupings: their convention bears on their own territory."""


@dataclass(frozen=True)
class Party:
    """A bailleur or a réservataire. ``code`` is what tables call it (the SIREN, for a bailleur)."""

    code: str
    name: str
    kind: str = ""
    siren: str | None = None
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Part:
    """One of those between whom a réservataire shares its rights, ``share`` of them (a mayor and the boroughs)."""

    code: str
    name: str
    share: Fraction


@dataclass(frozen=True)
class Scale:
    """Where a document applies: the communes of ``codes`` (``kind``: département, commune, epci, région), of ``within`` alone if given."""

    kind: str
    codes: tuple[str, ...]
    within: str | None = None
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Left:
    """Single rights at the start of a year: how many are left, over how many years, and how that is known; ``None`` in both where it is not
    (``source`` then says why)."""

    rights: Fraction | None
    years: Fraction | None
    source: str


@dataclass(frozen=True)
class Share:
    """What is promised, as it is written. ``kind``:

    « part »: ``value`` of the flux; « droits uniques »: ``value`` rights over ``years``; « logements par an »: ``value`` dwellings a
    year; « poids du stock », « droits de suite »: a conversion, with its numbers in ``inputs``. ``steps``: a ramp, each share from a
    day on. ``base`` is what a number of rights is a share of: « assiette » or « attributions » (« » for a share of the flux). ``left``: not
    written, the balance of single rights that a year starts from (``flux/single_rights.py``).
    """

    kind: str
    value: Fraction
    years: int | None = None
    base: str = ""
    steps: tuple[tuple[date, Fraction], ...] = ()
    inputs: Mapping[str, Fraction] = field(default_factory=dict)
    left: Left | None = None
    said: str = field(default="", compare=False)
    place: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def numbered(self) -> bool:
        """A number of rights or of dwellings a year, not a share of the flux nor a conversion that gives one."""
        return self.kind in ("droits uniques", "logements par an") and not self.inputs

    @property
    def single(self) -> bool:
        """Single rights: each dwelling consumes one."""
        return self.kind == "droits uniques" and not self.inputs


@dataclass(frozen=True)
class SubShare:
    """A part of a reservation, a fraction of the flux too. ``firm``: an engagement, not a wish. ``agents``: the State's own staff."""

    name: str
    value: Fraction
    condition: Condition | None = None
    firm: bool = True
    agents: bool = False
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Reservation:
    """One right of a convention. ``counterpart``: « garantie d'emprunt », « apport de terrain », « financement », « sans contrepartie », or
    « » when it is not written. ``since`` and ``until`` are inclusive. ``loans``: the guaranteed loans, whose full repayment ends the
    right five years later; ``repaid``: that day, where the text gives it. ``programmes``: where alone the right is exercised, and
    ``most_held``: the share of their dwellings that it may hold at a time (public land ceded to build: CCH, décote foncière).
    """

    name: str
    share: Share
    counterpart: str = ""
    subs: tuple[SubShare, ...] = ()
    condition: Condition | None = None
    loans: tuple[str, ...] = ()
    repaid: date | None = None
    since: date | None = None
    until: date | None = None
    programmes: tuple[str, ...] = ()
    most_held: Fraction | None = None
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Contrary:
    """A stipulation contraire (CCH R. 441-5-2, II): ``on`` is « hors QPV » or « par commune »."""

    on: str
    article: str
    rate: Fraction | None = None
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Relief:
    """The prefect's exceptional order (CCH R. 441-5-2, I): ``share`` and ``agents`` are the ceilings that it allows."""

    act: str
    reason: str
    since: date
    until: date
    share: Fraction | None = None
    agents: Fraction | None = None
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Delegation:
    to: str
    act: str
    agents: bool | None = None
    evaluation: str | None = None
    withdrawal: str | None = None
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Delay:
    """``amount`` « mois » or « jours »."""

    amount: int
    unit: str
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Objective:
    """So many of a public: ``rate`` of « baux signés » or « attributions » (``base``), or ``number`` a year; ``where``: partout, QPV, hors QPV.

    ``bailleur`` (a SIREN) and ``reservataire`` (a code) restrict it.
    """

    public: str
    where: str = "partout"
    rate: Fraction | None = None
    number: int | None = None
    base: str = ""
    bailleur: str | None = None
    reservataire: str | None = None
    source: str | None = None
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class CarryOver:
    """What becomes of the balance on 31 December: carried (``most`` dwellings, during ``years``) or not. ``None`` at the root: not written."""

    carried: bool
    most: int | None = None
    years: int | None = None


@dataclass(frozen=True)
class Report:
    """What is agreed of the yearly bilan. ``before``: the day and the month; ``recipients``: as they are written; ``tolerance``: a gap that nobody is
    blamed for, in ``unit`` (« points » of the flux, or « logements »)."""

    before: tuple[int, int] | None = None
    recipients: tuple[str, ...] = ()
    tolerance: Fraction | None = None
    unit: str = ""
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Terms:
    """What the parties agreed, as of one version. ``None``: the convention does not say it.

    ``by_commune``: « identique » is the empty mapping. ``counts``: for each issue, whether the dwelling counts in the share.
    ``counted``: the event that counts (« à la mise à disposition », « à la décision de la commission », « au bail »).
    """

    reservations: tuple[Reservation, ...] = ()
    outside_qpv: Fraction | None = None
    by_commune: Mapping[str, Fraction] | None = None
    contrary: tuple[Contrary, ...] = ()
    management: str | None = None
    delay: Delay | None = None
    delay_from: str | None = None
    silence: str | None = None
    fallback: tuple[str, ...] = ()
    candidates: int | None = None
    new_candidates: Delay | None = None
    counted: str | None = None
    counts: Mapping[str, bool] = field(default_factory=dict)
    taken_back: bool | None = None
    carry_over: CarryOver | None = None
    rounding: str | None = None
    deliveries: str | None = None
    objectives: tuple[Objective, ...] = ()
    coherent_with: str | None = None
    report: Report | None = None
    outside_qpv_place: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Amendment:
    """An avenant: its ``terms`` replace those named in ``replaced`` (keys as written) from ``since`` on."""

    number: str
    signed: Mapping[str, date]
    since: date
    until: date | None
    terms: Terms
    replaced: tuple[str, ...]
    place: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def fully_signed(self) -> bool:
        """One that a party did not sign changes nothing."""
        return self.signed.keys() >= SIGNATORIES


@dataclass(frozen=True)
class Convention:
    """A convention without error. ``regime``: flux, stock or mixte. ``designated``: dwellings or programmes in stock.

    ``signed``: the day of each signature, by party. ``until`` is inclusive; ``ended``: the day it was terminated, or the eve of the one that
    followed it. ``order``: the prefect's order that stands for a convention of the State (CCH R. 441-5-2, IV). ``renewal``: a tacit one carries it on past ``until``, as long as nobody ends it.
    """

    name: str
    nature: str
    title: str
    bailleur: Party
    reservataire: Party
    scale: Scale
    since: date
    until: date | None
    terms: Terms
    signed: Mapping[str, date] = field(default_factory=dict)
    sent: date | None = None
    ended: date | None = None
    renewal: str | None = None
    regime: str = "flux"
    designated: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    relief: Relief | None = None
    delegation: Delegation | None = None
    amendments: tuple[Amendment, ...] = ()
    order: str = ""
    place: Span = field(default=NOWHERE, compare=False, repr=False)
    tree: Tree = field(default=Tree((), NOWHERE), compare=False, repr=False)

    @property
    def by_order(self) -> bool:
        """Whether the prefect's order stands for it: only the State's rights may rest on one."""
        return bool(self.order) and self.reservataire.kind == "état"

    @property
    def fully_signed(self) -> bool:
        return self.by_order or self.signed.keys() >= SIGNATORIES

    @property
    def renews(self) -> bool:
        """Whether it goes on past its written end without a new signature."""
        return self.nature == "en vigueur" and (self.renewal or "").startswith("tacite")

    @property
    def last(self) -> date | None:
        """Its last day, inclusive; ``None`` while nothing ends it."""
        until = None if self.renews else self.until
        if until is None or self.ended is None:
            return until or self.ended
        return min(until, self.ended)

    def applies(self, day: date) -> bool:
        """Whether its dates cover a day (signatures are another matter)."""
        if day < self.since:
            return False
        last = self.last
        return last is None or day <= last
