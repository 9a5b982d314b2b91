"""A delimited file → a frame of text columns. Nothing is typed, and no file makes the process fall."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from fluxrules.diagnostics.diagnostic import Bag, Cell

BLOCK = 1 << 19
"""A line that fills a whole block is longer than any row of demandes: 512 KB."""

SEPARATORS = (";", "\t", ",", "|")
_CODECS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252", "latin-1": "latin-1", "utf-16": "utf-16"}


class UnreadableTableError(Exception):
    """Why a file could not be read: ``code``, French ``reason`` and ``todo``, and the line where it is known."""

    def __init__(self, code: str, reason: str, todo: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.todo, self.line = code, reason, todo, line

    def report(self, file: str, bag: Bag) -> None:
        """Says it of a file, at the line where it is known."""
        bag.add(self.code, f"La table ne se lit pas : {self.reason}.", Cell(file, self.line), self.todo)


def read_text_table(
    path: Path, *, encoding: str = "utf-8", separator: str | None = None, quote: str | None = '"',
    columns: list[str] | None = None, rows: int | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The columns of a delimited file, as text. Raises ``UnreadableTableError``."""
    check_lines(path)
    separator = separator or separator_of(path, encoding, quote)
    source = path if encoding == "utf-8" else _as_utf8(path, encoding, enough=10 * BLOCK if rows else None)
    try:
        return pl.read_csv(
            source, separator=separator, quote_char=quote, infer_schema=False, columns=columns, n_rows=rows
        )
    except pl.exceptions.PolarsError as error:
        uneven = _uneven(path, encoding, separator, quote) if "more fields" in str(error) else None
        raise _reason(path, encoding, str(error), uneven) from error
    except pl.exceptions.PanicException as error:
        raise _reason(path, encoding, "") from error


def header(path: Path, *, encoding: str = "utf-8", separator: str | None = None, quote: str | None = '"') -> list[str]:
    """The names of the columns as they are written, twins included."""
    check_lines(path)
    separator = separator or separator_of(path, encoding, quote)
    first = _first_line(path, encoding)
    return next(_rows([first], separator, quote), [])


def _rows(lines: Iterable[str], separator: str, quote: str | None) -> Iterator[list[str]]:
    if quote is None:
        return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=separator, quotechar=quote)


def separator_of(path: Path, encoding: str = "utf-8", quote: str | None = '"') -> str:
    """The separator that the first line uses most, outside quotes."""
    first = _first_line(path, encoding)
    bare = "".join(first.split(quote)[::2]) if quote else first
    return max(SEPARATORS, key=bare.count)


def check_lines(path: Path) -> None:
    """Refuse, without loading them, lines that no table has, and files that are not text."""
    line = 1
    with path.open("rb") as f:
        head = f.read(4)
        wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
        f.seek(0)
        while block := f.read(BLOCK):
            if not wide and b"\x00" in block:
                raise UnreadableTableError("FX5032", "ce n'est pas un fichier texte", "Enregistrez la table en CSV.")
            breaks = block.count(b"\n")
            if not breaks and len(block) == BLOCK:
                raise UnreadableTableError(
                    "FX5031", "une ligne dépasse 512 Ko",
                    "Cherchez à cette ligne un guillemet jamais fermé, ou un fichier sans sauts de ligne.", line,
                )  # fmt: skip
            line += breaks
    if wide is False and path.stat().st_size == 0:
        raise UnreadableTableError("FX5032", "le fichier est vide", "Relancez l'export.")


def _first_line(path: Path, encoding: str) -> str:
    try:
        with path.open(encoding=_CODECS[encoding], newline="") as f:
            return next((line.rstrip("\r\n") for line in f if line.strip()), "")
    except UnicodeError as error:
        raise _undecodable(path, encoding) from error


def _as_utf8(path: Path, encoding: str, enough: int | None = None) -> io.BytesIO:
    """The file in UTF-8, block after block, in memory: personal data is not copied to another file.

    With ``enough``, the lines that start within so many characters.
    """
    out = io.BytesIO()
    size = 0
    try:
        for text in _decoded(path, encoding):
            size += len(text)
            if enough is not None and size >= enough:
                out.write(text.rpartition("\n")[0].encode("utf-8"))
                break
            out.write(text.encode("utf-8"))
    except UnicodeError as error:
        raise _undecodable(path, encoding) from error
    out.seek(0)
    return out


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(_CODECS[encoding])()
    with path.open("rb") as f:
        while block := f.read(BLOCK):
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _undecodable(path: Path, encoding: str) -> UnreadableTableError:
    """The first line that the encoding does not read, and the encoding to try."""
    line = 1
    try:
        for text in _decoded(path, encoding):
            line += text.count("\n")
    except UnicodeError:
        pass
    with path.open("rb") as f:
        wide = f.read(2) in (b"\xff\xfe", b"\xfe\xff")
    other = "utf-16" if wide else "windows-1252" if encoding in ("utf-8", "utf-16") else "utf-8"
    return UnreadableTableError(
        "FX5032", f"il n'est pas en {encoding}", f"Écrivez « encodage: {other} » dans la correspondance, ou enregistrez le fichier en UTF-8.",
        line if encoding != "utf-16" else None,
    )  # fmt: skip


def _uneven(path: Path, encoding: str, separator: str, quote: str | None) -> int | None:
    """The first row with more cells than there are names, numbered as a spreadsheet does."""
    try:
        with path.open(encoding=_CODECS[encoding], newline="") as f:
            rows = _rows(f, separator, quote)
            names = len(next(rows, []))
            return next((i for i, row in enumerate(rows, 2) if len(row) > names), None)
    except (UnicodeError, csv.Error):
        return None


def _reason(path: Path, encoding: str, text: str, line: int | None = None) -> UnreadableTableError:
    if "utf-8" in text.lower() or "utf8" in text.lower():
        return _undecodable(path, "utf-8")
    if "more fields" in text or "malformed" in text:
        return UnreadableTableError(
            "FX5032", "une ligne a plus de colonnes que la première, ou un guillemet n'est pas fermé",
            "Vérifiez le séparateur et le guillemet de la correspondance, puis les cellules qui contiennent le séparateur.", line,
        )  # fmt: skip
    if "could not parse" in text:
        return UnreadableTableError(
            "FX5032", "un guillemet est ouvert et jamais fermé, ou suivi d'autre chose qu'un séparateur",
            "Corrigez la cellule, ou écrivez « guillemet: aucun » dans la correspondance.",
        )  # fmt: skip
    if "empty" in text or "no data" in text.lower():
        return UnreadableTableError("FX5032", "le fichier est vide", "Relancez l'export.")
    return UnreadableTableError("FX5032", "il est tronqué ou d'un autre format", "Vérifiez que le fichier est complet.")


def sniffed_encoding(path: Path) -> str:
    """The encoding that reads the whole file: UTF-16 by its mark, else UTF-8, else Windows-1252 (or Latin-1)."""
    check_lines(path)
    with path.open("rb") as f:
        if f.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
    for encoding in ("utf-8", "windows-1252"):
        try:
            for _ in _decoded(path, encoding):
                pass
            return encoding
        except UnicodeError:
            continue
    return "latin-1"
