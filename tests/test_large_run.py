"""A large run gives the tables of a small one: the same rows, and the same bytes however it is cut up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fluxrules.cotation.batch import Asked
from fluxrules.cotation.receipt import output_hashes
from fluxrules.cotation.run import score_tables
from fluxrules.cotation.to_folder import Outcome, run_to_folder
from fluxrules.data.parts import Parts, find_parts
from fluxrules.data.read import read_tables
from fluxrules.data.tables import KEY
from fluxrules.vocabulary.load import standard_vocabulary
from tests.large import DAY, LOCAL, SMALL, grid_of, grids, same, set_constants, tables_in, untidy, write
from tests.params import mostly_slow

COUNTED = ("demandes lues", "demandes rejetées", "demandes radiées, non notées", "résultats")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(**values: int) -> None:
        set_constants(SMALL | values, monkeypatch.setattr)

    put()
    return put


def run(data: Path, target: Path, **asked: Any) -> Outcome:
    found = find_parts(data)
    assert isinstance(found, Parts)
    return run_to_folder(Asked(grids(), DAY, **asked), [data], target, found)


def expected(data: Path) -> tuple[dict[str, pl.DataFrame], Mapping[str, int], Any]:
    """The tables of the same demandes read and scored in memory, the counts, and what is said of the data."""
    reading = read_tables(data, standard_vocabulary(), DAY)
    assert reading.tables is not None
    s = score_tables(grids(), reading.tables, DAY)
    found = {"resultats": s.results, "positions": s.positions, "repartition": s.bands, "quantiles": s.quantiles}
    rejected = reading.rejects.select("fichier", "ligne").unique().height
    counts = dict(zip(COUNTED, (reading.rows_in, rejected, s.counts.struck_off, s.counts.results), strict=True))
    counts["couples demande et territoire sans grille"] = s.counts.without_grid
    return found | {f"lignes/{name}": f for name, f in s.lines.items()} | {"rejets": reading.rejects}, counts, reading


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, pl.DataFrame], Mapping[str, int], Any]:
    return expected(write(tmp_path_factory.mktemp("d"), untidy()))


WAYS: dict[str, tuple[Any, bool, dict[str, int]]] = {
    "one file": (1, True, {}),
    "one file, laid out": (1, True, {"LARGEST_PART": 500}),
    "aligned parts": (5, True, {}),
    "misaligned parts": (5, False, {}),
    "demandes in parts": ({"demandes": 4}, True, {}),
    "demandes in one file": ({"choix": 3, "membres": 4}, False, {}),
    "more parts of choix": ({"demandes": 2, "choix": 5, "membres": 2, "evenements": 2}, False, {}),
    "large batches": (5, True, {"BATCH": 10**6}),
}


@pytest.mark.parametrize("way", mostly_slow(WAYS, ["aligned parts", "misaligned parts", "one file, laid out"]))
def test_parts_give_the_tables_of_demandes_in_memory(way: str, tmp_path: Path, small: Any, reference: Any) -> None:
    counts, aligned, constants = WAYS[way]
    small(**constants)
    outcome = run(write(tmp_path / "d", untidy(), counts, aligned=aligned), tmp_path / "o")
    tables, numbers, reading = reference
    found = tables_in(tmp_path / "o")
    same(found, tables, skip=["rejets"])
    assert outcome.counts == numbers
    rejects = [found["rejets"], tables["rejets"]]
    assert rejects[0].select("champ", "code", "motif").sort(pl.all()).equals(
        rejects[1].select("champ", "code", "motif").sort(pl.all())
    )  # fmt: skip
    said = [{(d.code, d.message) for d in x.diagnostics} for x in (outcome, reading)]
    assert said[0] == {x for x in said[1] if x in said[0] or x[0] not in ("FX5010", "FX5011", "FX5012", "FX5013")}


@pytest.mark.slow
def test_a_part_may_hold_no_demande(tmp_path: Path, small: Any) -> None:
    small(LARGEST_PART=1, PART=1)
    data = write(tmp_path / "d", untidy() | {"demandes": untidy()["demandes"][4:16]})
    run(data, tmp_path / "o")
    same(tables_in(tmp_path / "o"), expected(data)[0], skip=["rejets"])


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The hashes of the tables of a run in one batch."""
    folder = tmp_path_factory.mktemp("m")
    with pytest.MonkeyPatch.context() as patch:
        set_constants({"LARGE": 1, "PART_RESULTS": 200}, patch.setattr)
        run(write(folder / "d", untidy()), folder / "o")
    return tables_marks(folder / "o")


def tables_marks(folder: Path) -> Mapping[str, str]:
    return {name: mark for name, mark in output_hashes(folder).items() if not name.startswith("rejets")}


CUTS = {
    "chunks": {"CHUNK": 37, "BATCH": 10**6},
    "batches": {"BATCH": 333, "SPILLED": 90},
    "row by row": {"FEW_ROWS": 10**9},
    "always looked up": {"FEW_ROWS": 1, "BATCH": 10**6},
    "one thread": {"THREADS": 1},
    "laid out": {"LARGEST_PART": 100, "PART": 400, "SLICE": 700},
}


@pytest.mark.parametrize("cut", mostly_slow(CUTS, ["batches"]))
@pytest.mark.parametrize("shuffled", mostly_slow([False, True], [True]))
def test_same_bytes_however_it_is_cut(cut: str, shuffled: bool, tmp_path: Path, small: Any, marks: Any) -> None:
    small(**CUTS[cut])
    tables = {n: f.sample(fraction=1, shuffle=True, seed=9) if shuffled else f for n, f in untidy().items()}
    outcome = run(write(tmp_path / "d", tables, 3, aligned=not shuffled), tmp_path / "o")
    assert tables_marks(tmp_path / "o") == marks
    assert outcome.counts["demandes rejetées"] == 12


@pytest.mark.slow
def test_ranges_of_territories_cut_the_files_not_the_rows(tmp_path: Path, small: Any, reference: Any) -> None:
    small(PART_RESULTS=10**6)
    run(write(tmp_path / "d", untidy(), 3), tmp_path / "o")
    assert (tmp_path / "o" / "resultats.parquet").is_file()
    same(tables_in(tmp_path / "o"), reference[0], skip=["rejets"])


@pytest.mark.parametrize("lost", mostly_slow(["membres", "evenements"], ["membres"]))
def test_a_missing_table_is_unknown_in_parts_too(lost: str, tmp_path: Path, small: Any) -> None:
    tables = {n: f for n, f in untidy().items() if n != lost}
    data = write(tmp_path / "d", tables, 3)
    run(data, tmp_path / "o")
    same(tables_in(tmp_path / "o"), expected(write(tmp_path / "whole", tables))[0], skip=["rejets"])


def test_without_choix_nothing_is_computed(tmp_path: Path, small: Any) -> None:
    outcome = run(write(tmp_path / "d", {n: f for n, f in untidy().items() if n != "choix"}, 3), tmp_path / "o")
    assert outcome.done is None and [d.code for d in outcome.diagnostics] == ["FX6003"]
    assert [p.name for p in tmp_path.iterdir()] == ["d"]


def test_batches_without_any_result_give_empty_tables(tmp_path: Path, small: Any) -> None:
    nowhere = untidy()["choix"].with_columns(code_commune=pl.lit("97411"))
    outcome = run(write(tmp_path / "d", untidy() | {"choix": nowhere}, 4), tmp_path / "o")
    found = tables_in(tmp_path / "o")
    assert outcome.counts["résultats"] == 0 and all(len(f) == 0 for n, f in found.items() if n != "rejets")
    assert found["resultats"].columns[:3] == [KEY, "territoire", "grille"] and len(found) == 7


def test_a_table_that_no_grid_reads_still_leaves_out_a_crowd(tmp_path: Path, small: Any) -> None:
    """What is rejected is rejected whatever the grid, as when tables are read whole."""
    plain = grid_of(LOCAL.replace('enfants: {points: "3 par enfant à charge, au plus 12"}', "base: {points: 1}"))
    data = write(tmp_path / "d", untidy(), 3)
    found = find_parts(data)
    assert found is not None
    outcome = run_to_folder(Asked((plain,), DAY), [data], tmp_path / "o", found)
    assert outcome.counts["demandes rejetées"] == 12


@pytest.mark.parametrize(("table", "each"), [("evenements", 100), ("membres", 20)])
def test_a_crowd_scattered_over_the_parts_of_a_table_that_no_grid_reads(
    table: str, each: int, tmp_path: Path, small: Any
) -> None:
    plain = grid_of(LOCAL.replace('enfants: {points: "3 par enfant à charge, au plus 12"}', "base: {points: 1}"))
    data = write(tmp_path / "d", untidy(), 3)
    number = untidy()["demandes"][KEY][800]
    for file in sorted((data / table).iterdir()):
        frame = pl.read_parquet(file)
        crowd = pl.concat([frame.head(1).with_columns(pl.lit(number).alias(KEY))] * each)
        pl.concat([frame, crowd]).write_parquet(file)
    found = find_parts(data)
    assert found is not None
    outcome = run_to_folder(Asked((plain,), DAY), [data], tmp_path / "o", found)
    assert outcome.counts["demandes rejetées"] == 13
    assert number not in tables_in(tmp_path / "o")["resultats"][KEY]


@pytest.mark.slow
def test_a_space_before_a_number_puts_no_row_in_another_part(tmp_path: Path, small: Any) -> None:
    tables = untidy()
    spaced = tables["demandes"].with_columns(
        pl.when(pl.int_range(pl.len()) == 1200).then(" " + pl.col(KEY)).otherwise(pl.col(KEY)).alias(KEY)
    )
    run(write(tmp_path / "d", tables, 3), tmp_path / "o")
    run(write(tmp_path / "e", tables | {"demandes": spaced}, 3), tmp_path / "p")
    same(tables_in(tmp_path / "p"), tables_in(tmp_path / "o"), skip=["rejets"])


@pytest.mark.slow
def test_a_row_number_of_the_file_is_not_ours(tmp_path: Path, small: Any, reference: Any) -> None:
    odd = {n: f.with_columns(_ligne=pl.lit("x")) for n, f in untidy().items()}
    for name, constants in (("a", {}), ("b", {"LARGEST_PART": 500})):
        small(**constants)
        run(write(tmp_path / f"d{name}", odd), tmp_path / name)
        found = tables_in(tmp_path / name)
        same(found, reference[0])


@pytest.mark.slow
def test_a_folder_may_be_called_anything(tmp_path: Path, small: Any, marks: Any) -> None:
    run(write(tmp_path / "données [2026]*", untidy(), 3), tmp_path / "o [1]")
    assert tables_marks(tmp_path / "o [1]") == marks
    small(LARGEST_PART=100)
    run(write(tmp_path / "autres ?", untidy(), 3), tmp_path / "p [1]")
    assert tables_marks(tmp_path / "p [1]") == marks
