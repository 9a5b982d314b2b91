"""``make bench``, the yearly flux: the acts on a synthetic France, each as a whole process, held against the bars of the design.

``python tests/benchmarks/flux_bench.py [--dossier DIR] [--page docs/benchmarks.md]``. 5.4 million dwellings, 700 bailleurs, about 50,000
conventions, made once in the folder. Memory is that of all the processes of an act together.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[2]
CLI = [sys.executable, str(ROOT / "cli.py")]
YEAR = 2025
OPEN, CLOSE = "<!-- flux -->\n", "<!-- /flux -->"
_EVERY = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Act:
    """``wall``, ``processor``: seconds; ``memory``: GB."""

    wall: float
    processor: float
    memory: float


def run(command: Sequence[str], fine: tuple[int, ...]) -> Act:
    """Raises ``RuntimeError`` when the exit code is not one of ``fine``: the population holds conventions written against the law."""
    start, before, most = time.perf_counter(), os.times(), 0
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while child.poll() is None:
        most = max(most, _resident(child.pid))
        time.sleep(_EVERY)
    after = os.times()
    if child.returncode not in fine:
        raise RuntimeError(f"{' '.join(command)}: exit {child.returncode}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Act(time.perf_counter() - start, spent, most / 1e6)


def _resident(process: int) -> int:
    """KB held by a process and those below it."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:  # gone meanwhile
        return 0
    own = re.search(r"VmRSS:\s+(\d+)", status)
    return (int(own[1]) if own else 0) + sum(_resident(int(p)) for p in below)


def to_orient(france: Path, target: Path) -> None:
    """The same country on 1 January: nobody has designated anyone for the dwellings of the year."""
    shutil.copytree(france, target)
    for path in target.glob("*/donnees/attributions.parquet"):
        days = pl.col("date_designation", "date_commission", "date_bail").dt.year()
        frame = pl.read_parquet(path)
        frame.filter(~pl.any_horizontal((days >= YEAR).fill_null(False))).write_parquet(path)


def measured(folder: Path) -> str:
    """Runs everything; the table as Markdown."""
    france, freed, out = folder / "france", folder / "france-a-orienter", folder / "sortie-flux"
    rows = []
    if not france.exists():
        made = run([*CLI, "population", "--flux", "--seed", "1", "--sortie", str(france)], (0,))
        rows.append(_row("population", made, None))
    if not freed.exists():
        to_orient(france, freed)
    for what, command, most, fine in (
        ("conventions read and checked", ["flux", "check", str(france)], 60, (0, 1, 3)),
        ("dwellings of the year oriented", ["flux", "orienter", str(freed), "--annee", str(YEAR), "--sortie", str(out)], 60, (0, 1)),
        ("bilans of all bailleurs (xlsx, CSV, page)", ["flux", "bilan", str(france), "--annee", str(YEAR), "--sortie", str(out)], 120, (0, 1)),
    ):  # fmt: skip
        shutil.rmtree(out, ignore_errors=True)
        act = run([*CLI, *command], fine)
        rows.append(_row(what, act, most))
        print(rows[-1], flush=True)
    shutil.rmtree(out, ignore_errors=True)
    documents = sum(1 for _ in france.rglob("*.yaml"))
    counts = pl.scan_parquet(france / "*/donnees/liberations.parquet").select(
        pl.col("date_liberation").dt.year() == YEAR
    )
    releases = int(counts.sum().collect().item())
    return (
        f"{documents:,} documents, {releases:,} libérations in {YEAR}; {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, {date.today():%d/%m/%Y}. Each act reads the country again.\n\n"
        "| what | bar | wall | processor | memory | |\n|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _row(what: str, act: Act, most: float | None) -> str:
    held = "" if most is None else "held" if act.wall <= most and act.memory <= 4 else "**not held**"
    bar = "" if most is None else f"≤ {most:g} s, ≤ 4 GB"
    return f"| {what} | {bar} | {act.wall:.0f} s | {act.processor:.0f} s | {act.memory:.2f} GB | {held} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dossier", type=Path, default=ROOT / ".benchmarks" / "bench")
    parser.add_argument("--page", type=Path, default=None)
    asked = parser.parse_args()
    asked.dossier.mkdir(parents=True, exist_ok=True)
    text = measured(asked.dossier)
    print(text)
    if asked.page is not None:
        before, _, rest = asked.page.read_text("utf-8").partition(OPEN)
        asked.page.write_text(f"{before}{OPEN}{text}{CLOSE}{rest.partition(CLOSE)[2]}", "utf-8")


if __name__ == "__main__":
    main()
