"""What « fluxrules prove » left beside a grid, as far as it is about this very grid: read by ``check``, which proves nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.document.nodes import Mapping, Node
from fluxrules.law.case import Found
from fluxrules.law.prove.certificate import Certificate, about, key, usual_day
from fluxrules.law.prove.effort import certificate_of
from fluxrules.law.prove.properties import standard_properties
from fluxrules.law.prove.verdict import Finding, Verdict
from fluxrules.model.grid import Grid
from fluxrules.text.source import Span

COVER = "couverture"


@dataclass(frozen=True)
class Held:
    """``findings`` of the properties whose certificate is about this grid; ``stale`` are those that it says nothing of."""

    findings: tuple[Finding, ...] = ()
    stale: tuple[str, ...] = ()

    def count(self, verdict: Verdict) -> int:
        return sum(f.verdict is verdict for f in self.findings)

    @property
    def cover(self) -> tuple[Finding, ...]:
        """What was asked of the priorities (PRIO-COVER)."""
        return tuple(f for f in self.findings if f.kind == COVER)


def held(path: Path, grid: Grid, day: date | None) -> Held | None:
    """``None`` where a parameter of the grid has no value on the day."""
    certificate = Certificate.read(certificate_of(path))
    try:
        text = about(grid, day or usual_day(grid))
    except ValueError:
        return None
    findings: list[Finding] = []
    stale: list[str] = []
    for p in standard_properties():
        if p.kind == "équivalence":
            continue
        found = certificate.get(p.name, key(p, text))
        if found is None:
            stale.append(p.name)
        else:
            findings += found
    return Held(tuple(findings), tuple(stale))


def refuted_claims(grid: Grid, proofs: Held) -> Iterator[Found]:
    """PRIO-COVER, as refuted by the solver. That the article asks for the category was read; that this condition says it is our reading,
    so a refutation warns and never blocks."""
    for f in proofs.cover:
        if f.verdict is not Verdict.REFUTED:
            continue
        without = "ne rapporte rien" in f.sentence
        yield Found(
            "PRIO-COVER", "FX7006" if without else "FX7005", f.sentence, _place(grid, f.subject),
            "Augmentez le poids, ou le plafond qui l'absorbe." if without else "Élargissez la condition, ou prenez le critère de la bibliothèque.",
            most=Severity.AVERTISSEMENT, witness=f.witnesses[0].entry if f.witnesses else None,
        )  # fmt: skip


def _place(grid: Grid, name: str) -> Span:
    """The key of a criterion, wherever it is below the note; the grid where none has the name."""
    stack: list[Node | None] = [grid.tree.get("note")]
    while stack:
        node = stack.pop()
        inside = node.get("critères") if isinstance(node, Mapping) else None
        if isinstance(inside, Mapping):
            found = inside.key(name)
            if found is not None:
                return found.span
            stack += [e.value for e in inside]
    return grid.place
