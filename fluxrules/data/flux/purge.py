"""Erases persons from the attributions of a folder, without losing a count (RGPD; décret 2017-917, art. 4: one year after the removal).

What it means. The row stays: it is a dwelling proposed, decided upon, let. What points to a person goes: ``numero_unique``, the day of
removal, and the free text of a proof, replaced by « vue » so that an exception stays proven. The public flags stay: a past bilan must
come out the same. They are not anonymous for whoever holds the leases; they are for whoever reads a bilan, where small cells are hidden.
Only these cells change. A number is erased everywhere once its latest removal is over a year old, and kept while one is not.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from fluxrules.data.purge_list import DAY, over_a_year
from fluxrules.data.tables import KEY
from fluxrules.data.write import whole_file
from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.text.resources import shown

TABLE, PROOF, SEEN = "attributions", "preuve_exception", "vue"
_NAMES = {KEY: (KEY, "numéro_unique"), DAY: (DAY, "radiation"), PROOF: (PROOF,)}


@dataclass(frozen=True)
class Purge:
    """``erased``: rows whose person went. ``undated``: those with a number and no day of removal, which keep it."""

    erased: int = 0
    undated: int = 0


def purge_attributions(folder: Path, day: date, bag: Bag, *, simulate: bool = False) -> Purge | None:
    """Raises ``NotWrittenError``. ``None``: there is no table that can be purged (FX8507)."""
    text, table = folder / f"{TABLE}.csv", folder / f"{TABLE}.parquet"
    if text.is_file():
        return _purge_csv(text, day, bag, simulate)
    if table.is_file():
        return _purge_parquet(table, day, bag, simulate)
    bag.add("FX8507", "Aucune table « attributions » ne peut être purgée ici.", Cell(shown(folder.name)),
            "Enregistrez-la en CSV ou en Parquet : un classeur n'est pas réécrit.")  # fmt: skip
    return None


def _purge_parquet(path: Path, day: date, bag: Bag, simulate: bool) -> Purge | None:
    frame = pl.read_parquet(path)
    if KEY not in frame.columns or frame.schema.get(DAY) != pl.Date:
        _unread(path, bag)
        return None
    gone = _gone(frame[KEY], frame[DAY], day)
    done = Purge(int(gone.sum()), _undated(frame[KEY], frame[DAY], gone))
    empty = [
        pl.when(gone).then(None).otherwise(pl.col(KEY)).alias(KEY),
        pl.when(gone).then(None).otherwise(pl.col(DAY)).alias(DAY),
    ]
    if PROOF in frame.columns:
        empty.append(
            pl.when(gone & pl.col(PROOF).is_not_null()).then(pl.lit(SEEN)).otherwise(pl.col(PROOF)).alias(PROOF)
        )
    if done.erased and not simulate:
        with whole_file(path, replace=True) as work:
            frame.with_columns(empty).write_parquet(work)
    return done


def _purge_csv(path: Path, day: date, bag: Bag, simulate: bool) -> Purge | None:
    try:
        raw = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        _unread(path, bag)
        return None
    mark = "\ufeff" if raw.startswith("\ufeff") else ""
    lines = raw.removeprefix("\ufeff")
    first = lines.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    end = "\r\n" if first.endswith("\r") else "\n"
    try:
        rows = list(csv.reader(io.StringIO(lines, newline=""), delimiter=separator))
    except csv.Error:
        _unread(path, bag)
        return None
    at = (
        {k: next((i for i, c in enumerate(rows[0]) if c.strip() in names), None) for k, names in _NAMES.items()}
        if rows
        else {}
    )
    number, when, proof = at.get(KEY), at.get(DAY), at.get(PROOF)
    if number is None or when is None or any(r and len(r) != len(rows[0]) for r in rows):
        _unread(path, bag)
        return None
    days = pl.Series(DAY, [r[when].strip() if r else "" for r in rows[1:]], dtype=pl.String).to_frame()
    read = days.select(pl.coalesce(pl.col(DAY).str.to_date(f, strict=False) for f in ("%d/%m/%Y", "%Y-%m-%d")))
    if int(read[DAY].null_count()) != int((days[DAY] == "").sum()):
        _unread(path, bag)
        return None
    people = pl.Series(KEY, [r[number].strip() if r else "" for r in rows[1:]], dtype=pl.String).replace({"": None})
    gone = _gone(people, read[DAY], day)
    for row, over in zip(rows[1:], gone.to_list(), strict=True):
        if over:
            row[number], row[when] = "", ""
            if proof is not None and row[proof].strip():
                row[proof] = SEEN
    if gone.any() and not simulate:
        with whole_file(path, replace=True) as work, work.open("w", encoding="utf-8", newline="") as file:
            file.write(mark)
            csv.writer(file, delimiter=separator, lineterminator=end).writerows(rows)
    return Purge(int(gone.sum()), _undated(people, read[DAY], gone))


def _gone(people: pl.Series, days: pl.Series, day: date) -> pl.Series:
    """The rows to erase. A row without a number has its own day alone."""
    frame = pl.DataFrame({KEY: people, DAY: days})
    latest = pl.when(pl.col(KEY).is_null()).then(pl.col(DAY)).otherwise(pl.col(DAY).max().over(KEY))
    return frame.select(over_a_year(latest, day).fill_null(False).alias("gone")).to_series()


def _undated(people: pl.Series, days: pl.Series, gone: pl.Series) -> int:
    return int((people.is_not_null() & days.is_null() & ~gone).sum())


def _unread(path: Path, bag: Bag) -> None:
    bag.add("FX8507", "La table « attributions » ne se purge pas : une ligne ou une date ne se lit pas, ou une colonne manque.",
            Cell(shown(path.name)), f"Corrigez-la : colonnes « {KEY} » et « {DAY} », dates JJ/MM/AAAA. Rien n'a été changé.")  # fmt: skip
