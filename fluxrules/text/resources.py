"""Where the files that travel with the package are: beside it in a checkout, inside it in a wheel."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource(name: str) -> Path:
    """The path of ``grammar/…`` or ``rulesets/…``. Our names have accents, which are bytes to a system set to ASCII (``LC_ALL=C``)."""
    name = os.fsdecode(name.encode())
    packed = _PACKAGE / "_resources" / name
    return packed if packed.exists() else _PACKAGE.parent / name


def shown(path: Path | str) -> str:
    """A path as people read it, whatever the system is set to."""
    return os.fsencode(path).decode("utf-8", "replace")
