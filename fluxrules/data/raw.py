"""Tables as they stand in files, before anything is typed. CSV columns are all text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fluxrules.data.csv_form import separator_of
from fluxrules.data.findings import Findings
from fluxrules.data.text_table import UnreadableTableError, check_lines
from fluxrules.data.unread import NoTableError, why_unread
from fluxrules.data.workbook import read_sheet, sheet_names
from fluxrules.diagnostics.diagnostic import Cell

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
    found: dict[str, RawTable] = {}
    for name, file in _files(path, findings).items():
        frame = _raw(file, findings)
        if frame is not None:
            found[name] = RawTable(frame, file.name)
    return found


def workbook_tables(path: Path, findings: Findings) -> dict[str, RawTable]:
    """The sheets of a workbook that are named after tables; the only sheet of another name is the demandes."""
    found: dict[str, RawTable] = {}
    try:
        sheets = sheet_names(path)
        named = {s: s for s in sheets if s in NAMES} or ({"demandes": sheets[0]} if len(sheets) == 1 else {})
        for name, sheet in named.items():
            frame = read_sheet(path, sheet).with_row_index("_ligne", offset=2)  # the line that the workbook shows
            found[name] = RawTable(frame, f"{path.name}, feuille « {sheet} »")
    except UnreadableTableError as error:
        findings.bag.add(error.code, f"Le classeur ne se lit pas : {error.reason}.", Cell(path.name), error.todo)
        return {}
    if "demandes" not in found:
        findings.bag.add("FX5001", "Le classeur n'a pas de feuille « demandes ».", Cell(path.name),
                         "Nommez ses feuilles demandes, membres, choix et evenements, ou donnez une correspondance.")  # fmt: skip
    return found


def _files(path: Path, findings: Findings) -> dict[str, Path]:
    if path.is_dir():
        found: dict[str, Path] = {}
        for name in NAMES:
            candidates = [path / name] if next((path / name).glob("*.parquet"), None) else []
            candidates += [p for ext in ("parquet", "csv", "xlsx") if (p := path / f"{name}.{ext}").exists()]
            if len(candidates) > 1:
                findings.bag.add("FX5007", f"La table « {name} » est donnée deux fois, en plusieurs formats.", Cell(str(path)),
                                 "Gardez un seul des deux fichiers.")  # fmt: skip
            if candidates:
                found[name] = candidates[0]
        if "demandes" not in found:
            findings.bag.add("FX5001", "Le dossier ne contient ni demandes.parquet, ni demandes.csv, ni demandes.xlsx.", Cell(str(path)),
                             "Donnez un dossier de tables, ou un fichier de demandes.")  # fmt: skip
        return found
    return {"demandes": path}


def _raw(file: Path, findings: Findings) -> pl.DataFrame | None:
    """The table as it stands; CSV columns are all text."""
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):  # a pipe or a device may never end
            raise NoTableError("ce n'est pas un fichier ordinaire")
        str(file).encode()
        if file.is_dir():
            frame = pl.read_parquet(sorted(file.glob("*.parquet")))
        elif file.suffix == ".parquet":
            frame = pl.read_parquet(file)
        elif file.suffix == ".xlsx":
            frame = read_sheet(file)
        else:
            check_lines(file)
            frame = _csv(file)
        if frame.width > MOST_COLUMNS or any(len(c) > MOST_NAME for c in frame.columns):
            raise NoTableError("ses noms de colonnes ne sont pas ceux d'une table")
    except UnreadableTableError as error:
        findings.bag.add(
            error.code, f"La table ne se lit pas : {error.reason}.", Cell(file.name, error.line), error.todo
        )
        return None
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError, ValueError) as error:
        why = why_unread(file, error)
        findings.bag.add("FX5001", f"La table ne se lit pas : {why.reason}.", Cell(file.name, why.line), why.remedy)
        return None
    except pl.exceptions.PanicException:
        findings.bag.add(
            "FX5001",
            "La table ne se lit pas : son contenu est abîmé.",
            Cell(file.name),
            "Vérifiez que le fichier est complet.",
        )
        return None
    # In a CSV the first line holds the names: the row of a finding is the one that a spreadsheet shows.
    first = 1 if file.suffix == ".parquet" or file.is_dir() else 2
    return frame.drop("_ligne", strict=False).with_row_index("_ligne", offset=first)


def _csv(file: Path) -> pl.DataFrame:
    with file.open("rb") as f:
        head = f.read(64 * 1024)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head or head.startswith(b"PK\x03\x04"):
        raise ValueError("binary")
    separator = separator_of(head)
    if head.partition(b"\n")[0].count(separator.encode()) > MOST_COLUMNS:
        raise NoTableError(f"elle a plus de {MOST_COLUMNS} colonnes")
    return pl.read_csv(file, separator=separator, infer_schema=False, encoding="utf8", truncate_ragged_lines=False)
