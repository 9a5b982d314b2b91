"""The Python API: what docs/python.md says of shapes, units and errors."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import fluxrules
from fluxrules.data.read import read_tables
from fluxrules.vocabulary.load import standard_vocabulary

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "python.md").read_text("utf-8")
GRID = ROOT / "rulesets" / "exemples" / "metropole-exemple.yaml"
DAY = date(2026, 9, 1)
DEMANDES = pl.DataFrame({"numero_unique": ["A", "B"], "date_depot_initial": [date(2024, 9, 1)] * 2})


def example() -> dict[str, Any]:
    code = re.search(r"```python\n(.*?)```", PAGE, re.S)
    assert code is not None
    names: dict[str, Any] = {"path": GRID}
    exec(code[1], names)  # our own page
    return names


def test_the_example_of_the_page_runs() -> None:
    assert "Cette note aide à la décision" in example()["text"]


@pytest.mark.parametrize("frame", ["results", "positions", "bands", "quantiles"])
def test_the_columns_are_those_of_the_page(frame: str) -> None:
    part = PAGE.partition(f"`{frame}`, one row")[2].partition("\n\n`")[0].partition("```")[0]
    said = re.findall(r"^\| `(\w+)` \| (\S+) \|", part, re.M)
    held = getattr(example()["scores"], frame).schema
    assert said == [(name, str(dtype)) for name, dtype in held.items()]


@pytest.mark.parametrize(
    ("tables", "word"),
    [
        ({}, "demandes"),
        ({"demandes": DEMANDES, "voeux": DEMANDES}, "voeux"),
        ({"demandes": DEMANDES.drop("numero_unique")}, "numero_unique"),
        ({"demandes": DEMANDES.drop("date_depot_initial")}, "FX5002.*date_depot_initial"),
        ({"demandes": DEMANDES.with_columns(date_depot_initial=pl.lit(date(2030, 1, 1)))}, "FX5016, demandes, ligne 1"),
        ({"demandes": pl.concat([DEMANDES, DEMANDES])}, "FX5015.*plusieurs lignes"),
        ({"demandes": DEMANDES.with_columns(nir=pl.lit("2850975123456"))}, "FX5006"),
        ({"demandes": DEMANDES.with_columns(loyer_mensuel=pl.lit("400"))}, "loyer_mensuel"),
        ({"demandes": DEMANDES.with_columns(loyer_mensuel=pl.lit(400.5))}, "loyer_mensuel"),
        ({"demandes": DEMANDES.with_columns(modes_logement_actuel=pl.lit("CP"))}, "modes_logement_actuel"),
    ],
)
def test_frames_that_are_not_canonical_are_refused(tables: dict[str, pl.DataFrame], word: str) -> None:
    grid = fluxrules.load(GRID)
    with pytest.raises(fluxrules.TableError, match=word):
        fluxrules.score(grid, tables, DAY, everyone=True)
    with pytest.raises(fluxrules.TableError, match=word):
        fluxrules.explain(grid, tables, "A", DAY)


def test_values_that_do_not_fit_are_unknown_and_said_as_for_a_file(tmp_path: Path) -> None:
    demandes = DEMANDES.with_columns(loyer_mensuel=pl.lit(-5), mode_logement_actuel=pl.lit("ZZ"))
    scores = fluxrules.score(fluxrules.load(GRID), {"demandes": demandes}, DAY, everyone=True)
    demandes.write_parquet(tmp_path / "demandes.parquet")
    read = read_tables(tmp_path, standard_vocabulary(), DAY)
    said = [(d.code, d.message) for d in read.diagnostics]
    assert [c for c, _ in said] == ["FX5010", "FX5012"]
    assert [(d.code, d.message) for d in scores.diagnostics] == said
    assert read.tables is not None  # tables read from a file are taken back as they are
    assert fluxrules.score(fluxrules.load(GRID), read.tables, DAY, everyone=True).results.equals(scores.results)


def test_a_narrow_or_empty_column_is_taken() -> None:
    demandes = DEMANDES.with_columns(loyer_mensuel=pl.lit(400, dtype=pl.Int16), motifs=pl.lit(None))
    scores = fluxrules.score(fluxrules.load(GRID), {"demandes": demandes}, DAY, everyone=True)
    assert scores.results["note"].to_list() == [24, 24]


def test_errors_of_rules_numbers_and_days() -> None:
    grid = fluxrules.load(GRID)
    with pytest.raises(KeyError):
        fluxrules.explain(grid, {"demandes": DEMANDES}, "Z", DAY)
    with pytest.raises(ValueError, match="ne vaut pas"):
        fluxrules.explain(grid, {"demandes": DEMANDES}, "A", date(2031, 1, 1))
    with pytest.raises(fluxrules.RuleError) as error:
        fluxrules.load(ROOT / "tests" / "twins" / "FX3010" / "mauvais.yaml")
    assert [d.code for d in error.value.diagnostics] == ["FX3010"]
    assert fluxrules.compile(grid).hash == grid.hash
