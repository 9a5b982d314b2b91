"""The dwellings of a year in whole numbers: the greatest remaining entitlement first, under whole caps, with the balances of past years.

Without caps nor balances this is the method of the largest remainder (Hamilton). A largest remainder alone gives the State 2 of 5
dwellings, 40 %: its cap is the whole part of 30 % of 5, one. What no réservataire may take is the bailleur's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from fluxrules.flux.parties import BAILLEUR


@dataclass(frozen=True)
class Claim:
    """What one party is entitled to: ``share`` of the dwellings, and ``balance`` left by past years (negative: it had too many)."""

    code: str
    share: Fraction
    balance: Fraction = Fraction(0)


@dataclass(frozen=True)
class Cap:
    """A ceiling on some parties together: at most the whole part of ``share`` of the dwellings, and of what they are owed from past years."""

    codes: tuple[str, ...]
    share: Fraction
    said: str = field(default="", compare=False)


@dataclass(frozen=True)
class Allotted:
    """``quota``: the exact entitlement, balance included; ``balance``: what is left of it for the next year. ``every``: years between two
    dwellings for one whose yearly share is below one. ``capped``: the ceiling that stopped it."""

    code: str
    share: Fraction
    quota: Fraction
    dwellings: int
    balance: Fraction
    every: Fraction | None = None
    capped: str = ""


def allot(dwellings: int, claims: Sequence[Claim], caps: Sequence[Cap] = (), order: Sequence[str] = (), pools: Mapping[str, Sequence[str]] = {}) -> tuple[Allotted, ...]:  # fmt: skip
    """Share ``dwellings`` (a whole number) between parties; the bailleur takes what is left. Raises ``ValueError`` for shares above one.

    Ties: ``order`` first, then the order of ``claims``. A pool is served as one party, with the sum of its shares and balances; inside
    it the greatest entitlement comes first.
    """
    own = 1 - sum((c.share for c in claims if c.code != BAILLEUR), Fraction(0))
    if own < 0:
        raise ValueError("shares above one")
    parties = [c for c in claims if c.code != BAILLEUR]
    kept = next((c.balance for c in claims if c.code == BAILLEUR), Fraction(0))
    parties.append(Claim(BAILLEUR, own, kept))
    quotas = {c.code: c.share * dwellings + c.balance for c in parties}
    limits = [(frozenset(cap.codes), _most(cap, dwellings, parties), cap.said) for cap in caps]
    rank = {code: i for i, code in enumerate(dict.fromkeys((*order, *(c.code for c in parties))))}
    pool_of = {code: name for name, codes in pools.items() for code in codes if code in quotas}
    given = dict.fromkeys(quotas, 0)
    capped: dict[str, str] = {}
    for _ in range(dwellings):
        open_ = [
            c for c in quotas if (stop := _stopped(c, given, limits)) is None or capped.setdefault(c, stop) is None
        ]
        if not open_:
            break
        given[_first(open_, quotas, given, rank, pool_of)] += 1
    return tuple(_allotted(c, dwellings, quotas[c.code], given[c.code], capped.get(c.code, "")) for c in parties)


def _most(cap: Cap, dwellings: int, parties: Sequence[Claim]) -> int:
    """What is carried from past years was under the ceiling of those years: 30 % of 5 dwellings is 1, and 15 of 50 in ten years."""
    carried = sum((c.balance for c in parties if c.code in cap.codes and c.balance > 0), Fraction(0))
    return int(cap.share * dwellings + carried)


def _stopped(code: str, given: Mapping[str, int], limits: Sequence[tuple[frozenset[str], int, str]]) -> str | None:
    return next(
        (said for codes, most, said in limits if code in codes and sum(given[c] for c in codes if c in given) >= most),
        None,
    )


def _first(codes: Sequence[str], quotas: Mapping[str, Fraction], given: Mapping[str, int], rank: Mapping[str, int], pool_of: Mapping[str, str]) -> str:  # fmt: skip
    """The party with the greatest remaining entitlement. The bailleur comes last among those to whom nothing is due any more."""
    left = {c: quotas[c] - given[c] for c in codes}
    pooled: dict[str, Fraction] = {}
    for c in codes:
        pooled[pool_of.get(c, c)] = pooled.get(pool_of.get(c, c), Fraction(0)) + left[c]
    due = [c for c in codes if pooled[pool_of.get(c, c)] > 0]
    if not due:
        return BAILLEUR if BAILLEUR in codes else min(codes, key=lambda c: (-left[c], rank[c]))
    return min(due, key=lambda c: (-pooled[pool_of.get(c, c)], -left[c], rank[c]))


def _allotted(claim: Claim, dwellings: int, quota: Fraction, given: int, stop: str) -> Allotted:
    yearly = claim.share * dwellings
    return Allotted(claim.code, claim.share, quota, given, quota - given, 1 / yearly if 0 < yearly < 1 else None, stop)
