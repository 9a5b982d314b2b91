"""A small run folder, written by hand as ``fluxrules score`` lays it out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

DAY = date(2026, 9, 1)
REIMS, PARIS = "200067213", "217500016"


def grid(**changes: Any) -> dict[str, Any]:
    return {"nom": "reims", "nature": "en vigueur", "territoires": [REIMS], "empreinte": "a1" * 32} | changes


def write_run(
    folder: Path, numbers: list[str], *, day: date = DAY, grids: list[dict[str, Any]] | None = None, **more: Any
) -> Path:
    """``resultats`` in two parts, ``positions``, one grid's ``lignes``, empty ``rejets``, and the receipt."""
    grids = grids or [grid()]
    results = pl.DataFrame(
        [
            (n, t, g["nom"], 10 * i, 10 * i, 10 * i + 5, ["rfr_n2"] if i else [])
            for i, n in enumerate(numbers)
            for g in grids
            for t in g["territoires"] or [""]
        ],
        schema={
            "numero_unique": pl.String,
            "territoire": pl.String,
            "grille": pl.String,
            "note": pl.Int64,
            "note_min": pl.Int64,
            "note_max": pl.Int64,
            "manque": pl.List(pl.String),
        },
        orient="row",
    )
    (folder / "resultats").mkdir(parents=True)
    half = len(results) // 2
    results[:half].write_parquet(folder / "resultats" / "00000.parquet")
    results[half:].write_parquet(folder / "resultats" / "00001.parquet")
    base = results.select("numero_unique", "territoire")
    base.select(
        pl.all(),
        pl.lit("T2").alias("classe"),
        pl.int_range(1, pl.len() + 1).alias("position"),
        pl.len().cast(pl.Int64).alias("effectif"),
    ).write_parquet(folder / "positions.parquet")
    (folder / "lignes").mkdir()
    for g in grids:
        own = base.filter(pl.col("territoire").is_in(g["territoires"] or [""]))
        own.with_columns(pl.lit(10).alias("DALO"), pl.lit(None, dtype=pl.Int64).alias("-enfants")).write_parquet(
            folder / "lignes" / f"{g['nom']}.parquet"
        )
    pl.DataFrame(schema={"fichier": pl.String, "ligne": pl.Int64, "motif": pl.String}).write_parquet(
        folder / "rejets.parquet"
    )
    receipt = {"fluxrules": "0.1.0", "date de référence": day.isoformat(), "grilles": grids} | more
    (folder / "recu.json").write_text(json.dumps(receipt), "utf-8")
    return folder


def write_choix(folder: Path, wanted: list[tuple[str, int, str]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(
        wanted, schema={"numero_unique": pl.String, "rang": pl.Int64, "code_commune": pl.String}, orient="row"
    )
    frame.write_parquet(folder / "choix.parquet")
    return folder


def numbers_in(folder: Path) -> set[str]:
    """The demandes named by the Parquet tables of a folder."""
    found: set[str] = set()
    for path in folder.rglob("*.parquet"):
        frame = pl.read_parquet(path)
        for column in ("numero_unique", "pseudonyme"):
            if column in frame.columns:
                found |= set(frame[column].to_list())
    return found
