"""A run that is stopped, however it is, is taken up by the same command, and gives what it would have given at once."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fluxrules.cotation import batch, receipt, source, to_folder, workplace
from fluxrules.cotation.batch import Asked
from fluxrules.cotation.to_folder import Outcome, run_to_folder
from fluxrules.cotation.workplace import Workplace, work_folder
from fluxrules.data.parts import find_parts
from fluxrules.data.write import NotWrittenError
from tests.large import DAY, EXAMPLE, LOCAL, ROOT, SMALL, grid_of, grids, set_constants, untidy, write
from tests.params import mostly_slow

HERE = {"BATCH": 900, "PART_RESULTS": 500, "LARGE": 1, "PART": 900, "SLICE": 2000}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    set_constants(SMALL | HERE, monkeypatch.setattr)


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def run(data: Path, target: Path, **options: Any) -> Outcome:
    found = find_parts(data)
    assert found is not None
    return run_to_folder(Asked(grids(), DAY), [data], target, found, **options)


@pytest.fixture(scope="module", params=mostly_slow([True, False], [True]), ids=["aligned", "misaligned"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Data, and what an uninterrupted run makes of them."""
    folder = tmp_path_factory.mktemp("w")
    data = write(folder / "d", untidy(), 3, aligned=request.param)
    with pytest.MonkeyPatch.context() as patch:
        set_constants(SMALL | HERE, patch.setattr)
        run(data, folder / "o")
    return data, files(folder / "o")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that are worked out, in order."""
    found: list[str] = []
    plain = Workplace.step

    @contextmanager
    def step(self: Workplace, name: str) -> Iterator[Path]:
        found.append(name)
        with plain(self, name) as folder:
            yield folder

    monkeypatch.setattr(Workplace, "step", step)
    return found


@pytest.mark.slow
def test_steps_are_not_redone(
    whole: tuple[Path, dict[str, bytes]], tmp_path: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, expected = whole
    run(data, tmp_path / "count")
    names = list(steps)
    assert len(names) >= 5
    plain = Workplace.step
    for stop in range(0, len(names), 2):
        target = tmp_path / f"o{stop}"
        steps.clear()
        before: list[str] = []

        @contextmanager
        def failing(self: Workplace, name: str, stop: int = stop) -> Iterator[Path]:
            with plain(self, name) as folder:
                yield folder
                if len(steps) > stop:
                    raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Workplace, "step", failing)
            with pytest.raises(KeyboardInterrupt):
                run(data, target)
        assert not target.exists()
        kept = work_folder(target)
        before = [p for kind in ("lots", "parties") for p in map(str, (kept / kind).glob("*[0-9]"))]
        steps.clear()
        outcome = run(data, target)
        assert outcome.resumed == (bool(before) or {"a-ranger", "tables"} <= set(names[:stop]))
        assert not {str(kept / name) for name in steps} & set(before)
        assert files(target) == expected and not kept.exists()


WORK: dict[str, tuple[Any, str]] = {
    "reading": (source, "read_part"),
    "numbers": (source, "all_numbers"),
    "laying out": (source, "lay_out"),
    "scoring": (batch, "score_batch"),
    "spilling": (batch, "spill"),
    "tables": (batch, "tables_in_turn"),
    "writing": (batch, "write_table"),
    "linking": (batch, "_link"),
    "hashing data": (to_folder, "all_hashes"),
    "hashing tables": (to_folder, "output_hashes"),
    "receipt": (to_folder, "write_json"),
    "moving": (workplace, "put_in_place"),
}


def failing_at(work: Callable[..., Any], count: int, error: BaseException) -> Callable[..., Any]:
    calls = 0

    def wrapped(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == count:
            raise error
        return work(*args, **named)

    return wrapped


@pytest.mark.parametrize("name", mostly_slow(WORK, ["scoring", "moving"]))
@pytest.mark.parametrize("count", mostly_slow([1, 2], [1]))
def test_whatever_step_fails_nothing_is_written_and_the_next_run_ends(
    name: str, count: int, whole: tuple[Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, expected = whole
    module, attribute = WORK[name]
    for error in (RuntimeError("x"), OSError(28, "No space left on device")):
        with monkeypatch.context() as patch:
            patch.setattr(module, attribute, failing_at(getattr(module, attribute), count, error))
            try:
                run(data, tmp_path / "o")
            except (RuntimeError, NotWrittenError, to_folder.UnreadError) as raised:
                assert not (tmp_path / "o").exists()
                assert isinstance(raised, RuntimeError) == isinstance(error, RuntimeError)
                kept = work_folder(tmp_path / "o")
                assert kept.exists() == Workplace(kept, resumed=False).worth_keeping
                assert not isinstance(raised, NotWrittenError) or ("est gardé" in str(raised)) == kept.exists()
            else:
                assert files(tmp_path / "o") == expected  # this run does not come there twice
                return
    run(data, tmp_path / "o")
    assert files(tmp_path / "o") == expected
    assert [p.name for p in tmp_path.iterdir()] == ["o"]


CHANGES: dict[str, Callable[[Path], Asked]] = {
    "grid": lambda _: Asked(grids()[:1], DAY),
    "day": lambda _: Asked(grids(), DAY.replace(day=2)),
    "options": lambda _: Asked(grids(), DAY, points=False),
    "data": lambda data: (os.utime(next(data.rglob("*.parquet"))), Asked(grids(), DAY))[1],
}


@pytest.mark.parametrize("change", mostly_slow(CHANGES, ["grid"]))
def test_work_for_something_else_is_not_taken_up(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write(tmp_path / "d", untidy(), 3)
    with monkeypatch.context() as patch:
        patch.setattr(batch, "_gather", failing_at(batch._gather, 1, KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            run(data, tmp_path / "o")
    found = find_parts(data)
    assert found is not None and work_folder(tmp_path / "o").exists()
    outcome = run_to_folder(CHANGES[change](data), [data], tmp_path / "o", found)
    assert outcome.done is not None and not outcome.resumed


def test_a_line_that_is_renamed_is_not_taken_up(tmp_path: Path) -> None:
    """The meaning is the same, the columns are not."""
    one, other = grid_of(LOCAL), grid_of(LOCAL.replace("habite:", "réside:"))
    assert one.hash == other.hash
    assert receipt.signature([one], [], DAY, {}) != receipt.signature([other], [], DAY, {})


def test_results_inside_the_data_are_not_data(tmp_path: Path) -> None:
    data = write(tmp_path / "d", untidy(), 3)
    before = receipt.signature(grids(), [data], DAY, {}), receipt.all_hashes([data])
    (data / ".o.en-cours").mkdir()
    (data / ".o.en-cours" / "x.parquet").write_text("x")
    run(data, data / "o")
    assert (receipt.signature(grids(), [data], DAY, {}), receipt.all_hashes([data])) == before


# --- from outside


def command(data: Path, *words: str) -> list[str]:
    grids_ = [str(data.parent / "a.yaml"), str(data.parent / "b.yaml")]
    (data.parent / "a.yaml").write_text(EXAMPLE, "utf-8")
    (data.parent / "b.yaml").write_text(LOCAL, "utf-8")
    return [sys.executable, str(ROOT / "tests" / "large_cli.py"), "score", *grids_, "--donnees", str(data), "--date", "01/09/2026", *words]  # fmt: skip


ENV = os.environ | {"PYTHONPATH": str(ROOT), "FLUXRULES_SMALL": json.dumps(HERE), "NO_COLOR": "1"}


def cli(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(data, *words), env=ENV, text=True, capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_stopped_at_random_and_run_again(
    how: signal.Signals, whole: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    data, expected = whole
    chance = random.Random(11)
    start = time.monotonic()
    assert cli(data, "--sortie", str(tmp_path / "first")).returncode == 0
    usual = time.monotonic() - start
    stops, share = 0, 1.0
    for _ in range(6):
        running = subprocess.Popen(
            command(data, "--sortie", str(tmp_path / "o")), env=ENV, text=True, stderr=-1, stdout=-1
        )
        time.sleep(usual * share * chance.uniform(0.3, 1.0))
        running.send_signal(how)
        _, errors = running.communicate(timeout=60)
        if (tmp_path / "o").exists():  # it had ended: a busy machine makes the first run slower than the next
            if stops:
                break
            shutil.rmtree(tmp_path / "o")
            share /= 2
            continue
        stops += 1
        # -SIGINT, which a shell calls 130 too, or -SIGTERM: before our command listens, or after it has ended.
        assert "Traceback" not in errors and "Erreur" not in errors
        assert running.returncode in ((-how,) if how == signal.SIGKILL else (130, -how)), errors
        assert "est gardé" not in errors or work_folder(tmp_path / "o").exists()
        assert "rien n'a été écrit" not in errors or not work_folder(tmp_path / "o").exists()
    kept = work_folder(tmp_path / "o")
    worth = any(p.is_dir() for kind in ("lots", "parties") for p in (kept / kind).glob("*[0-9]"))
    if not (tmp_path / "o").exists():
        done = cli(data, "--sortie", str(tmp_path / "o"))
        assert done.returncode == 0 and ("Reprise" in done.stderr or not worth)
    found = files(tmp_path / "o")
    assert {n: b for n, b in found.items() if n != "recu.json"} == {
        n: b for n, b in expected.items() if n != "recu.json"
    }
    if (
        how == signal.SIGKILL
    ):  # nobody clears up after oneself then: the next run to the same place does, unless work is there
        assert cli(data, "--sortie", str(tmp_path / "o")).returncode == 2
    assert {p.name for p in tmp_path.iterdir()} == {"first", "o"} and stops


@pytest.mark.parametrize(
    "left", [(), ("signature.json",), ("parties/00000.en-cours/x",), ("fini", "lots/00000/x", "parties/00000/x")]
)
def test_what_a_killed_run_left_without_worth_goes_with_the_next(left: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "recu.json").write_text("{}")
    kept = work_folder(tmp_path / "o")
    kept.mkdir()
    for name in left:
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        (kept / name).write_text("{}")
    with pytest.raises(NotWrittenError, match="existe déjà"), workplace.workplace(tmp_path / "o", {}, replace=False):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["o"]


def test_a_full_disk_keeps_what_is_done(
    whole: tuple[Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str]
) -> None:
    data, expected = whole
    with monkeypatch.context() as patch:
        patch.setattr(batch, "_gather", failing_at(batch._gather, 1, OSError(28, "No space left on device")))
        with pytest.raises(NotWrittenError, match="faites de la place, puis relancez la même commande") as raised:
            run(data, tmp_path / "o")
    kept = work_folder(tmp_path / "o")
    assert str(kept) in str(raised.value) and "rien n'a été gardé" not in str(raised.value)
    assert len(list((kept / "parties").iterdir())) >= 2 and not list(kept.rglob("*.en-cours"))
    steps.clear()
    outcome = run(data, tmp_path / "o")
    assert outcome.resumed and not [name for name in steps if name.startswith("parties")]
    assert files(tmp_path / "o") == expected and not kept.exists()


MOVES = ("before the first", "between the two", "after both")


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOVES)
def test_killed_during_the_final_move(moment: str, tmp_path: Path) -> None:
    """Nothing of the old result is lost: it comes back when the same command is run again."""
    data = write(tmp_path / "d", untidy(), 3)
    assert cli(data, "--sortie", str(tmp_path / "o")).returncode == 0
    expected = files(tmp_path / "o")
    (tmp_path / "o" / "ancien.txt").write_text("ancien")
    script = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
plain, moves = Path.rename, []
def rename(path, other):
    moving = Path(other).name == "ancien" or Path(path).name == "resultat"
    if moving and len(moves) == {MOVES.index(moment)}: os.kill(os.getpid(), 9)
    moves.append(1) if moving else None
    found = plain(path, other)
    if moving and len(moves) == {MOVES.index(moment)} == 2: os.kill(os.getpid(), 9)
    return found
Path.rename = rename
from tests.large import set_constants, SMALL
from fluxrules.commands.main import main
set_constants(SMALL | {HERE!r})
sys.argv = ["fluxrules", *{command(data, "--sortie", str(tmp_path / "o"), "--remplacer")[2:]!r}]
main()
"""
    assert subprocess.run([sys.executable, "-c", script], env=ENV, check=False).returncode == -9
    old = list(tmp_path.rglob("ancien.txt"))
    assert len(old) == (moment != "after both") or list(tmp_path.glob(".o-ancien-*"))
    again = cli(data, "--sortie", str(tmp_path / "o"))
    assert again.returncode == 2 and "existe déjà" in again.stderr
    assert (tmp_path / "o" / "ancien.txt").exists() == (moment != "after both")
    done = cli(data, "--sortie", str(tmp_path / "o"), "--remplacer")
    # Once the result is in place, what it was made from is of no use: the next run clears it up.
    assert done.returncode == 0 and ("Reprise" in done.stderr) == (moment != "after both")
    assert files(tmp_path / "o") == expected
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.yaml", "b.yaml", "d", "o"]
