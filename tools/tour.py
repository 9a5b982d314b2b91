"""Runs the tour of the README: every `$` line of its console blocks, compared with the output printed below it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Step:
    """A command line and the output that the README shows for it; a line « … » stands for any lines."""

    command: str
    expected: str


def steps(readme: str) -> list[Step]:
    """The commands of the ```console blocks, in order."""
    found: list[Step] = []
    for block in re.findall(r"```console\n(.*?)```", readme, re.S):
        command, output = "", []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    found.append(Step(command, "\n".join(output)))
                command, output = line[2:], []
            else:
                output.append(line)
        if command:
            found.append(Step(command, "\n".join(output)))
    return found


def run(step: Step, folder: Path, environment: dict[str, str]) -> str:
    """The output of a step (both streams), right-stripped line by line."""
    done = subprocess.run(
        step.command,
        shell=True,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip()


def matches(expected: str, got: str) -> bool:
    """Whether an output is the one printed, a line « … » matching any lines."""
    shown = "\n".join(line.rstrip() for line in expected.splitlines()).strip()
    parts = [re.escape(part.strip("\n")) for part in re.split(r"^…$", shown, flags=re.M)]
    return re.fullmatch(r"\n?(?s:.*?)\n?".join(parts), got) is not None


def environment(binaries: Path) -> dict[str, str]:
    """An environment whose `fluxrules` is the one of ``binaries``."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return clean | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", "PYTHONUTF8": "1"}


def tour(folder: Path, binaries: Path, readme: Path = ROOT / "README.md") -> list[str]:
    """Run the tour in ``folder``; the differences, as text."""
    wrong = []
    for step in steps(readme.read_text("utf-8")):
        if shlex.split(step.command)[0] in ("make", "git", "cd"):
            continue
        got = run(step, folder, environment(binaries))
        if not matches(step.expected, got):
            wrong.append(f"$ {step.command}\n--- README\n{step.expected}\n--- output\n{got}\n")
    return wrong


if __name__ == "__main__":
    differences = tour(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(differences) or "the tour of the README runs as printed")
    sys.exit(bool(differences))
