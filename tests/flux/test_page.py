"""docs/conventions.md says what the schemas say, docs/tables-flux.md what the vocabulary says."""

from __future__ import annotations

import json
from pathlib import Path

from tools.flux_page import ACTS, page, tables_page

ROOT = Path(__file__).parents[2]


def test_the_pages_are_up_to_date() -> None:
    assert (ROOT / "docs/conventions.md").read_text("utf-8") == page()
    assert (ROOT / "docs/tables-flux.md").read_text("utf-8") == tables_page()


def test_every_clause_of_a_convention_says_what_it_does() -> None:
    schema = json.loads((ROOT / "grammar/schemas/convention.schema.json").read_text("utf-8"))
    assert [k for k in schema["properties"] if f"`{k}`" not in ACTS] == ["langage", "convention", "titre"]
