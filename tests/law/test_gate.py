"""``score`` and the law: a grid in force that breaks it is not run, and a derogation is said wherever its results are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import fluxrules
from fluxrules.data.run_folder import notice, open_run
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.law.summary import sentences
from tests.law.grids import DAY, grid, text

ROOT = Path(__file__).resolve().parent.parent.parent
ACT = "dérogations: [{règle: COT-INFO, acte: arrêté n° 12, du: 01/01/2026, au: 31/12/2026, motif: expérimentation}]"


@pytest.fixture(scope="module")
def demandes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("donnees")
    number, day = "05112230000BOSYNTH", "2024-01-10"
    pl.DataFrame({"numero_unique": [number], "date_depot_initial": [day]}).write_csv(folder / "demandes.csv")
    pl.DataFrame({"numero_unique": [number], "rang": [1], "code_commune": ["51454"]}).write_csv(folder / "choix.csv")
    return folder


def run(tmp_path: Path, verb: str, written: str, *words: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "g.yaml").write_text(written, "utf-8")
    command = [sys.executable, str(ROOT / "cli.py"), verb, "g.yaml", "--date", "01/09/2026", *words]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)


def score(tmp_path: Path, demandes: Path, written: str) -> subprocess.CompletedProcess[str]:
    return run(tmp_path, "score", written, "--donnees", str(demandes), "--sortie", "r")


def test_a_grid_in_force_that_breaks_the_law_is_refused(tmp_path: Path, demandes: Path) -> None:
    done = score(tmp_path, demandes, text(nature="en vigueur", without="information"))
    assert done.returncode == 3 and not (tmp_path / "r").exists()
    assert "FX7017" in done.stderr and "COT-INFO" in done.stderr and "contredit le droit" in done.stderr


@pytest.mark.slow
def test_a_project_is_run_under_its_watermark(tmp_path: Path, demandes: Path) -> None:
    done = score(tmp_path, demandes, text(nature="projet", without="information"))
    assert done.returncode == 0 and "n'est pas en vigueur" in done.stdout


@pytest.mark.slow
def test_a_warning_never_blocks(tmp_path: Path, demandes: Path) -> None:
    line = "propriétaire: {si: est_propriétaire, points: -10000}"
    assert score(tmp_path, demandes, text(nature="en vigueur", line=line)).returncode == 0


@pytest.mark.slow
def test_a_derogation_lets_it_run_and_is_in_the_receipt_and_the_summary(tmp_path: Path, demandes: Path) -> None:
    done = score(tmp_path, demandes, text(ACT, nature="en vigueur", without="information"))
    assert done.returncode == 0, done.stderr
    assert "Dérogation de la grille « grille » : COT-INFO, arrêté n° 12" in done.stdout
    receipt = json.loads((tmp_path / "r" / "recu.json").read_text("utf-8"))
    assert receipt["grilles"][0]["dérogations"] == [
        "COT-INFO, arrêté n° 12, du 01/01/2026 au 31/12/2026 (expérimentation)"
    ]
    assert len(receipt["droit"]) == 64
    explained = run(tmp_path, "explain", text(ACT, nature="en vigueur", without="information"),
                    "--donnees", str(demandes), "--demande", "05112230000BOSYNTH")  # fmt: skip
    assert "dérogation COT-INFO, arrêté n° 12" in explained.stdout
    values = run(tmp_path, "explain", text(ACT, nature="en vigueur", without="information"),
                 "--donnees", str(demandes), "--demande", "05112230000BOSYNTH", "--format", "json")  # fmt: skip
    assert json.loads(values.stdout)[0]["dérogations"] == receipt["grilles"][0]["dérogations"]
    opened = open_run(tmp_path / "r", Bag())
    assert opened is not None and any("dérogation COT-INFO, arrêté n° 12" in said for _, said in notice(opened))
    assert "dérogation COT-INFO" in opened.grids[0].version  # which the SNE export writes on each row


def test_what_a_derogation_lifts_is_not_said_to_be_nothing() -> None:
    verdict = grid(ACT, nature="en vigueur", without="information").verdict
    assert verdict is not None
    said = "\n".join(sentences(verdict))
    assert (
        "rien de contraire n'a été trouvé, hors ce qu'une dérogation lève," in said
        and "Levé par dérogation : COT-INFO" in said
    )
    assert "À regarder" not in said


def test_a_refused_grid_is_explained_under_a_mention(tmp_path: Path, demandes: Path) -> None:
    words = ("--donnees", str(demandes), "--demande", "05112230000BOSYNTH")
    done = run(tmp_path, "explain", text(nature="en vigueur", without="information"), *words)
    assert done.returncode == 0 and "contredit le droit, et ne note plus aucune demande" in done.stdout
    assert "(CCH R. 441-2-10, 11° ; COT-INFO)" in done.stdout and "Note : 0 point" in done.stdout
    (page,) = json.loads(
        run(tmp_path, "explain", text(nature="en vigueur", without="information"), *words, "--format", "json").stdout
    )
    assert page["contraire au droit"] == ["COT-INFO"]
    for nature, without in (("en vigueur", ""), ("projet", "information")):
        assert "contredit le droit" not in run(tmp_path, "explain", text(nature=nature, without=without), *words).stdout


def test_check_says_refused_by_its_exit_code(tmp_path: Path) -> None:
    done = run(tmp_path, "check", text(nature="en vigueur", without="information"))
    assert done.returncode == 3 and "Au regard du droit : refusée" in done.stdout and "; COT-INFO)" in done.stdout
    assert run(tmp_path, "check", text(nature="projet", without="information")).returncode == 1
    assert run(tmp_path, "check", text(nature="en vigueur")).returncode == 0


def test_the_python_api_refuses_too(tmp_path: Path) -> None:
    path = tmp_path / "g.yaml"
    path.write_text(text(nature="en vigueur", without="information"), "utf-8")
    frames = {
        "demandes": pl.DataFrame({"numero_unique": ["05112230000BOSYNTH"], "date_depot_initial": [DAY]}),
        "choix": pl.DataFrame({"numero_unique": ["05112230000BOSYNTH"], "rang": [1], "code_commune": ["51454"]}),
    }
    scores = fluxrules.score(fluxrules.load(path), frames, DAY)
    assert scores.results.is_empty() and "FX7017" in {d.code for d in scores.diagnostics}
    assert not fluxrules.check(path).ok


def test_three_grids_in_force_of_one_territory_are_refused_together(tmp_path: Path, demandes: Path) -> None:
    publics = ("est_mutation", "non est_mutation", "est_mutation et non est_mutation")
    for i, public in enumerate(publics):
        more = f"demandeurs: {{nom: public {i}, si: {public}, si non renseigné: non}}"
        written = text(more, nature="en vigueur").replace("cotation: grille", f"cotation: grille-{i}")
        (tmp_path / f"g{i}.yaml").write_text(written, "utf-8")
    common = [sys.executable, str(ROOT / "cli.py")]
    files, data = [f"g{i}.yaml" for i in range(3)], ["--donnees", str(demandes), "--sortie", "r"]
    for words, code in ((["check", *files], 3), (["check", *files[:2]], 0), (["score", *files, *data], 3)):
        done = subprocess.run([*common, *words, "--date", "01/09/2026"], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        assert ("FX7012" in done.stdout + done.stderr) is (code == 3)
