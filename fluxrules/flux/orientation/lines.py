"""The parties of a day: one line a reservation that runs, with its exact share, its territory and its sub-shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

from fluxrules.flux.assiette import Assiette
from fluxrules.flux.by_commune import factors
from fluxrules.flux.parties import BAILLEUR, DEFAULT
from fluxrules.flux.shares import Right, rights_of
from fluxrules.flux.territory import communes_of
from fluxrules.flux.year_shares import periods
from fluxrules.model.flux.conditions import Condition
from fluxrules.model.flux.values import EXEMPT, Convention, Reservation, SubShare
from fluxrules.model.flux.versions import terms_at
from fluxrules.model.flux.year import FluxYear

Key = tuple[str, str]
"""A réservataire's code and the name of its reservation, as the journal writes them."""
OWN: Key = (BAILLEUR, "")
INSIDE = " > "
"""Between a reservation and its sub-share, in the journal."""


@dataclass(frozen=True)
class Sub:
    """``firm``: an engagement of at least one dwelling a year; another yields. ``label``: as the journal writes it."""

    name: str
    label: str
    share: Fraction
    condition: Condition | None
    firm: bool


@dataclass(frozen=True)
class Line:
    """A reservation has one, and one more for each commune where the convention takes another share (« par commune »).

    ``share``: of the flux of ``communes``; ``number``: it comes from a number of rights or dwellings, at which the year stops; ``wide``: the
    base of the number is attributions (uses outside the flux and first lettings are in it); ``rights``: how many single rights there are,
    left at the start of the year or in all (``left``: which of them); ``most``: how many dwellings it may hold at a time (« au plus du
    programme »)."""

    key: Key
    kind: str
    share: Fraction
    communes: frozenset[str]
    condition: Condition | None = None
    programmes: tuple[str, ...] = ()
    subs: tuple[Sub, ...] = ()
    rights: int | None = None
    number: bool = False
    wide: bool = False
    left: bool = False
    most: int | None = None

    def used_up(self, before: int, held: int) -> bool:
        """Whether no single right is left. ``before``: used before this year, already taken off where the balance of 1 January is known."""
        return self.rights is not None and (0 if self.left else before) + held >= self.rights


@dataclass(frozen=True)
class Parties:
    """The documents that decide who takes part, for one bailleur and one year."""

    year: FluxYear
    conventions: tuple[Convention, ...]
    assiette: Assiette | None
    repaid: Mapping[str, date | None]
    sizes: Mapping[str, int] = field(default_factory=dict)
    """The dwellings of each programme."""

    def lines(self, day: date) -> tuple[Line, ...]:
        """Those who take part on a day, in the order of conventions. The bailleur's own share is what is left, commune by commune."""
        found = []
        for convention in self.conventions:
            if convention.regime == "stock" or convention.reservataire.kind in EXEMPT or not convention.applies(day):
                continue
            places = communes_of(convention.scale)
            rights_ = rights_of(convention, day, self.assiette, self.year.attributions.value, self.repaid)
            apart = _apart(convention, rights_, day)
            for right in rights_:
                share = right.share.value
                if share is None:
                    continue
                label = label_of(convention, right.reservation.name, self.conventions)
                amount = self.assiette.on(places) if self.assiette is not None else None
                subs = tuple(_sub(s, label, amount) for s in right.reservation.subs)
                written = right.reservation.share
                left = written.left.rights if written.left is not None else None
                rights = int(written.value if left is None else left) if written.single else None
                line = Line(label, convention.reservataire.kind, share, places - apart.keys(), right.reservation.condition,
                            right.reservation.programmes, subs, rights, written.numbered, right.in_rights, left is not None, self._most(right.reservation))  # fmt: skip
                found.append(line)
                found += [_at_rate(line, commune, factor) for commune, factor in apart.items()]
        return tuple(found)

    def _most(self, right: Reservation) -> int | None:
        """The whole part of its share of the dwellings of its programmes."""
        if right.most_held is None:
            return None
        return int(right.most_held * sum(self.sizes.get(p, 0) for p in right.programmes))

    @cached_property
    def numbers(self) -> Mapping[Key, Fraction]:
        """What a year owes to each reservation that is a number: the number, for its days over those of the year."""
        found: dict[Key, Fraction] = {}
        whole = (date(self.year.year, 12, 31) - date(self.year.year, 1, 1)).days + 1
        for c in self.conventions:
            if c.regime == "stock" or c.reservataire.kind in EXEMPT:
                continue
            for since, until in periods(c, self.year.year, self.repaid):
                for right in rights_of(c, since, self.assiette, self.year.attributions.value, self.repaid):
                    if right.reservation.share.numbered:
                        key = label_of(c, right.reservation.name, self.conventions)
                        owed = right.yearly.known * ((until - since).days + 1) / whole
                        found[key] = found.get(key, Fraction(0)) + owed
        return found

    def unknown(self, day: date) -> tuple[str, ...]:
        """The reservations whose share is not known on a day."""
        return tuple(
            f"{c.name}, {r.reservation.name}"
            for c in self.conventions if c.regime != "stock" and c.applies(day)
            for r in rights_of(c, day, self.assiette, self.year.attributions.value, self.repaid) if r.share.value is None
        )  # fmt: skip


def label_of(convention: Convention, reservation: str, all_: Sequence[Convention]) -> Key:
    """The key of a reservation. Without the two signatures, it is exercised by the préfet, in a bucket of its own."""
    if not convention.fully_signed:
        return DEFAULT, f"{reservation} ({convention.name})"
    code = convention.reservataire.code
    several = sum(c.reservataire.code == code and c.fully_signed for c in all_) > 1
    return code, f"{reservation} ({convention.name})" if several else reservation


def rank_of(key: Key, lines: Sequence[Line], order: Sequence[str]) -> tuple[int, int]:
    """Who comes first among equals: « égalités » of the year, then the order of conventions; the bailleur last where it is not named."""
    named = order.index(key[0]) if key[0] in order else len(order)
    return named, next((i for i, line in enumerate(lines) if line.key == key), len(lines))


def _apart(convention: Convention, rights: Sequence[Right], day: date) -> Mapping[str, Fraction]:
    """The communes where the convention takes another share, with what each reservation is multiplied by there."""
    shares = [r.share.value for r in rights]
    known = [s for s in shares if s is not None]
    total = sum(known, Fraction(0)) if len(known) == len(shares) else None
    return factors(convention, terms_at(convention, day), total) or {}


def _at_rate(line: Line, commune: str, factor: Fraction) -> Line:
    subs = tuple(replace(s, share=s.share * factor) for s in line.subs)
    return replace(line, share=line.share * factor, communes=frozenset({commune}), subs=subs)


def conventions_in(year: FluxYear, conventions: Sequence[Convention]) -> tuple[Convention, ...]:
    """Those of the bailleur, drafts apart."""
    return tuple(c for c in conventions if c.bailleur.code == year.bailleur.code and c.nature != "projet")


def _sub(sub: SubShare, label: Key, amount: Fraction | None) -> Sub:
    whole = amount is not None and sub.value * amount >= 1
    return Sub(sub.name, label[1] + INSIDE + sub.name, sub.value, sub.condition, sub.firm and whole)
