"""Ctrl-C, and the demand to end that a system sends (SIGTERM): one KeyboardInterrupt, and not in the middle of a move."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STOPS = (signal.SIGINT, signal.SIGTERM)


def heard_by_us_alone() -> None:
    """Once Polars is imported it hears Ctrl-C too, and makes of it an error of its own, or a second KeyboardInterrupt.

    Saying again who listens leaves it out: a stop then comes between two steps of ours, when the call of Polars under way ends.
    """
    if _main() and callable(before := signal.getsignal(signal.SIGINT)):
        signal.signal(signal.SIGINT, before)


@contextmanager
def stops_held() -> Iterator[None]:
    """A stop asked for inside the block comes at its end: what is short, and must not be left half done, is finished first."""
    if not _main():
        yield
        return
    asked: list[int] = []
    before = {number: signal.signal(number, lambda number, _: asked.append(number)) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    if asked:
        raise KeyboardInterrupt


def _main() -> bool:
    """Only the main thread hears stops."""
    return threading.current_thread() is threading.main_thread()
