"""The registry of codes: one page each, in ``pages/``. A code is never reused for another defect."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from fluxrules.diagnostics.diagnostic import Severity


@dataclass(frozen=True)
class Page:
    """What ``fluxrules explain-code`` shows: the defect, why it matters, a wrong and a right text, what to do."""

    code: str
    name: str
    severity: Severity
    what: str
    why: str
    wrong: str
    right: str
    todo: str


@cache
def pages() -> dict[str, Page]:
    """All pages by code, in the order of codes. Read once: the files travel with the package and do not change."""
    found: dict[str, Page] = {}
    for entry in sorted(files("fluxrules.diagnostics").joinpath("pages").iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".yaml"):
            continue
        for code, raw in yaml.load(
            entry.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        ).items():
            if code in found:
                raise ValueError(f"code {code} is registered twice")
            found[code] = Page(
                code=code,
                name=raw["nom"],
                severity=Severity[raw["gravité"].upper()],
                what=raw["quoi"].strip(),
                why=raw["pourquoi"].strip(),
                wrong=raw["mauvais"].rstrip(),
                right=raw["bon"].rstrip(),
                todo=raw["que faire"].strip(),
            )
    return dict(sorted(found.items()))


def page(code: str) -> Page:
    """The page of a code. Raises ``KeyError`` for a code that nobody registered (a bug of the caller)."""
    return pages()[code]
