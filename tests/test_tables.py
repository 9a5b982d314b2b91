"""Tables as a spreadsheet exports them: what cannot be read is said with its cause, what is wrong with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fluxrules.data.read import Reading, read_tables
from fluxrules.vocabulary.load import standard_vocabulary

DAY = date(2026, 9, 1)
HEADER = "numero_unique;date_depot_initial;loyer_mensuel\n"


def read(folder: Path, demandes: bytes, choix: str = "") -> Reading:
    (folder / "demandes.csv").write_bytes(demandes)
    if choix:
        (folder / "choix.csv").write_text(choix, "utf-8")
    return read_tables(folder, standard_vocabulary(), DAY)


@pytest.mark.parametrize(
    ("content", "reason", "remedy"),
    [
        (b"", "le fichier est vide", "export"),
        ("numero_unique;libellé\n1;été\n".encode("latin-1"), "n'est pas en UTF-8", "CSV UTF-8"),
        ((HEADER + "1;01/01/2024;é\n").encode("utf-16"), "n'est pas en UTF-8", "CSV UTF-8"),
        (b"PK\x03\x04 a workbook", "c'est un classeur de tableur", "CSV UTF-8"),
        ((HEADER + '1;01/01/2024;"400\n2;01/01/2024;400\n').encode(), "guillemet ouvert", "Fermez"),
    ],
)
def test_why_a_table_is_not_read(tmp_path: Path, content: bytes, reason: str, remedy: str) -> None:
    reading = read(tmp_path, content)
    assert reading.tables is None
    (said,) = reading.diagnostics
    assert said.code in ("FX5001", "FX5032") and reason in said.message and remedy in said.help


ROWS = [f"{i};01/01/2024;400\n" for i in range(1, 9)]


@pytest.mark.parametrize("quoted", [False, True])
def test_a_row_of_another_length_is_rejected_with_its_line_and_the_others_are_read(
    tmp_path: Path, quoted: bool
) -> None:
    rows = [*ROWS]
    rows[2], rows[5], rows[6] = "3;01/01/2024;400;de trop\n", "6;01/01/2024\n", "\n"
    if quoted:
        rows[0] = '1;01/01/2024;"4\n00"\n'  # one row, on two lines
    reading = read(tmp_path, (HEADER + "".join(rows)).encode())
    assert reading.rejects.select("ligne", "champ", "code", "motif").rows() == [
        (4, None, "FX5003", "plus de cases que de noms de colonnes (3)"),
        (7, None, "FX5003", "moins de cases que de noms de colonnes (3)"),
    ]
    assert reading.tables is not None
    assert reading.tables.demandes["numero_unique"].to_list() == ["1", "2", "4", "5", "8"]
    assert reading.rows_in == 7 and [d.place for d in reading.diagnostics if d.code == "FX5003"] == [
        "demandes.csv, ligne 4",
        "demandes.csv, ligne 7",
    ]


def test_a_row_of_another_length_in_a_table_of_a_household_refuses_the_table(tmp_path: Path) -> None:
    choix = "numero_unique;code_commune\n1;51454\n1;51454;de trop\n"
    (said,) = read(tmp_path, (HEADER + ROWS[0]).encode(), choix).diagnostics
    assert (said.code, said.place) == ("FX5001", "choix.csv, ligne 3") and "3 cases" in said.message


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        (b"4;01/01/2024;\xe9\n", "demandes.csv, ligne 5"),
        (b'4;01/01/2024;"400\n', "demandes.csv, ligne 5"),
        (b'4;01/01/2024;"400;x;y\n\n', "demandes.csv, ligne 5"),
    ],
)
def test_the_line_that_cannot_be_read_is_named(tmp_path: Path, bad: bytes, place: str) -> None:
    rows = [r.encode() for r in ROWS]
    rows[3] = bad
    reading = read(tmp_path, HEADER.encode() + b"".join(rows))
    assert reading.tables is None and [(d.code, d.place) for d in reading.diagnostics] == [("FX5001", place)]


def test_a_missing_file_is_not_said_to_be_badly_encoded(tmp_path: Path) -> None:
    (said,) = read_tables(tmp_path / "absent.csv", standard_vocabulary(), DAY).diagnostics
    assert (said.message, said.help) == (
        "La table ne se lit pas : le fichier n'existe pas.",
        "Vérifiez le chemin donné.",
    )


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_separators_of_spreadsheets(tmp_path: Path, separator: str) -> None:
    reading = read(tmp_path, (HEADER + "1;01/01/2024;400\n").replace(";", separator).encode())
    assert reading.tables is not None
    assert reading.tables.demandes["loyer_mensuel"].to_list() == [400]


def test_a_rejected_row_is_named_by_its_line_and_its_own_reason(tmp_path: Path) -> None:
    rows = "1;01/01/2024;400\n2;31/02/2024;400\n3;01/01/1924;400\n4;02/09/2026;400\n5;;400\n"
    reading = read(tmp_path, (HEADER + rows).encode())
    assert reading.rejects.select("ligne", "motif").rows() == [
        (3, "la date de dépôt manque, ou ce jour n'existe pas"),
        (4, "la date de dépôt précède le 01/01/1990"),
        (5, "la date de dépôt suit la date de référence, le 01/09/2026"),
        (6, "la date de dépôt manque, ou ce jour n'existe pas"),
    ]
    assert reading.tables is not None and len(reading.tables.demandes) == 1


@pytest.mark.parametrize("commune", ["Reims", "1004", "51 454"])
def test_a_commune_that_is_no_code_is_unknown_and_said(tmp_path: Path, commune: str) -> None:
    choix = f"numero_unique;code_commune\n1;51454\n1;2A004\n1;{commune}\n"
    reading = read(tmp_path, (HEADER + "1;01/01/2024;400\n").encode(), choix)
    (said,) = reading.diagnostics
    assert said.code == "FX5010"
    assert said.message == "1 valeur sans la forme d'un code de commune (cinq caractères), lue comme inconnue."
    assert reading.tables is not None and reading.tables.choix is not None
    assert reading.tables.choix["code_commune"].to_list() == ["51454", "2A004", None]


def test_a_demande_with_more_rows_than_any_household_is_rejected(tmp_path: Path) -> None:
    choix = "numero_unique;code_commune\n" + "1;51454\n" * 100 + "2;51454\n" * 99
    reading = read(tmp_path, (HEADER + ROWS[0] + ROWS[1]).encode(), choix)
    assert reading.rejects.select("ligne", "code", "motif").rows() == [
        (2, "FX5004", "plus de 99 localisations souhaitées")
    ]
    assert reading.tables is not None and reading.tables.choix is not None
    assert reading.tables.demandes["numero_unique"].to_list() == ["2"] and len(reading.tables.choix) == 99


def test_a_table_without_the_date_of_filing_is_one_clear_error(tmp_path: Path) -> None:
    reading = read(tmp_path, b"numero_unique;loyer_mensuel\n1;400\n2;400\n")
    assert reading.tables is None and len(reading.rejects) == 0
    assert [(d.code, d.message) for d in reading.diagnostics] == [
        ("FX5002", "La colonne « date_depot_initial » manque.")
    ]


def test_a_column_may_be_spelt_as_in_the_rules(tmp_path: Path) -> None:
    reading = read(tmp_path, "numero_unique;date_dépôt_initial;commune_résidence\n1;01/01/2024;51454\n".encode())
    assert reading.diagnostics == () and reading.tables is not None
    assert reading.tables.demandes.select("date_depot_initial", "code_commune_residence").row(0) == (
        date(2024, 1, 1),
        "51454",
    )
