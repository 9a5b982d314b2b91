"""Where the files that travel with the package are: beside it in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource(name: str) -> Path:
    """The path of ``grammar/…`` or ``rulesets/…``."""
    packed = _PACKAGE / "_resources" / name
    return packed if packed.exists() else _PACKAGE.parent / name
