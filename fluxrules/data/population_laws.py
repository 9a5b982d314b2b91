"""Laws of chance of the synthetic population, alone or made to agree with each other.

A law is fed with numbers from ``Random.random`` only: Python promises that this stream is the same in every version.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from statistics import NormalDist

_ROUNDS = 40
_NORMAL = NormalDist().inv_cdf


@dataclass(frozen=True)
class Law:
    """Values and their cumulated shares, the last one being 1."""

    values: tuple[str, ...]
    cumulated: tuple[float, ...]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> Law:
        """The law with these weights, whatever their sum; values without weight are left out."""
        kept = {value: weight for value, weight in weights.items() if weight > 0}
        total = sum(kept.values())
        sums = [part / total for part in accumulate(kept.values())]
        return cls(tuple(kept), (*sums[:-1], 1.0))

    def draw(self, u: float) -> str:
        """The value at ``u``, drawn uniformly from 0 included to 1 excluded."""
        return self.values[bisect_right(self.cumulated, u)]

    def shares(self) -> dict[str, float]:
        """The share of each value."""
        before = (0.0, *self.cumulated)
        return {value: self.cumulated[i] - before[i] for i, value in enumerate(self.values)}


Key = tuple[str, ...]
Joint = Mapping[Key, float]
"""Weights of several draws taken together, in the order in which they are drawn."""
Coupled = Mapping[Key, Law]
"""One law for each outcome of the draws before it."""


def coupled(rows: Joint, columns: Mapping[str, float], affinity: Mapping[str, Mapping[str, float]]) -> Coupled:
    """The law of the columns in each row, such that over all the rows the columns keep their own shares.

    ``affinity`` says what goes with what, by part of the row; iterative proportional fitting does the rest. A column
    moves a little if the affinities leave no room for it.
    """
    total, wanted = sum(rows.values()), sum(columns.values())
    cells = {row: [_affinity(affinity, row, column) for column in columns] for row in rows if rows[row] > 0}
    targets = [share / wanted for share in columns.values()]
    for _ in range(_ROUNDS):
        for row, line in cells.items():
            scale = rows[row] / total / sum(line)
            cells[row] = [cell * scale for cell in line]
        scales = [target / sum(line) for target, line in zip(targets, zip(*cells.values(), strict=True), strict=True)]
        cells = {row: [cell * scale for cell, scale in zip(line, scales, strict=True)] for row, line in cells.items()}
    return {row: Law.of(dict(zip(columns, line, strict=True))) for row, line in cells.items()}


def spread(rows: Joint, laws: Coupled, key: Callable[[Key], Key]) -> Joint:
    """The rows with one more draw at their end, from the law found under ``key``."""
    return {(*row, v): w * share for row, w in rows.items() for v, share in laws[key(row)].shares().items()}


def collapse(rows: Joint, key: Callable[[Key], Key]) -> Joint:
    """The weights of the rows added up by ``key``."""
    merged: dict[Key, float] = {}
    for row, weight in rows.items():
        merged[key(row)] = merged.get(key(row), 0.0) + weight
    return merged


def relative(factors: Mapping[str, float], shares: Mapping[str, float]) -> Mapping[str, float]:
    """The factors (1 when not given) rescaled so that their mean over ``shares`` is 1."""
    mean = sum(share * factors.get(value, 1.0) for value, share in shares.items())
    return {value: factors.get(value, 1.0) / mean for value in shares}


def standardised(shift: Mapping[str, float], shares: Mapping[str, float]) -> tuple[Mapping[str, float], float]:
    """The shifts with a mean of zero, and the deviation around them that leaves the whole with a variance of one."""
    mean = sum(share * shift[value] for value, share in shares.items())
    variance = sum(share * (shift[value] - mean) ** 2 for value, share in shares.items())
    return {value: shift[value] - mean for value in shares}, sqrt(1 - variance)


def normal(u: float) -> float:
    """The standard normal value at ``u``."""
    return _NORMAL(min(max(u, 1e-12), 1 - 1e-12))


def _affinity(affinity: Mapping[str, Mapping[str, float]], row: Key, column: str) -> float:
    weight = 1.0
    for part in row:
        weight *= affinity.get(part, {}).get(column, 1.0)
    return weight
