"""The short way through a column that is canonical already: a look at its values as a whole, instead of a reading of each."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from fluxrules.vocabulary.fields import FieldDef, Vocabulary
from fluxrules.vocabulary.territoires import load_communes


def clean_column(raw: pl.Series, f: FieldDef, vocabulary: Vocabulary) -> pl.Series | None:
    """The column, typed, when each of its values fits the field; ``None`` when some may not, or it is of another type.

    Codes of a nomenclature come back as ``pl.Enum``.
    """
    match f.kind, raw.dtype:
        case "booléen", pl.Boolean():
            return raw
        case "date", pl.Date():
            low, high = raw.to_physical().min(), raw.to_physical().max()
            return raw if low is None or (_is_day(low) and _is_day(high)) else None
        case "entier", dtype if dtype.is_integer():
            return raw.cast(pl.Int64) if _between(raw, f.low, f.high) else None
        case "énumération", pl.String() | pl.Enum():
            return _as_codes(raw, tuple(vocabulary.nomenclature_of(f).labels))
        case "liste", pl.List(inner=pl.String() | pl.Enum()) if f.nomenclature:
            flat = raw.explode(empty_as_null=False, keep_nulls=False)
            return raw if _as_codes(flat, tuple(vocabulary.nomenclature_of(f).labels)) is not None else None
        case "liste", pl.List(inner=pl.String()):
            return raw
        case "commune", pl.String():
            return raw if _as_codes(raw, _communes()) is not None else None
        case _:
            return None


def _between(raw: pl.Series, low: int | None, high: int | None) -> bool:
    least, most = raw.min(), raw.max()
    if least is None:
        return True
    return (low is None or int(least) >= low) and (high is None or int(most) <= high)  # type: ignore[arg-type]


def _is_day(days: object) -> bool:
    return date.min.toordinal() <= int(str(days)) + date(1970, 1, 1).toordinal() <= date.max.toordinal()


def _as_codes(raw: pl.Series, codes: tuple[str, ...]) -> pl.Series | None:
    if isinstance(raw.dtype, pl.Enum) and tuple(raw.dtype.categories.to_list()) == codes:
        return raw
    found = raw.cast(pl.Enum(codes), strict=False)
    return found if found.null_count() == raw.null_count() else None


@cache
def _communes() -> tuple[str, ...]:
    return tuple(load_communes()["commune"].to_list())
