"""Tables as they stand in files, before anything is typed. CSV columns are all text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fluxrules.data.csv_form import separator_of
from fluxrules.data.findings import Findings
from fluxrules.data.unread import NoTableError, why_unread
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
    found: dict[str, RawTable] = {}
    for name, file in _files(path, findings).items():
        frame = _raw(file, findings)
        if frame is not None:
            found[name] = RawTable(frame, file.name)
    return found


def _files(path: Path, findings: Findings) -> dict[str, Path]:
    if path.is_dir():
        found: dict[str, Path] = {}
        for name in NAMES:
            candidates = [p for ext in ("parquet", "csv") if (p := path / f"{name}.{ext}").exists()]
            if len(candidates) > 1:
                findings.bag.add("FX5007", f"La table « {name} » est donnée deux fois, en Parquet et en CSV.", Cell(str(path)),
                                 "Gardez un seul des deux fichiers.")  # fmt: skip
            if candidates:
                found[name] = candidates[0]
        if "demandes" not in found:
            findings.bag.add("FX5001", "Le dossier ne contient ni demandes.parquet ni demandes.csv.", Cell(str(path)),
                             "Donnez un dossier de tables, ou un fichier de demandes.")  # fmt: skip
        return found
    return {"demandes": path}


def _raw(file: Path, findings: Findings) -> pl.DataFrame | None:
    """The table as it stands; CSV columns are all text."""
    try:
        if file.exists() and not file.is_file():  # a pipe or a device may never end
            raise NoTableError("ce n'est pas un fichier ordinaire")
        str(file).encode()
        if file.suffix == ".parquet":
            frame = pl.read_parquet(file)
        else:
            frame = _csv(file)
        if frame.width > MOST_COLUMNS or any(len(c) > MOST_NAME for c in frame.columns):
            raise NoTableError("ses noms de colonnes ne sont pas ceux d'une table")
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
    first = 1 if file.suffix == ".parquet" else 2
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
