"""``make bench``: the bars of the design, as ratios to work done by hand, in one run on one machine.

``python tests/benchmarks/bench.py [--demandes N] [--dossier DIR] [--tours K] [--page docs/benchmarks.md]``. Everything is run as a
whole process, in turns; the ratio is that of the least times. Data are synthetic, made once in the folder.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
HERE = Path(__file__).parent
DAY = "01/09/2026"
PYTHON = sys.executable
CLI = [PYTHON, str(ROOT / "cli.py")]


@dataclass(frozen=True)
class Measure:
    """A process: ``seconds`` of each turn, greatest resident memory in GB."""

    seconds: tuple[float, ...]
    memory: float

    @property
    def least(self) -> float:
        return min(self.seconds)


@dataclass(frozen=True)
class Bar:
    what: str
    bar: str
    got: str
    held: bool | None


def run(command: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak memory (GB) of a process. Raises ``RuntimeError`` when it fails."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert child.stderr is not None
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{' '.join(command)}\n{errors.decode()}")
    return time.perf_counter() - start, usage.ru_maxrss / 1e6


def in_turns(commands: dict[str, list[str]], turns: int, out: Path) -> dict[str, Measure]:
    """Each command in turn, several times, so that what else the machine does touches all alike."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(turns):
        for name, command in commands.items():
            shutil.rmtree(out, ignore_errors=True)
            found[name].append(run(command))
            print(f"  {name}: {found[name][-1][0]:.2f} s, {found[name][-1][1]:.2f} GB", flush=True)
    return {name: Measure(tuple(s for s, _ in f), max(m for _, m in f)) for name, f in found.items()}


def size_of(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def bars(folder: Path, demandes: int, turns: int) -> list[Bar]:
    """Runs everything and holds it against the bars."""
    data, out = folder / f"demandes-{demandes}", folder / "sortie"
    if not data.exists():
        run(
            [
                *CLI,
                "population",
                "--demandes",
                str(demandes),
                "--seed",
                "1",
                "--date",
                DAY,
                "--sortie",
                str(data),
                "--quiet",
            ]
        )
    for count in (1, 460):
        run([PYTHON, str(HERE / "many_grids.py"), str(count), str(folder / f"grilles-{count}")])
    score = [
        *CLI,
        "score",
        str(folder / "grilles-1"),
        "--donnees",
        str(data),
        "--date",
        DAY,
        "--sortie",
        str(out),
        "--quiet",
    ]
    many = [str(folder / "grilles-460") if w == str(folder / "grilles-1") else w for w in score]
    runs = in_turns(
        {
            "by hand": [PYTHON, str(HERE / "hand_written_run.py"), str(data), str(out)],
            "without lines": [*score, "--sans-lignes"],
            "default": score,
        },
        turns, out,
    )  # fmt: skip
    lines = size_of(out / "lignes")
    receipt = json.loads((out / "recu.json").read_text("utf-8"))
    results = receipt["comptes"]["résultats"]
    runs |= in_turns({"460 grids": many}, 1, out)
    hand, base = runs["by hand"], runs["without lines"]
    found = [
        _ratio("whole run, with bounds and verified notes, without lines / by hand (note alone)", base, hand, 1.5),
        Bar("peak memory of the default run", "≤ 2 GB", f"{runs['default'].memory:.2f} GB (by hand {hand.memory:.2f})", runs["default"].memory <= 2),
        _ratio("points of every line written / without", runs["default"], base, 2),
        Bar("lines on disk", "≤ 40 bytes a result", f"{lines / results:.1f} bytes", lines / results <= 40),
        _ratio("460 grids / one", runs["460 grids"], runs["default"], 6),
        Bar("peak memory with 460 grids", "≤ 2 GB", f"{runs['460 grids'].memory:.2f} GB", runs["460 grids"].memory <= 2),
    ]  # fmt: skip
    # Last: a process started by one that holds much memory is charged with it.
    return [*kernels(data, turns), *found, *small(turns)]


def _ratio(what: str, a: Measure, b: Measure, most: float) -> Bar:
    ratio = a.least / b.least
    return Bar(what, f"≤ {most:g} ×", f"{ratio:.2f} × ({a.least:.1f} s / {b.least:.1f} s)", ratio <= most)


def kernels(data: Path, turns: int) -> list[Bar]:
    """The notes of one frame in memory."""
    import polars as pl

    import fluxrules
    from fluxrules.engines.numpy.run import encode_tables, evaluate
    from tests.benchmarks.hand_written import hand_written_note
    from tests.benchmarks.hand_written_others import duckdb_note, duckdb_table, numpy_note

    day = date(2026, 9, 1)
    program = fluxrules.load(HERE / "grille-40.yaml").program
    frame = pl.read_parquet(sorted((data / "demandes").glob("*.parquet")) or data / "demandes.parquet")
    encoded = encode_tables([program], {"demandes": frame}, principal="demandes", key="numero_unique")
    table = duckdb_table(frame)
    works = {
        "by hand, Polars": lambda: frame.lazy().select(hand_written_note(day)).collect(),
        "fluxrules, from the frame": lambda: evaluate(
            program, encode_tables([program], {"demandes": frame}, principal="demandes", key="numero_unique"), day
        ),
        "fluxrules, columns encoded": lambda: evaluate(program, encoded, day),
        "by hand, NumPy": lambda: numpy_note(frame, day),
        "by hand, DuckDB": lambda: duckdb_note(table, day),
    }
    least = dict.fromkeys(works, float("inf"))
    for _ in range(turns + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            least[name] = min(least[name], time.perf_counter() - start)
    hand = least["by hand, Polars"]
    for name, seconds in least.items():
        print(f"  kernel, {name}: {seconds:.2f} s")
    return [
        Bar(
            f"kernel, {name} / by hand in Polars",
            bar,
            f"{least[name] / hand:.2f} × ({least[name]:.2f} s / {hand:.2f} s)",
            held,
        )
        for name, bar, held in (
            (
                "fluxrules, from the frame",
                "≤ 3 × (note, bounds, what is missing)",
                least["fluxrules, from the frame"] <= 3 * hand,
            ),
            (
                "fluxrules, columns encoded",
                "≤ 1.2 × (asked of the note alone)",
                least["fluxrules, columns encoded"] <= 1.2 * hand,
            ),
            ("by hand, NumPy", "for comparison", None),
            ("by hand, DuckDB", "for comparison", None),
        )
    ]


def small(turns: int) -> list[Bar]:
    """What a person waits for: of a package whose bytecode is there, as an installation leaves it."""
    compileall.compile_dir(ROOT / "fluxrules", quiet=1)
    check = min(run([*CLI, "check", str(HERE / "grille-40.yaml")])[0] for _ in range(2 * turns))
    usage = min(run([*CLI, "--help"])[0] for _ in range(2 * turns))
    proofs = {name: _proofs(name, turns) for name in ("grille-40", "grille-60")}
    again = min(run([*CLI, "prove", str(_copy("grille-40"))])[0] for _ in range(turns))  # its certificate is there
    explain = _explain()
    return [
        Bar("check of the forty criteria, cold", "≤ 0.3 s", f"{check:.2f} s", check <= 0.3),
        Bar(
            "all the proofs of the forty criteria, cold",
            "≤ 3 s",
            f"{proofs['grille-40']:.1f} s",
            proofs["grille-40"] <= 3,
        ),
        Bar("the same with its certificate", "for comparison", f"{again:.2f} s", None),
        Bar(
            "all the proofs of sixty criteria, members and ratios, cold",
            "≤ 10 s",
            f"{proofs['grille-60']:.1f} s",
            proofs["grille-60"] <= 10,
        ),
        Bar("--help", "≤ 0.2 s", f"{usage:.2f} s", usage <= 0.2),
        Bar(
            "one demande explained through the API, rules loaded",
            "≤ 5 ms",
            f"{1000 * explain:.1f} ms",
            explain <= 0.005,
        ),
    ]


def _copy(name: str) -> Path:
    """A certificate is left beside its grid: not in the repository."""
    target = ROOT / ".benchmarks" / "preuves" / f"{name}.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / f"{name}.yaml", target)
    return target


def _proofs(name: str, turns: int) -> float:
    grid, seconds = _copy(name), []
    for _ in range(turns):
        for certificate in grid.parent.glob(f"{name}.preuves*"):
            certificate.unlink()
        seconds.append(run([*CLI, "prove", str(grid)])[0])
    return min(seconds)


def _explain() -> float:
    import fluxrules
    from fluxrules.data.population import generate

    day = date(2026, 9, 1)
    grid = fluxrules.load(HERE / "grille-40.yaml")
    tables = fluxrules.tables(generate(1, 1, day), day)
    number = tables.demandes["numero_unique"][0]
    fluxrules.explain(grid, tables, number, day)
    times = []
    for _ in range(50):
        start = time.perf_counter()
        fluxrules.explain(grid, tables, number, day)
        times.append(time.perf_counter() - start)
    return min(times)


def page(found: Sequence[Bar], demandes: int, turns: int) -> str:
    """The table as Markdown."""
    held = {True: "held", False: "**not held**", None: ""}
    rows = "\n".join(f"| {b.what} | {b.bar} | {b.got} | {held[b.held]} |" for b in found)
    return (
        f"{demandes:,} synthetic demandes; the least of {turns} turns; {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, {date.today():%d/%m/%Y}.\n\n| what | bar | measured | |\n|---|---|---|---|\n{rows}\n"
    )


MARK = "<!-- measured -->\n"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--demandes", type=int, default=3_000_000)
    parser.add_argument("--dossier", type=Path, default=ROOT / ".benchmarks" / "bench")
    parser.add_argument("--tours", type=int, default=3)
    parser.add_argument("--page", type=Path, default=None)
    asked = parser.parse_args()
    asked.dossier.mkdir(parents=True, exist_ok=True)
    text = page(bars(asked.dossier, asked.demandes, asked.tours), asked.demandes, asked.tours)
    print(text)
    if asked.page is not None:
        before = asked.page.read_text("utf-8").partition(MARK)[0]
        asked.page.write_text(before + MARK + text, "utf-8")


if __name__ == "__main__":
    main()
