"""Ranges of rows that fit in a processor's cache, computed on several threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

CHUNK = 1 << 15
THREADS = min(8, os.cpu_count() or 1)


def in_chunks(run: Callable[[slice], None], size: int) -> None:
    """Runs over ranges of rows that fit in a processor's cache, on several threads; the results do not depend on how many."""
    ranges = [slice(i, min(i + CHUNK, size)) for i in range(0, size, CHUNK)]
    if len(ranges) < 2:
        for rows in ranges:
            run(rows)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, ranges))
