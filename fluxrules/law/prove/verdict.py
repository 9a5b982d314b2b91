"""What a proof says: proved, refuted or undecided, in a sentence, with households that show it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class Verdict(Enum):
    PROVED = "prouvé"
    REFUTED = "réfuté"
    UNDECIDED = "indécidé"


@dataclass(frozen=True)
class Witness:
    """A household, replayed by the interpreter: its note in points, and an entry of « exemples » to paste."""

    title: str
    note: str
    entry: str


@dataclass(frozen=True)
class Finding:
    """One thing that was asked: ``subject`` is the criterion, family or field that it is about."""

    property: str
    kind: str
    subject: str
    verdict: Verdict
    sentence: str
    weight: str = "information"
    witnesses: tuple[Witness, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "verdict": self.verdict.value}

    @staticmethod
    def of_json(raw: dict[str, Any]) -> Finding:
        witnesses = tuple(Witness(**w) for w in raw["witnesses"])
        return Finding(**{**raw, "verdict": Verdict(raw["verdict"]), "witnesses": witnesses})
