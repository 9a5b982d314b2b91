"""A run folder → a workbook, or a folder of CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from fluxrules.data.outputs import PSEUDONYM
from fluxrules.data.run_folder import RECEIPT, Run, notice
from fluxrules.data.tables import KEY
from fluxrules.data.write import whole_file, whole_folder, write_table
from fluxrules.data.write_workbook import Sheet, write_workbook


def export_workbook(run: Run, path: Path, kinds: Sequence[str] = (), *, replace: bool = False) -> dict[str, list[str]]:
    """Writes the tables (all of them, or those of ``kinds``) and gives the sheets of each. Raises ``NotWrittenError``."""
    sheets = [Sheet(name.rpartition("/")[2], frame, run.short_mark) for name, frame in _frames(run, kinds)]
    with whole_file(path, replace=replace) as work:
        return write_workbook(sheets, work, notice(run, kinds), day=run.day)


def export_folder(run: Run, folder: Path, kinds: Sequence[str] = (), *, replace: bool = False) -> list[str]:
    """Writes the tables as CSV, with their « Lisez-moi » and their receipt. Raises ``NotWrittenError``."""
    written = []
    with whole_folder(folder, replace=replace) as work:
        for name, frame in _frames(run, kinds):
            inside, _, stem = name.rpartition("/")
            (work / inside).mkdir(exist_ok=True)
            write_table(frame, work / inside, stem, "csv")
            written.append(name)
        text = "\n".join(f"{label} : {value}" if value else f"\n{label}" for label, value in notice(run, kinds))
        (work / "LISEZMOI.txt").write_text(text.strip() + "\n", "utf-8")
        (work / RECEIPT).write_bytes((run.folder / RECEIPT).read_bytes())
    return written


def _frames(run: Run, kinds: Sequence[str]) -> list[tuple[str, pl.LazyFrame]]:
    """Lazy: a table of all of France is read as it is written, never held whole."""
    wanted = [name for name in run.tables if not kinds or name.partition("/")[0] in kinds]
    return [(name, _readable(run.scan(name))) for name in wanted]


def _readable(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The identifier first, whatever the order of the file."""
    first = [c for c in (KEY, PSEUDONYM) if c in frame.collect_schema()]
    return frame.select(*first, pl.exclude(first)) if first else frame
