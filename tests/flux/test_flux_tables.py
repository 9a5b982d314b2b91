"""Tables of a year of flux: what is read, what is left out and why, and that every row is one or the other."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from fluxrules.data.columns import dtype_of
from fluxrules.data.flux import FluxReading, data_folders, read_flux_tables
from fluxrules.data.flux.tables import NAMES
from fluxrules.data.write_workbook import Sheet, write_workbook
from fluxrules.diagnostics.registry import pages
from fluxrules.vocabulary.flux import flux_vocabulary

TABLES = Path(__file__).parent / "tables"
GOOD = TABLES / "bon"
CODES = sorted(p.name for p in TABLES.iterdir() if p.name.startswith("FX83"))
STOPS = {"FX8300", "FX8301", "FX8316"}
OURS = {"900000001"}


def read(folder: Path, **more: object) -> FluxReading:
    return read_flux_tables(folder, bailleurs=OURS, **more)  # type: ignore[arg-type]


def test_the_good_folder_is_read_whole_and_nothing_is_said() -> None:
    reading = read(GOOD, years=(2025,))
    assert reading.diagnostics == () and len(reading.rejects) == 0 and reading.ok
    assert reading.tables is not None
    assert {n: len(f) for n in NAMES if (f := reading.tables.table(n)) is not None} == dict(reading.rows_in)
    assert reading.rows_in["attributions"] == 4
    assert reading.tables.liberations["date_liberation"][0] == date(2025, 2, 5)  # type: ignore[index]


def test_every_column_of_the_vocabulary_is_there_and_typed() -> None:
    tables = read(GOOD).tables
    assert tables is not None
    for entity in flux_vocabulary().entities.values():
        frame = tables.table(entity.table)
        assert frame is not None
        assert frame.columns == [f.column for f in entity.fields.values()]
        for f in entity.fields.values():
            wanted = (
                pl.Enum(list(flux_vocabulary().nomenclature_of(f).labels)) if f.kind == "énumération" else dtype_of(f)
            )
            assert frame.schema[f.column] == wanted, f.name
    assert tables.logements is not None and tables.logements["surface_habitable"].null_count() == 3
    assert tables.says("logements", "code_qpv_2024") and not tables.says("logements", "surface_habitable")


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_folder_shows_the_code_and_nothing_else(code: str) -> None:
    reading = read(TABLES / code)
    assert {d.code for d in reading.diagnostics} == {code}
    for d in reading.diagnostics:
        assert d.place and d.help.endswith((".", "?")) and d.message.endswith((".", "?"))
    assert (reading.tables is None) is (code in STOPS)


@pytest.mark.parametrize("code", [c for c in CODES if c not in STOPS])
def test_rows_in_are_rows_kept_and_rows_rejected(code: str) -> None:
    reading = read(TABLES / code)
    assert reading.tables is not None
    rejected = dict(reading.rejects.group_by("fichier").len().iter_rows())
    for name, rows in reading.rows_in.items():
        frame = reading.tables.table(name)
        assert frame is not None
        assert rows == len(frame) + rejected.get(f"{name}.csv", 0), name
    assert reading.rejects.select("fichier", "ligne").is_unique().all()
    assert code == "FX8314" or set(reading.rejects["code"]) == {code}


def test_every_code_of_tables_has_its_twins() -> None:
    assert set(CODES) == {c for c in pages() if c.startswith("FX83")}


def test_a_reject_names_its_file_row_field_and_reason() -> None:
    row = read(TABLES / "FX8304").rejects.row(0, named=True)
    reason = "son logement n'est pas dans la table « logements »"
    assert row == {"fichier": "liberations.csv", "ligne": 5, "champ": "id_logement", "code": "FX8304", "motif": reason}


def test_what_hangs_on_a_rejected_row_is_rejected_with_it_and_said_so(tmp_path: Path) -> None:
    shutil.copytree(GOOD, tmp_path / "d")
    with (tmp_path / "d" / "logements.csv").open("a") as f:
        f.write("L-1;900000001;51573;;;3;PLUS\n")
    reading = read(tmp_path / "d")
    assert set(reading.rejects.select("fichier", "code", "motif").iter_rows()) == {
        ("logements.csv", "FX8303", "« id_logement » est porté par plusieurs lignes"),
        ("liberations.csv", "FX8304", "son logement est rejeté"),
        ("attributions.csv", "FX8305", "sa libération est rejetée"),
    }
    assert reading.tables is not None
    assert set(reading.tables.attributions["id_liberation"]) == {"B-2", "B-3"}  # type: ignore[index]


@pytest.mark.parametrize("missing", NAMES)
def test_a_table_that_is_not_given_is_unknown_and_rejects_nothing(tmp_path: Path, missing: str) -> None:
    shutil.copytree(GOOD, tmp_path / "d")
    (tmp_path / "d" / f"{missing}.csv").unlink()
    reading = read(tmp_path / "d")
    assert reading.tables is not None and reading.tables.table(missing) is None
    assert len(reading.rejects) == 0 and reading.diagnostics == ()


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        ("20/01/2025;12/02/2025;3;ATTR;BAIL;20/02/2025", True),  # designated and decided during the notice
        ("12/02/2025;12/02/2025;3;ATTR;BAIL;12/02/2025", True),  # all on one day
        ("13/02/2025;12/02/2025;3;ATTR;;", False),
        (";12/02/2025;3;ATTR;BAIL;11/02/2025", False),
        ("13/02/2025;;3;ATTR;BAIL;11/02/2025", False),
        (";;3;ATTR;BAIL;01/11/2024", False),  # before the notice of the tenant who leaves
        (";12/02/2025;3;ATTR;REFUS;20/02/2025", False),
        (";;;;;", True),  # nothing known, nothing contradicts
    ],
)
def test_only_an_impossible_order_is_refused(tmp_path: Path, events: str, kept: bool) -> None:
    shutil.copytree(GOOD, tmp_path / "d")
    file = tmp_path / "d" / "attributions.csv"
    head = file.read_text().splitlines()[0]
    file.write_text(f"{head}\nA-1;B-1;etat-51;{events}\n")
    tables = read(tmp_path / "d").tables
    assert tables is not None and tables.attributions is not None
    assert (len(tables.attributions) == 1) is kept


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        ("A-2;B-1;als-51;20/01/2025;12/02/2025;3;ATTR_RANG;;", 2),  # ranked second: not let
        ("A-2;B-1;als-51;20/01/2025;12/02/2025;3;ATTR;REFUS;", 2),  # given, refused, given to another
        ("A-2;B-1;als-51;20/01/2025;12/02/2025;3;ATTR;EN_COURS;", 0),
        ("A-2;B-1;als-51;20/01/2025;13/02/2025;3;ATTR_RANG;BAIL;25/02/2025", 0),  # a second lease
    ],
)
def test_a_release_is_let_once(tmp_path: Path, second: str, kept: int) -> None:
    shutil.copytree(GOOD, tmp_path / "d")
    file = tmp_path / "d" / "attributions.csv"
    file.write_text("\n".join([*file.read_text().splitlines()[:2], second, ""]))
    tables = read(tmp_path / "d").tables
    assert tables is not None and tables.attributions is not None
    assert len(tables.attributions) == kept


@pytest.mark.parametrize(("number", "kept"), [("12", True), ("12.0", True), ("-1", False), ("1,5", False), ("x", False), ("", True)])  # fmt: skip
def test_a_count_is_whole_and_not_negative_and_an_unknown_one_stays_unknown(
    tmp_path: Path, number: str, kept: bool
) -> None:
    (tmp_path / "droits.csv").write_text(f'id_droit;reservataire;nombre\nD-1;als-51;"{number}"\n')
    tables = read(tmp_path).tables
    assert tables is not None and tables.droits is not None
    assert (len(tables.droits) == 1) is kept
    assert not kept or tables.droits["nombre"].to_list() == [int(float(number)) if number else None]


def test_an_identity_is_refused_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "attributions.csv").write_text("id_attribution;id_liberation;nir\nA-1;B-1;1850575123456\n")
    reading = read(tmp_path)
    assert reading.tables is None and {d.code for d in reading.diagnostics} == {"FX5006"}
    assert "1850575123456" not in str(reading)


def test_a_row_of_another_length_is_rejected_and_counted(tmp_path: Path) -> None:
    (tmp_path / "prets.csv").write_text("id_pret;garant\nP-1;reims\nP-2;reims;trop\n")
    reading = read(tmp_path)
    assert reading.rows_in == {"prets": 2} and reading.rejects["code"].to_list() == ["FX5003"]
    assert reading.tables is not None and reading.tables.prets is not None and len(reading.tables.prets) == 1


def test_parquet_and_xlsx_say_what_csv_says(tmp_path: Path) -> None:
    tables = read(GOOD).tables
    assert tables is not None
    frames = {n: f for n in NAMES if (f := tables.table(n)) is not None}
    (tmp_path / "p").mkdir()
    for name, frame in frames.items():
        frame.write_parquet(tmp_path / "p" / f"{name}.parquet")
    write_workbook([Sheet(name, frame.lazy()) for name, frame in frames.items()], tmp_path / "classeur.xlsx")
    for again in (read(tmp_path / "p"), read(tmp_path / "classeur.xlsx")):
        assert again.diagnostics == () and again.tables is not None
        for name, frame in frames.items():
            found = again.tables.table(name)
            assert found is not None and found.equals(frame), name


def test_years_without_data_are_named() -> None:
    reading = read(GOOD, years=(2024, 2025))
    assert [(d.code, d.message) for d in reading.diagnostics] == [("FX8314", "Aucune libération n'est datée de 2024.")]


def test_the_tables_of_a_dossier_are_found_where_they_may_be(tmp_path: Path) -> None:
    for place in ("51/donnees", "08/donnees"):
        shutil.copytree(GOOD, tmp_path / place)
    assert data_folders(tmp_path) == [tmp_path / "08" / "donnees", tmp_path / "51" / "donnees"]
    assert data_folders(tmp_path / "51") == [tmp_path / "51" / "donnees"]
    assert data_folders(GOOD) == [GOOD]
    assert data_folders(tmp_path / "rien") == []
