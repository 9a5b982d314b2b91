"""A file that travels with fluxrules is wrong: a jurist who edits the law, a property or a criterion reads where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fluxrules.diagnostics.diagnostic import Diagnostic


class OwnFileError(ValueError):
    """Its text is one that a person is shown: places, and what is wrong there."""

    @classmethod
    def of(cls, found: Iterable[Diagnostic]) -> OwnFileError:
        return cls("\n".join(f"  {d.place} : {d.message}{f' {d.help}' if d.help else ''}" for d in found))
