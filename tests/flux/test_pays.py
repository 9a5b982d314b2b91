"""A folder of départements is one answer for all of them, and the same as each of them apart."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from fluxrules.data.flux.bailleurs import by_bailleur
from fluxrules.data.flux.population import FluxRequest, write_flux_population
from fluxrules.data.flux.read import read_flux_tables
from tests.flux.test_population_flux import cli

YEAR = ("--annee", "2025")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three départements of which nobody has been designated for the dwellings of the year."""
    folder = tmp_path_factory.mktemp("pays") / "france"
    folder.mkdir()
    write_flux_population(FluxRequest(3, 7, 2025, dwellings=1500), folder)
    parts = sorted(p for p in folder.iterdir() if p.is_dir())
    for extra in parts[3:]:
        shutil.rmtree(extra)
    for part in parts[:3]:
        path = part / "donnees/attributions.parquet"
        days = pl.col("date_designation", "date_commission", "date_bail").dt.year()
        pl.read_parquet(path).filter(~pl.any_horizontal((days >= 2025).fill_null(False))).write_parquet(path)
    return folder


@pytest.fixture
def pays(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "france"))


def flux(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return cli("flux", *map(str, arguments))


def parts_of(pays: Path) -> list[Path]:
    return sorted(p for p in pays.iterdir() if p.is_dir())


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_bilans_of_a_country_are_those_of_its_departements(pays: Path, tmp_path: Path) -> None:
    assert len(parts_of(pays)) == 3
    done = flux("bilan", pays, *YEAR, "--sortie", tmp_path / "tous")
    assert "3 départements" in done.stdout
    apart: dict[str, bytes] = {}
    for part in parts_of(pays):
        flux("bilan", part, *YEAR, "--sortie", tmp_path / part.name)
        apart |= files(tmp_path / part.name)
    together = files(tmp_path / "tous")
    receipt = json.loads(together.pop("recu.json"))
    apart.pop("recu.json")
    assert together == apart and len(receipt["bilans"]) == sum(1 for f in apart if f.endswith("bilan.xlsx"))


def test_no_bilan_is_written_when_one_departement_cannot_be_read(pays: Path, tmp_path: Path) -> None:
    broken = next((parts_of(pays)[1] / "conventions").glob("*.yaml"))
    broken.write_text("convention: [", "utf-8")
    done = flux("bilan", pays, *YEAR, "--sortie", tmp_path / "tous")
    assert done.returncode == 1 and "Rien n'a été écrit." in done.stderr and parts_of(pays)[1].name in done.stderr
    assert not (tmp_path / "tous").exists()


def test_the_journals_of_a_country_are_those_of_its_departements(pays: Path, tmp_path: Path) -> None:
    done = flux("orienter", pays, *YEAR, "--sortie", tmp_path / "journaux")
    assert done.returncode in (0, 1), done.stderr  # a bailleur without departures in its window has no known rotation
    for part in parts_of(pays):
        flux("orienter", part, *YEAR, "--sortie", tmp_path / f"{part.name}.csv")
        assert (tmp_path / "journaux" / f"{part.name}.csv").read_bytes() == (tmp_path / f"{part.name}.csv").read_bytes()
    before = files(tmp_path / "journaux")
    again = flux("orienter", pays, *YEAR, "--sortie", tmp_path / "journaux")
    assert "Rien à ajouter" in again.stdout and files(tmp_path / "journaux") == before


def test_the_other_departements_are_oriented_when_one_cannot_be_read(pays: Path, tmp_path: Path) -> None:
    lost, *others = parts_of(pays)
    next((lost / "conventions").glob("*.yaml")).write_text("convention: [", "utf-8")
    done = flux("orienter", pays, *YEAR, "--sortie", tmp_path / "journaux", "--format", "json")
    assert done.returncode == 1 and f"{lost.name} : " in done.stderr
    assert sorted(files(tmp_path / "journaux")) == [f"{p.name}.csv" for p in others]
    assert [row["département"] for row in json.loads(done.stdout)] == [p.name for p in others]


def test_the_follow_up_of_a_country_is_that_of_its_departements(pays: Path, tmp_path: Path) -> None:
    asked = (*YEAR, "--date", "30/06/2025", "--format", "json")
    together = flux("suivi", pays, *asked, "--sortie", tmp_path / "suivi.xlsx")
    apart = [row for part in parts_of(pays) for row in json.loads(flux("suivi", part, *asked).stdout)]
    assert json.loads(together.stdout) == apart and len(apart) > 3
    lost = parts_of(pays)[0]
    shutil.rmtree(lost / "donnees")
    done = flux("suivi", pays, *asked)
    assert done.returncode == 2 and f"{lost.name} : Il faut les tables" in done.stderr
    assert json.loads(done.stdout) == [row for row in apart if f"/{lost.name}/" not in row["flux"]]
    assert flux("suivi", pays, *asked, "--journal", pays / "journal.csv").returncode == 2


def test_what_is_said_is_said_of_its_departement(pays: Path, tmp_path: Path) -> None:
    part = parts_of(pays)[1]
    path = part / "donnees/liberations.parquet"
    rows = pl.read_parquet(path)
    lost = rows[:1].with_columns(pl.lit("L-perdue").alias("id_liberation"), pl.lit("nulle part").alias("id_logement"))
    pl.concat([rows, lost]).write_parquet(path)
    for act in ("bilan", "orienter", "suivi"):
        done = flux(act, pays, *YEAR, *(("--sortie", tmp_path / act) if act != "suivi" else ()))
        said = done.stderr.split(f"{part.name} :\n")
        assert len(said) == 2 and "FX8304" not in said[0] and "FX83" in said[1], done.stderr


def test_an_act_of_a_person_is_written_in_one_departement(pays: Path, tmp_path: Path) -> None:
    done = flux("orienter", pays, *YEAR, "--choisir", "L1=etat", "--motif", "essai", "--sortie", tmp_path / "j")
    assert done.returncode == 2 and "donnez son dossier" in done.stderr and not (tmp_path / "j").exists()


def test_a_journal_is_no_folder_and_a_folder_no_journal(pays: Path, tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_text("", "utf-8")
    assert "est un fichier" in flux("orienter", pays, *YEAR, "--sortie", tmp_path / "j.csv").stderr
    assert "est un dossier" in flux("orienter", parts_of(pays)[0], *YEAR, "--sortie", tmp_path).stderr


@pytest.mark.parametrize("act", ["bilan", "orienter"])
def test_a_year_that_nobody_wrote_is_said(pays: Path, tmp_path: Path, act: str) -> None:
    done = flux(act, pays, "--annee", "2019", "--sortie", tmp_path / "x")
    assert done.returncode == 1 and "FX8203" in done.stderr and not (tmp_path / "x").exists()


def test_tables_parted_by_bailleur_lose_nothing(pays: Path) -> None:
    tables = read_flux_tables(parts_of(pays)[0] / "donnees").tables
    assert tables is not None and tables.logements is not None
    parts = by_bailleur(tables)
    for name in ("logements", "liberations", "attributions"):
        whole = tables.table(name)
        found = [t for part in parts.parts.values() if (t := part.table(name)) is not None]
        assert whole is not None and sum(map(len, found)) == len(whole)
    nobody = parts.of("000000000")
    assert nobody.logements is not None and nobody.logements.is_empty()
    assert nobody.extent == tables.extent  # it had no departure in a year that the tables cover: none, not unknown
