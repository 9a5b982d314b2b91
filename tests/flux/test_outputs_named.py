"""What outputs must name: the floor and where it comes from, the commune beside its code, the other row of two that clash, French keys."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from fluxrules.commands.flux_shared import floor_outside_qpv
from fluxrules.data.flux.read import read_flux_tables
from fluxrules.flux.bilan.outside_qpv import Floor, Outside, floors_of
from tests.flux.test_acts import flux
from tests.flux.test_assiette import MARNE, dossier
from tests.flux.test_bilan import made

FLOOR = Floor(Fraction(30, 100), "CCH R. 441-5-2, II")


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [((10, 3, 0, 0), "atteint"), ((10, 2, 0, 0), "non atteint"), ((10, 2, 4, 2), "indéterminé"), ((10, 5, 4, 0), "atteint"), ((0, 0, 0, 0), "sans objet")],
)  # fmt: skip
def test_the_verdict_outside_qpv(counts: tuple[int, int, int, int], verdict: str) -> None:
    """2 of 10, four dwellings unknown of which two the State's: 2 of 12 at worst (16 %), 4 of 12 at best (33 %)."""
    assert Outside(*counts).verdict(FLOOR) == verdict
    assert Outside(*counts).verdict(None) == "plancher non connu"


def test_the_floor_comes_from_the_law_where_the_convention_says_none() -> None:
    assert floor_outside_qpv(2025) == FLOOR and floor_outside_qpv(2015) is None
    (state,) = (c for c in dossier().conventions if c.name == "habitat-exemple/état-51")
    assert floors_of((state,), 2025, FLOOR)["etat-51"] == Floor(Fraction(30, 100), "sa convention")
    silent = replace(state, terms=replace(state.terms, outside_qpv=None), amendments=())
    assert floors_of((silent,), 2025, FLOOR)["etat-51"] == FLOOR


def test_the_commune_is_named_beside_its_code() -> None:
    row = made()[0].table("T3-4-code-commune").frame.row(1, named=True)
    assert (row["Code commune"], row["Commune"]) == ("51108", "Châlons-en-Champagne")


def test_two_attributions_that_clash_name_each_other() -> None:
    rejects = read_flux_tables(Path(__file__).parent / "tables" / "FX8306").rejects.sort("ligne")
    assert rejects["motif"].str.extract(r"ligne (\d+)", 1).to_list() == ["5", "4"] and rejects["ligne"].to_list() == [4, 5]  # fmt: skip


def test_bilan_and_purge_speak_json(tmp_path: Path) -> None:
    found = json.loads(flux("bilan", MARNE, "--annee", "2025", "--sortie", tmp_path / "b", "--formats", "csv", "--format", "json").stdout)  # fmt: skip
    assert [x["bailleur"] for x in found] == ["900000002", "900000001"] and found[0]["tables"]["T6-etat-hors-qpv"] == 1
    assert found[0]["réservataires"][-1]["Réservataire"] == "Total" and Path(found[0]["dossier"]).is_dir()
    shutil.copytree(MARNE, tmp_path / "m")
    args = ("purge", tmp_path / "m", "--date", date(2026, 11, 26).strftime("%d/%m/%Y"), "--format", "json")
    said = json.loads(flux(*args, "--simulation").stdout)[0]
    done = json.loads(flux(*args).stdout)[0]
    assert said["à effacer"] == done["effacées"] > 0 and said["effacées"] == done["à effacer"] == 0
