"""Truth of many rows at once: an interval of grades on the chain false < sans objet < true (docs/calculus.md §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

# NumPy types its operators loosely: these names say what an array holds, for the reader.
Bools = NDArray[Any]
Grades = NDArray[Any]
FALSE, VOID, TRUE = 0, 1, 2


@dataclass(frozen=True)
class Truth:
    """The lowest and highest grade of each row; one array twice where all is decided. One element stands for all rows."""

    low: Grades
    high: Grades

    @property
    def certain(self) -> Bools:
        return np.asarray(self.low == TRUE)

    @property
    def excluded(self) -> Bools:
        return self.high < TRUE

    def undecided(self, positive: bool = True) -> Bools:
        """Whether the condition (its ``non``, when not ``positive``) may still turn out either way."""
        if positive:
            return np.asarray((self.low != TRUE) & (self.high == TRUE))
        return np.asarray((self.high != FALSE) & (self.low == FALSE))


def constant(low: int, high: int | None = None) -> Truth:
    first = np.array([low], dtype=np.uint8)
    return Truth(first, first if high is None else np.array([high], dtype=np.uint8))


YES, NO, UNKNOWN = constant(TRUE), constant(FALSE), constant(FALSE, TRUE)


def plain(value: Bools, known: Bools | None) -> Truth:
    """The truth of booleans, unknown where ``known`` is false (``None``: known everywhere)."""
    grade = value.view(np.uint8) << 1
    if known is None:
        return Truth(grade, grade)
    return Truth(grade * known, np.where(known, grade, np.uint8(TRUE)))


def negate(t: Truth) -> Truth:
    low = TRUE - t.high
    return Truth(low, low if t.low is t.high else TRUE - t.low)


def all_of(items: Sequence[Truth]) -> Truth:
    """The ``et`` of all; true over nothing."""
    return _merge(np.minimum, items) if items else YES


def any_of(items: Sequence[Truth]) -> Truth:
    """The ``ou`` of all; false over nothing."""
    return _merge(np.maximum, items) if items else NO


def _merge(pick: np.ufunc, items: Sequence[Truth]) -> Truth:
    low: Grades = reduce(pick, [t.low for t in items])
    if all(t.low is t.high for t in items):
        return Truth(low, low)
    return Truth(low, reduce(pick, [t.high for t in items]))
