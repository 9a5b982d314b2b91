"""Reading without looking for cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Documents are trees without a cycle: looking for cycles among millions of nodes takes longer than reading them, and a fifth of the time
    of what is worked out from them."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
