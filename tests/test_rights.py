"""What is written is open to those to whom any file made here is: neither hidden from a colleague, nor shown to more people."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from fluxrules.cotation.workplace import workplace
from fluxrules.data.write import whole_file, whole_folder, write_json, write_table
from fluxrules.law.prove.certificate import Certificate

TABLE = pl.DataFrame({"territoire": ["200000172"]})
pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of another kind")


@pytest.fixture(params=[0o022, 0o027, 0o077], autouse=True)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield int(request.param)
    os.umask(before)


def _check(place: Path, umask: int) -> None:
    paths = [place, *place.rglob("*")]
    modes = {p.relative_to(place.parent): stat.S_IMODE(p.stat().st_mode) for p in paths}
    assert modes == {p.relative_to(place.parent): (0o777 if p.is_dir() else 0o666) & ~umask for p in paths}


def _fill(folder: Path) -> None:
    (folder / "lignes").mkdir(parents=True)
    for format in ("parquet", "csv", "xlsx"):
        write_table(TABLE, folder / "lignes", "table", format)
    write_json({}, folder / "recu.json")


def test_a_folder_and_the_one_that_replaces_it(tmp_path: Path, umask: int) -> None:
    for replace in (False, True):
        with whole_folder(tmp_path / "o", replace=replace) as folder:
            _fill(folder)
        _check(tmp_path / "o", umask)
    assert [p.name for p in tmp_path.iterdir()] == ["o"]


def test_the_folder_of_a_run(tmp_path: Path, umask: int) -> None:
    with workplace(tmp_path / "o", {}, replace=False) as place:
        _fill(place.folder / "resultat")
    _check(tmp_path / "o", umask)


def test_a_file(tmp_path: Path, umask: int) -> None:
    with whole_file(tmp_path / "o.csv") as path:
        path.write_text("a\n", "utf-8")
    _check(tmp_path / "o.csv", umask)


def test_a_certificate(tmp_path: Path, umask: int) -> None:
    held = Certificate(tmp_path / "g.preuves.json")
    held.put("p", "k", ())
    assert held.write()
    _check(tmp_path / "g.preuves.json", umask)
    assert len(list(tmp_path.iterdir())) == 1
