"""Large populations: parts that hold the same demandes, the same bytes whatever the processes, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from fluxrules.commands.population import command
from fluxrules.data.dataset import scan_table
from fluxrules.data.population import WATERMARK, Request, generate, parts, write_population
from fluxrules.data.population.block import BLOCK
from fluxrules.data.population.frames import LIMIT, tables
from fluxrules.data.population.laws import Draws, Law
from fluxrules.data.tables import KEY
from fluxrules.data.workers import in_processes

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = date(2026, 1, 1)
NAMES = ("demandes", "membres", "choix", "evenements")


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def run(*words: str, cwd: Path, threads: str = "2") -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT), "POLARS_MAX_THREADS": threads}
    whole = [sys.executable, str(ROOT / "cli.py"), "population", "--date", "01/01/2026", *words]
    return subprocess.run(whole, cwd=cwd, env=env, text=True, capture_output=True, check=False)


@pytest.mark.slow
def test_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    for name, threads in (("a", "1"), ("b", "4")):
        done = run("--demandes", "20000", "--seed", "7", "--sortie", name, threads=threads, cwd=tmp_path)
        assert done.returncode == 0 and done.stderr == ""
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_blocks_follow_each_other_and_keep_their_beginning() -> None:
    few, many = generate(BLOCK + 10, 3, REFERENCE), generate(BLOCK + 400, 3, REFERENCE)
    assert many.demandes[KEY].is_unique().all()
    for name in NAMES:
        one, other = getattr(few, name), getattr(many, name)
        assert other.head(len(one)).equals(one), name
    assert not many.demandes[10:20].drop(KEY).equals(many.demandes[BLOCK + 10 : BLOCK + 20].drop(KEY))


def test_parts_hold_the_same_demandes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", BLOCK)
    request, done = Request(2 * BLOCK + 50, 5, REFERENCE), list[int]()
    compared = write_population(request, tmp_path, progress=done.append)
    assert done == [BLOCK, 2 * BLOCK, 2 * BLOCK + 50]
    assert len(compared) == len(pl.read_csv(tmp_path / "conformite.csv", separator=";"))
    whole = generate(2 * BLOCK + 50, 5, REFERENCE)
    for name in NAMES:
        assert [p.name for p in sorted((tmp_path / name).iterdir())] == [
            "00000.parquet",
            "00001.parquet",
            "00002.parquet",
        ]
        assert scan_table(tmp_path, name).collect().equals(getattr(whole, name)), name
        for path in (tmp_path / name).iterdir():
            demandes = pl.read_parquet(tmp_path / "demandes" / path.name, columns=[KEY])
            assert pl.read_parquet(path)[KEY].is_in(demandes[KEY].implode()).all()
            assert pl.read_parquet_metadata(path)["mention"] == WATERMARK


def test_the_last_number_has_room() -> None:
    assert LIMIT > 30_000_000
    block = parts.draw_block(
        parts.load_laws(), parts.load_places(), parts.load_places().homes(), parts.Plan(1, REFERENCE, 0.0), 0, 3
    )
    numbers = tables([block], 30_000_000).demandes[KEY]
    assert [number[7:] for number in numbers] == ["0HV05CSYNTH", "0HV05DSYNTH", "0HV05ESYNTH"]
    assert set(numbers.str.len_chars()) == {18}
    assert int(numbers[0][7:13], 36) == 30_000_000


def test_it_says_everywhere_that_it_is_synthetic(tmp_path: Path) -> None:
    shown = CliRunner().invoke(command, ["--demandes", "30", "--sortie", str(tmp_path / "p")], standalone_mode=False)
    assert WATERMARK in shown.output
    assert json.loads((tmp_path / "p" / "LISEZMOI.json").read_text("utf-8"))["mention"] == WATERMARK
    assert pl.read_parquet_metadata(tmp_path / "p" / "choix.parquet")["mention"] == WATERMARK
    assert generate(9, 1, REFERENCE).demandes[KEY].str.ends_with("SYNTH").all()


@pytest.mark.slow
def test_the_comparison_is_shown_and_written(tmp_path: Path) -> None:
    done = run("--demandes", "3000", "--sortie", "p", "--sortie-format", "csv", cwd=tmp_path)
    lines = [line for line in done.stdout.splitlines() if line.startswith("mutations, Île-de-France")]
    assert len(lines) == 1 and "33,00 %" in lines[0] and lines[0].endswith("publié     S18c")
    assert "hypothèse" in done.stdout
    compared = pl.read_csv(tmp_path / "p" / "conformite.csv", separator=";")
    assert all(label in done.stdout for label in compared["figure"])
    assert sorted(p.name for p in (tmp_path / "p").iterdir()) == sorted(
        [*(f"{name}.csv" for name in NAMES), "LISEZMOI.json", "conformite.csv"]
    )
    quiet = run("--demandes", "30", "--sortie", "q", "--quiet", cwd=tmp_path)
    assert len(quiet.stdout.splitlines()) == 2 and quiet.stderr == ""


def test_some_places_get_no_verdict(tmp_path: Path) -> None:
    done = run(
        "--demandes", "300", "--region", "53", "--epci", "200067213", "--radiees", "0.1", "--sortie", "p", cwd=tmp_path
    )
    assert done.returncode == 0 and "sans verdict" in done.stdout
    assert set(pl.read_csv(tmp_path / "p" / "conformite.csv", separator=";")["verdict"]) == {"hors champ"}
    about = json.loads((tmp_path / "p" / "LISEZMOI.json").read_text("utf-8"))
    assert (about["regions"], about["epci"], about["part radiée"]) == (["53"], ["200067213"], 0.1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--region", "99"), "La région 99"),
        (("--epci", "200054781"), "Métropole du Grand Paris"),
        (("--demandes", "250001", "--sortie-format", "csv"), "en Parquet seulement"),
        (("--demandes", "99999999999"), "nombre entier de 1 à"),
    ],
)
def test_what_cannot_be_made_is_said_before_anything_is_written(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    done = run(*words, "--sortie", "p", cwd=tmp_path)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def fail_at_three(number: int) -> int:
    if number == 3:
        raise OSError(28, "No space left on device")
    return number * number


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.slow
def test_processes_give_every_part_and_every_error() -> None:
    assert dict(in_processes(abs, 5, 2)) == {n: n for n in range(5)}
    with pytest.raises(OSError, match="No space"):
        list(in_processes(fail_at_three, 6, 2))
    with pytest.raises(MemoryError):
        list(in_processes(die, 2, 2))


def test_laws_draw_their_shares() -> None:
    law = Law.of(("a", "b", "c"), [[1, 0, 3], [0, 0, 0], [0, 2, 0]])
    u = Draws(1, 2, 3)(100_000)
    assert u.min() >= 0 and u.max() < 1
    assert abs((law.draw(u, 0) == 2).mean() - 0.75) < 0.01 and not (law.draw(u, 0) == 1).any()
    assert (law.draw(u, 2) == 1).all()
    assert law.draw(np.array([0.0, 1 - 2.0**-53]), 2).tolist() == [1, 1]
    assert Draws(1, 2, 3)(5).tolist() == u[:5].tolist() != Draws(1, 2, 4)(5).tolist()


@pytest.mark.slow
def test_processes_change_nothing(tmp_path: Path) -> None:
    request = Request(300_000, 5, REFERENCE)
    for name, processes in (("one", 1), ("two", 2)):
        (tmp_path / name).mkdir()
        write_population(request, tmp_path / name, processes=processes)
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    assert set(one) >= {"demandes/00000.parquet", "demandes/00001.parquet", "LISEZMOI.json", "conformite.csv"}
    assert one == two


@pytest.mark.slow
@pytest.mark.parametrize("wait", [2.5, 5.0])
def test_ctrl_c_stops_every_process_and_leaves_nothing(tmp_path: Path, wait: float) -> None:
    words = [sys.executable, str(ROOT / "cli.py"), "population", "--demandes", "3000000", "--sortie", "p"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(words, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)
    time.sleep(wait)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: every process of the group gets it
    _, errors = running.communicate(timeout=60)
    assert "Traceback" not in errors
    assert running.returncode == 130 and errors.strip() == "Interrompu : rien n'a été écrit."
    assert list(tmp_path.iterdir()) == []
