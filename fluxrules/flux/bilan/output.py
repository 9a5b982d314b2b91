"""Writes a bilan: a workbook with a sheet a table, a CSV a table, a page. The folder appears whole, or not at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from fluxrules.data.tables import KEY
from fluxrules.data.write import write_json, write_short_csv
from fluxrules.data.write_workbook import Sheet, write_workbook
from fluxrules.flux.bilan.build import Bilan
from fluxrules.flux.bilan.html import page

FORMATS = ("xlsx", "csv", "html")
RECEIPT = "recu.json"


def folder_of(bilan: Bilan) -> str:
    """« bilan-2025-900000001-51 »: a bailleur has a flux on each of its scales."""
    year = bilan.year
    scale = "-".join((*year.scale.codes, *filter(None, [year.scale.within])))
    return re.sub(r"[^0-9A-Za-z-]", "-", f"bilan-{year.year}-{year.bailleur.code}-{scale}")[:80]


def write_bilan(bilan: Bilan, folder: Path, formats: Collection[str] = FORMATS) -> None:
    """Into a folder that is being made (``whole_folder``). Raises ``NotWrittenError``."""
    if any(KEY in t.frame.columns for t in bilan.tables):
        raise ValueError(f"a bilan may not carry {KEY}")
    inside = folder / folder_of(bilan)
    inside.mkdir()
    if "xlsx" in formats:
        sheets = [Sheet(t.name, t.frame) for t in bilan.tables]
        write_workbook(sheets, inside / "bilan.xlsx", notice(bilan), day=date(bilan.year.year, 12, 31), small=True)
    if "csv" in formats:
        (inside / "csv").mkdir()
        for table in bilan.tables:
            write_short_csv(table.frame, inside / "csv" / f"{table.name}.csv")
        (inside / "csv" / "LISEZMOI.txt").write_text(
            "\n".join(f"{a} : {b}" if b else a for a, b in notice(bilan)) + "\n", "utf-8"
        )
    if "html" in formats:
        (inside / "bilan.html").write_text(page(bilan), "utf-8")


def receipt_of(bilan: Bilan) -> dict[str, object]:
    """What a bilan holds, for the receipt of its folder."""
    sizes = {t.name: len(t.frame) for t in bilan.tables}
    return {
        "dossier": folder_of(bilan),
        "bailleur": bilan.year.bailleur.code,
        "annee": bilan.year.year,
        "tables": sizes,
    }


def write_receipt(bilans: Sequence[dict[str, object]], folder: Path, formats: Collection[str]) -> None:
    """What is in the folder; it also marks it as ours, so that « --remplacer » may replace it."""
    write_json({"formats": sorted(formats), "bilans": list(bilans)}, folder / RECEIPT)


def notice(bilan: Bilan) -> list[tuple[str, str]]:
    """The sheet « Lisez-moi »: what each table is, and what its reader must know."""
    head = [
        (bilan.title, ""),
        ("Fondement", "CCH R. 441-5-1 et R. 441-5"),
        ("Personnes", "aucun demandeur n'est nommé ni numéroté"),
    ]
    return [*head, *((t.name, " ".join((t.title + ".", *t.notes))) for t in bilan.tables)]
