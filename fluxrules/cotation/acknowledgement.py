"""An export against the acknowledgement that came back: what was taken, refused, left without an answer, or never sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fluxrules.cotation.export_sne import PAIR, read_export
from fluxrules.data.findings import Findings
from fluxrules.data.raw import raw_tables
from fluxrules.data.tables import KEY
from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.text.near import fold

TAKEN, REFUSED, UNCLEAR, SILENT, UNEXPECTED = "acceptée", "refusée", "statut inconnu", "sans réponse", "inattendue"


@dataclass(frozen=True)
class Layout:
    """Which columns of the acknowledgement say what, and which words mean yes and no (case and accents do not matter)."""

    number: str = KEY
    territory: str = "territoire"
    status: str = "statut"
    message: str = "message"
    taken: tuple[str, ...] = ("accepté", "acceptée", "ok")
    refused: tuple[str, ...] = ("refusé", "refusée", "rejeté", "rejetée", "ko", "erreur")


@dataclass(frozen=True)
class Reconciliation:
    """``rows``: numero_unique, territoire, etat, message; one row a pair. ``repeated``: answers beyond the first for a pair."""

    rows: pl.DataFrame
    sent: int
    answers: int
    repeated: int

    @property
    def counts(self) -> dict[str, int]:
        """Sent = acceptées + refusées + statut inconnu + sans réponse; answers = the first three + inattendues + repeated."""
        found = dict(self.rows["etat"].value_counts().iter_rows())
        return {state: int(found.get(state, 0)) for state in (TAKEN, REFUSED, UNCLEAR, SILENT, UNEXPECTED)}

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why scores were refused, the most frequent first; what looks like a number of demande is hidden."""
        shown = pl.col("message").fill_null("").str.replace_all(r"\b[0-9A-Za-z]*\d[0-9A-Za-z]{9,}\b", "…")
        refused = self.rows.filter(pl.col("etat") == REFUSED).select(shown.alias("message"))
        counted = refused.group_by("message").len().sort("len", "message", descending=[True, False])
        return [(text or "sans raison donnée", int(n)) for text, n in counted.iter_rows()]


def reconcile(export: Path, acknowledgement: Path, layout: Layout, bag: Bag) -> Reconciliation | None:
    """Every row of the export and every answer, matched on number and territory; ``None`` and diagnostics when a file does not read.

    Several answers for a pair count once: refused if one of them refuses, accepted only if all accept.
    """
    sent = read_export(export, bag)
    answers = _answers(acknowledgement, layout, bag)
    if sent is None or answers is None:
        return None
    worst = answers.sort(*PAIR, "_rang", "message", nulls_last=True).unique(PAIR, keep="first", maintain_order=True)
    joined = sent.select(*PAIR, pl.lit(True).alias("_envoyee")).join(
        worst, on=PAIR, how="full", coalesce=True, nulls_equal=True
    )
    state = (
        pl.when(pl.col("_envoyee").is_null()).then(pl.lit(UNEXPECTED))
        .when(pl.col("_rang").is_null()).then(pl.lit(SILENT))
        .otherwise(pl.col("_rang").replace_strict({0: REFUSED, 1: UNCLEAR, 2: TAKEN}, default=None, return_dtype=pl.String))
    )  # fmt: skip
    rows = joined.select(*PAIR, state.alias("etat"), "message").sort(PAIR, nulls_last=True)
    found = Reconciliation(rows, len(sent), len(answers), len(answers) - len(worst))
    left = len(rows) - found.counts[TAKEN]
    if left:
        bag.add("FX5069", f"{left} note(s) ne sont pas acquittées, ou n'étaient pas attendues.", Cell(acknowledgement.name),
                "Corrigez ce qui est refusé, transmettez de nouveau ce qui est sans réponse.")  # fmt: skip
    return found


def _answers(path: Path, layout: Layout, bag: Bag) -> pl.DataFrame | None:
    findings = Findings(bag)
    raw = raw_tables(path, findings).get("demandes") if path.is_file() else None
    if raw is None or findings.rejects:
        bag.add("FX5068", "L'accusé de réception ne se lit pas.", Cell(str(path)), "Donnez un fichier CSV en UTF-8.")
        return None
    lack = [c for c in (layout.number, layout.territory, layout.status) if c not in raw.frame.columns]
    for column in lack:
        bag.add("FX5068", f"La colonne « {column} » manque dans l'accusé de réception.", Cell(path.name, None, column),
                "Dites quelle colonne en tient lieu : --colonne-numero, --colonne-territoire, --colonne-statut, --colonne-message.")  # fmt: skip
    if lack:
        return None
    message = (
        pl.col(layout.message).cast(pl.String) if layout.message in raw.frame.columns else pl.lit(None, dtype=pl.String)
    )
    ranks = _ranks(raw.frame[layout.status].cast(pl.String).unique().to_list(), layout)
    return raw.frame.select(
        pl.col(layout.number).cast(pl.String).str.strip_chars().alias(KEY),
        pl.col(layout.territory).cast(pl.String).str.strip_chars().alias("territoire"),
        pl.col(layout.status).cast(pl.String).replace_strict(ranks, default=1, return_dtype=pl.Int8).alias("_rang"),
        message.alias("message"),
    )


def _ranks(words: Sequence[str | None], layout: Layout) -> dict[str, int]:
    """0 refused, 1 unclear, 2 accepted."""
    taken, refused = {fold(w) for w in layout.taken}, {fold(w) for w in layout.refused}
    known = [(w, fold(w.strip())) for w in words if w is not None]
    return {w: 0 if f in refused else 2 for w, f in known if f in refused | taken}
