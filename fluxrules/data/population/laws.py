"""Chance: the streams of numbers, and the laws that they feed, alone or made to agree with each other.

Only the raw 64 bits of PCG64 are used, that NumPy promises to keep the same in every version; what ``Generator`` makes of them it
does not promise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]

_ROUNDS = 40
_BELOW_ONE = 1 - 2.0**-30
"""Added to the number of a row, the greatest double under 1 would round up to the next row."""


class Draws:
    """The numbers of one subject (households, places…) in one block of demandes.

    Each call has a stream of its own, numbered by the call. Whoever asks for a longer array gets the same numbers at its
    beginning: so the first demandes of a block stay what they are when more of the block is drawn, as long as arrays go by demande.
    """

    def __init__(self, seed: int, block: int, subject: int) -> None:
        self._path = (seed, block, subject)
        self._calls = 0

    def __call__(self, size: int) -> Floats:
        """Uniform numbers, from 0 included to 1 excluded."""
        self._calls += 1
        bits = np.random.PCG64(np.random.SeedSequence((*self._path, self._calls)))
        drawn: Floats = (bits.random_raw(size) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return drawn

    def normal(self, size: int) -> Floats:
        """Standard normal numbers, by Box and Muller."""
        radius, angle = 1 - self(size), self(size)
        drawn: Floats = np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * angle)
        return drawn

    def whole(self, bounds: Any, size: int) -> Ints:
        """Integers from 0 to a bound excluded, the bound being one number or one for each."""
        drawn: Ints = (self(size) * bounds).astype(np.int32)
        return drawn


@dataclass(frozen=True)
class Law:
    """Named values and their shares; one law, or one a row of what was drawn before."""

    values: tuple[str, ...]
    shares: Floats
    """Rows × values; each row sums to 1, unless nothing ever leads to it."""
    edges: Floats
    """The cumulated shares of all rows, each with the number of its row added: one search finds the value in its row."""

    @classmethod
    def of(cls, values: Sequence[str], weights: Any) -> Law:
        """The law with these weights, whatever their sum. The last axis of ``weights`` is that of the values."""
        table = np.asarray(weights, dtype=np.float64).reshape(-1, len(values))
        sums = table.sum(axis=1, keepdims=True)
        shares = np.divide(table, sums, out=np.zeros_like(table), where=sums > 0)
        edges = shares.cumsum(axis=1)
        # From the last value that has a weight on, exactly 1: a rounding error must not open a gap there.
        edges[shares[:, ::-1].cumsum(axis=1)[:, ::-1] - shares <= 1e-15] = 1.0
        return cls(tuple(values), shares, (edges + np.arange(len(table))[:, None]).ravel())

    def draw(self, u: Floats, row: Any = 0) -> Ints:
        """The ranks of the values at ``u``, in these rows."""
        found = np.searchsorted(self.edges, row + np.minimum(u, _BELOW_ONE), side="right")
        ranks: Ints = (found - row * len(self.values)).astype(np.int32)
        return ranks

    def rank(self, value: str) -> int:
        """The place of a value in the law."""
        return self.values.index(value)


def coupled(
    rows: Floats, columns: Mapping[str, float], affinity: Mapping[str, Mapping[str, float]], *axes: Sequence[str]
) -> Floats:
    """The shares of the columns in each row, such that over all the rows the columns keep their own shares.

    ``rows`` are weights over the ``axes`` (names of what was drawn before); the result has one more axis, the columns.
    ``affinity`` says what goes with what, by name; iterative proportional fitting does the rest. A column moves a little if the
    affinities leave no room for it.
    """
    shares = np.array(list(columns.values()), dtype=np.float64)
    cells = np.ones((*rows.shape, len(shares))) * (rows > 0)[..., None] * (shares > 0)
    for axis, names in enumerate(axes):
        factors = np.array([[affinity.get(name, {}).get(column, 1.0) for column in columns] for name in names])
        shape = [1] * cells.ndim
        shape[axis], shape[-1] = factors.shape
        cells = cells * factors.reshape(shape)
    every = tuple(range(rows.ndim))
    for _ in range(_ROUNDS):
        cells = cells * ratio(rows / rows.sum(), cells.sum(axis=-1))[..., None]
        cells = cells * ratio(shares / shares.sum(), cells.sum(axis=every))
    return cells * ratio(np.ones(rows.shape), cells.sum(axis=-1))[..., None]


def ratio(above: Floats, below: Floats) -> Floats:
    """The quotient, 0 where there is nothing to divide by."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def relative(factors: Floats, shares: Floats) -> Floats:
    """The factors rescaled so that their mean over ``shares`` is 1."""
    mean: Floats = (factors * shares).sum() / shares.sum()
    return factors / mean


def standardised(shift: Floats, shares: Floats) -> tuple[Floats, float]:
    """The shifts with a mean of zero, and the deviation around them that leaves the whole with a variance of one."""
    shares = shares / shares.sum()
    centred = shift - (shares * shift).sum()
    return centred, float(np.sqrt(1 - (shares * centred**2).sum()))
