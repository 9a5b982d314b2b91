"""The README does what it prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.tour import ROOT, environment, steps, tour

README = ROOT / "README.md"


@pytest.mark.slow
def test_the_tour_runs_as_printed(tmp_path: Path) -> None:
    assert tour(tmp_path, Path(sys.executable).parent) == []


@pytest.mark.slow
def test_a_changed_output_is_seen(tmp_path: Path) -> None:
    text = README.read_text("utf-8").replace("aucune erreur, 4 exemples", "aucune erreur, 5 exemples", 1)
    changed = tmp_path / "README.md"
    changed.write_text(text, "utf-8")
    work = tmp_path / "work"
    work.mkdir()
    assert len(tour(work, Path(sys.executable).parent, changed)) == 1


def test_the_python_example_runs(tmp_path: Path) -> None:
    text = README.read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.S)
    assert code is not None
    env = environment(Path(sys.executable).parent)
    for step in steps(text):
        if step.command.startswith(("fluxrules init", "fluxrules population")):
            subprocess.run(step.command, shell=True, cwd=tmp_path, env=env, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(
        [sys.executable, "-c", code[1]], cwd=tmp_path, env=env, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Cette note aide à la décision" in done.stdout


def test_the_two_commands_come_first() -> None:
    first = steps(README.read_text("utf-8"))[:2]
    assert [s.command for s in first] == ["make demo", "make test"]
