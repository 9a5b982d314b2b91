"""Memory that was freed and that the process keeps."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Gives freed memory back to the system. The C library of Linux keeps some for each thread, and the next one asks for more."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
