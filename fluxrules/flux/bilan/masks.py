"""Small cells about persons are hidden, with as many others as it takes for none to be worked out from a total."""

from __future__ import annotations

from collections.abc import Sequence

LEAST_SHOWN = 10
"""As in the distributions of notes. The value that the owner of the data asks for was not found: it is ours."""


def small(count: int) -> bool:
    """Zero says that there is nobody, and stays."""
    return 0 < count < LEAST_SHOWN


def hidden(counts: Sequence[int], also: Sequence[bool] = ()) -> tuple[list[bool], bool]:
    """Which counts of a column to hide, and whether to hide their total.

    ``also``: those to hide whatever their size. Hidden counts are never one alone, and are ``LEAST_SHOWN`` together at least: with 1 + 1
    hidden, a total would give both away. Where the column has not enough, the total is hidden too.
    """
    mask = [small(n) or (bool(also) and also[i]) for i, n in enumerate(counts)]
    if not any(mask):
        return mask, False
    for i in sorted((i for i, n in enumerate(counts) if not mask[i] and n > 0), key=lambda i: (counts[i], i)):
        if _enough(counts, mask):
            break
        mask[i] = True
    return mask, not _enough(counts, mask)


def _enough(counts: Sequence[int], mask: Sequence[bool]) -> bool:
    kept = [n for n, m in zip(counts, mask, strict=True) if m and n > 0]
    return len(kept) > 1 and sum(kept) >= LEAST_SHOWN
