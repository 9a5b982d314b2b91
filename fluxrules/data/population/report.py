"""A synthetic population set against the figures: counted part by part, added up, then compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce

import numpy as np
import polars as pl

from fluxrules.data.population.counted import households
from fluxrules.data.population.figures import load_laws
from fluxrules.data.population.laws import Floats
from fluxrules.data.population.measures import Measure, measures
from fluxrules.data.tables import Tables

AGREES, DEPARTS, UNSEEN, ELSEWHERE = "", "ÉCART", "absent", "hors champ"
"""``absent``: no demande to show it. ``hors champ``: a figure of France, and a population of some places."""
_POINTS, _PART_OF_SHARE, _PART = 0.005, 0.05, 0.02
"""The usual tolerances: half a point of a share, a twentieth of a small one; a fiftieth of an amount."""
_SIGMAS = 4
_STEP, _BINS = 50, 2000
"""Yearly incomes per consumption unit are counted by steps of 50 €, up to 100,000 €."""
_QUARTILES = {
    "premier_quartile": ("premier quartile, €/an par unité (2023)", None),
    "premier_quartile_2022": ("premier quartile, €/an par unité (2022)", None),
    "premier_quartile_hdf": ("premier quartile, Hauts-de-France (2023)", "32"),
    "premier_quartile_idf": ("premier quartile, Île-de-France (vers 2021)", "11"),
}
_SCHEMA = {
    "figure": pl.String, "cible": pl.Float64, "obtenu": pl.Float64, "tolerance": pl.Float64, "verdict": pl.String,
    "statut": pl.String, "sources": pl.String, "raison": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Tally:
    """Sums over demandes, that add up: for each measure, of its weights, of its values, of their squares; and incomes."""

    sums: Floats
    incomes: Floats

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.sums + other.sums, self.incomes + other.incomes)


def tally(tables: Tables, reference: date) -> Tally:
    """What the active demandes of these tables add to the measures."""
    homes = households(tables, reference)
    persons = homes.filter(~pl.col("association"))
    sums = np.zeros((len(measures()), 3))
    for frame, wanted in ((persons, False), (homes, True)):
        at = [rank for rank, m in enumerate(measures()) if (m.figure == "association") == wanted]
        row = frame.select(
            expr.alias(f"{rank} {n}") for rank in at for n, expr in enumerate(_sums(measures()[rank]))
        ).row(0)
        sums[at] = np.array([value or 0.0 for value in row], dtype=np.float64).reshape(-1, 3)
    known = persons.drop_nulls("par_unite")
    incomes = np.stack(
        [_counted(known.filter(region=region) if region else known) for _, region in _QUARTILES.values()]
    )
    return Tally(sums, incomes)


def compare(tallies: Iterable[Tally], *, everywhere: bool = True) -> pl.DataFrame:
    """What was aimed at and what was obtained, with what each figure is worth (``statut``) and its sources.

    The tolerance is that of the figure, plus what chance alone may do with that many demandes. Targets are those of France: a
    population kept to some places (``everywhere`` false) departs from them, as it should, and gets no verdict.
    """
    total = reduce(Tally.__add__, tallies)
    lines = []
    for measure, (weight, summed, squared) in zip(measures(), total.sums, strict=True):
        obtained = summed / weight if weight > 0 else None
        chance = np.sqrt(max(squared / weight - (obtained or 0.0) ** 2, 0.0) / weight) if weight > 0 else 0.0
        lines.append(_line(measure.figure, measure.label, measure.target, obtained, _SIGMAS * chance))
    for (figure, (label, _)), counts in zip(_QUARTILES.items(), total.incomes, strict=True):
        aim, size = load_laws().value(figure), counts.sum()
        obtained = _STEP * float(np.interp(size / 4, counts.cumsum(), np.arange(1, _BINS + 1))) if size else None
        # The spread of a first quartile, for a log-normal law of this sigma.
        chance = 1.36 * load_laws().value("niveau_sigma") / np.sqrt(max(size, 1.0))
        lines.append(_line(figure, label, aim, obtained, _SIGMAS * chance * aim))
    order = {"publié": 0, "calculé": 1, "hypothèse": 2}
    compared = pl.DataFrame(lines, schema=_SCHEMA, orient="row").sort(
        pl.col("statut").replace_strict(order), maintain_order=True
    )
    return compared if everywhere else compared.with_columns(verdict=pl.lit(ELSEWHERE), raison=pl.lit(""))


def describe(tables: Tables, reference: date) -> pl.DataFrame:
    """The comparison of a population held in memory."""
    return compare([tally(tables, reference)])


def _line(figure: str, label: str, aim: float, obtained: float | None, chance: float) -> tuple[object, ...]:
    known = load_laws().figures[figure]
    own = _PART * aim if aim > 1 else min(_POINTS, _PART_OF_SHARE * aim)
    if known.tolerance is not None:
        own = known.tolerance * aim if aim > 1 else known.tolerance
    tolerance = own + chance
    if obtained is None:
        verdict = UNSEEN
    else:
        low = aim - (chance if known.at_least else tolerance)
        verdict = AGREES if low <= obtained <= aim + tolerance else DEPARTS
    reason = known.reason if verdict == DEPARTS else ""
    return label, aim, obtained, tolerance, verdict, known.status, " ".join(known.sources), reason


def _sums(measure: Measure) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """The sums of a ``Tally``. The square of a condition is the condition: counting is much faster than multiplying."""
    value = measure.value
    if measure.weight is None:
        summed = value.sum()
        return value.count(), summed, summed if measure.share else value.cast(pl.Float64).pow(2).sum()
    value, weight = value.cast(pl.Float64), measure.weight.cast(pl.Float64)
    return weight.filter(value.is_not_null()).sum(), (weight * value).sum(), ((weight * value).pow(2)).sum()


def _counted(homes: pl.DataFrame) -> Floats:
    steps = np.clip(homes["par_unite"].to_numpy() / _STEP, 0, _BINS - 1).astype(np.int64)
    return np.bincount(steps, minlength=_BINS).astype(np.float64)
