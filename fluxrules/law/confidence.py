"""What a rule of law may do: the table of ``rulesets/loi/confiances.yaml``, and nothing else, decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.text.resources import resource
from fluxrules.vocabulary.blocks import blocks, optional, text, tree

READ = "lu dans le texte"
_EFFECTS = {"dit": None, "conseille": Severity.CONSEIL, "avertit": Severity.AVERTISSEMENT, "bloque": Severity.ERREUR}


@dataclass(frozen=True)
class Confidence:
    """How a rule is known; ``code`` is its short name, ``said`` what a person is told."""

    name: str
    code: str
    effect: Severity | None
    said: str


@dataclass(frozen=True)
class LegalSource:
    """Where a rule was read."""

    code: str
    name: str
    address: str | None


@dataclass(frozen=True)
class Table:
    confidences: Mapping[str, Confidence]
    kinds: Mapping[str, Severity | None]
    sources: Mapping[str, LegalSource]

    def severity(self, kind: str, confidence: str) -> Severity | None:
        """The lesser of what the kind of a rule and its confidence allow; ``None``: shown, nothing more."""
        both = self.kinds[kind], self.confidences[confidence].effect
        return None if None in both else min(s for s in both if s is not None)


@cache
def table() -> Table:
    """The table that travels with fluxrules. It is ours: a mistake in it raises ``ValueError`` or ``KeyError``."""
    file = tree(resource("rulesets/loi/confiances.yaml"))
    confidences = {
        name: Confidence(name, text(b, "code"), _EFFECTS[text(b, "effet")], text(b, "dit"))
        for name, b in blocks(file.get("confiances"))
    }
    kinds = file.get("gravités")
    sources = {
        code: LegalSource(code, text(b, "nom"), optional(b, "adresse")) for code, b in blocks(file.get("sources"))
    }
    return Table(confidences, {name: _EFFECTS[text(kinds, name)] for name in kinds.names()}, sources)  # type: ignore[union-attr,arg-type]
