"""Where the tables of a dossier are: in the folder itself, in its ``donnees``, or in the folders of several départements."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fluxrules.data.findings import Findings
from fluxrules.data.flux.tables import NAMES
from fluxrules.data.raw import RawTable, raw_table, table_files
from fluxrules.data.text_table import UnreadableTableError
from fluxrules.data.workbook import read_sheet, sheet_names
from fluxrules.diagnostics.diagnostic import Cell
from fluxrules.text.resources import shown

INSIDE = "donnees"
_FORMS = ("parquet", "csv", "xlsx")


def data_folders(dossier: Path) -> list[Path]:
    """The folders of tables of a dossier, in order: one a département, to be read one after another. None: no tables were given."""
    if not dossier.is_dir():
        return []
    below = sorted(p for p in dossier.iterdir() if p.is_dir() and p.name != INSIDE)
    return [f for folder in (dossier, *below) for f in (folder, folder / INSIDE) if f.is_dir() and _holds_tables(f)]


def _holds_tables(folder: Path) -> bool:
    return any(
        (folder / f"{name}.{form}").is_file() or next((folder / name).glob("*.parquet"), None)
        for name in NAMES
        for form in _FORMS
    )


def raw_flux_tables(path: Path, findings: Findings) -> dict[str, RawTable]:
    """The tables of a folder, or the sheets of a workbook, as they stand. What cannot be read is reported."""
    if path.is_dir():
        files: Mapping[str, Path] = table_files(path, NAMES, findings)
        read = {name: raw_table(file, findings, rows_apart=True) for name, file in files.items()}
        found = {name: table for name, table in read.items() if table is not None}
        none = not files
    elif path.suffix.lower() == ".xlsx":
        found, none = _sheets(path, findings)
    else:
        file = raw_table(path, findings, rows_apart=True) if path.stem in NAMES else None
        found, none = ({path.stem: file} if file else {}), path.stem not in NAMES
    if none:
        findings.bag.add("FX8300", "Aucune table de flux n'est ici.", Cell(shown(path.name)),
                         f"Nommez les fichiers, ou les feuilles du classeur : {', '.join(NAMES)}.")  # fmt: skip
    return found


def _sheets(path: Path, findings: Findings) -> tuple[dict[str, RawTable], bool]:
    try:
        named = [s for s in sheet_names(path) if s in NAMES]
        return {
            s: RawTable(
                read_sheet(path, s).drop("_ligne", strict=False).with_row_index("_ligne", offset=2),
                f"{shown(path.name)}, feuille « {s} »",
            )
            for s in named
        }, not named
    except UnreadableTableError as error:
        findings.bag.add(error.code, f"Le classeur ne se lit pas : {error.reason}.", Cell(shown(path.name)), error.todo)
        return {}, False
