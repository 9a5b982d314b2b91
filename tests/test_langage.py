"""The reference of the language is a test suite: every block of ``docs/langage.md`` does what is written under it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from fluxrules.diagnostics.diagnostic import Diagnostic
from fluxrules.law.check import check_source as check_law
from fluxrules.model.check import check_source
from fluxrules.model.shapes import schema
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "langage.md"
DAY = "01/09/2026"
HEAD = {
    "langage": "1",
    "cotation": "extrait",
    "nature": "fragment",
    "s'appuie sur": "[bibliothèque/priorités-légales]",
    "ex æquo": "aucun départage",
}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n+(?:(?!```)(\S[^\n]*(?:\n\|[^\n]*)*))?", re.M | re.S)
_ROW = re.compile(r"\| `(\{.*\})` \| (\S+) \| (\S+) \| (\S+) \|")


@dataclass(frozen=True)
class Block:
    kind: str
    text: str
    under: str
    line: int


def blocks() -> Iterator[Block]:
    page = PAGE.read_text("utf-8")
    for m in _BLOCK.finditer(page):
        yield Block(m[1], m[2], m[3] or "", page.count("\n", 0, m.start()) + 1)


ALL = list(blocks())
SNIPPETS = [b for b in ALL if b.kind == "yaml"]
LINES = [
    (b.kind, line, b.line + i)
    for b in ALL
    if b.kind in ("condition", "points")
    for i, line in enumerate(b.text.splitlines(), 1)
]


@cache
def top_keys() -> frozenset[str]:
    return frozenset(schema("cotation")["properties"])


def whole(text: str) -> str:
    """A snippet as a file: criteria alone are put in a sum, what the head lacks is added."""
    keys = set(re.findall(r"^([^\s#-][^:\n]*):", text, re.M))
    if not keys & top_keys():
        inside = "".join(f"    {line}\n" for line in text.splitlines())
        text, keys = f"note:\n  retenir: la somme\n  critères:\n{inside}", {"note"}
    if "cotation" not in keys:
        text = "".join(f"{k}: {v}\n" for k, v in HEAD.items() if k not in keys) + text
    return text


def played(text: str, *, law: bool = False) -> tuple[Diagnostic, ...]:
    """What the language says of a text; with ``law``, what the law of the day says too."""
    source = Source("extrait.yaml", whole(text))
    if law:
        return check_law(source, standard_vocabulary(), date(2026, 9, 1)).diagnostics
    return check_source(source, standard_vocabulary()).diagnostics


def said(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[str, str, str]]:
    return [(d.code, d.message, d.place) for d in diagnostics]


@pytest.mark.parametrize("b", SNIPPETS, ids=[f"ligne {b.line}" for b in SNIPPETS])
def test_snippet(b: Block) -> None:
    word, _, codes = b.under.partition(" : ")
    text = b.text
    if b.under.startswith("|"):
        rows = _ROW.findall(b.under)
        assert len(rows) == b.under.count("\n") - 1, "a row is not understood"
        assert "exemples:" not in text
        text = whole(text) + "exemples:\n" + "".join(
            f"  - {{nom: n{i}, à la date du: {DAY}, faits: {facts}, attendu: {{note: {note}, note min: {low}, note max: {high}}}}}\n"
            for i, (facts, note, low, high) in enumerate(rows)
        )  # fmt: skip
    else:
        assert word in ("Accepté", "Refusé", "Averti"), b.under
    found = played(text, law="FX70" in codes)
    assert {d.code for d in found} == (set(codes.split(", ")) if codes else set()), said(found)
    assert any(d.severity.label == "erreur" for d in found) == (word == "Refusé"), said(found)


@pytest.mark.parametrize(("kind", "line", "at"), LINES, ids=[f"ligne {at}" for _, _, at in LINES])
def test_expression(kind: str, line: str, at: int) -> None:
    text, _, code = (part.strip() for part in line.partition("#"))
    quoted = text.replace("'", "''")
    body = f"si: '{quoted}', points: 1" if kind == "condition" else f"points: '{quoted}'"
    found = played(f"x: {{{body}}}\n")
    assert [d.code for d in found] == ([code] if code else []), said(found)


def test_the_whole_grid_of_the_page_breaks_no_law() -> None:
    (grid,) = [b for b in SNIPPETS if "cotation: metropole-exemple" in b.text]
    assert played(grid.text, law=True) == ()


def test_every_block_is_played() -> None:
    assert {b.kind for b in ALL} == {"yaml", "condition", "points"}
    assert PAGE.read_text("utf-8").count("\n```") == 2 * len(ALL)
    assert len(SNIPPETS) >= 30 and len(LINES) >= 40


def test_every_key_of_a_grid_is_in_the_page() -> None:
    page = PAGE.read_text("utf-8")
    shapes = schema("cotation")
    keys = set(shapes["properties"]) | {k for s in shapes["definitions"].values() for k in s.get("properties", {})}
    assert sorted(k for k in keys if k not in page) == []
