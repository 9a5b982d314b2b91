"""The places wanted as a rule reads them: in the territory of a grid, each with whether the household lives or works there."""

from __future__ import annotations

import polars as pl

from fluxrules.data.tables import KEY, Tables
from fluxrules.vocabulary.territoires import load_communes

_ABROAD = "99"
_LINKS = {
    "code_commune_residence": "habite",
    "code_commune_travail_demandeur": "demandeur_travaille",
    "code_commune_travail_codemandeur": "codemandeur_travaille",
}


def wanted_places(tables: Tables, territory: str | None) -> pl.DataFrame | None:
    """The rows of ``choix`` that a grid reads, with the fields ``calculés`` of the vocabulary; ``None`` when not given.

    Those of ``territory`` (of any, for a grid without one), and those whose commune is unknown: they may be in it.
    """
    if tables.choix is None:
        return None
    frame = all_places(tables, tables.choix)
    if territory is not None:
        frame = frame.filter((pl.col("_territoire") == territory) | pl.col("code_commune").is_null())
    return frame.drop("_territoire")


def all_places(tables: Tables, choix: pl.DataFrame) -> pl.DataFrame:
    """``choix`` with the fields ``calculés`` of the vocabulary, and the territory of each row as ``_territoire``.

    An arrondissement, a delegated or a former commune counts as its commune of today. Unknown where a commune is.
    """
    wanted = _placed(choix.drop("territoire", strict=False), "code_commune", "")
    columns = [c for c in _LINKS if c in tables.demandes.columns]
    people = tables.demandes.select(KEY, *columns).with_columns(
        pl.lit(None, dtype=pl.String).alias(c) for c in _LINKS if c not in columns
    )
    frame = wanted.join(people, on=KEY, how="left", maintain_order="left")
    for column, link in _LINKS.items():
        frame = _placed(frame, column, f"_{link}").with_columns(*_compared(column, link))
    links = (f"{link}_{what}" for link in _LINKS.values() for what in ("commune", "territoire"))
    return frame.select(*choix.columns, *links, "_territoire")


def _placed(frame: pl.DataFrame, column: str, prefix: str) -> pl.DataFrame:
    """The frame with the commune of today, ``_main``, and the territory, ``_territoire``, of a column of codes."""
    known = load_communes().select(
        pl.col("commune").alias(column),
        pl.coalesce("commune_mere", "commune").alias(f"{prefix}_main"),
        pl.col("territoire").alias(f"{prefix}_territoire"),
    )
    return frame.join(known, on=column, how="left", maintain_order="left")


def _compared(column: str, link: str) -> tuple[pl.Expr, pl.Expr]:
    abroad = pl.col(column).str.starts_with(_ABROAD)
    known = (abroad | pl.col(f"_{link}_main").is_not_null()) & pl.col("_main").is_not_null()
    same = pl.col(f"_{link}_main") == pl.col("_main")
    near = pl.col(f"_{link}_territoire") == pl.col("_territoire")
    # A known commune that no territory holds is in none: that is known too.
    return (
        pl.when(known).then(same.fill_null(False)).alias(f"{link}_commune"),
        pl.when(known).then(near.fill_null(False)).alias(f"{link}_territoire"),
    )
