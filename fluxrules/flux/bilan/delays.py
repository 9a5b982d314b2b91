"""How long dwellings wait (T8): freed to designated, freed to let; those still vacant; and the work that it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from fluxrules.flux.bilan.basis import FLUX, KEY, NOBODY, SUBTRACTED, Basis
from fluxrules.flux.bilan.dimensions import HOLDER
from fluxrules.flux.bilan.table import Table

_LEGS = {"libre → désigné": ("date_liberation", "designe"), "libre → bail": ("date_liberation", "bail"), "prêt → bail": ("date_disponible", "bail")}  # fmt: skip


def delays(basis: Basis) -> Table:
    """In days, for what ended in the year. A negative wait (designated before the dwelling was free) counts as it is."""
    rows = basis.freed.filter(pl.col("destin").is_in((FLUX, SUBTRACTED)) & (pl.col("tenu_par") != NOBODY))
    days = rows.select(basis.name("tenu_par"), *dict.fromkeys(d for leg in _LEGS.values() for d in leg)).to_dicts()
    lines = [line for name, (start, end) in _LEGS.items() for line in _waits(name, start, end, days, basis.year.year)]
    frame = pl.DataFrame(lines, schema=_SCHEMA, orient="row")
    closing = pl.date(basis.year.year, 12, 31)
    waiting = basis.freed.filter(
        pl.col("destin").is_in((FLUX, SUBTRACTED)) & (pl.col("date_liberation") <= closing) & (pl.col("bail").is_null() | (pl.col("bail") > closing))
    )  # fmt: skip
    new = int(waiting.select(basis.in_year("date_liberation").sum()).item())
    return Table("T8-delais", "Délais et vacance", frame, (f"Libérés dans l'année et sans bail au 31/12/{basis.year.year} : {new}.",
                 f"Libérés avant, et dont les tables ne donnent aucun bail jusqu'à ce jour : {len(waiting) - new} (vacants, ou bail non saisi).",
                 "Délais en jours, pour ce qui s'est achevé dans l'année ; négatif quand on désigne avant le départ."))  # fmt: skip


_SCHEMA = {"Délai": pl.String, HOLDER: pl.String, "Logements": pl.Int64, "Jour inconnu": pl.Int64, "Médiane (jours)": pl.Float64,
           "Moyenne (jours)": pl.Float64, "Plus long (jours)": pl.Int64}  # fmt: skip


def _waits(
    name: str, start: str, end: str, rows: Sequence[Mapping[str, Any]], year: int
) -> Iterator[tuple[object, ...]]:
    """A line a réservataire, then all of them."""
    found: dict[str, list[int | None]] = {}
    every: list[int | None] = []
    for row in rows:
        if row[end] is None or row[end].year != year:
            continue
        wait = (row[end] - row[start]).days if row[start] is not None else None
        found.setdefault(row["tenu_par"], []).append(wait)
        every.append(wait)
    for who, waits in (*sorted(found.items()), *((("Ensemble", every),) if every else ())):
        known = sorted(w for w in waits if w is not None)
        half = len(known) // 2
        middle = Fraction(known[half] + known[-1 - half], 2) if known else None
        mean = Fraction(sum(known), len(known)) if known else None
        yield name, who, len(waits), len(waits) - len(known), _tenths(middle), _tenths(mean), max(known, default=None)


def _tenths(value: Fraction | None) -> float | None:
    """For the eye, halves away from zero."""
    return None if value is None else int(value * 10 + (Fraction(1, 2) if value >= 0 else -Fraction(1, 2))) / 10


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
