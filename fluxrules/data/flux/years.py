"""Years that a computation reads and that the tables do not hold: an average of the past would count them as empty."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from fluxrules.data.findings import Findings
from fluxrules.diagnostics.diagnostic import Cell


def report_years(releases: pl.DataFrame | None, file: str, wanted: Collection[int], findings: Findings) -> None:
    """Report the years asked for, and those between two others, in which nothing was freed."""
    if releases is None:
        return
    seen = set(releases["date_liberation"].dt.year().drop_nulls().unique().to_list())
    between = range(min(seen), max(seen)) if seen else ()
    for year in sorted({*wanted, *between} - seen):
        findings.bag.add(
            "FX8314", f"Aucune libération n'est datée de {year}.", Cell(file, None, "date_liberation"),
            f"Ajoutez les libérations de {year} ; sans elles, cette année n'est pas comptée dans une moyenne.",
        )  # fmt: skip
