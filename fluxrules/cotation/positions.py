"""Positions among analogous demandes, and the distribution of their notes (docs/calculus.md §6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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

    def members(self, order: Array) -> Iterator[tuple[str, Array]]:
        """Each part of a class made by the list (one for all rows without a list), with the places of its rows in an order of rows."""
        if self.bits is None:
            yield "", np.arange(len(order), dtype=np.int32)
            return
        bits = self.bits[order]
        for i, name in enumerate(self.many):
            yield name, np.flatnonzero(bits & np.uint64(1 << i)).astype(np.int32)
        yield UNKNOWN_CLASS, np.flatnonzero(bits == 0).astype(np.int32)

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


@dataclass(frozen=True)
class Ranking:
    """``order``: the rows from the best to the worst, territory by territory. ``step``: grows along it where a row differs from the one before."""

    order: Array
    step: Array


def ranking(territory: Array, note: Array, ties: Sequence[tuple[Array, Array]]) -> Ranking:
    """Better is a higher note, then the least of each tie key; a key that is not known comes after those that are."""
    keys: list[Array] = [territory, -note.astype(np.int64)]
    for values, known in ties:
        keys += [~known, np.where(known, values, 0)]
    packed = _packed(keys)
    order = np.argsort(packed, kind="stable") if packed is not None else np.lexsort(keys[::-1])
    change = np.zeros(len(order), dtype=np.bool_)
    for key in [packed] if packed is not None else keys:
        ranked = key[order]
        change[1:] |= ranked[1:] != ranked[:-1]
    return Ranking(order.astype(np.int32), np.cumsum(change, dtype=np.int32))


def positions(numbers: pl.Series, territory: Array, ranked: Ranking, classes: Classes) -> pl.DataFrame:
    """numero_unique, territoire (a code), classe, position (1 is first, equals share), effectif; in the order of the rows, then of the classes."""
    parts = []
    found = []
    for part, places in classes.members(ranked.order):
        parts.append(part)
        found.append(_in_class(places, ranked, territory, classes))
    # The rows of the table: those of a demande together, in the order of the classes.
    counts = np.zeros(len(territory), dtype=np.int32)
    for here, _, _ in found:
        counts[here] += 1
    following = np.cumsum(counts, dtype=np.int32) - counts
    rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    kind = np.empty(len(rows), dtype=np.int32)
    position, size = (np.empty(len(rows), dtype=np.int64) for _ in range(2))
    for number, (here, ranks, sizes) in enumerate(found):
        at = following[here]
        kind[at], position[at], size[at] = number, ranks, sizes
        following[here] += 1
    width = len(classes.base_names)
    names = pl.Series([classes.name(part, b) for part in parts for b in range(width)], dtype=pl.String)
    return pl.DataFrame(
        {
            "numero_unique": numbers.gather(rows),
            "territoire": territory[rows],
            "classe": names.gather(kind if width == 1 else kind * width + classes.base[rows]),
            "position": position,
            "effectif": size,
        }
    )


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
    places: Array, ranked: Ranking, territory: Array, classes: Classes
) -> tuple[Array, Array, Array]:  # fmt: skip
    """For the rows at some places of a ranking: the row, its rank from the best, and how many they are, in its territory and class."""
    here = ranked.order[places]
    group = territory[here]
    if len(classes.base_names) > 1:
        group = group.astype(np.int64) * len(classes.base_names) + classes.base[here]
        by_group = np.argsort(group, kind="stable")
        places, here, group = places[by_group], here[by_group], group[by_group]
    step = ranked.step[places]
    starts = np.ones(len(here), dtype=np.bool_)
    starts[1:] = group[1:] != group[:-1]
    # A row is behind the one before unless nothing changed between them in the whole ranking.
    behind = starts.copy()
    behind[1:] |= step[1:] != step[:-1]
    first, leader = np.flatnonzero(starts), np.flatnonzero(behind)
    sizes = np.diff(first, append=len(here))
    ranks = np.repeat(leader, np.diff(leader, append=len(here))) - np.repeat(first, sizes) + 1
    return here, ranks, np.repeat(sizes, sizes)
