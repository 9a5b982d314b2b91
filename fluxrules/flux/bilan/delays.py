"""How long dwellings wait (T8): freed to designated, freed to let; those still vacant; and the work that it took."""

from __future__ import annotations

import polars as pl

from fluxrules.flux.bilan.basis import FLUX, KEY, NOBODY, SUBTRACTED, Basis
from fluxrules.flux.bilan.dimensions import HOLDER
from fluxrules.flux.bilan.table import Table

_LEGS = {"libre → désigné": ("date_liberation", "designe"), "libre → bail": ("date_liberation", "bail"), "prêt → bail": ("date_disponible", "bail")}  # fmt: skip


def delays(basis: Basis) -> Table:
    """In days, for what ended in the year. A negative wait (designated before the dwelling was free) counts as it is."""
    rows = basis.freed.filter(pl.col("destin").is_in((FLUX, SUBTRACTED)) & (pl.col("tenu_par") != NOBODY))
    rows = rows.with_columns(basis.name("tenu_par").alias(HOLDER))
    parts = []
    for name, (start, end) in _LEGS.items():
        wait = (pl.col(end) - pl.col(start)).dt.total_days()
        done = rows.filter(basis.in_year(end)).with_columns(wait.alias("j"))
        found = pl.concat([done, done.with_columns(pl.lit("Ensemble").alias(HOLDER))])
        parts.append(found.group_by(HOLDER).agg(
            pl.lit(name).alias("Délai"), pl.len().cast(pl.Int64).alias("Logements"), pl.col("j").null_count().cast(pl.Int64).alias("Jour inconnu"),
            pl.col("j").median().round(1).alias("Médiane (jours)"), pl.col("j").mean().round(1).alias("Moyenne (jours)"),
            pl.col("j").max().cast(pl.Int64).alias("Plus long (jours)"),
        ).sort(pl.col(HOLDER) == "Ensemble", HOLDER))  # fmt: skip
    frame = pl.concat(parts).select("Délai", HOLDER, pl.exclude("Délai", HOLDER))
    closing = pl.date(basis.year.year, 12, 31)
    waiting = basis.freed.filter(
        pl.col("destin").is_in((FLUX, SUBTRACTED)) & (pl.col("date_liberation") <= closing) & (pl.col("bail").is_null() | (pl.col("bail") > closing))
    )  # fmt: skip
    new = int(waiting.select(basis.in_year("date_liberation").sum()).item())
    return Table("T8-delais", "Délais et vacance", frame, (f"Libérés dans l'année et sans bail au 31/12/{basis.year.year} : {new}.",
                 f"Libérés avant, et dont les tables ne donnent aucun bail jusqu'à ce jour : {len(waiting) - new} (vacants, ou bail non saisi).",
                 "Délais en jours, pour ce qui s'est achevé dans l'année ; négatif quand on désigne avant le départ."))  # fmt: skip


def workload(basis: Basis) -> Table:
    """Commissions, files looked at, designations: what a year of flux asks for."""
    cases = basis.cases
    sat, designated = cases.filter(basis.in_year("date_commission")), cases.filter(basis.in_year("date_designation"))
    dwellings = sat[KEY].n_unique()
    lines = [
        ("Séances de la commission", sat["date_commission"].n_unique()), ("Logements passés en commission", dwellings),
        ("Décisions", len(sat)), ("Demandes examinées", int(sat["demandes_examinees"].sum() or 0)),
        ("Décisions sans nombre de demandes", sat["demandes_examinees"].null_count()),
        ("Désignations", len(designated)), ("Logements passés plusieurs fois en commission", int((sat[KEY].value_counts()["count"] > 1).sum())),
        ("Baux signés", cases.filter(basis.in_year("date_bail"))[KEY].n_unique()),
    ]  # fmt: skip
    return Table(
        "T8-charge",
        "Charge de travail",
        pl.DataFrame(lines, schema={"Mesure": pl.String, "Nombre": pl.Int64}, orient="row"),
    )
