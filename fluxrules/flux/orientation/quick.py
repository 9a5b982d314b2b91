"""The same orientation, quickly: integers over one denominator, terms read once a period, conditions once for all dwellings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm

from fluxrules.flux.orientation.lines import OWN, Key, Line, rank_of
from fluxrules.flux.orientation.rules import ALONE, GREATEST, after_return, before_flux, first_in_flux
from fluxrules.flux.orientation.values import Decision, Effect, Freed, World
from fluxrules.flux.perimeter import holds
from fluxrules.flux.year_shares import periods
from fluxrules.model.flux.conditions import Condition


@dataclass(frozen=True)
class _Adds:
    """What one dwelling adds, by counter: to parts, to numbers (which stop at that of the year), to sub-shares."""

    parts: tuple[tuple[Key, int], ...]
    numbers: tuple[tuple[Key, int], ...]
    subs: tuple[tuple[Key, int], ...]


@dataclass(frozen=True)
class _Period:
    """Lines by key, with what one dwelling of a commune adds to each counter, of the flux or outside it."""

    lines: tuple[Line, ...]
    rank: dict[Key, tuple[int, int]]
    here: dict[str, tuple[Line, ...]]
    adds: dict[str, _Adds]
    outside: dict[str, _Adds]


class _Terms:
    """The periods of the year and the common denominator of every share and balance."""

    def __init__(self, world: World) -> None:
        parties = world.parties
        year = parties.year.year
        cuts = {date(year, 1, 1)}
        for convention in parties.conventions:
            for since, until in periods(convention, year, parties.repaid):
                cuts |= {since, date.fromordinal(until.toordinal() + 1)}
        self.days = sorted(cuts)
        sets = [parties.lines(day) for day in self.days]
        shares = [share for lines in sets for x in lines for share in (x.share, *(s.share for s in x.subs))]
        self.scale = lcm(
            1, *(s.denominator for s in (*shares, *world.start.opening.values(), *parties.numbers.values()))
        )
        self._periods = [_Period(lines, {k: rank_of(k, lines, parties.year.order) for k in (*(x.key for x in lines), OWN)}, {}, {}, {}) for lines in sets]  # fmt: skip

    def at(self, day: date) -> _Period:
        return self._periods[max(0, bisect_right(self.days, day) - 1)]

    def whole(self, value: Fraction) -> int:
        return value.numerator * (self.scale // value.denominator)

    def place(self, period: _Period, commune: str) -> tuple[Line, ...]:
        """The lines of a commune; what a dwelling there adds is worked out at the first one."""
        if commune not in period.here:
            here = tuple(x for x in period.lines if commune in x.communes)
            period.here[commune] = here
            period.adds[commune] = self._adds(here)
            period.outside[commune] = self._adds([x for x in here if x.wide])
        return period.here[commune]

    def _adds(self, lines: Sequence[Line]) -> _Adds:
        return _Adds(
            tuple((x.key, self.whole(x.share)) for x in lines if not x.number),
            tuple((x.key, self.whole(x.share)) for x in lines if x.number),
            tuple(((x.key[0], s.label), self.whole(s.share)) for x in lines for s in x.subs),
        )


class _True:
    """Conditions, each worked out once for all dwellings."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: dict[str, dict[str, bool | None]] = {}

    def __call__(self, condition: Condition | None, f: Freed) -> bool:
        if condition is None:
            return True
        key = condition.hash
        if key not in self.found:
            frame = self.world.dwellings
            self.found[key] = dict(zip(frame["id_logement"], holds(condition, frame, f.day), strict=True))
        return self.found[key].get(f.dwelling) is True


def orient(world: World, queue: Sequence[Freed]) -> tuple[Decision, ...]:
    """One decision a release, in order; equal to ``reference.orient``."""
    return Running(world).orient(queue)


class Running:
    """Counters of a year that go forward, in units of the common denominator: ``past`` (carried and credits), ``parts``, ``numbers`` and
    ``subs`` that came, ``flux`` (its dwellings); ``held`` in dwellings."""

    def __init__(self, world: World) -> None:
        self.terms, self.true, self.world = _Terms(world), _True(world), world
        self.past = {k: self.terms.whole(v) for k, v in world.start.opening.items()}
        self.most = {k: self.terms.whole(v) for k, v in world.parties.numbers.items()}
        self.parts: dict[Key, int] = {}
        self.numbers: dict[Key, int] = {}
        self.subs: dict[Key, int] = {}
        self.flux = 0
        self.others = 0  # what came to anybody but the bailleur
        self.held: dict[Key, int] = dict(world.start.held)
        self.occupied = {key: set(homes) for key, homes in world.start.occupied.items()}
        self.holds = {home: key for key, homes in self.occupied.items() for home in homes}
        for day, commune in world.start.flux:
            self._seen(day, commune)
        for day, commune in world.start.others:
            self._outside(day, commune)

    def balance(self, key: Key) -> Fraction:
        return Fraction(self._late(key), self.terms.scale)

    def due(self, key: Key) -> Fraction:
        """What is owed of the year so far, without what was carried into it."""
        return Fraction(self._came(key), self.terms.scale)

    def carried(self, key: Key) -> Fraction:
        """What the past left, and credits."""
        return Fraction(self.past.get(key, 0), self.terms.scale)

    def close(self) -> None:
        """31 December: a number is owed whole, whatever its base was."""
        self.others += sum(most - min(self.numbers.get(k, 0), most) for k, most in self.most.items())
        self.numbers = dict(self.most)

    def see(self, f: Freed) -> None:
        """Count a dwelling that nobody has yet in what is owed."""
        early = before_flux(f, self.world.parties.year.deliveries_mode)
        if early is None and first_in_flux(f):
            self._seen(f.day, f.commune)
        elif early is not None and early.act in ("HORS_FLUX", "LIVRAISON"):
            self._outside(f.day, f.commune)

    def _late(self, key: Key) -> int:
        return self.past.get(key, 0) + self._came(key) - self.held.get(key, 0) * self.terms.scale

    def _late_inside(self, key: Key) -> int:
        return self.subs.get(key, 0) - self.held.get(key, 0) * self.terms.scale

    def _came(self, key: Key) -> int:
        if key == OWN:
            return self.flux - self.others
        return self.parts.get(key, 0) + min(self.numbers.get(key, 0), self.most.get(key, 0))

    def _seen(self, day: date, commune: str) -> None:
        period = self.terms.at(day)
        self.terms.place(period, commune)
        self.flux += self.terms.scale
        self._add(period.adds[commune])

    def _outside(self, day: date, commune: str) -> None:
        period = self.terms.at(day)
        self.terms.place(period, commune)
        self._add(period.outside[commune])

    def _add(self, adds: _Adds) -> None:
        for key, amount in adds.parts:
            self.parts[key] = self.parts.get(key, 0) + amount
            self.others += amount
        for key, amount in adds.numbers:
            before, most = self.numbers.get(key, 0), self.most.get(key, 0)
            self.numbers[key] = before + amount
            self.others += min(before + amount, most) - min(before, most)
        for key, amount in adds.subs:
            self.subs[key] = self.subs.get(key, 0) + amount

    def orient(self, queue: Sequence[Freed]) -> tuple[Decision, ...]:
        mode = self.world.parties.year.deliveries_mode
        found = []
        for f in queue:
            if (key := self.holds.pop(f.dwelling, None)) is not None:
                self.occupied[key].discard(f.dwelling)
            early = before_flux(f, mode)
            if early is None:
                found.append(self._in_flux(f))
                continue
            if early.act in ("HORS_FLUX", "LIVRAISON"):
                self._outside(f.day, f.commune)
            found.append(early)
        return tuple(found)

    def _in_flux(self, f: Freed) -> Decision:
        if first_in_flux(f):
            self._seen(f.day, f.commune)
        period = self.terms.at(f.day)
        here = self.terms.place(period, f.commune)
        claims = {line.key: self._claim(line, f) for line in here if self._may_take(line, f)}
        claims[OWN] = self._late(OWN)
        ranked = sorted(claims, key=lambda k: (-claims[k], period.rank[k]))
        if f.back:
            key, act, rule = after_return(f, here, ranked, {k for k, v in claims.items() if v > 0})
        else:
            key, act, rule = ranked[0], "ORIENTATION", GREATEST if len(ranked) > 1 else ALONE
        line = next((x for x in here if x.key == key), None)
        label = self._imputed(line, f) if line is not None else None
        runner_up = next((k for k in ranked if k[0] != key[0] and k[0] not in f.back), None)
        before = self.balance(key)
        self.held[key] = self.held.get(key, 0) + 1
        self.occupied.setdefault(key, set()).add(f.dwelling)
        self.holds[f.dwelling] = key
        if label is not None and label != key[1]:
            self.held[(key[0], label)] = self.held.get((key[0], label), 0) + 1
        effects = [Effect(key, before, before - 1)]
        if runner_up is not None:
            same = self.balance(runner_up)
            effects.append(Effect(runner_up, same, same))
        return Decision(f.release, act, key[0], label, rule, runner_up[0] if runner_up else None, tuple(effects))

    def _may_take(self, line: Line, f: Freed) -> bool:
        if line.programmes and f.programme not in line.programmes:
            return False
        spent = line.used_up(self.world.start.used.get(line.key, 0), self.held.get(line.key, 0))
        full = line.most is not None and len(self.occupied.get(line.key, ())) >= line.most
        return not spent and not full and self.true(line.condition, f)

    def _claim(self, line: Line, f: Freed) -> int:
        late = self._late(line.key)
        for s in line.subs:
            if s.firm and s.condition is not None and not self.true(s.condition, f):
                late -= max(0, self._late_inside((line.key[0], s.label)))
        return late

    def _imputed(self, line: Line, f: Freed) -> str:
        best, label = 0, line.key[1]
        for s in line.subs:
            late = self._late_inside((line.key[0], s.label))
            if late > best and self.true(s.condition, f):
                best, label = late, s.label
        return label
