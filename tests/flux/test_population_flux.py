"""A synthetic France of flux: readable, lawful but where it says so, the same for the same seed, and close to the published figures."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from fluxrules.data.flux import data_folders, read_flux_tables
from fluxrules.data.flux.population import WATERMARK, FluxRequest, write_flux_population
from fluxrules.data.flux.population.plan import apportioned, plan_of
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.model.flux.folder import Dossier, flux_files, read_dossier

CLI = Path(__file__).resolve().parents[2] / "cli.py"
SMALL = FluxRequest(3, 7, 2025, dwellings=4000)


def written(folder: Path, request: FluxRequest = SMALL, processes: int = 1) -> dict[str, bytes]:
    folder.mkdir()
    write_flux_population(request, folder, processes=processes)
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def france(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flux") / "france"
    written(folder)
    return folder


def cli(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(CLI), *arguments], text=True, capture_output=True)


def documents(folder: Path) -> Dossier:
    bag = Bag()
    dossier = read_dossier(flux_files(folder), bag)
    assert bag.items == [] and dossier.complete
    return dossier


def test_documents_are_read_without_a_word(france: Path) -> None:
    dossier = documents(france)
    plan = plan_of(SMALL)
    assert 0 < len(dossier.conventions) == plan.conventions <= SMALL.wanted
    pairs = {(int(d), int(b)) for d, b in zip(plan.departement, plan.bailleur, strict=True)}
    assert len([c for c in dossier.conventions if c.reservataire.kind == "état"]) == len(pairs)
    assert {(y.bailleur.code, y.scale.codes[0], y.year) for y in dossier.years} == {
        (f"{900_000_001 + b}", plan.departements[d], year) for d, b in pairs for year in (2025, 2026)
    }


def test_tables_are_read_whole_and_name_what_conventions_name(france: Path) -> None:
    folders = data_folders(france)
    assert len(folders) == len(plan_of(SMALL).active)
    rows = 0
    for folder in folders:
        reading = read_flux_tables(folder, years=(2024, 2025))
        assert reading.diagnostics == () and len(reading.rejects) == 0
        tables = reading.tables
        assert tables is not None and tables.logements is not None and tables.prets is not None
        assert tables.reservataires is not None and tables.programmes is not None and tables.attributions is not None
        rows += len(tables.logements)
        dossier = documents(folder.parent)
        assert {c.reservataire.code for c in dossier.conventions} <= set(tables.reservataires["code"])
        loans = {loan for c in dossier.conventions for r in c.terms.reservations for loan in r.loans}
        assert loans <= set(tables.prets["id_pret"])
        assert {p for c in dossier.conventions for p in c.designated} <= set(tables.programmes["programme"])
        assert tables.attributions["numero_unique"].null_count() == len(tables.attributions)
    assert rows == 4000


def test_what_is_not_listed_keeps_under_the_ceilings(france: Path) -> None:
    listed = set(pl.read_csv(france / "irregularites.csv", separator=";")["fichier"])
    ceilings = {
        "état": Fraction(30, 100),
        "commune": Fraction(6, 100),
        "epci": Fraction(8, 100),
        "département": Fraction(6, 100),
    }
    for convention in documents(france).conventions:
        if Path(convention.place.source.name).name in listed:
            continue
        assert convention.fully_signed and convention.sent is not None
        assert (convention.regime == "stock") is (convention.reservataire.kind not in (*ceilings, "action logement"))
        for right in convention.terms.reservations:
            if right.share.kind == "part" and convention.reservataire.kind in ceilings:
                assert (
                    max([right.share.value, *(s for _, s in right.share.steps)])
                    <= ceilings[convention.reservataire.kind]
                )


def test_the_same_seed_gives_the_same_bytes_in_any_number_of_processes(france: Path, tmp_path: Path) -> None:
    first = {str(p.relative_to(france)): p.read_bytes() for p in sorted(france.rglob("*")) if p.is_file()}
    assert written(tmp_path / "two", processes=2) == first
    other = written(tmp_path / "other", FluxRequest(3, 8, 2025, dwellings=4000))
    assert other.keys() != first.keys() or other != first


def test_everything_says_that_it_is_synthetic(france: Path) -> None:
    for file in france.rglob("*.yaml"):
        assert file.read_text("utf-8").startswith("# Données synthétiques"), file
    for file in france.rglob("*.parquet"):
        assert pl.read_parquet_metadata(file)["mention"] == WATERMARK, file
    assert WATERMARK in (france / "LISEZMOI.json").read_text("utf-8")


def test_whole_numbers_go_as_the_weights_and_sum_to_the_total() -> None:
    import numpy as np

    parts = apportioned(np.array([1.0, 2.0, 0.0, 3.0]), 100)
    assert parts.tolist() == [17, 33, 0, 50]


@pytest.mark.parametrize(
    "wrong",
    [{"bailleurs": 0}, {"seed": -1}, {"years": 9}, {"bailleurs": 50, "dwellings": 100}],
)
def test_arguments_that_cannot_be_met_are_said_in_french(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        FluxRequest(**{"bailleurs": 3, "seed": 1, "year": 2025, **wrong})


def test_the_command_compares_to_the_figures_and_replaces_only_its_own(tmp_path: Path) -> None:
    arguments = ["population", "--flux", "--bailleurs", "2", "--logements", "1500", "--sortie", str(tmp_path / "f")]
    done = cli(*arguments)
    assert done.returncode == 0 and "logements en QPV" in done.stdout and "Données synthétiques" in done.stdout
    assert cli(*arguments).returncode == 2
    assert cli(*arguments, "--remplacer", "--quiet").returncode == 0


@pytest.mark.slow
def test_a_tenth_of_france_agrees_with_the_figures(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    compared = write_flux_population(FluxRequest(70, 1, 2025), tmp_path / "f", processes=2)
    assert compared.filter(pl.col("verdict") != "")["figure"].to_list() == []
