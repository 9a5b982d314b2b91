"""One column of a table → its canonical type; what does not fit is unknown, and counted."""

from __future__ import annotations

from datetime import date

import polars as pl

from fluxrules.data.clean import clean_column
from fluxrules.data.findings import Findings
from fluxrules.vocabulary.fields import FieldDef, Vocabulary
from fluxrules.vocabulary.territoires import is_commune

_TRUE, _FALSE = ("true", "vrai", "oui", "1"), ("false", "faux", "non", "0")
_COMMUNE = r"^(\d{5}|2[AB]\d{3})$"
LIST_SEPARATOR = "|"
FORM = {"date": "FX5011", "entier": "FX5012", "booléen": "FX5013"}


def dtype_of(f: FieldDef) -> pl.DataType:
    """The canonical type of a field."""
    match f.kind:
        case "booléen":
            return pl.Boolean()
        case "entier":
            return pl.Int64()
        case "date":
            return pl.Date()
        case "liste":
            return pl.List(pl.String)
        case _:
            return pl.String()


def read_column(frame: pl.DataFrame, f: FieldDef, vocabulary: Vocabulary, file: str, findings: Findings) -> pl.Series:
    """The column of a field, typed. Text is read as written in files (ISO or French dates, oui/non, codes or readable values)."""
    raw = frame[f.column]
    if raw.dtype == pl.Array:
        raw = raw.arr.to_list()
    clean = clean_column(raw, f, vocabulary)
    if clean is not None:
        return clean
    try:
        typed = _typed(raw, f)
    except pl.exceptions.PolarsError:  # a list for a number, bytes that are no text: a column of no use
        typed = pl.Series(f.column, [None] * len(raw), dtype=dtype_of(f))
    empty = blank(raw)
    if f.kind == "commune":
        typed = typed.set(~typed.str.contains(_COMMUNE).fill_null(True), None)
    bad = typed.is_null() & ~empty
    if bad.any():
        findings.unknown(
            frame,
            bad,
            file,
            f.column,
            FORM.get(f.kind, "FX5010"),
            "sans la forme d'un code de commune (cinq caractères)"
            if f.kind == "commune"
            else "d'une autre forme que celle du champ",
            _shown(raw, bad, f),
        )
    if f.kind == "commune":
        return _in_referential(frame, typed, f, file, findings)
    return (
        _in_list(frame, typed, f, vocabulary, file, findings)
        if f.nomenclature
        else _in_bounds(frame, typed, f, file, findings)
    )


def _typed(raw: pl.Series, f: FieldDef) -> pl.Series:
    match f.kind:
        case "booléen":
            return _boolean(raw)
        case "entier":
            return _integer(raw)
        case "date":
            return _date(raw)
        case "liste":
            return _list(raw)
        case _:
            return _text(raw)


def _in_calendar(raw: pl.Series) -> pl.Series:
    """Days or instants; Parquet holds some that no calendar has, on which Polars panics: they are null."""
    day = raw.cast(pl.Date)
    return raw.set(((day < date.min) | (day > date.max)).fill_null(False), None) if len(raw) else raw


def as_text(raw: pl.Series) -> pl.Series:
    """A column as text; what has no text is null."""
    try:
        return (_in_calendar(raw) if raw.dtype in (pl.Date, pl.Datetime) else raw).cast(pl.String, strict=False)
    except pl.exceptions.PolarsError:
        return pl.Series(raw.name, [None] * len(raw), dtype=pl.String)


def _shown(raw: pl.Series, mask: pl.Series, f: FieldDef) -> list[str]:
    """Some of the odd values. Free text is never shown: it may hold a name."""
    if f.kind in ("texte", "commune") or f.usage != "règle":
        return []
    values = as_text(raw.filter(mask)).drop_nulls().unique().sort()
    return [v if len(v) <= 20 else v[:20] + "…" for v in values[:5].to_list() if not _like_identity(v)]


def _like_identity(value: str) -> bool:
    return sum(c.isdigit() for c in value) >= 10 or "@" in value


def blank(raw: pl.Series) -> pl.Series:
    """Cells that hold nothing."""
    empty = raw.is_null()
    return empty | (raw.str.strip_chars() == "").fill_null(False) if raw.dtype == pl.String else empty


def _text(raw: pl.Series) -> pl.Series:
    text = as_text(raw).str.strip_chars()
    return text.set(text == "", None) if len(text) else text


def _boolean(raw: pl.Series) -> pl.Series:
    if raw.dtype == pl.Boolean:
        return raw
    low = _text(raw).str.to_lowercase()
    frame = pl.DataFrame({"v": low})
    return frame.select(
        pl.when(pl.col("v").is_in(_TRUE))
        .then(True)
        .when(pl.col("v").is_in(_FALSE))
        .then(False)
        .otherwise(None)
        .cast(pl.Boolean)
    ).to_series()


def _integer(raw: pl.Series) -> pl.Series:
    """Whole numbers only: a decimal amount is not silently cut."""
    if raw.dtype.is_integer():
        return raw.cast(pl.Int64, strict=False)
    if raw.dtype.is_float():
        whole = raw.is_finite() & (raw == raw.round(0))
        return (
            raw.cast(pl.Int64, strict=False).set(~whole.fill_null(False), None)
            if len(raw)
            else raw.cast(pl.Int64, strict=False)
        )
    text = _text(raw).str.replace_all(r"[\s\u00a0\u202f]", "").str.replace(r"^[−–]", "-").str.replace(r"[.,]0+$", "")
    return text.str.to_integer(strict=False).cast(pl.Int64, strict=False)


def _date(raw: pl.Series) -> pl.Series:
    if raw.dtype in (pl.Date, pl.Datetime):
        return _in_calendar(raw).cast(pl.Date)
    text = _text(raw)
    iso = text.str.to_date("%Y-%m-%d", strict=False)
    french = text.str.to_date("%d/%m/%Y", strict=False)
    return pl.DataFrame({"i": iso, "f": french}).select(pl.coalesce("i", "f")).to_series()


def _list(raw: pl.Series) -> pl.Series:
    if isinstance(raw.dtype, pl.List):
        return raw.cast(pl.List(pl.String), strict=False)
    text = _text(raw)
    return text.str.split(LIST_SEPARATOR).list.eval(pl.element().str.strip_chars())


def _in_list(
    frame: pl.DataFrame, typed: pl.Series, f: FieldDef, vocabulary: Vocabulary, file: str, findings: Findings
) -> pl.Series:
    """Codes of the nomenclature; readable values are accepted; « not documented » codes are unknown without a word."""
    nomenclature = vocabulary.nomenclature_of(f)
    table = {c: c for c in nomenclature.labels} | {
        label: c for c, label in nomenclature.labels.items() if label not in nomenclature.labels
    }
    flat = typed.explode(empty_as_null=True) if isinstance(typed.dtype, pl.List) else typed
    distinct = flat.drop_nulls().unique()
    odd = distinct.filter(~distinct.is_in(list(table) + sorted(nomenclature.unknown)))
    element = pl.element() if isinstance(typed.dtype, pl.List) else pl.col("v")
    mapped = element.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)
    expr = pl.col("v").list.eval(mapped) if isinstance(typed.dtype, pl.List) else mapped
    result = pl.DataFrame({"v": typed}).select(expr.alias("v")).to_series()
    if len(odd):
        found = (
            pl.DataFrame({"v": typed})
            .select(
                (
                    pl.col("v").list.eval(pl.element().is_in(odd.to_list())).list.any()
                    if isinstance(typed.dtype, pl.List)
                    else pl.col("v").is_in(odd.to_list())
                ).fill_null(False)
            )
            .to_series()
        )
        shown = [v[:20] for v in odd.sort().to_list() if not _like_identity(v)]
        findings.unknown(frame, found, file, f.column, "FX5010", f"hors de la liste « {nomenclature.name} »", shown)
    return result


def _in_referential(frame: pl.DataFrame, typed: pl.Series, f: FieldDef, file: str, findings: Findings) -> pl.Series:
    """Codes of communes, of today or former, and of countries."""
    distinct = typed.drop_nulls().unique()
    odd = [code for code in distinct.to_list() if not is_commune(code)]
    if not odd:
        return typed
    found = typed.is_in(odd).fill_null(False)
    findings.unknown(frame, found, file, f.column, "FX5010", "hors de la liste des communes", sorted(odd))
    return pl.DataFrame({"v": typed, "o": found}).select(pl.when(~pl.col("o")).then(pl.col("v")).alias("v")).to_series()


def _in_bounds(frame: pl.DataFrame, typed: pl.Series, f: FieldDef, file: str, findings: Findings) -> pl.Series:
    if f.kind != "entier" or f.low is None or f.high is None:
        return typed
    outside = ((typed < f.low) | (typed > f.high)).fill_null(False)
    if outside.any():
        findings.unknown(
            frame, outside, file, f.column, "FX5012", f"hors des bornes {f.low} à {f.high}", _shown(typed, outside, f)
        )
        return pl.DataFrame({"v": typed, "o": outside}).select(pl.when(~pl.col("o")).then(pl.col("v"))).to_series()
    return typed
