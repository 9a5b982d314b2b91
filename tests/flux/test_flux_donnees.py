"""``flux donnees``: what is kept and rejected of the tables of a dossier, and the file of rejects."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl

from fluxrules.text.resources import resource

CLI = Path(__file__).resolve().parents[2] / "cli.py"
MARNE = resource("rulesets/exemples/marne")


def donnees(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CLI), "flux", "donnees", *map(str, arguments)], text=True, capture_output=True
    )


def test_the_example_is_kept_whole() -> None:
    done = donnees(MARNE, "--strict")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "logements            3 510 lues       3 510 gardées         0 rejetées" in done.stdout


def test_rejects_go_to_a_file_that_names_each_row_and_its_reason(tmp_path: Path) -> None:
    dossier, rejects = tmp_path / "marne", tmp_path / "rejets.csv"
    shutil.copytree(MARNE, dossier)
    with (dossier / "donnees" / "liberations.csv").open("a", encoding="utf-8") as f:
        f.write("LIB-9998;HE-99999;;01/02/2026;;DECES;;\n")
    with (dossier / "donnees" / "logements.csv").open("a", encoding="utf-8") as f:
        f.write("XX-00001;900000009;51454;;;2;PLUS;C;O;oui;1;1990;;non;D;programme;;;\n")
    done = donnees(dossier, "--rejets", rejects)
    assert done.returncode == 0 and "FX8304" in done.stderr and "FX8312" in done.stderr
    assert donnees(dossier, "--strict").returncode == 1
    written = pl.read_csv(rejects, separator=";").select("fichier", "ligne", "champ", "code").rows()
    assert written == [
        ("liberations.csv", 766, "id_logement", "FX8304"),
        ("logements.csv", 3512, "siren_bailleur", "FX8312"),
    ]
    assert donnees(dossier, "--rejets", rejects).returncode == 2
    assert donnees(dossier, "--rejets", rejects, "--remplacer").returncode == 0


def test_a_dossier_without_tables_is_said(tmp_path: Path) -> None:
    done = donnees(tmp_path)
    assert done.returncode == 2 and "n'a pas de table" in done.stderr
