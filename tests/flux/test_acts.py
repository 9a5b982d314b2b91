"""The acts of ``flux`` as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fluxrules.commands.main import cli
from tests.flux.test_assiette import MARNE


def flux(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["flux", *map(str, args)], standalone_mode=False)


def test_an_example_departement_is_copied_whole_and_never_over_another(tmp_path: Path) -> None:
    folder = tmp_path / "marne"
    assert flux("init", folder).return_value == 0
    assert flux("check", folder).return_value == 0
    assert "yaml-language-server" not in "".join(f.read_text("utf-8") for f in folder.rglob("*.yaml"))
    again = flux("init", folder)
    assert again.exception is not None and "existe déjà" in str(again.exception)
    assert [p.name for p in tmp_path.iterdir()] == ["marne"]


def test_the_assiette_explains_itself() -> None:
    shown = flux("assiette", MARNE, "--annee", "2026", "--bailleur", "Foyer Modèle", "--explain").stdout
    assert "assiette prévisionnelle : 54 logements" in shown and "mutations internes : 12 logements" in shown
    found = json.loads(flux("assiette", MARNE, "--annee", "2026", "--bailleur", "900000002", "--format", "json").stdout)
    assert found[0]["prévisionnelle"]["valeur"] == "54"


def test_a_year_that_is_not_written_is_said() -> None:
    done = flux("assiette", MARNE, "--annee", "2031")
    assert done.return_value == 1 and "FX8203" in done.stderr and "2025, 2026" in done.stderr


def test_whole_dwellings_are_shared() -> None:
    found = json.loads(flux("repartir", MARNE, "--annee", "2026", "--bailleur", "900000002", "--format", "json").stdout)
    assert {p["réservataire"]: p["logements"] for p in found[0]["parts"]} == {
        "etat-51": 15,
        "dep-51": 4,
        "reims": 1,
        "bailleur": 34,
    }


def test_a_simulation_shows_who_wins_and_who_loses() -> None:
    done = flux(
        "simuler",
        MARNE,
        "--annee",
        "2026",
        "--bailleur",
        "900000002",
        "--part",
        "reims=15 %",
        "--soustraction",
        "mutations internes=20",
    )
    assert "54 logements → 46 logements" in done.stdout and "−2,16 par an" in done.stdout
    unchanged = flux("assiette", MARNE, "--annee", "2026", "--bailleur", "900000002").stdout
    assert "54 logements" in unchanged


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--part", "rems=15 %", "reims"), ("--soustraction", "mutations=20", "mutations internes")],
)
def test_a_change_of_nothing_is_refused(option: str, value: str, said: str) -> None:
    done = flux("simuler", MARNE, "--annee", "2026", "--bailleur", "900000002", option, value)
    assert done.return_value == 1 and "FX8206" in done.stderr and said in done.stderr


@pytest.mark.parametrize("value", ["reims=15", "reims", "reims=-3 %"])
def test_a_change_that_is_not_understood_is_refused(value: str) -> None:
    assert flux("simuler", MARNE, "--annee", "2026", "--part", value).exception is not None


def test_the_methods_of_conversion_and_their_gap() -> None:
    done = flux("convertir", "--reserves", "250", "--parc", "1 000", "--rotation", "7,5 %", "--assiette", "54")
    assert "Poids du stock : 25 %" in done.stdout and "5,25 d'écart" in done.stdout
    assert flux("convertir", "--reserves", "250").exception is not None
    assert flux("convertir", "--reserves", "250", "--parc", "0").exception is not None


def test_a_folder_with_an_error_computes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "marne"
    flux("init", folder)
    file = folder / "conventions" / "foyer-modele-reims.yaml"
    file.write_text(file.read_text("utf-8").replace("12 % du flux", "douze pour cent"), "utf-8")
    done = flux("repartir", folder, "--annee", "2026")
    assert done.return_value == 1 and "FX8002" in done.stderr and "rien n'a été calculé" in done.stderr
