"""What is wrong in tables: rows left out, values read as unknown, and the French sentences that say so."""

from __future__ import annotations

from collections.abc import Iterable
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


@dataclass(frozen=True)
class Tally:
    """Rows of one file for which the same thing is said. ``kind``: rejetée, inconnue, détachée."""

    kind: str
    code: str
    what: str
    count: int
    where: Cell
    shown: tuple[str, ...] = ()

    def add_to(self, bag: Bag) -> None:
        """The French sentence, with the count and the first place."""
        n, s = self.count, "s" if self.count > 1 else ""
        match self.kind:
            case "rejetée":
                bag.add(self.code, f"{n} ligne{s} rejetée{s} : {self.what}.", self.where,
                        "Corrigez ces lignes, listées dans le fichier des rejets, puis relancez.")  # fmt: skip
            case "inconnue":
                examples = f" ({', '.join(f'« {x} »' for x in self.shown[:5])})" if self.shown else ""
                bag.add(self.code, f"{n} valeur{s} {self.what}{examples}, lue{s} comme inconnue{s}.", self.where,
                        "Corrigez la source ; en attendant, ces valeurs laissent des lignes en suspens.")  # fmt: skip
            case _:
                said = f"{n} lignes ne se rattachent" if n > 1 else "1 ligne ne se rattache"
                bag.add(self.code, f"{said} à aucune demande lue.", self.where,
                        "Vérifiez les numéros uniques ; ces lignes ne servent pas.")  # fmt: skip


def summed(tallies: Iterable[Tally], bag: Bag) -> None:
    """Tallies of several files of one table as one each, at the first place met."""
    found: dict[tuple[str, ...], Tally] = {}
    for t in tallies:
        key = (t.kind, t.code, t.what, t.where.column or "", t.where.file.partition("/")[0])
        first = found.get(key)
        if first is not None:
            shown = tuple(sorted({*first.shown, *t.shown}))[:5]
            t = Tally(t.kind, t.code, t.what, first.count + t.count, first.where, shown)
        found[key] = t
    for t in found.values():
        t.add_to(bag)


@dataclass
class Findings:
    """Collects the rejects and diagnostics of a reading. Rows are named by number, never by what they hold.

    The number is that of the line in a CSV file, its header being line 1, as a spreadsheet shows it; else that of the row.
    """

    bag: Bag = field(default_factory=Bag)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)

    def tally(self, kind: str, code: str, what: str, count: int, where: Cell, shown: tuple[str, ...] = ()) -> None:
        """Says the same thing of some rows, so that it may be said once of all parts of a table."""
        self.tallies.append(Tally(kind, code, what, count, where, shown))
        self.tallies[-1].add_to(self.bag)

    def reject(
        self, frame: pl.DataFrame, mask: pl.Series, file: str, column: str | None, code: str, reason: str,
        other: pl.Series | None = None,
    ) -> pl.DataFrame:  # fmt: skip
        """Leaves out the rows of ``frame`` (with its ``_ligne`` column) where ``mask`` holds, and says so. ``other``: the line that each row
        clashes with."""
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
                (pl.lit(reason) if other is None else pl.format(f"{reason} : ligne {{}}", other.filter(mask))).alias(
                    "motif"
                ),
            )
        )
        self.tally("rejetée", code, reason, count, Cell(file, int(out["_ligne"][0]), column))
        return frame.filter(~mask)

    def unknown(
        self, frame: pl.DataFrame, mask: pl.Series, file: str, column: str, code: str, what: str, shown: list[str]
    ) -> None:
        """Says that values were read as unknown; ``shown`` are a few of them (never of an identity)."""
        count = int(mask.sum())
        if count:
            first = Cell(file, int(frame.filter(mask)["_ligne"][0]), column)
            self.tally("inconnue", code, what, count, first, tuple(shown[:5]))

    def all_rejects(self) -> pl.DataFrame:
        return pl.concat([no_rejects(), *self.rejects]).sort("fichier", "ligne", "champ")
