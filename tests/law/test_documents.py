"""Grids held against the orientations of their EPCI."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from fluxrules.commands.main import cli
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.law.documents import judge_orientations
from fluxrules.model.flux.folder import read_dossier
from fluxrules.model.flux.orientations import Orientations
from tests.law.grids import DAY, grid, text

FILE = Path(__file__).parents[2] / "rulesets/exemples/marne/orientations-grand-reims.yaml"
LINE = "travailleur essentiel: {{orientation: {}, si: travailleur_essentiel, points: 10}}"


def orientations() -> Orientations:
    (found,) = read_dossier([FILE], Bag()).orientations
    return found


def found(line: str, document: Orientations, epci: str = "200067213") -> list[str]:
    checked = grid(line=line, epci=epci).grid
    assert checked is not None
    return [d.code for d in judge_orientations([checked], [document], DAY)]


@pytest.mark.parametrize(
    ("said", "codes"), [('"CIA, objectif 3"', []), ("CIA objectif 3", []), ('"CIA, objectif 9"', ["FX7040"])]
)
def test_a_line_serves_an_objective_that_is_written(said: str, codes: list[str]) -> None:
    assert found(LINE.format(said), orientations()) == codes


def test_essential_workers_have_an_objective() -> None:
    without = replace(orientations(), essential=None)
    assert found(LINE.format('"CIA, objectif 3"'), without) == ["FX7041"]


def test_the_orientations_of_another_territory_say_nothing() -> None:
    assert found(LINE.format('"CIA, objectif 9"'), orientations(), "200066876") == []


def test_the_verb_takes_orientations(tmp_path: Path) -> None:
    file = tmp_path / "g.yaml"
    file.write_text(text(line=LINE.format('"CIA, objectif 9"')), "utf-8")
    done = CliRunner().invoke(
        cli, ["check", str(file), "--orientations", str(FILE), "--date", "01/09/2026"], standalone_mode=False
    )
    assert done.return_value == 0 and "FX7040" in done.stdout and "CIA objectif 1" in done.stdout
