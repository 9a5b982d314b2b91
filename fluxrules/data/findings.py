"""What is wrong in tables: rows left out, values read as unknown, and the French sentences that say so."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from fluxrules.diagnostics.diagnostic import Bag, Cell

REJECT_SCHEMA: dict[str, pl.DataType] = {
    "fichier": pl.String(),
    "ligne": pl.Int64(),
    "champ": pl.String(),
    "code": pl.String(),
    "motif": pl.String(),
}


def no_rejects() -> pl.DataFrame:
    return pl.DataFrame(schema=REJECT_SCHEMA)


@dataclass
class Findings:
    """Collects the rejects and diagnostics of a reading. Rows are named by number, never by what they hold.

    The number is that of the line in a CSV file, its header being line 1, as a spreadsheet shows it; else that of the row.
    """

    bag: Bag = field(default_factory=Bag)
    rejects: list[pl.DataFrame] = field(default_factory=list)

    def reject(
        self, frame: pl.DataFrame, mask: pl.Series, file: str, column: str | None, code: str, reason: str,
        remedy: str = "Corrigez ces lignes, listées dans le fichier des rejets, puis relancez.",
    ) -> pl.DataFrame:  # fmt: skip
        """Leaves out the rows of ``frame`` (with its ``_ligne`` column) where ``mask`` holds, and says so."""
        count = int(mask.sum())
        if not count:
            return frame
        out = frame.filter(mask)
        self.rejects.append(
            out.select(
                pl.lit(file).alias("fichier"),
                pl.col("_ligne").cast(pl.Int64).alias("ligne"),
                pl.lit(column, dtype=pl.String).alias("champ"),
                pl.lit(code).alias("code"),
                pl.lit(reason).alias("motif"),
            )
        )
        first, s = int(out["_ligne"][0]), "s" if count > 1 else ""
        self.bag.add(code, f"{count} ligne{s} rejetée{s} : {reason}.", Cell(file, first, column), remedy)
        return frame.filter(~mask)

    def unknown(
        self, frame: pl.DataFrame, mask: pl.Series, file: str, column: str, code: str, what: str, shown: list[str]
    ) -> None:
        """Says that values were read as unknown; ``shown`` are a few of them (never of an identity)."""
        count = int(mask.sum())
        if count:
            first, s = int(frame.filter(mask)["_ligne"][0]), "s" if count > 1 else ""
            examples = f" ({', '.join(f'« {s} »' for s in shown[:5])})" if shown else ""
            self.bag.add(code, f"{count} valeur{s} {what}{examples}, lue{s} comme inconnue{s}.", Cell(file, first, column),
                         "Corrigez la source ; en attendant, ces valeurs laissent des lignes en suspens.")  # fmt: skip

    def all_rejects(self) -> pl.DataFrame:
        return pl.concat([no_rejects(), *self.rejects]).sort("fichier", "ligne", "champ")
