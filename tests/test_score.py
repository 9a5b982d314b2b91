"""A run over tables: territories, positions, rejects, receipt, and outputs whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from fluxrules.api import check_source, explanation
from fluxrules.cotation.run import score_tables
from fluxrules.cotation.sentences import text
from fluxrules.data.population import generate
from fluxrules.data.read import read_tables
from fluxrules.data.sne_xml import read_sne_xml
from fluxrules.data.tables import Tables
from fluxrules.data.write import NotWrittenError, whole_folder
from fluxrules.engines.polars.run import score as polars_score
from fluxrules.ir.evidence import declared, verified
from fluxrules.ir.nodes import Reducer
from fluxrules.ir.walk import lines
from fluxrules.model.grid import Grid
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

ROOT = Path(__file__).resolve().parent.parent
GRID = ROOT / "rulesets" / "exemples" / "metropole-exemple.yaml"
DAY = date(2026, 9, 1)
REIMS, PARIS = "200067213", "217500016"


def grid(changes: dict[str, str] | None = None) -> Grid:
    source = GRID.read_text("utf-8").partition("exemples:\n")[0]
    for old, new in (changes or {}).items():
        assert old in source
        source = source.replace(old, new)
    checked = check_source(Source("g.yaml", source), standard_vocabulary())
    assert checked.grid is not None, checked.diagnostics
    return checked.grid


def paris() -> Grid:
    return grid(
        {
            f'"{REIMS}"': f'"{PARIS}"',
            "cotation: metropole-exemple": "cotation: paris-exemple",
            "chez un particulier: 30": "chez un particulier: 12",
        }
    )


def demandes(**columns: list[object]) -> pl.DataFrame:
    size = len(next(iter(columns.values())))
    base: dict[str, list[object]] = {
        "numero_unique": [f"N{i}" for i in range(size)],
        "date_depot_initial": [date(2025, 9, 1)] * size,
    }
    frame = pl.DataFrame(base | columns)
    missing = [c for c in ("types_logement_recherches",) if c not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=pl.List(pl.String)).alias(c) for c in missing)


def test_two_territories_give_two_results_each_with_its_grid() -> None:
    tables = Tables(
        demandes(mode_logement_actuel=["CP", "CP"]),
        choix=pl.DataFrame(
            {"numero_unique": ["N0", "N0", "N1"], "rang": [1, 2, 1], "code_commune": ["51454", "75113", "99999"]}
        ),
    )
    scores = score_tables([grid(), paris()], tables, DAY)
    rows = scores.results.select("numero_unique", "territoire", "grille", "note").rows()
    assert rows == [("N0", REIMS, "metropole-exemple", 42), ("N0", PARIS, "paris-exemple", 24)]
    assert scores.counts.without_grid == 1


@pytest.mark.parametrize("reducer", [Reducer.SUM, Reducer.MAX])
def test_a_run_reads_the_documents_that_were_verified(reducer: Reducer) -> None:
    program = grid().program
    run = replace(grid(), program=replace(program, root=replace(program.root, reducer=reducer)))
    made = generate(2_500, 3, DAY)  # many enough for what is looked up
    documents = sorted({line.evidence for line in lines(program.root) if line.evidence})
    held = [[documents[i % len(documents)], documents[-i % 7]] if i % 3 else None for i in range(len(made.demandes))]
    tables = replace(
        made, demandes=made.demandes.with_columns(pl.Series("pieces_verifiees", held, dtype=pl.List(pl.String)))
    )
    found = score_tables([run], tables, DAY, everyone=True).results
    given = {name: getattr(tables, name) for name in ("demandes", "membres", "choix", "evenements")}
    for reading, note in ((declared(run.program), "note"), (verified(run.program), "note_verifiee")):
        wanted = polars_score(reading, given, DAY, principal="demandes", key="numero_unique").sort("numero_unique")
        for end in ("", "_min", "_max"):
            assert found[f"{note}{end}"].to_list() == wanted[f"note{end}"].to_list()
    assert (found["note"] > found["note_verifiee"]).any() and found["note_verifiee"].sum() > 0


def test_arrondissement_and_commune_are_one_result() -> None:
    choix = pl.DataFrame({"numero_unique": ["N0"] * 2, "rang": [1, 2], "code_commune": ["75056", "75113"]})
    assert len(score_tables([paris()], Tables(demandes(mode_logement_actuel=["CP"]), choix=choix), DAY).results) == 1


def test_equals_share_a_position_and_the_oldest_comes_first() -> None:
    days = [date(2024, 9, 1), date(2024, 9, 1), date(2020, 9, 1), date(2019, 9, 1)]
    tables = Tables(demandes(date_depot_initial=days, types_logement_recherches=[["T2"], ["T2"], ["T2"], ["T2", "T3"]]))
    scores = score_tables([grid()], tables, DAY, everyone=True)
    found = (
        scores.positions.sort("classe", "position", "numero_unique")
        .select("numero_unique", "classe", "position", "effectif")
        .rows()
    )
    assert found == [("N3", "T2", 1, 4), ("N2", "T2", 2, 4), ("N0", "T2", 3, 4), ("N1", "T2", 3, 4), ("N3", "T3", 1, 1)]


def test_two_grids_on_one_territory_and_a_grid_out_of_date_are_refused() -> None:
    tables = Tables(demandes(mode_logement_actuel=["CP"]))
    other = grid({"cotation: metropole-exemple": "cotation: autre"})
    assert [d.code for d in score_tables([grid(), other], tables, DAY, everyone=True).diagnostics] == ["FX6001"]
    assert [d.code for d in score_tables([grid()], tables, date(2031, 1, 1), everyone=True).diagnostics] == ["FX6002"]
    assert [d.code for d in score_tables([grid()], tables, DAY).diagnostics] == ["FX6003"]


def test_struck_off_demandes_are_not_scored() -> None:
    tables = Tables(demandes(statut_demande=["active", "radiee", None]))
    scores = score_tables([grid()], tables, DAY, everyone=True)
    assert scores.results["numero_unique"].to_list() == ["N0", "N2"] and scores.counts.struck_off == 1


def test_decimal_points_stay_exact() -> None:
    scores = score_tables(
        [grid({"chez un particulier: 30": "chez un particulier: 30,25"})],
        Tables(demandes(mode_logement_actuel=["CP"])),
        DAY,
        everyone=True,
    )
    assert str(scores.results["note"][0]) == "42.2500"


@pytest.mark.slow
def test_explanations_add_up_and_name_what_is_missing() -> None:
    tables = generate(120, 3, DAY, [REIMS])
    g = grid()
    for number in tables.demandes["numero_unique"].to_list():
        e = explanation(g, tables, number, DAY)
        assert sum((i.points for i in e.root.items), start=e.note * 0) == e.root.reduced
        assert max(0, min(400, e.root.reduced)) == e.note
        page = text(e, number, None)
        assert (e.low == e.high) or "il faut connaître" in page


def test_sne_files_are_scored_and_explained() -> None:
    reading = read_sne_xml([ROOT / "tests" / "data" / "sne"])
    scores = score_tables([grid(), paris()], reading.tables, DAY)
    assert len(scores.results) >= 4
    both = scores.results.group_by("numero_unique").len().filter(pl.col("len") == 2)
    assert len(both) >= 1
    number = both["numero_unique"][0]
    assert number in text(explanation(paris(), reading.tables, number, DAY), number, "Paris")


def cli(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], cwd=cwd, env=env, text=True, capture_output=True, check=False
    )


@pytest.mark.slow
def test_rejects_are_written_and_counts_add_up(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "demandes.csv").write_text(
        "numero_unique;date_depot_initial;loyer_mensuel;mode_logement_actuel\n"
        "A;01/02/2025;400;CP\nB;31/02/2025;400;CP\nB2;01/02/2030;400;CP\nC;01/02/2025;400;CP\nC;01/02/2025;400;CP\n;01/02/2025;1;CP\nD;2025-02-01;12,5;ZZ\n",
        "utf-8",
    )
    done = cli(
        "score",
        str(GRID),
        "--donnees",
        "d",
        "--tous",
        "--date",
        "01/09/2026",
        "--sortie",
        "o",
        "--sortie-format",
        "csv",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    for code in ("FX5010", "FX5012", "FX5014", "FX5015", "FX5016"):
        assert code in done.stderr
    rejects = pl.read_csv(tmp_path / "o" / "rejets.csv", separator=";")
    assert sorted(rejects["ligne"].to_list()) == [3, 4, 5, 6, 7]  # as a spreadsheet numbers them
    receipt = json.loads((tmp_path / "o" / "recu.json").read_text("utf-8"))
    assert receipt["comptes"]["demandes lues"] == 7
    assert (
        cli(
            "score", str(GRID), "--donnees", "d", "--tous", "--date", "01/09/2026", "--sortie", "o", cwd=tmp_path
        ).returncode
        == 2
    )


def test_an_identity_is_refused_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "demandes.csv").write_text(
        "numero_unique;date_depot_initial;nir\nA;01/02/2025;2850975123456\n", "utf-8"
    )
    done = cli("score", str(GRID), "--donnees", "demandes.csv", "--tous", "--sortie", "o", cwd=tmp_path)
    assert done.returncode == 2 and "FX5006" in done.stderr and "2850975123456" not in done.stderr + done.stdout
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_numbers_of_persons_are_no_numbers_of_demandes(format: str, tmp_path: Path) -> None:
    """The results would repeat them."""
    frame = pl.DataFrame({"numero_unique": [f"28509751234{i:02}" for i in range(30)]}).with_columns(
        pl.lit(date(2024, 1, 1)).alias("date_depot_initial")
    )
    file = tmp_path / f"demandes.{format}"
    frame.write_csv(file, separator=";") if format == "csv" else frame.write_parquet(file)
    done = cli("score", str(GRID), "--donnees", file.name, "--tous", "--sortie", "o", cwd=tmp_path)
    assert done.returncode == 2 and "FX5006" in done.stderr and "2850975" not in done.stderr + done.stdout
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02", b"a;b\n1;2;3\n", b"PAR1junk", "numero_unique;date_depot_initial\nA;é\n".encode("latin-1")],
)
@pytest.mark.parametrize("name", ["demandes.csv", "demandes.parquet"])
def test_broken_tables_get_a_message(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    reading = read_tables(path, standard_vocabulary(), DAY)
    assert reading.diagnostics and all(d.help for d in reading.diagnostics)


def test_truncated_parquet_gets_a_message(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    generate(50, 1, DAY).demandes.write_parquet(whole)
    data = whole.read_bytes()
    for cut in range(0, len(data) - 1, 997):
        path = tmp_path / "demandes.parquet"
        path.write_bytes(data[:cut])
        assert [d.code for d in read_tables(path, standard_vocabulary(), DAY).diagnostics] == ["FX5001"]


def test_outputs_are_whole_or_absent(tmp_path: Path) -> None:
    with pytest.raises(NotWrittenError), whole_folder(tmp_path / "o") as folder:
        (folder / "a").write_text("x")
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "o") as folder:
        (folder / "a").write_text("x")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "old").write_text("kept")
    with pytest.raises(NotWrittenError), whole_folder(tmp_path / "o"):
        pass
    with pytest.raises(NotWrittenError), whole_folder(tmp_path / "o", replace=True):
        raise OSError(28, "No space left on device")
    assert (tmp_path / "o" / "old").read_text() == "kept"


@pytest.mark.slow
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, str(ROOT / "cli.py"), "population", "--demandes", "3000000", "--sortie", "p"]
    running = subprocess.Popen(words, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True)
    time.sleep(2.5)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130 and "Interrompu" in errors and "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_a_column_written_twice_is_named(tmp_path: Path) -> None:
    path = tmp_path / "demandes.csv"
    path.write_text("numero_unique;loyer_mensuel;loyer_mensuel;date_depot_initial\nA;1;2;01/02/2025\n")
    reading = read_tables(path, standard_vocabulary(), DAY)
    assert reading.tables is not None and reading.tables.demandes["loyer_mensuel"].to_list() == [1]
    assert [(d.code, "deux fois" in d.message) for d in reading.diagnostics] == [("FX5008", True)]
