"""How notes are spread: by territory and class, masked where few demandes would be told apart; and a small chart of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.cotation.positions import Classes, Ranking
from fluxrules.language.numbers import show_number

BAR = 40
LEAST_SHOWN = 10
ALL = "toutes"
QUANTILES = {"d1": (1, 10), "q1": (1, 4), "mediane": (1, 2), "q3": (3, 4), "d9": (9, 10)}
_MOST_BANDS = 40
Array = NDArray[Any]


def band_width(least: int, most: int, scale: int) -> int:
    """A round width, in 1/scale point, that cuts what a grid may give into at most forty bands."""
    steps: Iterator[int] = (digit * 10**power for power in range(12) for digit in (1, 2, 5))
    return next(step for step in steps if (most - least) // (step * scale) <= _MOST_BANDS) * scale


def spread(
    territory: Array, note: Array, ranked: Ranking, classes: Classes, width: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two tables by territory (a code) and class, all demandes of a territory being the class « toutes ».

    Bands: de, a (both inside, in the unit of ``note``), effectif, null under 10. When a single band of a class is under 10 the next
    smallest is masked too, or a subtraction would give it away. Quantiles: effectif, d1, q1, mediane, q3, d9 (the least note that at
    least that share of the demandes does not exceed), null under 10.
    """
    bands, quantiles = [], []
    for name, rows in _members(classes, ranked.order):
        if not len(rows):
            continue
        of, held = territory[rows], note[rows]  # the greatest note of each territory first
        ends = np.flatnonzero(np.concatenate([of[1:] != of[:-1], [True]]))
        sizes = np.diff(ends, prepend=-1)
        enough = sizes >= LEAST_SHOWN
        found = {"territoire": of[ends], "classe": [name] * len(ends), "effectif": _masked(sizes, enough)}
        for label, (part, whole) in QUANTILES.items():
            found[label] = _masked(held[ends + 1 - (sizes * part + whole - 1) // whole], enough)
        quantiles.append(pl.DataFrame(found))
        bands.append(_bands(of, held // width, name))
    if not bands:
        empty = {"territoire": pl.Int64, "classe": pl.String, "effectif": pl.Int64}
        return pl.DataFrame(schema={**empty, "de": pl.Int64, "a": pl.Int64}), pl.DataFrame(
            schema={**empty, **dict.fromkeys(QUANTILES, pl.Int64)}
        )
    whole_bands = _hidden(pl.concat(bands)).with_columns(
        de=pl.col("bande") * width, a=(pl.col("bande") + 1) * width - 1
    )
    key = ["territoire", "classe"]
    return (
        whole_bands.select(*key, "de", "a", "effectif").sort(*key, "de"),
        pl.concat(quantiles).sort(*key),
    )


def _members(classes: Classes, order: Array) -> Iterator[tuple[str, Array]]:
    """Each class with its rows in that order, then all rows."""
    several = classes.bits is not None or len(classes.base_names) > 1
    for part, places in classes.members(order) if several else ():
        rows = order[places]
        for base in range(len(classes.base_names)):
            yield classes.name(part, base), rows[classes.base[rows] == base] if len(classes.base_names) > 1 else rows
    yield ALL, order


def _bands(of: Array, band: Array, name: str) -> pl.DataFrame:
    starts = np.flatnonzero(np.concatenate([[True], (of[1:] != of[:-1]) | (band[1:] != band[:-1])]))
    frame = pl.DataFrame({"territoire": of[starts], "bande": band[starts], "effectif": np.diff([*starts, len(of)])})
    return frame.with_columns(classe=pl.lit(name))


def _hidden(bands: pl.DataFrame) -> pl.DataFrame:
    """Without the counts under 10, nor the next smallest where one alone is."""
    group = ["territoire", "classe"]
    few = pl.col("effectif") < LEAST_SHOWN
    alone = few.sum().over(group) == 1
    next_least = pl.when(~few).then("effectif").min().over(group)
    hidden = few | (alone & (pl.col("effectif") == next_least))
    return bands.with_columns(pl.when(~hidden).then("effectif").alias("effectif"))


def _masked(values: Array, shown: Array) -> pl.Series:
    return pl.DataFrame({"v": values, "s": shown}).select(pl.when("s").then("v")).to_series()


def chart(notes: Mapping[str, int], bins: int = 10) -> str:
    """A histogram of how many results have each note: a line a band, its count, its bar. Counts under 10 are shown as « < 10 »."""
    values = {Fraction(note): count for note, count in notes.items()}
    if not values:
        return "(aucune note)\n"
    low, high = min(values), max(values)
    width = max(Fraction(1), -(-(high - low + 1) // bins) * Fraction(1))
    counts = [0] * (int((high - low) // width) + 1)
    for v, number in values.items():
        counts[int((v - low) // width)] += number
    top = max(counts)
    lines = []
    for i, count in enumerate(counts):
        start = low + i * width
        label = f"{show_number(start)} à {show_number(start + width - 1)}" if width > 1 else show_number(start)
        shown = f"< {LEAST_SHOWN}" if 0 < count < LEAST_SHOWN else show_number(count)
        bar = "█" * max(1 if count else 0, round(count * BAR / top))
        lines.append(f"{label:>12} │{bar:<{BAR}} {shown}")
    return "\n".join(lines) + "\n"
