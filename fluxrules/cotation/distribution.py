"""The distribution of notes as a small chart of text."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from fluxrules.language.numbers import show_number

BAR = 40
LEAST_SHOWN = 10


def chart(notes: pl.Series, bins: int = 10) -> str:
    """A histogram: a line a band of notes, its count, its bar. Counts under 10 are shown as « < 10 »."""
    values = [Fraction(str(v)) for v in notes.drop_nulls().to_list()]
    if not values:
        return "(aucune note)\n"
    low, high = min(values), max(values)
    width = max(Fraction(1), -(-(high - low + 1) // bins) * Fraction(1))
    counts = [0] * (int((high - low) // width) + 1)
    for v in values:
        counts[int((v - low) // width)] += 1
    top = max(counts)
    lines = []
    for i, count in enumerate(counts):
        start = low + i * width
        label = f"{show_number(start)} à {show_number(start + width - 1)}" if width > 1 else show_number(start)
        shown = f"< {LEAST_SHOWN}" if 0 < count < LEAST_SHOWN else show_number(count)
        bar = "█" * max(1 if count else 0, round(count * BAR / top))
        lines.append(f"{label:>12} │{bar:<{BAR}} {shown}")
    return "\n".join(lines) + "\n"
