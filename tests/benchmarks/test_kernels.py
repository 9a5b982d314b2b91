"""Kernels under pytest-benchmark: ``pytest tests/benchmarks --benchmark-enable``. Without it they check that all agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import fluxrules
from fluxrules.data.population import generate
from fluxrules.engines.numpy.run import encode_tables, evaluate
from tests.benchmarks.hand_written import hand_written_note
from tests.benchmarks.hand_written_others import duckdb_note, duckdb_table, numpy_note

DAY = date(2026, 9, 1)
GRID = fluxrules.load(Path(__file__).parent / "grille-40.yaml")
ROWS = 50_000


@pytest.fixture(scope="module")
def demandes() -> pl.DataFrame:
    return generate(ROWS, 1, DAY).demandes


def ours(frame: pl.DataFrame) -> Any:
    data = encode_tables([GRID.program], {"demandes": frame}, principal="demandes", key="numero_unique")
    return evaluate(GRID.program, data, DAY).note


def by_hand(frame: pl.DataFrame) -> Any:
    return frame.lazy().select(hand_written_note(DAY)).collect()["note"].to_numpy()


KERNELS: dict[str, Callable[[pl.DataFrame], Any]] = {
    "fluxrules": ours,
    "polars by hand": by_hand,
    "numpy by hand": lambda f: numpy_note(f, DAY),
    "duckdb by hand": lambda f: duckdb_note(duckdb_table(f), DAY),
}


@pytest.mark.parametrize("name", KERNELS)
def test_kernel(name: str, demandes: pl.DataFrame, benchmark: BenchmarkFixture) -> None:
    if name == "duckdb by hand":  # its table is made outside what is timed
        table = duckdb_table(demandes)
        assert len(benchmark(duckdb_note, table, DAY)) == ROWS
    else:
        assert len(benchmark(KERNELS[name], demandes)) == ROWS


def test_all_agree_where_nothing_is_missing(demandes: pl.DataFrame) -> None:
    """By hand a null is 0: only rows without any can be compared. There the four must give the same note."""
    read = [f.column for f in fields()]
    filled = demandes.with_columns(*(pl.col(c).fill_null(v) for c, v in defaults(demandes, read).items()))
    whole = filled.filter(pl.col("ressources_mensuelles_totales") > 0)
    notes = {name: kernel(whole) for name, kernel in KERNELS.items()}
    for name, note in notes.items():
        assert np.array_equal(note, notes["fluxrules"]), name


def fields() -> list[Any]:
    from fluxrules.ir.walk import fields_read

    return [f for f in fields_read(GRID.program) if f.entity == "demande"]


def defaults(frame: pl.DataFrame, columns: list[str]) -> dict[str, Any]:
    """A value for each column that no rule of the grid takes for a hardship, and no ratio by zero."""
    found: dict[str, Any] = {}
    for c in columns:
        dtype = frame.schema[c]
        if dtype == pl.Boolean:
            found[c] = False
        elif dtype == pl.Date:
            found[c] = DAY
        elif dtype.is_integer():
            found[c] = 1500 if c == "ressources_mensuelles_totales" else 40
        elif isinstance(dtype, pl.List):
            found[c] = pl.lit(["23"] if c == "motifs" else ["LP"])
        else:
            found[c] = {"statut_dalo": "NON", "mode_logement_actuel": "LP", "type_logement_actuel": "T3",
                        "accord_collectif": "AUCUN", "relogement_operationnel": "aucun", "situation_familiale": "C"}.get(c, "AUT")  # fmt: skip
    return found
