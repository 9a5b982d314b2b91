"""Tables as they stand in files, before anything is typed. CSV columns are all text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl

from fluxrules.data.csv_form import Form, even_rows, form_of, separator_of
from fluxrules.data.findings import Findings
from fluxrules.data.text_table import UnreadableTableError, check_lines
from fluxrules.data.unread import OPEN_QUOTE, UNEVEN, NoTableError, Why, why_unread
from fluxrules.data.workbook import read_sheet, sheet_names
from fluxrules.diagnostics.diagnostic import Cell
from fluxrules.text.resources import shown

NAMES = ("demandes", "membres", "choix", "evenements")
MOST_COLUMNS, MOST_NAME = 2000, 200


@dataclass(frozen=True)
class RawTable:
    """``frame`` has the columns of the file and ``_ligne``, the row's number in it; ``file`` is how messages name it."""

    frame: pl.DataFrame
    file: str


def raw_tables(path: Path, findings: Findings) -> dict[str, RawTable]:
    """The tables of a folder, or the demandes of one file; a file that cannot be read is reported and left out."""
    if path.suffix.lower() == ".xlsx" and not path.is_dir():
        return workbook_tables(path, findings)
    files = _files(path, findings)
    # A household would lose a person, or a place wanted, without a word: only a demande may lose a row.
    read = {name: raw_table(file, findings, rows_apart=name == "demandes") for name, file in files.items()}
    return {name: table for name, table in read.items() if table is not None}


def workbook_tables(path: Path, findings: Findings) -> dict[str, RawTable]:
    """The sheets of a workbook that are named after tables; the only sheet of another name is the demandes."""
    found: dict[str, RawTable] = {}
    try:
        sheets = sheet_names(path)
        named = {s: s for s in sheets if s in NAMES} or ({"demandes": sheets[0]} if len(sheets) == 1 else {})
        for name, sheet in named.items():
            frame = read_sheet(path, sheet).with_row_index("_ligne", offset=2)  # the line that the workbook shows
            found[name] = RawTable(frame, f"{shown(path.name)}, feuille « {sheet} »")
    except UnreadableTableError as error:
        findings.bag.add(error.code, f"Le classeur ne se lit pas : {error.reason}.", Cell(shown(path.name)), error.todo)
        return {}
    if "demandes" not in found:
        findings.bag.add("FX5001", "Le classeur n'a pas de feuille « demandes ».", Cell(shown(path.name)),
                         "Nommez ses feuilles demandes, membres, choix et evenements, ou donnez une correspondance.")  # fmt: skip
    return found


def _files(path: Path, findings: Findings) -> dict[str, Path]:
    if path.is_dir():
        found = table_files(path, NAMES, findings)
        if "demandes" not in found:
            findings.bag.add("FX5001", "Le dossier ne contient ni demandes.parquet, ni demandes.csv, ni demandes.xlsx.", Cell(shown(path)),
                             "Donnez un dossier de tables, ou un fichier de demandes.")  # fmt: skip
        return found
    return {"demandes": path}


def table_files(folder: Path, names: Iterable[str], findings: Findings) -> dict[str, Path]:
    """The file (or the folder of Parquet parts) of each table that a folder holds; a table given twice is reported."""
    found: dict[str, Path] = {}
    for name in names:
        candidates = [folder / name] if next((folder / name).glob("*.parquet"), None) else []
        candidates += [p for ext in ("parquet", "csv", "xlsx") if (p := folder / f"{name}.{ext}").exists()]
        if len(candidates) > 1:
            findings.bag.add("FX5007", f"La table « {name} » est donnée deux fois, en plusieurs formats.", Cell(shown(folder)),
                             "Gardez un seul des deux fichiers.")  # fmt: skip
        if candidates:
            found[name] = candidates[0]
    return found


def raw_table(file: Path, findings: Findings, *, rows_apart: bool) -> RawTable | None:
    """The table as it stands, its rows numbered; ``rows_apart``: a row of another length is rejected, and the others are read."""
    frame = _raw(file, findings, rows_apart)
    return None if frame is None else RawTable(frame, shown(file.name))


def _raw(file: Path, findings: Findings, rows_apart: bool) -> pl.DataFrame | None:
    code = "FX5001"
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):  # a pipe or a device may never end
            raise NoTableError("ce n'est pas un fichier ordinaire")
        str(file).encode()
        frame = _frame(file, findings, rows_apart)
        if frame.width > MOST_COLUMNS or any(len(c) > MOST_NAME for c in frame.columns):
            raise NoTableError("ses noms de colonnes ne sont pas ceux d'une table")
        return frame
    except UnreadableTableError as error:
        code, why = error.code, Why(error.reason, error.todo, error.line)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError, ValueError) as error:
        why = why_unread(file, error)
    except pl.exceptions.PanicException:
        why = Why("son contenu est abîmé", "Vérifiez que le fichier est complet.")
    findings.bag.add(code, f"La table ne se lit pas : {why.reason}.", Cell(shown(file.name), why.line), why.remedy)
    return None


def _frame(file: Path, findings: Findings, rows_apart: bool) -> pl.DataFrame:
    if file.is_dir():
        return _numbered(pl.read_parquet(sorted(file.glob("*.parquet")), glob=False), None)
    if file.suffix == ".parquet":
        return _numbered(pl.read_parquet(file, glob=False), None)
    if file.suffix == ".xlsx":
        return _numbered(read_sheet(file), None, 2)
    check_lines(file)
    return _csv(file, findings, rows_apart)


def _csv(file: Path, findings: Findings, rows_apart: bool) -> pl.DataFrame:
    """The rows of a CSV numbered as a spreadsheet does: the names are row 1."""
    with file.open("rb") as f:
        head = f.read(64 * 1024)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head or head.startswith(b"PK\x03\x04"):
        raise ValueError("binary")
    separator = separator_of(head)
    if head.partition(b"\n")[0].count(separator.encode()) > MOST_COLUMNS:
        raise NoTableError(f"elle a plus de {MOST_COLUMNS} colonnes")
    form = form_of(file, separator)
    if form.torn is not None:
        raise NoTableError("un guillemet ouvert à cette ligne n'est pas fermé", OPEN_QUOTE, form.torn)
    if not form.uneven:
        frame = _numbered(_read_csv(file, separator), None, 2)
    elif rows_apart:
        text, numbers = even_rows(file, form)
        frame = _numbered(_read_csv(text, separator), pl.Series(numbers, dtype=pl.UInt32))
        _reject(form, shown(file.name), findings)
    else:
        row, cells = form.uneven[0]
        raise NoTableError(f"cette ligne a {cells} cases, les noms de colonnes en ont {form.names}", UNEVEN, row)
    return frame.filter(~pl.all_horizontal(pl.exclude("_ligne").is_null()))


def _read_csv(source: Path | BytesIO, separator: str) -> pl.DataFrame:
    return pl.read_csv(source, separator=separator, infer_schema=False, encoding="utf8", glob=False)


def _numbered(frame: pl.DataFrame, numbers: pl.Series | None, first: int = 1) -> pl.DataFrame:
    frame = frame.drop("_ligne", strict=False)
    if numbers is None:
        return frame.with_row_index("_ligne", offset=first)
    return frame.insert_column(0, numbers.alias("_ligne"))


def _reject(form: Form, file: str, findings: Findings) -> None:
    rows = pl.DataFrame({"_ligne": [row for row, _ in form.uneven], "cases": [cells for _, cells in form.uneven]})
    for mask, word in ((rows["cases"] > form.names, "plus"), (rows["cases"] < form.names, "moins")):
        findings.reject(rows, mask, file, None, "FX5003", f"{word} de cases que de noms de colonnes ({form.names})")
