"""The tables that travel with the grammar: those of this text and this Lark, read as if they had just been worked out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lark import Lark
from lark.exceptions import UnexpectedInput

from fluxrules.language import tables
from fluxrules.text.resources import resource

ROOT = Path(__file__).resolve().parent.parent
GRAMMAR = resource(tables.GRAMMAR).read_text("utf-8")
STARTS = ("expression", "montant", "tranche")
BUILT = tables.built(GRAMMAR)


def _read(parser: Lark, text: str, start: str) -> object:
    """The tree with the place of every word, or what was expected where."""
    try:
        tree = parser.parse(text, start=start)
    except UnexpectedInput as error:
        return type(error).__name__, error.pos_in_stream, sorted(getattr(error, "expected", ()))
    return tree, [(t.meta.start_pos, t.meta.end_pos) for t in tree.iter_subtrees_topdown() if not t.meta.empty]


def _texts() -> list[str]:
    """What people write: every value of the rule files and every word between quotes in the reference."""
    files = [*(ROOT / "rulesets").rglob("*.yaml"), ROOT / "docs" / "langage.md"]
    found = {line.strip() for f in files for line in re.findall(r":\s+(\S[^#\n]*)", f.read_text("utf-8"))}
    return sorted(text for text in found if len(text) < 200)[::7]


def test_the_tables_are_those_of_the_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "built", lambda _: pytest.fail("run tools/grammar_tables.py"))
    assert isinstance(tables.parser(), Lark)


def test_what_is_read_parses_as_what_is_worked_out() -> None:
    read, texts = tables.parser(), _texts()
    trees = 0
    for text in texts:
        for start in STARTS:
            found = _read(read, text, start)
            assert found == _read(BUILT, text, start), (text, start)
            trees += not isinstance(found[0], str)  # type: ignore[index]
    assert len(texts) > 300
    assert trees > 50


@pytest.mark.parametrize("held", [None, "{}", json.dumps({"of": "another grammar", "data": {}, "memo": {}})])
def test_other_tables_are_not_read(held: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "grammar").mkdir()
    (tmp_path / tables.GRAMMAR).write_text(GRAMMAR, "utf-8")
    if held is not None:
        (tmp_path / tables.TABLES).write_text(held, "utf-8")
    monkeypatch.setattr(tables, "resource", lambda name: tmp_path / name)
    assert tables.parser().parse("vrai", start="expression") == BUILT.parse("vrai", start="expression")
