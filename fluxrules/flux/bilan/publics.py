"""Who was housed (T7), by réservataire: counts of persons, so small cells are hidden, with what would give them away."""

from __future__ import annotations

import polars as pl

from fluxrules.flux.bilan.basis import PARTY, Basis
from fluxrules.flux.bilan.dimensions import HOLDER
from fluxrules.flux.bilan.masks import LEAST_SHOWN, hidden, small
from fluxrules.flux.bilan.table import TOTAL, UNKNOWN, Table

YES, NO, UNSURE, ALL = "Oui", "Non", "Non renseigné", "Logements attribués"
MASKED = (
    f"Une case vide est masquée : moins de {LEAST_SHOWN} personnes, ou de quoi retrouver une case qui en compte moins."
)


def flags() -> dict[str, pl.Expr]:
    """Each public, as true, false or unknown."""
    return {
        "DALO": pl.col("dalo"), "prioritaires (L. 441-1)": pl.col("prioritaire"), "DALO ou prioritaires": pl.col("dalo") | pl.col("prioritaire"),
        "premier quartile": pl.col("premier_quartile"), "relogement de renouvellement urbain": pl.col("relogement_ru"),
        "travailleurs essentiels": pl.col("travailleur_essentiel"), "salariés d'entreprises cotisantes": pl.col("salarie"),
    }  # fmt: skip


def publics(basis: Basis) -> Table:
    """A line for each public and réservataire, then the total of the public."""
    rows = basis.granted.with_columns(basis.name().fill_null(UNKNOWN).alias(HOLDER))
    counts = rows.group_by(HOLDER).agg(
        pl.len().alias("n"),
        *(e.sum().alias(f"{p}|oui") for p, e in flags().items()),
        *((~e).sum().alias(f"{p}|non") for p, e in flags().items()),
    ).sort(HOLDER)  # fmt: skip
    lines: list[tuple[object, ...]] = []
    for public in flags():
        names, whole = counts[HOLDER].to_list(), counts["n"].to_list()
        yes, no = counts[f"{public}|oui"].to_list(), counts[f"{public}|non"].to_list()
        # How many are not of the public says how many are: both sides are looked at, and hidden together.
        sides = [small(y) or small(n) or small(w - y - n) for y, n, w in zip(yes, no, whole, strict=True)]
        mask, over = hidden(yes, sides)
        if any(mask) and sum(mask) == 1:
            over = True
        for name, w, y, n, m in zip(names, whole, yes, no, mask, strict=True):
            lines.append((public, name, w, *_cells(w, y, n, m)))
        total = (sum(whole), sum(yes), sum(no))
        lines.append((public, TOTAL, total[0], *_cells(*total, over or any(_small_side(*total)))))
    schema = {
        "Public": pl.String,
        HOLDER: pl.String,
        ALL: pl.Int64,
        YES: pl.Int64,
        NO: pl.Int64,
        UNSURE: pl.Int64,
        "Masqué": pl.String,
    }
    return Table("T7-publics", "Publics logés, par réservataire", pl.DataFrame(lines, schema=schema, orient="row"),
                 (MASKED, "Un même ménage peut être de plusieurs publics : les publics ne s'additionnent pas."), masked=True)  # fmt: skip


def hidden_in(table: Table) -> frozenset[tuple[str, str]]:
    """The (public, réservataire) that the table hides: no other table may give them."""
    return frozenset(table.frame.filter(pl.col("Masqué") == "oui").select("Public", HOLDER).iter_rows())


def state_agents(basis: Basis, codes: tuple[str, ...]) -> Table:
    """The State's attributions to its own civil and military staff, and to others."""
    rows = basis.granted.filter(pl.col(PARTY).is_in(codes))
    agents, unknown = int(rows["agent_etat"].sum()), rows["agent_etat"].null_count()
    others = len(rows) - agents - unknown
    hide = any(small(n) for n in (agents, others, unknown))
    parts = (("Agents civils et militaires", agents), ("Autres (prioritaires)", others), (UNSURE, unknown))
    lines = [(name, None if hide else n, "oui" if hide else "non") for name, n in parts] + [(TOTAL, len(rows), "non")]
    return Table("T6-etat-agents", "Part de l'État : agents et prioritaires, logements attribués",
                 pl.DataFrame(lines, schema={"Part": pl.String, ALL: pl.Int64, "Masqué": pl.String}, orient="row"), (MASKED,), masked=True)  # fmt: skip


def _small_side(whole: int, yes: int, no: int) -> tuple[bool, bool, bool]:
    return small(yes), small(no), small(whole - yes - no)


def _cells(whole: int, yes: int, no: int, masked: bool) -> tuple[int | None, int | None, int | None, str]:
    return (None, None, None, "oui") if masked else (yes, no, whole - yes - no, "non")
