"""Ranges of rows that fit in a processor's cache, computed on several threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import get_ident
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
CHUNK = 1 << 15
MANY_ROWS = 1 << 18
THREADS = min(8, os.cpu_count() or 1)


@contextmanager
def workers(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that give up what they have not begun when the block is left by an error or Ctrl-C."""
    own = set[int]()
    pool = ThreadPoolExecutor(threads, initializer=lambda: own.add(get_ident()))
    try:
        yield pool
    except BaseException:
        # A generator that Ctrl-C left unread may be collected in one of these very threads, which cannot wait for itself.
        pool.shutdown(wait=get_ident() not in own, cancel_futures=True)
        raise
    pool.shutdown(wait=True)


def several(work: Callable[[T], R], items: Sequence[T], rows: int) -> list[R]:
    """``work`` of each item, in order; on several threads when there are enough rows for it to pay."""
    if rows < MANY_ROWS or len(items) < 2:
        return [work(item) for item in items]
    with workers(THREADS) as pool:
        return list(pool.map(work, items))


def ranges(size: int) -> list[slice]:
    """Rows, in ranges that fit in a processor's cache."""
    return [slice(i, min(i + CHUNK, size)) for i in range(0, size, CHUNK)]


def in_chunks(run: Callable[[slice], None], size: int) -> None:
    """Runs over ranges of rows that fit in a processor's cache, on several threads; the results do not depend on how many."""
    several_ranges = ranges(size)
    if len(several_ranges) < 2:
        for rows in several_ranges:
            run(rows)
        return
    with workers(THREADS) as pool:
        list(pool.map(run, several_ranges))
