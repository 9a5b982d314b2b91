"""A run folder → the same without any numéro unique. Every column is known to say nothing else of who the person is, or it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from fluxrules.data.outputs import COLUMNS
from fluxrules.data.population import WATERMARK
from fluxrules.data.pseudonyms import Key, pseudonymise
from fluxrules.data.run_folder import LINES, RECEIPT, Run
from fluxrules.data.tables import KEY
from fluxrules.data.write import whole_folder, write_json
from fluxrules.diagnostics.diagnostic import Bag, Cell

_LEFT_OUT = ("rejets",)
"""A reject gives a file and a row number: whoever holds the file finds the person."""


def export_pseudonyms(run: Run, key: Key, folder: Path, bag: Bag, *, replace: bool = False) -> dict[str, int] | None:
    """Writes the folder and gives the rows of each table; ``None`` and diagnostics when a column is not known. Raises ``NotWrittenError``."""
    kept = [name for name in run.tables if name not in _LEFT_OUT]
    if run.identifier != KEY:
        bag.add(
            "FX5070", "Ce dossier ne porte déjà plus de numéro unique.", Cell(str(run.folder)), "Rien n'est à faire."
        )
        return None
    _check(run, kept, bag)
    if bag.has_errors:
        return None
    rows: dict[str, int] = {}
    with whole_folder(folder, replace=replace) as work:
        for name in kept:
            path = work / f"{name}.parquet"
            path.parent.mkdir(exist_ok=True)
            frame = run.scan(name).collect()
            if KEY in frame.columns:  # a distribution names nobody
                frame = pseudonymise(frame, key)
            frame.write_parquet(path)
            rows[name] = len(frame)
        write_json(_receipt(run, key, rows), work / RECEIPT)
    return rows


def _check(run: Run, names: list[str], bag: Bag) -> None:
    """Refuses the columns that are not known, and those that hold numbers (looked for at once: the numbers are many)."""
    texts: list[tuple[Cell, pl.Series]] = []
    for name in names:
        table = name.partition("/")[0]
        for column, kind in run.scan(name).collect_schema().items():
            if column == KEY:
                continue
            where = Cell(str(run.folder / name), None, column)
            points = table == LINES and (kind.is_numeric() or kind == pl.Boolean)
            if column not in COLUMNS[table] and not points:
                bag.add("FX5071", f"La colonne « {column} » n'est pas prévue : rien ne dit qu'elle n'identifie personne.",
                        where, "Retirez cette colonne, ou relancez « fluxrules score ».")  # fmt: skip
            elif kind == pl.String:
                texts.append((where, run.scan(name).select(pl.col(column).unique()).collect().to_series()))
    found = _numbers_among(run, names, [values for _, values in texts])
    for where, values in texts:
        if found and not found.isdisjoint(values):
            bag.add("FX5071", f"La colonne « {where.column} » contient des numéros uniques.", where,
                    "Retirez cette colonne, ou relancez « fluxrules score ».")  # fmt: skip


def _numbers_among(run: Run, names: list[str], values: list[pl.Series]) -> set[str]:
    wanted = pl.concat([v.rename("v") for v in values]).unique().drop_nulls().implode() if values else pl.Series([[""]])
    scans = [scan for scan in map(run.scan, names) if KEY in scan.collect_schema()]
    hits = [scan.select(pl.col(KEY).filter(pl.col(KEY).cast(pl.String).is_in(wanted)).unique()) for scan in scans]
    return {str(number) for frame in pl.collect_all(hits) for number in frame[KEY]}


def _receipt(run: Run, key: Key, rows: dict[str, int]) -> dict[str, Any]:
    said = {
        "méthode": "HMAC-SHA256 du numéro unique, 128 bits",
        "marque de la clé": key.mark,
        "lignes": rows,
        "tables omises": [n for n in run.tables if n in _LEFT_OUT],
        "avertissement": "Les lignes sont triées par pseudonyme. Ce sont toujours des données personnelles.",
    }
    return {**run.receipt, "pseudonymes": said} | ({"mention": WATERMARK} if run.synthetic else {})
