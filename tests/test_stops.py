"""Ctrl-C and SIGTERM: one way out, whatever a library makes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import click
import polars as pl
import pytest

from fluxrules.commands import main as entry
from fluxrules.cotation.source import ahead
from fluxrules.data.stops import STOPS, stops_held
from fluxrules.data.write import whole_folder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {s: signal.getsignal(s) for s in STOPS}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("how", STOPS)
def test_a_stop_waits_for_the_end_of_the_block(how: signal.Signals) -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), stops_held():
        os.kill(os.getpid(), how)
        done.append(1)
    assert done and signal.getsignal(how) is signal.default_int_handler


def test_no_stop_no_interruption() -> None:
    with stops_held():
        pass
    with pytest.raises(ZeroDivisionError), stops_held():
        raise ZeroDivisionError


def test_polars_does_not_hear() -> None:
    """A stop that comes while Polars works: Polars, which listens once it is imported, would give up its query as well."""
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(ROOT)!r})
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(1))
import polars as pl
from fluxrules.data.stops import heard_by_us_alone
heard_by_us_alone()
def kill(held):
    os.kill(os.getpid(), signal.SIGINT)
    return held
for _ in range(20):
    pl.DataFrame({{"a": range(100000)}}).lazy().select(pl.col("a").map_batches(kill).sort()).collect()
print(len(heard) >= 20)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "True\n", done.stderr


def test_a_folder_that_was_moved_in_place_is_said_to_be_written(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match="rien"), whole_folder(tmp_path / "o"):
        os.kill(os.getpid(), signal.SIGINT)
    assert list(tmp_path.iterdir()) == []


ERRORS: dict[str, Callable[[], BaseException]] = {
    "an import": lambda: ImportError("numpy._core.multiarray failed to import"),
    "Polars": lambda: pl.exceptions.ComputeError("query interrupted"),
    "what a verb makes of it": lambda: click.ClickException("La table ne se lit pas."),
    "the system": lambda: OSError(4, "Interrupted system call"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_a_library_makes_of_a_stop_is_a_stop(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def verb(**_: object) -> int:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt as stop:
            raise ERRORS[name]() from stop
        return 0

    monkeypatch.setattr(entry.cli, "main", verb)
    with pytest.raises(SystemExit) as out:
        entry.main()
    assert out.value.code == 130 and capsys.readouterr().err == "\nInterrompu.\n"


def test_the_same_without_a_stop_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLUXRULES_DEBUG", raising=False)
    for error in ERRORS.values():

        def verb(error: Callable[[], BaseException] = error, **_: object) -> int:
            raise error()

        monkeypatch.setattr(entry.cli, "main", verb)
        with pytest.raises(SystemExit) as out:
            entry.main()
        assert out.value.code == 2


def test_ctrl_c_before_we_listen_leaves_no_traceback() -> None:
    """While what the command is made of is still being imported."""
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(ROOT)!r})
from fluxrules.commands.start import start
class Finder:
    def find_spec(self, name, *_):
        if name == "click": os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
start()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGINT and done.stderr == ""


def test_what_nobody_reads_any_more_may_end_in_one_of_its_own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C leaves a generator in the cycles of a traceback, and any thread may collect it: no « Exception ignored » follows « Interrompu »."""
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    left, dropped = Event(), Event()
    kept: list[Iterator[int]] = []

    def work(number: int) -> int:
        if number == 1:
            assert left.wait(10)
            kept.clear()
            dropped.set()
        return number

    kept.append(ahead(work, range(9)))
    assert next(kept[0]) == 0
    left.set()
    assert dropped.wait(10) and not told
