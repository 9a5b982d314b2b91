"""Positions among analogous demandes, and the distribution of their notes (docs/calculus.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[Any]
UNKNOWN_CLASS = "non renseigné"


@dataclass(frozen=True)
class Classes:
    """How demandes are sorted into classes. ``base``: a code a row; ``bits``: with a list, a bit for each of ``many``.

    The name of a class joins those of its parts. A list that is unknown or empty puts a demande in the class « non renseigné ».
    """

    base: Array
    base_names: tuple[str, ...]
    bits: Array | None
    many: tuple[str, ...]

    @cached_property
    def members(self) -> tuple[tuple[str, Array], ...]:
        """Each part of a class made by the list (one for all rows without a list), with its rows."""
        if self.bits is None:
            return (("", np.arange(len(self.base))),)
        listed = [(name, np.flatnonzero(self.bits & np.uint64(1 << i))) for i, name in enumerate(self.many)]
        return (*listed, (UNKNOWN_CLASS, np.flatnonzero(self.bits == 0)))

    def name(self, part: str, base: int) -> str:
        return " · ".join(x for x in (part, self.base_names[base]) if x)


def classes_of(columns: Sequence[tuple[Array, tuple[str, ...], bool]]) -> Classes:
    """From one column for each thing named in « demandes analogues »: codes (one past the labels is unknown), or bits where ``many``."""
    size = len(columns[0][0]) if columns else 0
    single = [(values, labels) for values, labels, many in columns if not many]
    lists = [(values, labels) for values, labels, many in columns if many]
    base = np.zeros(size, dtype=np.int64)
    for values, labels in single:
        base = base * (len(labels) + 1) + values
    names = tuple(" · ".join(parts) for parts in product(*[(*labels, UNKNOWN_CLASS) for _, labels in single]))
    if not lists:
        return Classes(base, names, None, ())
    return Classes(base, names, lists[0][0], lists[0][1])


def positions(
    numbers: pl.Series, territory: Array, note: Array, ties: Sequence[tuple[Array, Array]], classes: Classes
) -> pl.DataFrame:
    """numero_unique, territoire (a code), classe, position (1 is first, equals share), effectif; in the order of the rows, then of the classes.

    Better is a higher note, then the least of each tie key; a key that is not known comes after those that are.
    """
    order, change = _ranking(territory, note, ties)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    found = [_in_class(rows, place, order, change, territory, classes.base) for _, rows in classes.members]
    # The rows of the table: those of a demande together, in the order of the classes.
    counts = np.zeros(len(order), dtype=np.int64)
    for here, _, _ in found:
        counts[here] += 1
    following = np.cumsum(counts) - counts
    rows = np.repeat(np.arange(len(order)), counts)
    kind, position, size = (np.empty(len(rows), dtype=np.int64) for _ in range(3))
    for number, (here, ranks, sizes) in enumerate(found):
        at = following[here]
        kind[at], position[at], size[at] = number, ranks, sizes
        following[here] += 1
    width = len(classes.base_names)
    names = pl.Series([classes.name(part, b) for part, _ in classes.members for b in range(width)], dtype=pl.String)
    return pl.DataFrame(
        {
            "numero_unique": numbers.gather(rows),
            "territoire": territory[rows],
            "classe": names.gather(kind * width + classes.base[rows]),
            "position": position,
            "effectif": size,
        }
    )


def _ranking(territory: Array, note: Array, ties: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """The rows from the best to the worst, territory by territory, and where a row of that order differs from the one before."""
    keys: list[Array] = [territory, -note.astype(np.int64)]
    for values, known in ties:
        keys += [~known, np.where(known, values, 0)]
    packed = _packed(keys)
    order = np.argsort(packed, kind="stable") if packed is not None else np.lexsort(keys[::-1])
    change = np.zeros(len(order), dtype=np.bool_)
    change[:1] = True
    for key in [packed] if packed is not None else keys:
        ranked = key[order]
        change[1:] |= ranked[1:] != ranked[:-1]
    return order, change


def _packed(keys: Sequence[Array]) -> Array | None:
    """The keys as one whole number that sorts as they do; ``None`` where 63 bits do not hold them."""
    if not len(keys[0]):
        return np.zeros(0, dtype=np.uint64)
    ends = [(int(k.min()), int(k.max())) for k in keys]
    if sum((high - low).bit_length() for low, high in ends) > 63:
        return None
    total = np.zeros(len(keys[0]), dtype=np.uint64)
    for key, (low, high) in zip(keys, ends, strict=True):
        total = (total << np.uint64((high - low).bit_length())) | (key.astype(np.int64) - low).astype(np.uint64)
    return total


def _in_class(
    rows: Array, place: Array, order: Array, change: Array, territory: Array, base: Array
) -> tuple[Array, Array, Array]:
    """For the rows of one part: their rank from the best, and how many they are, in their territory and class."""
    if not len(rows):
        return rows, rows, rows
    ranked = np.sort(place[rows])
    here = order[ranked]
    group = territory[here].astype(np.int64) * (int(base.max(initial=0)) + 1) + base[here]
    by_group = np.argsort(group, kind="stable")
    ranked, here, group = ranked[by_group], here[by_group], group[by_group]
    starts = np.concatenate([[True], group[1:] != group[:-1]])
    first = np.maximum.accumulate(np.where(starts, np.arange(len(here)), 0))
    # A row is behind the one before unless nothing changed between them in the whole ranking.
    steps = np.cumsum(change)[ranked]
    behind = starts | np.concatenate([[True], steps[1:] != steps[:-1]])
    leader = np.maximum.accumulate(np.where(behind, np.arange(len(here)), 0))
    sizes = np.diff(np.flatnonzero(np.concatenate([starts, [True]])))
    return here, leader - first + 1, np.repeat(sizes, sizes)
