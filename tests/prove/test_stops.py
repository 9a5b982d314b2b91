"""Ctrl-C while the solver works: it takes the signal for itself, and answers as if its effort were spent."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

from fluxrules.commands.prove import command
from fluxrules.law.prove import run
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import Case
from fluxrules.law.prove.certificate import Certificate
from fluxrules.law.prove.verdict import Finding, Verdict

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "rulesets/exemples/metropole-exemple.yaml"


def pigeons(count: int, effort: int) -> t.Solver:
    """More pigeons than holes: nothing that a solver finds quickly."""
    t.begin()
    at = [[t.boolean(f"{i}.{j}") for j in range(count - 1)] for i in range(count)]
    alone = [t.neg(t.both(a[j], b[j])) for j in range(count - 1) for a, b in combinations(at, 2)]
    return t.Solver([*(t.disj(row) for row in at), *alone], effort)


def test_an_effort_that_is_spent_is_no_stop() -> None:
    solver = pigeons(10, 20_000)
    assert solver.check() is None and solver.check() is None


def test_a_stop_is_no_effort_spent() -> None:
    solver = pigeons(14, 20_000_000)
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        solver.check()


def test_what_is_proved_before_a_stop_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "grille.yaml"
    path.write_text(EXAMPLE.read_text("utf-8"), "utf-8")

    def stopped(case: Case) -> Iterator[Finding]:
        yield case.finding(Verdict.PROVED, "DALO", "À demi fait.")
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.unraisablehook", None)
    monkeypatch.setitem(run.KINDS, "dominance", stopped)
    words = [str(path), "--date", f"{date(2026, 9, 1):%d/%m/%Y}", "--propriété", "tranches", "--propriété", "dominance"]
    done = CliRunner().invoke(command, words)
    assert done.exit_code != 0
    assert list(Certificate.read(tmp_path / "grille.preuves.json").entries) == ["tranches"]
