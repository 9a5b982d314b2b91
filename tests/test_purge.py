"""The purge: who goes, in every format, whole or not at all, and what the receipt keeps of it."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from fluxrules.commands.export import command as export
from fluxrules.commands.purge import command as purge
from fluxrules.data.purge_list import from_demandes
from tests.runs import numbers_in, write_choix, write_run

NUMBERS = ["A", "B", "C", "D", "E", "F"]
# A and B went more than a year before 01/09/2026; C a year ago to the day; D without a date; E revived; F lives.
REMOVED = [date(2025, 8, 31), date(2020, 1, 1), date(2025, 9, 1), None, date(2020, 1, 1), None]
STATES = ["radiee", None, "radiee", "radiee", "active", "active"]


def run(*words: object, date: str = "01/09/2026") -> Result:
    return CliRunner().invoke(purge, [*(str(w) for w in words), "--date", date], standalone_mode=False)


def ways(*words: object) -> None:
    done = CliRunner().invoke(export, [str(w) for w in words], standalone_mode=False)
    assert done.return_value == 0, done.output


@pytest.fixture
def data(tmp_path: Path) -> Path:
    frame = pl.DataFrame({"numero_unique": NUMBERS, "date_radiation": REMOVED, "statut_demande": STATES})
    (tmp_path / "d").mkdir()
    frame.with_columns(pl.lit(date(2019, 1, 1)).alias("date_depot_initial")).write_parquet(
        tmp_path / "d" / "demandes.parquet"
    )
    write_choix(tmp_path / "d", [(n, 1, "51454") for n in NUMBERS])
    return tmp_path / "d"


@pytest.fixture
def outputs(tmp_path: Path, data: Path) -> Path:
    """A run, and everything that is made of it, with its pseudonyms under a key at ``cle``."""
    pytest.importorskip("xlsxwriter")
    out = tmp_path / "out"
    r = write_run(out / "r", NUMBERS)
    CliRunner().invoke(export, ["cle", str(tmp_path / "cle")])
    ways("tables", r, "--sortie", out / "r.xlsx")
    ways("tables", r, "--sortie", out / "csv")
    ways("sne", r, "--donnees", data, "--sortie", out / "sne.csv")
    ways("pseudonymise", r, "--cle", tmp_path / "cle", "--sortie", out / "p")
    return out


def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("removed", "day", "gone"),
    [
        (date(2025, 9, 1), date(2026, 9, 1), False),
        (date(2025, 9, 1), date(2026, 9, 2), True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (date(2024, 2, 29), date(2025, 3, 1), True),
    ],
)
def test_twelve_months_and_a_day(removed: date, day: date, gone: bool) -> None:
    frame = pl.DataFrame({"numero_unique": ["A"], "date_radiation": [removed], "statut_demande": ["radiee"]})
    assert from_demandes(frame, day).gone.to_list() == (["A"] if gone else [])


def test_a_number_that_also_lives_is_kept() -> None:
    frame = pl.DataFrame(
        {
            "numero_unique": ["A", "A"],
            "date_radiation": [date(2020, 1, 1), None],
            "statut_demande": ["radiee", "active"],
        }
    )
    assert from_demandes(frame, date(2026, 9, 1)).gone.to_list() == []


def test_every_format_is_purged_and_the_receipts_say_it(tmp_path: Path, outputs: Path, data: Path) -> None:
    before = everything(outputs)
    done = run(outputs, "--donnees", data, "--cle", tmp_path / "cle")
    assert done.return_value == 0, done.output
    assert "FX5077" in done.output and "radiées depuis plus d'un an au 01/09/2026 : 2" in done.output
    assert numbers_in(outputs / "r") == {"C", "D", "E", "F"} and len(numbers_in(outputs / "p")) == 4
    for name in ("csv/resultats.csv", "csv/positions.csv", "csv/lignes/reims.csv", "sne.csv"):
        left = pl.read_csv(outputs / name, separator=";", infer_schema=False)
        assert left["numero_unique"].to_list() == ["C", "D", "E", "F"], name
    with zipfile.ZipFile(outputs / "r.xlsx") as book:
        assert book.testzip() is None
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
        assert [f"<t>{n}</t>" in sheet for n in NUMBERS] == [False, False, True, True, True, True]
        assert [f'<row r="{i}"' in sheet for i in (1, 2, 5, 6)] == [True, True, True, False]
    line = json.loads((outputs / "r" / "recu.json").read_text("utf-8"))["purges"][0]
    assert line["date"] == "2026-09-01" and line["lignes effacées"] == {
        "resultats": 2,
        "positions": 2,
        "lignes/reims": 2,
    }
    changed = line["empreintes"]["resultats/00000.parquet"]
    assert changed["avant"] != changed["après"] and "positions des autres" in line["mention"]
    assert everything(outputs)["r/resultats/00001.parquet"] == before["r/resultats/00001.parquet"]
    assert not [p for p in everything(outputs) if ".purge-" in p]
    again = run(outputs, "--donnees", data, "--cle", tmp_path / "cle")
    assert "Rien n'était à effacer" in again.output


def test_a_simulation_counts_and_changes_nothing(tmp_path: Path, outputs: Path, data: Path) -> None:
    before = everything(outputs)
    done = run(outputs, "--donnees", data, "--cle", tmp_path / "cle", "--simulation")
    assert "resultats : 2 lignes à effacer" in done.output and "rien n'a été effacé" in done.output
    assert everything(outputs) == before


def test_a_list_of_removals_does_as_well(tmp_path: Path) -> None:
    write_run(tmp_path / "r", NUMBERS)
    (tmp_path / "l.csv").write_text("numero_unique;date_radiation\nA;31/08/2025\nB;2020-01-01\nC;31/02/2020\n", "utf-8")
    done = run(tmp_path / "r", "--radiees", tmp_path / "l.csv")
    assert done.return_value == 0 and "FX5077" in done.output and numbers_in(tmp_path / "r") == set("CDEF")
    assert not any(n in done.output.split() for n in "ABC")
    (tmp_path / "l.csv").write_text("numero;date\nA;31/08/2025\n", "utf-8")
    assert "FX5072" in run(tmp_path / "r", "--radiees", tmp_path / "l.csv").output
    assert run(tmp_path / "r").exception is not None


def test_demandes_that_left_the_data_are_counted_and_erased_on_demand(tmp_path: Path, data: Path) -> None:
    write_run(tmp_path / "r", [*NUMBERS, "PARTIE"])
    done = run(tmp_path / "r", "--donnees", data)
    assert "absents des données : 1" in done.output and "PARTIE" in numbers_in(tmp_path / "r")
    run(tmp_path / "r", "--donnees", data, "--absentes")
    assert numbers_in(tmp_path / "r") == set("CDEF")


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical])
def test_data_in_parts_are_those_of_one_file(kind: type[pl.DataType], tmp_path: Path, data: Path) -> None:
    whole = pl.read_parquet(data / "demandes.parquet")
    again = whole.with_columns(pl.lit("active").alias("statut_demande"))
    expected = numbers_after(tmp_path / "one", data)
    (data / "demandes.parquet").unlink()
    (data / "demandes").mkdir()
    for i in range(len(whole)):
        part = whole[i : i + 1].with_columns(pl.col("numero_unique").cast(kind))
        part.write_parquet(data / "demandes" / f"{i:05}.parquet")
    assert numbers_after(tmp_path / "parts", data) == expected < {*NUMBERS, "PARTIE"}
    again.with_columns(pl.col("numero_unique").cast(kind)).write_parquet(data / "demandes" / "99999.parquet")
    assert numbers_after(tmp_path / "again", data) == set(NUMBERS)  # struck off in one part, living in another


def numbers_after(folder: Path, data: Path) -> set[str]:
    """Those that a purge with « --absentes » leaves."""
    write_run(folder, [*NUMBERS, "PARTIE"])
    assert run(folder, "--donnees", data, "--absentes").exception is None
    return numbers_in(folder)


def test_what_cannot_be_purged_is_named_and_the_rest_is_purged(tmp_path: Path, outputs: Path, data: Path) -> None:
    with zipfile.ZipFile(outputs / "r.xlsx", "a") as book:
        book.writestr("xl/sharedStrings.xml", "<sst/>")  # as a spreadsheet leaves it
    (outputs / "r" / "casse.parquet").write_bytes(b"PAR1")
    (outputs / "r" / "virgules.csv").write_text("numero_unique,note\nA,1\n")
    (outputs / "r" / "lettre.odt").write_bytes(b"A")
    (outputs / "lien.csv").symlink_to(outputs / "sne.csv")
    done = run(outputs, "--donnees", data)
    assert done.return_value == 1
    assert (
        done.output.count("erreur FX5073") == 4 and "FX5074" in done.output and done.output.count("erreur FX5075") == 1
    )
    (outputs / "r" / "casse.parquet").unlink()
    assert numbers_in(outputs / "r") == {"C", "D", "E", "F"} and len(numbers_in(outputs / "p")) == 6


def test_another_key_erases_nothing(tmp_path: Path, outputs: Path, data: Path) -> None:
    CliRunner().invoke(export, ["cle", str(tmp_path / "autre")])
    done = run(outputs / "p", "--donnees", data, "--cle", tmp_path / "autre", "--absentes")
    assert done.return_value == 1 and "FX5075" in done.output and len(numbers_in(outputs / "p")) == 6


def test_data_inside_what_is_purged_is_refused(tmp_path: Path, data: Path) -> None:
    write_run(tmp_path / "r", NUMBERS)
    before = everything(tmp_path)
    assert "FX5076" in run(tmp_path, "--donnees", data).output
    assert run(data / "demandes.parquet", "--donnees", data / "demandes.parquet").return_value == 2
    assert everything(tmp_path) == before


def test_rejected_demandes_are_not_absent_ones(tmp_path: Path) -> None:
    write_run(tmp_path / "r", ["A"])
    (tmp_path / "demandes.csv").write_text("numero_unique;date_depot_initial\nA;31/02/2025\n", "utf-8")
    done = run(tmp_path / "r", "--donnees", tmp_path / "demandes.csv", "--absentes")
    assert done.return_value == 2 and "FX5076" in done.output and numbers_in(tmp_path / "r") == {"A"}


def test_a_failed_write_changes_nothing(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fluxrules.data.purge as module

    write_run(tmp_path / "r", NUMBERS)
    before = everything(tmp_path)
    real, calls = module.without, []

    def full(path: Path, gone: pl.Series, target: Path | None) -> int:
        calls.append(path)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        return real(path, gone, target)

    monkeypatch.setattr(module, "without", full)
    done = run(tmp_path / "r", "--donnees", data)
    assert "plus de place" in str(done.exception) and everything(tmp_path) == before
