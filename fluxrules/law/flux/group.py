"""The conventions of one bailleur that bear on one département, on a day: what is added up is added up here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property

from fluxrules.diagnostics.diagnostic import Label
from fluxrules.flux.extinction import runs
from fluxrules.flux.territory import communes_of, departements_of
from fluxrules.law.flux.case import GUARANTEE, moments, share_in
from fluxrules.law.flux.context import IN_FORCE, PROJECT, Context
from fluxrules.model.flux.values import LOCAL, Convention
from fluxrules.model.flux.versions import terms_at

ZERO = Fraction(0)


@dataclass(frozen=True)
class Weight:
    """What a convention takes of the flux of its communes. ``guaranteed``: the part in return for guarantees of a collectivité; ``unknown``:
    the rights whose share no document gives, which are in neither sum."""

    convention: Convention
    total: Fraction
    guaranteed: Fraction
    unknown: tuple[str, ...] = ()
    guaranteed_unknown: bool = False


@dataclass(frozen=True)
class Group:
    """``conventions``: those in force that day, or with the projects in the place of what they renew."""

    bailleur: str
    departement: str
    day: date
    conventions: tuple[Convention, ...]
    context: Context

    @cached_property
    def _weights(self) -> dict[int, Weight]:
        return {id(c): _weight(c, self.day, self.context) for c in self.conventions if c.regime != "stock"}

    def weight(self, convention: Convention, communes: tuple[str, ...] = ()) -> Weight:
        """That of one of the conventions that share the flux, where it meets others. Two documents may have one name: it is no key."""
        found = self._weights[id(convention)]
        rate = self._rates[id(convention)].get(communes[0]) if communes else None
        if rate is None:
            return found
        # A rate of a commune is all that the convention takes there: each right keeps its part of it.
        guaranteed = found.guaranteed * rate / found.total if found.total else ZERO
        return replace(found, total=rate, guaranteed=guaranteed)

    @cached_property
    def _rates(self) -> dict[int, Mapping[str, Fraction]]:
        return {id(c): terms_at(c, self.day).by_commune or {} for c in self.conventions}

    @cached_property
    def meetings(self) -> list[tuple[tuple[Convention, ...], tuple[str, ...]]]:
        """The conventions that meet in a commune, with the communes where just these meet; the empty tuple: everywhere else."""
        sharing = [c for c in self.conventions if c.regime != "stock"]
        # Nothing narrower than the département: in every commune. Communes are listed for local scales alone, so that it stays linear.
        wide = {id(c) for c in sharing if c.scale.kind in ("département", "région")}
        local: dict[str, list[int]] = {}
        for convention in sharing:
            if id(convention) not in wide:
                for commune in communes_of(convention.scale):
                    local.setdefault(commune, []).append(id(convention))
        own = communes_of_departement(self.departement)
        apart = {commune for rates in self._rates.values() for commune in rates}
        for commune in sorted(apart):
            local.setdefault(commune, [])
        found: dict[tuple[str, tuple[int, ...]], list[str]] = {("", ()): []}
        for commune, names in local.items():
            if commune in own:
                found.setdefault((commune if commune in apart else "", tuple(names)), []).append(commune)
        return [
            (tuple(c for c in sharing if id(c) in wide or id(c) in names), tuple(sorted(communes)))
            for (_, names), communes in found.items()
        ]


def groups(context: Context) -> Iterator[Group]:
    """Every bailleur and département, on each day when something changes there from the day that was asked."""
    found: dict[tuple[str, str], list[Convention]] = {}
    for convention in context.dossier.conventions:
        if convention.nature in (IN_FORCE, PROJECT):
            for departement in sorted(departements_of(convention.scale)):
                found.setdefault((convention.bailleur.code, departement), []).append(convention)
    for (bailleur, departement), own in sorted(found.items()):
        days = {context.day} | {d for c in own for d in moments(c, context.day) if d > context.day}
        for day in sorted(days):
            here = tuple(c for c in own if c.applies(day))
            signed = tuple(c for c in here if c.nature == IN_FORCE)
            # What is in force first: a project that would put things right does not hide what is wrong today.
            for conventions in (signed, _replaced(here)) if len(signed) < len(here) else (signed,):
                if conventions:
                    yield Group(bailleur, departement, day, conventions, context)


def _replaced(conventions: tuple[Convention, ...]) -> tuple[Convention, ...]:
    """A project takes the place of the convention that it renews."""
    projects = {(c.reservataire.code, c.scale) for c in conventions if c.nature == PROJECT}
    return tuple(c for c in conventions if c.nature == PROJECT or (c.reservataire.code, c.scale) not in projects)


def others(conventions: Sequence[Convention], first: Convention) -> tuple[Label, ...]:
    """The other documents at fault."""
    return tuple(Label(c.place, f"« {c.name} »") for c in conventions if c is not first)


def latest(conventions: Sequence[Convention]) -> Convention:
    """The document to look at first: a project, or else the last that was signed."""
    return max(conventions, key=lambda c: (c.nature == PROJECT, max(c.signed.values(), default=c.since), c.name))


def communes_of_departement(code: str) -> frozenset[str]:
    from fluxrules.model.flux.values import Scale

    return communes_of(Scale("département", (code,)))


def _weight(convention: Convention, day: date, context: Context) -> Weight:
    total, guaranteed, unknown, hidden = ZERO, ZERO, list[str](), False
    for right in terms_at(convention, day).reservations:
        if not runs(right, day, context.repaid):
            continue
        share = share_in(convention, right, day, context)
        counts = right.counterpart == GUARANTEE and convention.reservataire.kind in LOCAL
        if share is None:
            unknown.append(right.name)
            hidden |= counts
            continue
        total += share
        guaranteed += share if counts else ZERO
    return Weight(convention, total, guaranteed, tuple(unknown), hidden)
