"""The export to the SNE and its acknowledgement: what leaves, what changed, counts that add up."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from fluxrules.commands.export import command as export
from fluxrules.cotation import export_sne as export_module
from tests.runs import PARIS, REIMS, grid, write_choix, write_run

ROOT = Path(__file__).resolve().parent.parent
WANTED = [
    ("A", 2, "51454"),
    ("A", 1, "51055"),
    ("A", 3, "75113"),
    ("B", 1, "51454"),
    ("C", 1, "51454"),
    ("C", 2, "99999"),
]


def sne(folder: Path, *words: str) -> Result:
    names = [str(folder / w) if not w.startswith("--") else w for w in words]
    return CliRunner().invoke(export, ["sne", *names], standalone_mode=False)


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, separator=";", infer_schema=False)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    write_choix(tmp_path / "d", WANTED)
    write_run(tmp_path / "r", ["A", "B", "C"])
    return tmp_path


def test_each_pair_has_its_places_score_version_and_date(here: Path) -> None:
    done = sne(here, "r", "--donnees", "d", "--sortie", "s.csv")
    assert done.return_value == 0, done.output
    rows = read(here / "s.csv")
    assert rows.select("numero_unique", "territoire", "note", "grille", "date", "mouvement", "mention").row(1) == (
        "B", REIMS, "10", "reims", "2026-09-01", "créée", "",
    )  # fmt: skip
    assert rows["communes"].to_list() == ["51055 | 51454", "51454", "51454"]
    assert rows["version"][0] == "empreinte a1a1a1a1a1a1" and rows["empreinte"][0] == "a1" * 32


def test_two_territories_each_with_its_own_places_and_act(tmp_path: Path) -> None:
    write_choix(tmp_path / "d", WANTED)
    paris = grid(nom="paris", territoires=[PARIS], délibération="n° 12 du 14/12/2023")
    write_run(tmp_path / "r", ["A"], grids=[grid(), paris])
    assert sne(tmp_path, "r", "--donnees", "d", "--sortie", "s.csv").return_value == 0
    rows = read(tmp_path / "s.csv").select("territoire", "communes", "version").rows()
    assert rows == [
        (REIMS, "51055 | 51454", "empreinte a1a1a1a1a1a1"),
        (PARIS, "75113", "n° 12 du 14/12/2023, empreinte a1a1a1a1a1a1"),
    ]


def test_a_grid_that_two_territories_share(tmp_path: Path) -> None:
    write_choix(tmp_path / "d", WANTED)
    write_run(tmp_path / "r", ["A", "B"], grids=[grid(territoires=[REIMS, PARIS])])
    done = sne(tmp_path, "r", "--donnees", "d", "--sortie", "s.csv")
    assert done.return_value == 0 and "1 résultat(s) ne visent aucune commune" in done.output
    rows = read(tmp_path / "s.csv").select("numero_unique", "territoire", "version").rows()
    version = "empreinte a1a1a1a1a1a1"
    assert rows == [("A", REIMS, version), ("A", PARIS, version), ("B", REIMS, version)]


def test_what_changed_since_the_last_export(here: Path) -> None:
    sne(here, "r", "--donnees", "d", "--sortie", "s.csv")
    # C goes, D comes, B is second now (10 → 10: same), A keeps 0 but wants another commune.
    write_choix(here / "d2", [("A", 1, "51055"), ("B", 1, "51454"), ("D", 1, "51454")])
    write_run(here / "r2", ["A", "B", "D"], day=date(2026, 10, 1))
    done = sne(here, "r2", "--donnees", "d2", "--sortie", "s2.csv", "--depuis", "s.csv", "--changements", "c.csv")
    assert done.return_value == 0, done.output
    found = dict(read(here / "s2.csv").select("numero_unique", "mouvement").iter_rows())
    assert found == {"A": "modifiée", "B": "inchangée", "C": "retirée", "D": "créée"}
    gone = read(here / "s2.csv").filter(pl.col("numero_unique") == "C").row(0, named=True)
    assert gone["note"] is None and gone["communes"] is None and gone["date"] == "2026-10-01"
    assert read(here / "c.csv")["numero_unique"].to_list() == ["A", "C", "D"]
    assert "notes retirées : 1" in done.output
    done = sne(here, "r2", "--donnees", "d2", "--sortie", "s3.csv", "--depuis", "s2.csv")
    assert (
        set(read(here / "s3.csv")["mouvement"]) == {"inchangée"} and "C" not in read(here / "s3.csv")["numero_unique"]
    )


def test_a_decimal_grid_beside_does_not_change_a_whole_note(here: Path) -> None:
    sne(here, "r", "--donnees", "d", "--sortie", "s.csv")
    for path in (here / "r" / "resultats").iterdir():
        frame = pl.read_parquet(path)
        frame.with_columns(pl.col("note").cast(pl.Decimal(38, 4))).write_parquet(path)
    sne(here, "r", "--donnees", "d", "--sortie", "s2.csv", "--depuis", "s.csv")
    assert read(here / "s2.csv")["note"].to_list() == ["0", "10", "20"]
    assert set(read(here / "s2.csv")["mouvement"]) == {"inchangée"}


@pytest.mark.parametrize(("changes", "code"), [({"nature": "projet"}, "FX5062"), ({"territoires": []}, "FX5063")])
def test_a_grid_that_is_not_in_force_or_of_no_territory_is_refused(
    tmp_path: Path, changes: dict[str, object], code: str
) -> None:
    write_choix(tmp_path / "d", WANTED)
    write_run(tmp_path / "r", ["A"], grids=[grid(**changes)])
    done = sne(tmp_path, "r", "--donnees", "d", "--sortie", "s.csv")
    assert done.return_value == 1 and code in done.output and not (tmp_path / "s.csv").exists()
    trial = sne(tmp_path, "r", "--donnees", "d", "--sortie", "s.csv", "--essai")
    assert (trial.return_value == 0) == (code == "FX5062")
    if code == "FX5062":
        assert read(tmp_path / "s.csv")["mention"].to_list() == ["ESSAI"]


def test_synthetic_demandes_leave_only_as_a_trial(tmp_path: Path) -> None:
    write_choix(tmp_path / "d", [("ASYNTH", 1, "51454")])
    write_run(tmp_path / "r", ["ASYNTH"])
    assert "FX5063" in sne(tmp_path, "r", "--donnees", "d", "--sortie", "s.csv").output
    assert sne(tmp_path, "r", "--donnees", "d", "--sortie", "s.csv", "--essai").return_value == 0
    assert read(tmp_path / "s.csv")["mention"].to_list() == ["DONNÉES SYNTHÉTIQUES"]


def test_other_data_and_results_without_a_place_are_said(tmp_path: Path) -> None:
    write_choix(tmp_path / "d", [("A", 1, "51454"), ("B", 1, "75113")])
    write_run(tmp_path / "r", ["A", "B"], données={"choix.parquet": "0" * 64})
    done = sne(tmp_path, "r", "--donnees", "d", "--sortie", "s.csv")
    assert done.return_value == 0 and "FX5064" in done.output and "FX5065" in done.output
    assert read(tmp_path / "s.csv")["numero_unique"].to_list() == ["A"]
    assert sne(tmp_path, "r", "--donnees", "d", "--sortie", "t.csv", "--strict").return_value == 1


def test_an_export_that_does_not_compare_is_refused(here: Path) -> None:
    write_run(here / "new", ["A"], day=date(2027, 1, 1))
    sne(here, "new", "--donnees", "d", "--sortie", "new.csv")
    write_run(here / "two", ["A"], grids=[grid(), grid(nom="paris", territoires=[PARIS])], day=date(2026, 1, 1))
    sne(here, "two", "--donnees", "d", "--sortie", "two.csv")
    (here / "junk.csv").write_text("a;b\n1;2\n")
    for name, code in (("new.csv", "FX5067"), ("two.csv", "FX5067"), ("junk.csv", "FX5066")):
        done = sne(here, "r", "--donnees", "d", "--sortie", "s.csv", "--depuis", name)
        assert done.return_value == 1 and code in done.output, name
    assert not (here / "s.csv").exists()


def test_without_places_wanted_nothing_leaves(here: Path) -> None:
    pl.DataFrame({"numero_unique": ["A"], "date_depot_initial": [date(2025, 1, 1)]}).write_parquet(
        here / "only.parquet"
    )
    done = sne(here, "r", "--donnees", "only.parquet", "--sortie", "s.csv")
    assert done.return_value == 2 and "FX5061" in done.output


def accuse(folder: Path, text: str, *words: str) -> Result:
    (folder / "acc.csv").write_text(text, "utf-8")
    return CliRunner().invoke(
        export, ["accuse", str(folder / "s.csv"), str(folder / "acc.csv"), *words], standalone_mode=False
    )


def test_an_acknowledgement_adds_up(here: Path) -> None:
    sne(here, "r", "--donnees", "d", "--sortie", "s.csv")
    text = (
        f"numero_unique;territoire;statut;message\nA;{REIMS};ACCEPTE;\nA;{REIMS};Refusé;demande 051022400010200001 close\n"
        f"B;{REIMS};peut-être;\nZ;{REIMS};ok;\nB;{PARIS};ok;\n"
    )
    done = accuse(here, text, "--sortie", str(here / "rap.csv"))
    assert done.return_value == 1 and "FX5069" in done.output
    for line in ("envoyées : 3", "reçues : 5, dont répétées : 1", "acceptée : 0", "refusée : 1", "statut inconnu : 1",
                 "sans réponse : 1", "inattendue : 2", "refus, demande … close : 1"):  # fmt: skip
        assert line in done.output, done.output
    assert "051022400010200001" not in done.output
    rows = read(here / "rap.csv").select("numero_unique", "territoire", "etat").rows()
    assert rows == [
        ("A", REIMS, "refusée"), ("B", REIMS, "statut inconnu"), ("B", PARIS, "inattendue"), ("C", REIMS, "sans réponse"),
        ("Z", REIMS, "inattendue"),
    ]  # fmt: skip


def test_all_taken_is_fine_under_other_names(here: Path) -> None:
    sne(here, "r", "--donnees", "d", "--sortie", "s.csv")
    text = "nud,epci,etat\n" + "".join(f"{n},{REIMS},PRIS\n" for n in "ABC")
    missing = accuse(here, text)
    assert missing.return_value == 2 and missing.output.count("FX5068") >= 3
    words = ("--colonne-numero", "nud", "--colonne-territoire", "epci", "--colonne-statut", "etat", "--accepte", "pris")
    done = accuse(here, text, *words)
    assert done.return_value == 0 and "acceptée : 3" in done.output
    assert accuse(here, "nud,epci,etat\n", *words).return_value == 1


def test_ranges_of_numbers_give_the_bytes_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old scores that change, stay and go, results without a place, a number in two territories: in one range, or in many."""
    people = [f"N{i * 37 % 100:02}" for i in range(60)]
    paris = grid(nom="paris", territoires=[PARIS])
    write_choix(tmp_path / "d", [(n, 1, "51454") for n in people[:-2]] + [(n, 2, "75113") for n in people[::3]])
    old = [*people[:12], *reversed(people[12:30]), "A", "ZZ"]
    write_choix(tmp_path / "avant-d", [(n, 1, "51454") for n in old])
    write_run(tmp_path / "avant-r", old, grids=[grid(), paris])
    assert sne(tmp_path, "avant-r", "--donnees", "avant-d", "--sortie", "avant.csv").return_value == 0
    write_run(tmp_path / "r", people, grids=[grid(), paris])
    found = {}
    for size, sampled in ((10**6, 4000), (7, 4000), (20, 4), (1, 1)):
        monkeypatch.setattr(export_module, "SLICE", size)
        monkeypatch.setattr(export_module, "SAMPLED", sampled)
        words = ["--depuis", "avant.csv", "--changements", f"c{size}.csv", "--sortie", f"s{size}.csv"]
        done = sne(tmp_path, "r", "--donnees", "d", *words)
        assert done.return_value == 0, done.output
        said = [line for line in done.output.splitlines() if not line.startswith("Export")]
        found[size] = (tmp_path / f"s{size}.csv").read_bytes(), (tmp_path / f"c{size}.csv").read_bytes(), said
    assert all(f == found[10**6] for f in found.values())
    assert {"créée", "modifiée", "inchangée", "retirée"} <= set(read(tmp_path / "s7.csv")["mouvement"])
    assert any("FX5064" in line for line in found[7][2])


def test_a_pair_written_twice_is_no_export_of_ours(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sne(here, "r", "--donnees", "d", "--sortie", "s.csv").return_value == 0
    lines = (here / "s.csv").read_text("utf-8-sig").splitlines()
    (here / "t.csv").write_text("\n".join([*lines, lines[1]]), "utf-8-sig")
    for size in (10**6, 1):
        monkeypatch.setattr(export_module, "SLICE", size)
        done = sne(here, "r", "--donnees", "d", "--sortie", f"u{size}.csv", "--depuis", "t.csv")
        assert done.return_value == 1 and "FX5066" in done.output and not (here / f"u{size}.csv").exists()


@pytest.mark.parametrize(
    "words",
    [("export", "sne", ".", "--donnees", ".", "--sortie", "s.csv", "--depuis", "absent.csv"), ("export", "accuse", "absent.csv", "absent.csv"),
     ("purge", ".", "--radiees", "absent.csv")],
)  # fmt: skip
def test_a_file_that_is_not_there_is_said_so(words: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], cwd=tmp_path, text=True, capture_output=True, check=False
    )
    assert done.returncode == 2 and "« absent.csv » n'existe pas" in done.stderr and not list(tmp_path.iterdir())
