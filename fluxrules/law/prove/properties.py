"""The properties to prove, as a jurist writes them in ``rulesets/propriétés/``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fluxrules.document.nodes import Scalar
from fluxrules.text.resources import resource
from fluxrules.vocabulary.blocks import blocks, optional, text, texts, tree

KINDS = (
    "bornes", "dominance", "monotonie", "priorité de plus", "sans influence", "parts", "tranches", "ordre total",
    "lignes mortes", "refus", "couverture", "équivalence", "garantie",
)  # fmt: skip
WEIGHTS = ("information", "conseil", "avertissement")


@dataclass(frozen=True)
class Property:
    """``fields`` are those that the property is about; ``when``, ``least`` and ``most`` are those of a « garantie »."""

    name: str
    kind: str
    label: str
    source: str
    weight: str = "information"
    fields: tuple[str, ...] = ()
    when: Scalar | None = None
    least: int | None = None
    most: int | None = None


def standard_properties() -> tuple[Property, ...]:
    """Those that travel with fluxrules."""
    return tuple(p for path in paths() for p in read_properties(path))


def paths() -> list[Path]:
    return sorted(resource("rulesets/propriétés").glob("*.yaml"))


def read_properties(path: Path) -> tuple[Property, ...]:
    """The properties of a file. Raises ``ValueError``, with the place, for one that cannot be read."""
    found = []
    for name, block in blocks(tree(path).get("propriétés")):
        kind, weight = text(block, "genre"), text(block, "poids", "information")
        if kind not in KINDS or weight not in WEIGHTS:
            raise ValueError(f"{block.span.place}: {kind}, {weight}")
        when = block.get("si")
        least, most = optional(block, "note au moins"), optional(block, "note au plus")
        found.append(
            Property(
                name,
                kind,
                text(block, "libellé"),
                text(block, "source"),
                weight,
                tuple(texts(block.get("champs"))),
                when if isinstance(when, Scalar) else None,
                int(least) if least else None,
                int(most) if most else None,
            )
        )
    return tuple(found)
