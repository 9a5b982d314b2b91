"""How dates and numbers are written in a file, and how they are read exactly: no float, nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

_TOKENS = {"aaaa": ("%Y", r"\d{4}"), "jj": ("%d", r"\d{1,2}"), "hh": ("%H", r"\d{2}"), "ss": ("%S", r"\d{2}")}
_FORM = re.compile(r"aaaa|aa|jj|mm|hh|ss|[^a-z]+|.", re.IGNORECASE)
_SPACES = "\\s\u00a0\u202f"
_UNITS = r"(?:€(?:/(?:mois|an))?|euros?|eur|m²|m2)?"
THOUSANDS = {"espace": " ", "point": ".", "virgule": ",", "aucun": ""}


def date_form(written: str) -> tuple[str, str] | None:
    """« jj/mm/aaaa » → a strptime format and the pattern a text must have; ``None`` when it names no day.

    A year of two digits is refused: it does not say its century.
    """
    strp, pattern, seen = "", "", []
    for token in _FORM.findall(written):
        low = token.lower()
        if low == "mm":
            strp += "%M" if "hh" in seen else "%m"
            pattern += r"\d{2}" if "hh" in seen else r"\d{1,2}"
        elif low in _TOKENS:
            strp += _TOKENS[low][0]
            pattern += _TOKENS[low][1]
        elif token.isalpha():
            return None
        else:
            strp += token.replace("%", "%%")
            pattern += re.escape(token)
        seen.append(low)
    if not {"aaaa", "mm", "jj"} <= set(seen):
        return None
    if "aaaammjj" in "".join(seen) or "jjmmaaaa" in "".join(seen):  # nothing parts them: each takes its two digits
        pattern = pattern.replace(r"\d{1,2}", r"\d{2}")
    return strp, f"^{pattern}$"


def ambiguous(forms: tuple[str, ...]) -> bool:
    """Whether two forms would read one text as two days (03/04/2024)."""
    shapes = [tuple(t.lower() for t in _FORM.findall(f)) for f in forms]
    swapped = [tuple({"jj": "mm", "mm": "jj"}.get(t, t) for t in s) for s in shapes]
    return any(s in shapes for s in swapped)


def by_distinct(text: pl.Series, read: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """``read`` of a column, each distinct text read once: files repeat their amounts and dates."""
    distinct = text.unique()
    if len(distinct) * 2 > len(text):
        return read(text)
    table = read(distinct).with_columns(distinct.alias("_t"))
    return text.to_frame("_t").join(table, on="_t", how="left", maintain_order="left", nulls_equal=True).drop("_t")


def dates(text: pl.Series, forms: tuple[str, ...]) -> pl.Series:
    """The days of a text column; null where no form fits."""
    return by_distinct(text, lambda t: _dates(t, forms).to_frame("v"))["v"]


def _dates(text: pl.Series, forms: tuple[str, ...]) -> pl.Series:
    found: list[pl.Series] = []
    for written in forms:
        form = date_form(written)
        assert form is not None, written
        strp, pattern = form
        fits = (
            pl.DataFrame({"v": text}).select(pl.when(pl.col("v").str.contains(pattern)).then(pl.col("v"))).to_series()
        )
        if "%H" in strp:
            found.append(fits.str.to_datetime(strp, strict=False, time_unit="us").dt.date())
        else:
            found.append(fits.str.to_date(strp, strict=False))
    return pl.DataFrame({f"f{i}": s for i, s in enumerate(found)}).select(pl.coalesce(pl.all())).to_series()


def wholes(text: pl.Series, decimal: str, thousands: str, rounding: str | None) -> tuple[pl.Series, pl.Series]:
    """The integers of a text column, and where a number is well written but not whole (null unless ``rounding``).

    ``1 234,50 €`` is 1234 and a half: « au plus proche » gives 1235 (a half goes away from zero), « inférieur » 1234,
    « supérieur » 1235. Digits are read as digits; no float is made.
    """
    read = by_distinct(text, lambda t: _wholes(t, decimal, thousands, rounding))
    return read["v"], read["cut"]


def _wholes(text: pl.Series, decimal: str, thousands: str, rounding: str | None) -> pl.DataFrame:
    between = f"[{_SPACES}]" if thousands == " " else re.escape(thousands)
    grouped = rf"\d{{1,3}}(?:{between}\d{{3}})+|\d+" if thousands else r"\d+"
    pattern = rf"^([-−–]?)[{_SPACES}]*({grouped})(?:{re.escape(decimal)}(\d+))?[{_SPACES}]*{_UNITS}$"
    low = text.str.to_lowercase()
    parts = pl.DataFrame({"v": low}).select(
        sign=pl.col("v").str.extract(pattern, 1),
        whole=pl.col("v").str.extract(pattern, 2).str.replace_all(r"\D", "").str.to_integer(strict=False),
        rest=pl.col("v").str.extract(pattern, 3).fill_null("0"),
    )
    negative = pl.col("sign").is_not_null() & (pl.col("sign") != "")
    exact = pl.col("rest").str.contains(r"^0*$")
    up = {
        "au plus proche": pl.col("rest").str.contains(r"^[5-9]"),
        "inférieur": negative & ~exact,
        "supérieur": ~negative & ~exact,
    }.get(rounding or "", pl.lit(False))
    size = pl.col("whole") + up.cast(pl.Int64)
    value = pl.when(negative).then(-size).otherwise(size)
    kept = value if rounding else pl.when(exact).then(value)
    whole = pl.col("whole").is_not_null()
    cut = (whole & ~exact & pl.lit(not rounding)).fill_null(False)
    return parts.select(kept.cast(pl.Int64).alias("v"), cut.alias("cut"))
