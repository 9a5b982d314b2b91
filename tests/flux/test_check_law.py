"""``flux check`` on a département: what it refuses, what it says before it comes, and the forms of its answer."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from fluxrules.law.flux.folders import check_folders, dossiers
from tests.flux.conventions import COMMUNE, DEPARTEMENT, EPCI, levels, messages, other, state, verdict

ROOT = Path(__file__).parents[2]
MARNE = ROOT / "rulesets/exemples/marne"


def run(*arguments: str | Path) -> tuple[int, str]:
    words = [sys.executable, str(ROOT / "cli.py"), "flux", "check", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def written(folder: Path, *texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, "utf-8")
    return folder


def test_the_example_is_lawful() -> None:
    code, text = run(MARNE, "--date", "01/09/2026")
    assert code == 0 and "rien de contraire n'a été trouvé" in text and "Ce n'est pas un avis juridique" in text


@pytest.mark.parametrize(("nature", "expected"), [("en vigueur", 3), ("projet", 1), ("historique", 0)])
def test_a_convention_in_force_is_refused_a_project_is_not_yet(tmp_path: Path, nature: str, expected: int) -> None:
    code, text = run(written(tmp_path, state("31 % du flux", nature=nature)), "--date", "01/09/2026")
    assert code == expected
    assert ("1 convention en vigueur refusée" in text) is (expected == 3)


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_the_answer_of_machines(tmp_path: Path, form: str) -> None:
    code, text = run(written(tmp_path, state("31 % du flux")), "--format", form, "--date", "01/09/2026")
    assert code == 3 and "FX8113" in text
    if form != "github":
        assert json.loads(text)


def test_a_step_of_a_ramp_is_found_before_it_comes() -> None:
    found = verdict(state("{01/01/2024: 30 % du flux, 01/12/2026: 31 % du flux}"))
    assert [m.startswith("À partir du 01/12/2026") for m in messages(found, "FX8113")] == [True]


def test_a_project_takes_the_place_of_what_it_renews() -> None:
    """20 % in force and 20 % again from 2027: never 40 %; 21 % is found before it is signed, and nothing in force is refused."""
    now = other("reims", "commune", COMMUNE, "garantie d'emprunt 20 % du flux")
    dates = "du: 01/09/2026, au: 31/12/2029"
    same = other("reims", "commune", COMMUNE, "garantie d'emprunt 20 % du flux", nature="projet", dates=dates)
    more = other("reims", "commune", COMMUNE, "garantie d'emprunt 21 % du flux", nature="projet", dates=dates)
    assert levels(verdict(state(), now, same), "FX8131") == []
    found = verdict(state(), now, more)
    assert levels(found, "FX8131") == ["erreur"] and found.refused == ()


def test_a_project_that_puts_things_right_does_not_hide_what_is_wrong_today() -> None:
    now = other("reims", "commune", COMMUNE, "garantie d'emprunt 21 % du flux")
    dates = "du: 01/09/2026, au: 31/12/2029"
    less = other(
        "reims-bis", "commune", COMMUNE, "garantie d'emprunt 8 % du flux", nature="projet", dates=dates
    ).replace("code: reims-bis", "code: reims")
    assert verdict(state(), now, less).refused == (("habitat/reims", "FLUX-COLL-20"),)


def test_an_epci_over_two_departements_has_a_convention_in_each() -> None:
    """« dans le département » narrows each to its part."""
    one = other("grand-reims", "epci", f'{EPCI}, dans le département: "51"', "garantie d'emprunt 5 % du flux")
    two = other(
        "grand-reims-02", "epci", f'{EPCI}, dans le département: "02"', "garantie d'emprunt 5 % du flux"
    ).replace("code: grand-reims-02", "code: grand-reims")
    assert levels(verdict(state(), one, two), "FX8102") == []
    whole = other("grand-reims-bis", "epci", EPCI, "garantie d'emprunt 5 % du flux").replace(
        "code: grand-reims-bis", "code: grand-reims"
    )
    assert levels(verdict(state(), one, whole), "FX8102") == ["erreur"]


def test_départements_are_held_apart_and_read_in_order(tmp_path: Path) -> None:
    """Two folders with one name of convention in each: no mix, and the same answer as one after the other."""
    both = [written(tmp_path / name, state(share)) for name, share in (("51", "30 % du flux"), ("52", "31 % du flux"))]
    assert [len(files) for files in dossiers([tmp_path])] == [1, 1]
    together = check_folders([tmp_path], date(2026, 9, 1))
    alone = [check_folders([folder], date(2026, 9, 1))[0] for folder in both]
    assert [c.verdict.refused for c in together] == [c.verdict.refused for c in alone]
    assert [c.diagnostics for c in together] == [c.diagnostics for c in alone]
    assert together[1].verdict.refused == (("habitat/état", "FLUX-PREF-MAX"),)


def test_a_number_without_base_is_unknown_not_zero() -> None:
    text = other("reims", "commune", COMMUNE, "garantie d'emprunt 12 logements par an\n    base: assiette")
    assert levels(verdict(state(), text), "FX8131") == ["conseil"]


def test_an_objective_of_the_epci_without_a_right_there_is_found() -> None:
    orientations = """langage: 1
orientations: grand-reims
territoire: {epci: "200067213"}
adoptées: {CIA: 10/12/2020}
en vigueur: {du: 01/01/2024, au: 31/12/2029}
objectifs: [{public: DALO et prioritaires, taux: 25 %, de: attributions, réservataire: chalons}]
travailleurs essentiels: {objectif: 5 %, modalités: CIL}
"""
    there = other("chalons", "commune", 'commune: "51108"', "financement 5 % du flux")
    found = verdict(state(), there, orientations)
    assert levels(found, "FX8136") == ["avertissement"]
    assert any("habitat/chalons" in label.text for d in found.diagnostics if d.code == "FX8136" for label in d.labels)


def test_action_logement_has_no_ceiling_of_its_own() -> None:
    text = other("als-51", "action logement", DEPARTEMENT, "financement 70 % du flux")
    assert verdict(state(), text).refused == ()
