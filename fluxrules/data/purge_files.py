"""One file of any format that fluxrules writes: which demandes it holds, and the same file without some of them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import IO

import polars as pl

from fluxrules.data.cells import GUARD
from fluxrules.data.outputs import IDENTIFIERS
from fluxrules.data.write import scan_csv

FORMATS = (".parquet", ".csv", ".xlsx")
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_CELL = re.compile(r'<c r="([A-Z]+)\d+"[^>]*>(.*?)</c>', re.S)
_TEXT = re.compile(r"<t(?: [^>]*)?>(.*?)</t>", re.S)
_NUMBERED = re.compile(r'(<row r="|<c r="[A-Z]+)\d+"')


class NotExaminedError(Exception):
    """The file may hold numbers that cannot be taken out; the message is a French sentence."""


@dataclass(frozen=True)
class Held:
    """The identifier column of a file, and the demandes it names."""

    column: str
    values: pl.Series


def held(path: Path) -> Held | None:
    """What a file holds, ``None`` when it names no demande. Raises ``NotExaminedError``."""
    if path.is_symlink():
        raise NotExaminedError("c'est un lien vers un autre fichier")
    try:
        match path.suffix.lower():
            case ".parquet":
                scan = pl.scan_parquet(path, glob=False)
                column = _identifier(scan.collect_schema().names())
                return (
                    Held(column, scan.select(pl.col(column).cast(pl.String).unique()).collect().to_series())
                    if column
                    else None
                )
            case ".csv":
                return _held_csv(path)
            case _:
                return _held_xlsx(path)
    except (
        pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
        OSError,
        ValueError,
        KeyError,
        zipfile.BadZipFile,
    ) as error:
        raise NotExaminedError("il ne se lit pas") from error


def without(path: Path, gone: pl.Series, target: Path | None) -> int:
    """Gives the rows of the demandes ``gone``; when there are some, writes ``target``, the file without them (unless ``None``)."""
    match path.suffix.lower():
        case ".parquet":
            scan = pl.scan_parquet(path, glob=False)
            column = _identifier(scan.collect_schema().names()) or ""
            out = pl.col(column).cast(pl.String).is_in(gone.implode()).fill_null(False)
            count = int(scan.select(out.sum()).collect().item())
            if target is not None and count:
                scan.filter(~out).sink_parquet(target)
            return count
        case ".csv":
            scan = scan_csv(path)
            out = _bare(pl.col(_column(scan) or "")).is_in(gone.implode()).fill_null(False)
            count = int(scan.select(out.sum()).collect(engine="streaming").item())
            if target is not None and count:
                scan.filter(~out).sink_csv(target, separator=";", include_bom=True)
            return count
        case _:
            out_of = set(gone.to_list())
            count = _count_xlsx(path, out_of)
            if target is not None and count:
                _without_xlsx(path, out_of, target)
            return count


def _identifier(names: list[str]) -> str | None:
    return next((c for c in IDENTIFIERS if c in names), None)


def _held_csv(path: Path) -> Held | None:
    with path.open("rb") as file:
        head = file.readline(1 << 20).decode("utf-8-sig")
    if not any(c in head for c in IDENTIFIERS):
        return None
    scan = scan_csv(path)
    column = _column(scan)
    if column is None:
        raise NotExaminedError("ses colonnes ne sont pas séparées par « ; »")
    values = scan.select(_bare(pl.col(column)).unique()).collect(engine="streaming").to_series()
    return Held(column.removeprefix(GUARD), values)


def _column(scan: pl.LazyFrame) -> str | None:
    return next((c for c in scan.collect_schema().names() if c.removeprefix(GUARD) in IDENTIFIERS), None)


def _bare(values: pl.Expr) -> pl.Expr:
    return values.str.replace(f"^{GUARD}", "").str.strip_chars()


def _held_xlsx(path: Path) -> Held | None:
    values: dict[str, set[str]] = {}
    with zipfile.ZipFile(path) as book:
        if "xl/sharedStrings.xml" in book.namelist():
            raise NotExaminedError("ce classeur a été enregistré par un tableur")
        for column, value in _named(book):
            values.setdefault(column, set()).add(value)
    if len(values) > 1:
        raise NotExaminedError("ce classeur mêle numéros uniques et pseudonymes")
    return next((Held(c, pl.Series(sorted(v), dtype=pl.String)) for c, v in values.items()), None)


def _count_xlsx(path: Path, gone: set[str]) -> int:
    with zipfile.ZipFile(path) as book:
        return sum(value in gone for _, value in _named(book))


def _named(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The identifier column and its value, for each row of each sheet that has them."""
    for name in filter(_SHEET.fullmatch, book.namelist()):
        with book.open(name) as sheet:
            for column, value, _ in _rows(sheet):
                if column is not None and value is not None:
                    yield column, value


def _without_xlsx(path: Path, gone: set[str], target: Path) -> None:
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for info in book.infolist():
            if not _SHEET.fullmatch(info.filename):
                out.writestr(info, book.read(info), zipfile.ZIP_DEFLATED)
                continue
            with book.open(info) as sheet, out.open(_entry(info), "w", force_zip64=True) as kept:
                number = 0
                for _, value, text in _rows(sheet):
                    if value in gone:
                        continue
                    number += "<row r=" in text
                    kept.write(_NUMBERED.sub(rf'\g<1>{number}"', text).encode())


def _entry(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The same entry, of a size not known yet."""
    entry = zipfile.ZipInfo(info.filename, info.date_time)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = info.external_attr
    return entry


def _rows(sheet: IO[bytes]) -> Iterator[tuple[str | None, str | None, str]]:
    """Each row of a sheet that ``workbook`` wrote: its identifier column and value where it has one, and its text.

    Texts follow one another without a gap; the last is what comes after the rows. In a text, « < » is always written « &lt; ».
    """
    letter, column, first = None, None, True
    for text in _cut(sheet):
        if "<row r=" not in text:
            yield None, None, text
            continue
        body = text.partition("<row r=")[2]
        cells = {m[1]: unescape("".join(_TEXT.findall(m[2]))) for m in _CELL.finditer(body)}
        if first:
            first = False
            letter, column = next(((k, v) for k, v in cells.items() if v in IDENTIFIERS), (None, None))
            yield None, None, text
        else:
            yield column, cells.get(letter) if letter else None, text


def _cut(sheet: IO[bytes]) -> Iterator[str]:
    rest = b""
    while block := sheet.read(1 << 20):
        *whole, rest = (rest + block).split(b"</row>")
        for row in whole:
            yield row.decode() + "</row>"
    yield rest.decode()
