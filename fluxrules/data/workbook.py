"""A sheet of an xlsx workbook → a frame of text columns: codes keep their zeros, whole numbers have no decimals."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from fluxrules.data.text_table import UnreadableTableError

if TYPE_CHECKING:
    import fastexcel

MOST_BYTES = 2 << 30
"""What the parts of a workbook may weigh once unfolded."""
SURE_DIGITS = 15
"""A workbook keeps that many digits of a number; what is longer must be a text cell."""
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"


def sheet_names(path: Path) -> list[str]:
    """The sheets of a workbook. Raises ``UnreadableTableError``."""
    return list(_open(path).sheet_names)


def read_sheet(path: Path, sheet: str | None = None, *, rows: int | None = None) -> pl.DataFrame:
    """One sheet (the first without ``sheet``); its first line names the columns. Raises ``UnreadableTableError``.

    Every cell is text: a date is 2024-01-05, a decimal number has a point, a formula is its stored value, an error is empty.
    """
    book = _open(path)
    names = list(book.sheet_names)
    if sheet is not None and sheet not in names:
        raise UnreadableTableError(
            "FX5032", f"il n'a pas de feuille « {sheet} »", f"Feuilles du classeur : {', '.join(names)}."
        )
    frame: pl.DataFrame = _guarded(lambda: book.load_sheet(sheet or 0, dtypes="string", n_rows=rows).to_polars())
    return frame.with_columns(pl.col(pl.String).str.replace(_MIDNIGHT, "$1"))


def number_cells(path: Path, sheet: str | None, column: str) -> bool:
    """Whether a column holds number cells, so that long identifiers have lost digits."""
    book = _open(path)
    found: pl.DataFrame = _guarded(lambda: book.load_sheet(sheet or 0, use_columns=[column]).to_polars())
    return bool(found[column].dtype.is_numeric())


def _guarded(load: Any) -> Any:
    try:
        return load()
    except Exception as error:  # the library has one exception a defect, and wraps panics
        raise _broken() from error


def _open(path: Path) -> fastexcel.ExcelReader:
    try:
        import fastexcel
    except ImportError as error:
        raise UnreadableTableError(
            "FX5043", "la lecture des classeurs n'est pas installée",
            "Installez-la : pip install \"fluxrules[xlsx]\". Ou enregistrez la feuille en CSV.",
        ) from error  # fmt: skip
    if not path.is_file():
        raise UnreadableTableError("FX5032", "le fichier n'existe pas", "Vérifiez le chemin donné.")
    try:
        with zipfile.ZipFile(path) as parts:
            weight = sum(i.file_size for i in parts.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise _broken() from error
    if weight > MOST_BYTES:
        raise UnreadableTableError("FX5032", "il pèse plus de 2 Go une fois déplié", "Enregistrez la feuille en CSV.")
    try:
        return fastexcel.read_excel(path)
    except Exception as error:
        raise _broken() from error


def _broken() -> UnreadableTableError:
    return UnreadableTableError(
        "FX5032",
        "ce n'est pas un classeur xlsx, ou il est abîmé",
        "Ouvrez-le et enregistrez-le à nouveau en .xlsx, ou en CSV.",
    )
