"""Parameters of a test of which ``make quick`` plays only some."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def mostly_slow(values: Iterable[Any], quick: Collection[Any]) -> list[Any]:
    """All the values, those that are not ``quick`` marked slow."""
    kept = list(values)
    assert all(v in kept for v in quick)
    return [v if v in quick else pytest.param(v, marks=pytest.mark.slow) for v in kept]
