"""fluxrules: scoring grids of French social housing, checked, run and explained.

The Python API is in ``fluxrules.api``: ``load``, ``check``, ``compile``, ``tables``, ``score``, ``explain``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fluxrules.api import Checked, Compiled, RuleError, TableError, check, compile, explain, load, score, tables

__all__ = ["Checked", "Compiled", "RuleError", "TableError", "check", "compile", "explain", "load", "score", "tables"]


def __getattr__(name: str) -> Any:
    """Imports the API when it is first used: ``fluxrules --help`` must not wait for Polars."""
    if name in __all__:
        from fluxrules import api

        return getattr(api, name)
    raise AttributeError(name)
