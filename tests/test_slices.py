"""A table made some rows at a time is the table, and is written to the same bytes however its rows come."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from fluxrules.data import slices, write
from fluxrules.data.slices import in_slices
from fluxrules.data.write import write_table

FRAME = pl.DataFrame({"a": range(1000), "b": [f"x{i % 7}" for i in range(1000)]})


def _double(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select("b", pl.col("a") * 2)


@pytest.fixture(params=[1, 7, 333, 1000, 5000])
def rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(slices, "ROWS", request.param)
    return int(request.param)


@pytest.mark.usefixtures("rows")
def test_the_table_is_the_same() -> None:
    lazy, whole = in_slices(FRAME, _double), _double(FRAME)
    assert lazy.collect().equals(whole)
    assert lazy.select("a").collect().equals(whole.select("a"))
    assert lazy.filter(pl.col("a") > 1500).collect().equals(whole.filter(pl.col("a") > 1500))
    assert lazy.head(10).collect().equals(whole.head(10))
    assert lazy.filter(pl.col("b") == "x3").head(9).collect().equals(whole.filter(pl.col("b") == "x3").head(9))


def test_no_row_is_a_table_too() -> None:
    assert in_slices(FRAME.clear(), _double).collect().equals(_double(FRAME.clear()))


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_the_bytes_are_the_same(format: str, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "ROW_GROUP", 128)
    one = write_table(_double(FRAME), tmp_path, "one", format)
    cut = write_table(pl.concat([_double(FRAME[:rows]), _double(FRAME[rows:])]), tmp_path, "cut", format)
    lazy = write_table(in_slices(FRAME, _double), tmp_path, "lazy", format)
    assert one.read_bytes() == cut.read_bytes() == lazy.read_bytes()
