"""The folder that ``fluxrules score`` writes, read back: its receipt, its tables, what must be said with them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from fluxrules.data.dataset import parquet_parts
from fluxrules.data.outputs import COLUMNS, IDENTIFIERS, PSEUDONYM
from fluxrules.data.population import WATERMARK
from fluxrules.data.tables import KEY
from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.language.numbers import show_date
from fluxrules.vocabulary.territoires import nom_territoire

RECEIPT = "recu.json"
LINES = "lignes"
IN_FORCE = "en vigueur"
SYNTHETIC = "SYNTH"
"""How the numéro unique of an invented demande ends."""
ADVICE = (
    "Cette note aide à la décision. La commission d'attribution décide ; une note ne promet ni un logement ni une date."
)


@dataclass(frozen=True)
class RunGrid:
    """A grid as the receipt names it. Several territories share it, or none where it has none."""

    name: str
    nature: str
    territories: tuple[str, ...]
    hash: str
    act: str
    derogations: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """The act that adopts it when the receipt says it, the start of the hash of its meaning, and what lifts a rule of law for it."""
        acts = (f"dérogation {d}" for d in self.derogations)
        return ", ".join(x for x in (self.act, f"empreinte {self.hash[:12]}", *acts) if x)


@dataclass(frozen=True)
class Run:
    """``identifier`` is the column that stands for a demande: the numéro unique, or a pseudonym. ``tables``: name → Parquet files."""

    folder: Path
    receipt: Mapping[str, Any]
    day: date
    grids: tuple[RunGrid, ...]
    tables: Mapping[str, tuple[Path, ...]]
    identifier: str
    synthetic: bool

    def scan(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(list(self.tables[name]), glob=False)

    @property
    def trials(self) -> tuple[RunGrid, ...]:
        """The grids that are not in force."""
        return tuple(g for g in self.grids if g.nature != IN_FORCE)

    @property
    def watermarks(self) -> tuple[str, ...]:
        """What must stand wherever these notes are shown."""
        trials = tuple(
            f"ESSAI : la grille « {g.name} » n'est pas en vigueur (nature : {g.nature}). Ses notes ne sont pas applicables."
            for g in self.trials
        )
        return (*trials, *((WATERMARK,) if self.synthetic else ()))

    @property
    def short_mark(self) -> str:
        """The same in a few words, for the top of a page or a column."""
        words = [w for w, on in (("ESSAI", bool(self.trials)), ("DONNÉES SYNTHÉTIQUES", self.synthetic)) if on]
        return " — ".join(words)


def open_run(folder: Path, bag: Bag) -> Run | None:
    """The run of a folder; ``None`` and a diagnostic when it is not one, or not whole."""
    receipt = read_receipt(folder)
    day = _day(receipt)
    results = parquet_parts(folder, "resultats")
    if receipt is None or day is None or not results:
        lack = (
            "recu.json manque ou ne se lit pas" if receipt is None or day is None else "la table « resultats » manque"
        )
        bag.add("FX5060", f"Ce n'est pas un dossier de résultats : {lack}.", Cell(str(folder)),
                "Donnez le dossier écrit par « fluxrules score », au format Parquet.")  # fmt: skip
        return None
    try:
        columns = pl.scan_parquet(results, glob=False).collect_schema().names()
        found = [c for c in IDENTIFIERS if c in columns]
        if len(found) != 1 or "territoire" not in columns:
            raise ValueError(columns)
        last = pl.scan_parquet(results, glob=False).select(pl.col(found[0]).str.ends_with(SYNTHETIC).any())
        synthetic = WATERMARK in str(receipt.get("mention", "")) or bool(last.collect().item())
    except (pl.exceptions.PolarsError, OSError, ValueError):
        bag.add("FX5060", "La table « resultats » ne se lit pas, ou n'a pas les colonnes attendues.", Cell(str(results[0])),
                "Relancez « fluxrules score ».")  # fmt: skip
        return None
    return Run(folder, receipt, day, _grids(receipt), _tables(folder), found[0], synthetic)


def read_receipt(folder: Path) -> dict[str, Any] | None:
    """What ``recu.json`` holds, ``None`` when it is not there or is not a receipt."""
    try:
        read = json.loads((folder / RECEIPT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return read if isinstance(read, dict) else None


def _day(receipt: dict[str, Any] | None) -> date | None:
    try:
        return date.fromisoformat(str((receipt or {}).get("date de référence")))
    except ValueError:
        return None


def _grids(receipt: Mapping[str, Any]) -> tuple[RunGrid, ...]:
    raw = receipt.get("grilles")
    return tuple(
        RunGrid(
            str(g.get("nom") or ""),
            str(g.get("nature") or "inconnue"),
            _territories(g),
            str(g.get("empreinte") or ""),
            str(g.get("délibération") or ""),
            tuple(str(d) for d in acts) if isinstance(acts := g.get("dérogations"), list) else (),
        )
        for g in (raw if isinstance(raw, list) else [])
        if isinstance(g, dict)
    )


def _territories(grid: Mapping[str, Any]) -> tuple[str, ...]:
    several = grid.get("territoires")
    found = several if isinstance(several, list) else [grid.get("territoire")]
    return tuple(t for t in found if isinstance(t, str) and t)


def _tables(folder: Path) -> dict[str, tuple[Path, ...]]:
    found = {
        name: tuple(parquet_parts(folder, name))
        for name in ("resultats", "positions", "repartition", "quantiles", "rejets")
    }
    inside = folder / LINES
    names = sorted({p.stem if p.suffix == ".parquet" else p.name for p in inside.iterdir()}) if inside.is_dir() else []
    found |= {f"{LINES}/{name}": tuple(parquet_parts(inside, name)) for name in names}
    return {name: files for name, files in found.items() if files}


def notice(run: Run, kinds: Sequence[str] = ()) -> list[tuple[str, str]]:
    """What must be read before the tables (all, or those of ``kinds``): the date, the grids, the watermarks; label and text."""
    rows: list[tuple[str, str]] = [("Résultats d'une cotation, calculés par fluxrules", "")]
    rows += [("ATTENTION", mark) for mark in run.watermarks]
    rows += [("À savoir", ADVICE), ("Date de référence", show_date(run.day))]
    for g in run.grids:
        named = [f"{nom_territoire(t) or 'territoire inconnu'} ({t})" for t in g.territories[:20]]
        more = f" et {len(g.territories) - 20} autres" if len(g.territories) > 20 else ""
        where = (" ; ".join(named) or "sans territoire") + more
        rows.append(("Grille", f"« {g.name} », {g.nature}, {where}, {g.version}"))
    if run.identifier == PSEUDONYM:
        rows.append(
            (
                "Pseudonymes",
                "Le numéro unique est remplacé par un pseudonyme à clé ; ce sont toujours des données personnelles.",
            )
        )
    rows.append(("Version de fluxrules", str(run.receipt.get("fluxrules", "inconnue"))))
    for name in {n.partition("/")[0]: n for n in run.tables}.values():
        table = name.partition("/")[0]
        if kinds and table not in kinds:
            continue
        rows.append((f"Colonnes de « {table} »", ""))
        present = run.scan(name).collect_schema().names()
        for column, text in COLUMNS[table].items():
            if column == KEY and run.identifier in present:
                rows.append((run.identifier, "pseudonyme de la demande" if run.identifier == PSEUDONYM else text))
            elif column in present or " " in column:
                rows.append((column, text))
    return rows
