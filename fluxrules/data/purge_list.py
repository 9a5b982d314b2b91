"""Whom to erase: the demandes struck off for more than a year (décret 2017-917, art. 4: one year after the removal)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from fluxrules.data.dataset import parquet_parts
from fluxrules.data.findings import Findings
from fluxrules.data.raw import raw_tables
from fluxrules.data.tables import KEY
from fluxrules.diagnostics.diagnostic import Bag, Cell

DAY, STATE = "date_radiation", "statut_demande"
COLUMNS = (KEY, DAY, STATE)


@dataclass(frozen=True)
class PurgeList:
    """``gone``: the numbers to erase. ``known`` gives every number of the data, some at a time; ``None`` when only a list of removals
    was given.

    ``undated``: demandes struck off on an unknown day, which are kept.
    """

    gone: pl.Series
    known: Callable[[], Iterator[pl.Series]] | None
    undated: int


def from_demandes(frame: pl.DataFrame | pl.LazyFrame, day: date) -> PurgeList:
    """From demandes, with their state and date of removal. A number that also stands for a living demande is kept.

    A lazy one is never held whole: those that were struck off are few.
    """
    names = frame.collect_schema().names()
    states = pl.col(STATE) if STATE in names else pl.lit(None, dtype=pl.String)
    dates = pl.col(DAY) if DAY in names else pl.lit(None, dtype=pl.Date)
    # An active demande with an old date of removal was revived, with its seniority.
    over = (states.ne_missing("active") & over_a_year(dates, day)).fill_null(False)
    plain = frame.lazy().select(
        KEY, over.alias("_over"), (states.eq_missing("radiee") & dates.is_null()).alias("_undated")
    )
    struck = _numbers(plain.filter("_over"))
    living = _numbers(plain.filter(~pl.col("_over") & pl.col(KEY).cast(pl.String).is_in(struck.implode())))
    undated = len(_numbers(plain.filter("_undated")))
    return PurgeList(struck.filter(~struck.is_in(living.implode())), lambda: iter([_numbers(plain)]), undated)


def _numbers(rows: pl.LazyFrame) -> pl.Series:
    return rows.select(pl.col(KEY).cast(pl.String).drop_nulls().unique()).collect(engine="streaming").to_series()


def over_a_year(dates: pl.Expr, day: date) -> pl.Expr:
    """Whether twelve months after the date lie before ``day``; the last day of a month stands for one that does not exist."""
    return dates.dt.offset_by("12mo") < pl.lit(day)


def from_list(path: Path, day: date, bag: Bag) -> PurgeList | None:
    """From a file of removals: ``numero_unique``, ``date_radiation`` (JJ/MM/AAAA or ISO)."""
    findings = Findings(bag)
    raw = raw_tables(path, findings).get("demandes") if path.is_file() else None
    if raw is None or findings.rejects or any(c not in raw.frame.columns for c in (KEY, DAY)):
        bag.add("FX5072", "La liste des demandes radiées ne se lit pas, ou n'a pas les deux colonnes attendues.", Cell(str(path)),
                f"Donnez un CSV avec « {KEY} » et « {DAY} ».")  # fmt: skip
        return None
    text = pl.col(DAY).cast(pl.String).str.strip_chars()
    dates = pl.coalesce(text.str.to_date(f, strict=False) for f in ("%Y-%m-%d", "%d/%m/%Y"))
    frame = raw.frame.select(
        pl.col(KEY).cast(pl.String).str.strip_chars(), dates.alias(DAY), pl.lit("radiee").alias(STATE)
    )
    found = from_demandes(frame, day)
    return PurgeList(found.gone, None, found.undated)


def from_parquet(path: Path, day: date) -> PurgeList | None:
    """From the three columns of a Parquet table, file by file; ``None`` when the whole reader is needed."""
    files = parquet_parts(path, "demandes") if path.is_dir() else []
    try:
        schema = pl.scan_parquet(files, glob=False).collect_schema() if files else {}
        if KEY not in schema or schema.get(DAY) != pl.Date:
            return None
        found = from_demandes(pl.scan_parquet(files, glob=False).select(c for c in COLUMNS if c in schema), day)
    except (pl.exceptions.PolarsError, OSError):
        return None  # the whole reader says what is wrong
    return replace(found, known=lambda: (_numbers(pl.scan_parquet(f, glob=False)) for f in files))
