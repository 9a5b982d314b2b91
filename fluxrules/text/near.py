"""The nearest known name, for « vouliez-vous dire … ? »."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

_LEAST = 0.72
_SAME = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "’": "'", "-": " "})


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case without accents: two spellings that fold alike differ by accents or case only."""
    decomposed = unicodedata.normalize("NFD", text.translate(_SAME))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, or ``None`` when nothing is near."""
    if len(name) > 200:  # no name of ours; comparing it would take time that grows as a square
        return None
    folded = fold(name)
    best, score = None, 0.0
    for candidate in sorted(set(known)):
        other = fold(candidate)
        if other == folded:
            return candidate
        bonus = 0.1 if other.startswith(folded) or folded.startswith(other) else 0.0
        shared = 2 * min(len(folded), len(other)) / max(len(folded) + len(other), 1)  # no likeness is greater
        if shared + bonus < _LEAST or shared + bonus <= score:
            continue
        ratio = SequenceMatcher(None, folded, other).ratio() + bonus
        if ratio > score:
            best, score = candidate, ratio
    return best if score >= _LEAST else None
