"""From the text of an element to the value of a column, or to unknown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

import polars as pl
import yaml

from fluxrules.data.sne_findings import Findings
from fluxrules.data.tables import KEY
from fluxrules.text.resources import resource
from fluxrules.vocabulary.territoires import is_commune

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_COMMUNE = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
# No living applicant and no due date lies outside; a wider date is a slip of the keyboard.
_EARLIEST, _LATEST = date(1900, 1, 1), date(2100, 12, 31)

_TYPES: dict[str, Any] = {
    "texte": pl.String(),
    "énumération": pl.String(),
    "commune": pl.String(),
    "entier": pl.Int64(),
    "booléen": pl.Boolean(),
    "date": pl.Date(),
    "liste": pl.List(pl.String()),
}


@dataclass(frozen=True)
class Column:
    """A field of the vocabulary as a column; ``codes`` are those of its nomenclature, with ``unknown`` ones apart."""

    name: str
    dtype: pl.DataType
    codes: Mapping[str, str]
    unknown: frozenset[str]
    low: int
    high: int


@dataclass(frozen=True)
class Entity:
    """A table of the vocabulary; ``columns`` are those that the interface carries, by name and in order."""

    columns: Mapping[str, Column]
    most_rows: int
    plural_label: str

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns of the table, key first."""
        return {KEY: pl.String()} | {name: column.dtype for name, column in self.columns.items()}


@cache
def entity(name: str) -> Entity:
    """``demande``, ``membre`` or ``choix``, as ``rulesets/vocabulaire`` writes it."""
    lists = _load("nomenclatures")["nomenclatures"]
    raw = _load(name)["entités"][name]
    columns = {}
    for key, written in raw["champs"].items():
        if "balise" in written or key == "rang" or written.get("usage") == "pièces":
            column = _column(key, written, lists)
            columns[column.name] = column
    return Entity(columns, raw.get("bornes", [0, 0])[1], raw.get("pluriel", ""))


def _load(name: str) -> Any:
    text = resource(f"rulesets/vocabulaire/{name}.yaml").read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _column(key: str, written: Mapping[str, Any], lists: Mapping[str, Any]) -> Column:
    plain = "".join(c for c in unicodedata.normalize("NFKD", key) if not unicodedata.combining(c))
    known = lists[written["nomenclature"]] if "nomenclature" in written else {"valeurs": {}}
    low, high = written.get("bornes", [0, 0])
    return Column(
        written.get("colonne", plain),
        _TYPES[written["type"]],
        {code: code for code in known["valeurs"]},
        frozenset(known.get("inconnus", ())),
        low,
        high,
    )


def day(text: str) -> date | None:
    """An ``xs:date`` or the day of an ``xs:dateTime``; ``None`` for what is no date or no plausible one."""
    # The cache must not be filled with long texts.
    return _day(text) if len(text) <= 40 else None


@lru_cache(maxsize=65_536)
def _day(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        value = date.fromisoformat(found[1])
    except ValueError:
        return None
    return value if _EARLIEST <= value <= _LATEST else None


def whole(text: str, low: int, high: int) -> int | None:
    """An integer within bounds, or ``None``."""
    if _INTEGER.fullmatch(text) is None:
        return None
    value = int(text)
    return value if low <= value <= high else None


class Values:
    """Reads the values of one entity, and notes those that cannot be."""

    def __init__(self, name: str, findings: Findings) -> None:
        self._columns = entity(name).columns
        self._findings = findings

    def code(self, column: str, raw: str | None) -> str | None:
        """One value of a nomenclature."""
        if raw is None:
            return None
        known = self._columns[column]
        value = known.codes.get(raw)
        if value is None and raw not in known.unknown:
            self._findings.note("FX5010", column, raw)
        return value

    def codes(self, column: str, raws: list[str | None] | None) -> list[str | None] | None:
        """A list in document order; what is odd in it becomes an unknown element, never a missing one."""
        return None if raws is None else [self.code(column, raw) for raw in raws]

    def commune(self, column: str, raw: str | None) -> str | None:
        """The code of a commune of the referential, or of a country."""
        if raw is not None and (_COMMUNE.fullmatch(raw) is None or not is_commune(raw)):
            self._findings.note("FX5010", column, raw)
            return None
        return raw

    def boolean(self, column: str, raw: str | None) -> bool | None:
        """An ``xs:boolean``."""
        if raw is None:
            return None
        value = _BOOLEANS.get(raw)
        if value is None:
            self._findings.note("FX5013", column)
        return value

    def integer(self, column: str, raw: str | None) -> int | None:
        """A whole number within the bounds of the vocabulary."""
        if raw is None:
            return None
        known = self._columns[column]
        value = whole(raw, known.low, known.high)
        if value is None:
            self._findings.note("FX5012", column)
        return value

    def total(self, column: str, value: int) -> int | None:
        """A sum, within the same bounds."""
        known = self._columns[column]
        if known.low <= value <= known.high:
            return value
        self._findings.note("FX5012", column)
        return None

    def date(
        self, column: str, raw: str | None, *, earliest: date | None = None, latest: date | None = None
    ) -> date | None:
        """A day, not before ``earliest`` nor after ``latest``."""
        if raw is None:
            return None
        value = day(raw)
        if value is None or (earliest and value < earliest) or (latest and value > latest):
            self._findings.note("FX5011", column)
            return None
        return value
