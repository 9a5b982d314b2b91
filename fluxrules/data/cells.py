"""Cells as a spreadsheet takes them: lists joined, and no text that it would run as a formula.

In CSV nothing says that a cell is text, so a text that a spreadsheet could run gets an apostrophe in front; a text that already
begins with an apostrophe gets one too. Taking away one apostrophe from every cell that begins with one gives the data back.
"""

from __future__ import annotations

import re
from typing import TypeVar

import polars as pl

F = TypeVar("F", pl.DataFrame, pl.LazyFrame)
JOIN = " | "
GUARD = "'"
# Excel and LibreOffice run = + - @ (full-width ones too), also after blanks or a control character.
RISKY = r"^(?:[\s\x00-\x1F\u{FEFF}\u{A0}]*[=+\-@＝＋－＠]|[\t\r\n'])"
_RISKY = re.compile(RISKY.replace(r"\u{FEFF}\u{A0}", "\ufeff\xa0"))  # the same, as Python writes it


def flat(frame: F) -> F:
    """The frame with its lists joined as text."""
    lists = [c for c, t in frame.collect_schema().items() if isinstance(t, pl.List)]
    if not lists:
        return frame
    return frame.with_columns(pl.col(c).cast(pl.List(pl.String)).list.join(JOIN) for c in lists)


def guarded(frame: F) -> F:
    """The flat frame with an apostrophe before every text, header included, that a spreadsheet could run. Numbers stay numbers."""
    kinds = frame.collect_schema()
    texts = [c for c, t in kinds.items() if t in (pl.String, pl.Categorical) or isinstance(t, pl.Enum)]
    safe = frame.with_columns(_guard(pl.col(c).cast(pl.String)).alias(c) for c in texts)
    names = pl.Series(kinds.names(), dtype=pl.String)
    return safe.rename(dict(zip(names, pl.select(_guard(names)).to_series(), strict=True)))


def unguarded(frame: F) -> F:
    """The inverse of ``guarded``, for a CSV that this project wrote."""
    kinds = frame.collect_schema()
    bare = frame.with_columns(pl.col(c).str.replace(f"^{GUARD}", "") for c, t in kinds.items() if t == pl.String)
    return bare.rename({c: c.removeprefix(GUARD) for c in kinds})


def guarded_text(text: str) -> str:
    """One cell, guarded as those of a frame are."""
    return GUARD + text if _RISKY.match(text) else text


def _guard(text: pl.Expr | pl.Series) -> pl.Expr:
    cell = text if isinstance(text, pl.Expr) else pl.lit(text, dtype=pl.String)
    return pl.when(cell.str.contains(RISKY)).then(pl.concat_str(pl.lit(GUARD), cell)).otherwise(cell)
