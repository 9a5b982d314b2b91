"""« dérogations »: acts that lift a rule of law for a time. The grid says them; ``law/`` decides what they lift."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.language.numbers import show_date
from fluxrules.model.days import read_day
from fluxrules.model.shapes import validate
from fluxrules.text.source import Span


@dataclass(frozen=True)
class Derogation:
    """``rule`` is the id of a rule of law; both days are inclusive."""

    rule: str
    act: str
    since: date
    until: date
    reason: str
    place: Span = field(compare=False, repr=False)

    def applies(self, day: date) -> bool:
        return self.since <= day <= self.until

    @property
    def said(self) -> str:
        """How it is shown wherever the grid is used."""
        return f"{self.rule}, {self.act}, du {show_date(self.since)} au {show_date(self.until)} ({self.reason})"


def read_derogations(node: Node | None, bag: Bag) -> tuple[Derogation, ...]:
    """The derogations of a grid; those with an error are reported and left out."""
    found: list[Derogation] = []
    for block in node.items if isinstance(node, Sequence) else ():
        if not validate(block, bag, "une dérogation", "dérogation") or not isinstance(block, Mapping):
            continue
        since, until = read_day(block.get("du"), bag), read_day(block.get("au"), bag)
        if since is None or until is None:
            continue
        if since > until:
            bag.add("FX3016", f"La dérogation finit le {show_date(until)}, avant de commencer le {show_date(since)}.", block.span,
                    "Échangez « du » et « au ».")  # fmt: skip
            continue
        rule, act, reason = (_text(block, key) for key in ("règle", "acte", "motif"))
        found.append(Derogation(rule.text, act.text, since, until, reason.text, rule.span))
    return tuple(found)


def _text(block: Mapping, key: str) -> Scalar:
    node = block.get(key)
    assert isinstance(node, Scalar)
    return node
