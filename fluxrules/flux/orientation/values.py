"""What an orientation starts from and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.flux.orientation.lines import Key, Parties


@dataclass(frozen=True)
class Freed:
    """A release to orient. ``inside``: in the perimeter, ``None`` where it is not known; ``named``: the réservataire of a dwelling named in
    stock; ``back``: those who sent it back, the last one last, with ``chain``, what the convention of the last one says then; ``ready``: when it may be let;
    ``returned``: the day it came back last."""

    release: str
    dwelling: str
    day: date
    commune: str
    programme: str | None = None
    cause: str | None = None
    outside: str | None = None
    motive: str | None = None
    inside: bool | None = True
    named: str | None = None
    mixed: bool = False
    back: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    ready: date | None = None
    returned: date | None = None

    @property
    def told(self) -> date:
        """The day from which somebody may be told of it."""
        return self.returned if self.returned is not None else self.day


@dataclass(frozen=True)
class Start:
    """Where the year stands before what is oriented now. ``flux``: dwellings of the flux that were already given, ``others``: those used
    outside it and first lettings apart, each with its day and commune. ``held``: by reservation (and by sub-share, under its label),
    dwellings that count or may still count; ``opening``: balances carried and credits; ``used``: single rights used before this year;
    ``occupied``: the dwellings that a reservation holds now, where it may hold so many at a time."""

    flux: tuple[tuple[date, str], ...] = ()
    others: tuple[tuple[date, str], ...] = ()
    held: Mapping[Key, int] = field(default_factory=dict)
    opening: Mapping[Key, Fraction] = field(default_factory=dict)
    used: Mapping[Key, int] = field(default_factory=dict)
    occupied: Mapping[Key, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """``dwellings``: one row for each dwelling that is freed, with ``en_qpv`` of the year: what conditions read."""

    parties: Parties
    dwellings: pl.DataFrame
    start: Start = field(default_factory=Start)


@dataclass(frozen=True)
class Effect:
    """A balance (what is owed less what is held: positive when late) before and after."""

    key: Key
    before: Fraction
    after: Fraction


@dataclass(frozen=True)
class Decision:
    """``holder`` is ``None`` for a use outside the flux or a first letting apart. ``runner_up``: who came next."""

    release: str
    act: str
    holder: str | None
    reservation: str | None
    rule: str
    runner_up: str | None = None
    effects: tuple[Effect, ...] = ()
