"""A whole run as an analyst writes it by hand in Polars: notes, places wanted, positions, distribution, from Parquet to Parquet.

``python tests/benchmarks/hand_written_run.py DONNEES SORTIE``. Nulls are read as 0; nothing says what is missing.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.hand_written import hand_written_note  # noqa: E402

DAY = date(2026, 9, 1)


def main(data: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    communes = pl.read_csv(ROOT / "rulesets/référentiels/communes.csv", infer_schema=False).select(
        pl.col("commune").alias("code_commune"), "territoire"
    )
    demandes = pl.scan_parquet(data / "demandes" / "*.parquet").filter(pl.col("statut_demande") != "radiee")
    notes = demandes.select(
        "numero_unique", hand_written_note(DAY), "date_depot_initial", "types_logement_recherches"
    ).collect()
    pairs = (
        pl.scan_parquet(data / "choix" / "*.parquet")
        .select("numero_unique", "code_commune")
        .join(communes.lazy(), on="code_commune", how="inner")
        .drop_nulls("territoire")
        .select("numero_unique", "territoire")
        .unique()
        .collect()
    )
    results = pairs.join(notes, on="numero_unique", how="inner")
    results.select("numero_unique", "territoire", "note").write_parquet(out / "resultats.parquet")
    group = ["territoire", "types_logement_recherches"]
    positions = results.explode("types_logement_recherches").with_columns(
        pl.struct(-pl.col("note"), "date_depot_initial").rank("min").over(group).alias("position"),
        pl.len().over(group).alias("effectif"),
    )
    positions.select("numero_unique", *group, "position", "effectif").write_parquet(out / "positions.parquet")
    spread = positions.group_by(group).agg(
        pl.len().alias("effectif"),
        *(pl.col("note").quantile(q).alias(f"q{int(100 * q)}") for q in (0.1, 0.25, 0.5, 0.75, 0.9)),
    )
    spread.sort(group).write_parquet(out / "repartition.parquet")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
