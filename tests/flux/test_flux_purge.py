"""Persons leave, counts stay."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from fluxrules.commands.main import cli
from fluxrules.data.flux.purge import purge_attributions
from fluxrules.data.flux.read import read_flux_tables
from fluxrules.diagnostics.diagnostic import Bag
from tests.flux.test_assiette import MARNE
from tests.flux.test_bilan import FOYER, HABITAT, made

DAY = date(2026, 6, 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(MARNE, tmp_path / "marne")
    return tmp_path / "marne"


def people(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "donnees" / "attributions.csv", separator=";", infer_schema=False)


def purge(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["flux", "purge", *map(str, args)], standalone_mode=False)


def test_every_table_of_the_bilan_is_the_same_before_and_after(folder: Path) -> None:
    before = people(folder)
    assert purge(folder, "--date", "30/06/2026").return_value == 0
    after = people(folder)
    assert before["numero_unique"].null_count() == 0 and after["numero_unique"].null_count() > 200
    given = read_flux_tables(folder / "donnees").tables
    assert given is not None
    for bailleur in (HABITAT, FOYER):
        for year in (2025, 2026):
            old, new = made(bailleur, year)[0], made(bailleur, year, given)[0]
            assert [t.name for t in old.tables] == [t.name for t in new.tables]
            assert all(a.frame.equals(b.frame) for a, b in zip(old.tables, new.tables, strict=True))


def test_only_those_struck_off_for_more_than_a_year_go(folder: Path) -> None:
    before = people(folder).with_columns(pl.col("date_radiation").str.to_date("%d/%m/%Y"))
    purge(folder, "--date", "30/06/2026")
    after = people(folder)
    latest = pl.col("date_radiation").max().over("numero_unique")
    gone = before.select((latest < date(2025, 6, 30)).fill_null(False))["date_radiation"]
    assert after.filter(gone)["numero_unique"].null_count() == gone.sum() > 0
    assert after.filter(~gone)["numero_unique"].equals(before.filter(~gone)["numero_unique"])
    kept = [c for c in before.columns if c not in ("numero_unique", "date_radiation", "preuve_exception")]
    assert people(MARNE).select(kept).equals(after.select(kept))
    assert not set(after.filter(gone)["preuve_exception"].drop_nulls()) - {"vue"}


def test_a_simulation_changes_nothing_and_a_second_purge_neither(folder: Path) -> None:
    file = folder / "donnees" / "attributions.csv"
    first = file.read_bytes()
    assert "à effacer" in purge(folder, "--date", "30/06/2026", "--simulation").stdout and file.read_bytes() == first
    purge(folder, "--date", "30/06/2026")
    second = file.read_bytes()
    assert "0 personne" in purge(folder, "--date", "30/06/2026").stdout and file.read_bytes() == second != first


def test_a_person_of_two_rows_goes_from_both(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {
            "numero_unique": ["A", "A", "B", "B"],
            "date_radiation": [date(2024, 1, 1), None, date(2024, 1, 1), date(2026, 1, 1)],
        }
    )
    rows.write_parquet(tmp_path / "attributions.parquet")
    done = purge_attributions(tmp_path, DAY, Bag())
    assert done is not None and done.erased == 2
    assert pl.read_parquet(tmp_path / "attributions.parquet")["numero_unique"].to_list() == [None, None, "B", "B"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("numero_unique;date_radiation\nA;31/02/2024\n", "FX8507"), ("numero_unique\nA\n", "FX8507"), ("numero_unique;date_radiation\nA;29/02/2024;x\n", "FX8507"),
     ("numero_unique;date_radiation\nA;29/02/2024\n", None)],
)  # fmt: skip
def test_what_cannot_be_read_is_not_touched(tmp_path: Path, text: str, code: str | None) -> None:
    file, bag = tmp_path / "attributions.csv", Bag()
    file.write_text(text, "utf-8")
    purge_attributions(tmp_path, DAY, bag)
    assert [d.code for d in bag.items] == ([code] if code else [])
    assert (file.read_text("utf-8") == text) is (code is not None)


def test_a_folder_without_tables_is_said(tmp_path: Path) -> None:
    assert purge(tmp_path).return_value == 2
    bag = Bag()
    assert purge_attributions(tmp_path, DAY, bag) is None and [d.code for d in bag.items] == ["FX8507"]
