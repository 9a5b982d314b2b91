"""The dwellings of one département, programme by programme, as arrays of codes; text is made at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from fluxrules.data.flux.population.figures import flux_figures
from fluxrules.data.flux.population.plan import DWELLINGS, FluxRequest, Plan, exempt_of
from fluxrules.data.population.laws import Bools, Draws, Floats, Ints, Law

FUNDING = ("PLAI", "PLAIA", "PLUS", "PLS", "HLMO")
OLD = 1977
"""Before it, dwellings for the ceilings of the PLUS were « HLM ordinaires »."""
EXEMPT = ("gendarmerie", "armee", "hopital")


@dataclass(frozen=True)
class Parc:
    """One row a dwelling; ``programme`` is the rank of its programme, whose own arrays follow. ``holding``: a row of the plan."""

    code: str
    programme: Ints
    holding: Ints
    typologie: Ints
    funding: Ints
    conventioned: Bools
    accessible: Bools
    energy: Ints
    holding_of: Ints
    qpv_2015: Ints
    """The number of the QPV in the département; -1 for none."""
    qpv_2024: Ints
    individual: Bools
    built: Ints
    delivered: Ints
    """The day of the first letting, if it is in the years with data; else -1."""
    reserved: Ints
    """The service that it is named for, a rank of ``EXEMPT``; else -1."""

    @property
    def size(self) -> int:
        return len(self.programme)


def draw_parc(request: FluxRequest, plan: Plan, d: int) -> Parc:
    """The parc of a département on the last day of the last year."""
    figures, draws = flux_figures(), Draws(request.seed, d + 1, DWELLINGS)
    held = np.flatnonzero(plan.departement == d)
    sizes = plan.size[held]
    programmes = np.maximum(np.round(sizes / figures.value("logements_par_programme")), 1).astype(np.int64)
    first = np.concatenate([[0], programmes.cumsum()])
    holding_of = np.repeat(held, programmes)
    number = len(holding_of)
    within = np.arange(sizes.sum()) - np.repeat(sizes.cumsum() - sizes, sizes)
    programme = np.repeat(first[:-1], sizes) + within * np.repeat(programmes, sizes) // np.repeat(sizes, sizes)
    in_qpv = plan.in_city[holding_of] & (draws(number) < plan.qpv_rate)
    quarter = _quarters(plan, holding_of, draws(number))
    moved, way = draws(number) < figures.value("qpv_change_2024") / 2, draws(number)
    built = _built(figures.laws["annee_construction"], draws, number)
    day = _delivered(request, draws, number)
    built = np.where(day >= 0, _year_of(day), built)
    size = int(sizes.sum())
    ceiling = figures.laws["plafonds"].draw(draws(size))
    adapted = draws(size) < figures.value("plai_adapte")
    old = built[programme] < OLD
    return Parc(
        code=plan.departements[d],
        programme=programme,
        holding=np.repeat(held, sizes),
        typologie=figures.laws["type_logement"].draw(draws(size)),
        funding=_funding(figures.laws["plafonds"], ceiling, adapted, old),
        conventioned=draws(size) >= figures.value("non_conventionne"),
        accessible=draws(size) < figures.value("accessible"),
        energy=figures.laws["classe_dpe"].draw(draws(size)),
        holding_of=holding_of,
        qpv_2015=np.where((in_qpv & ~moved) | (moved & plan.in_city[holding_of] & (way < 0.5)), quarter, -1),
        qpv_2024=np.where(in_qpv, quarter, -1),
        individual=draws(number) >= figures.value("collectif"),
        built=built,
        delivered=day,
        reserved=_reserved(request, plan, d, holding_of, draws),
    )


def _quarters(plan: Plan, holding_of: Ints, u: Floats) -> Ints:
    """One to four QPV a commune, numbered over the département."""
    commune, place = np.unique(plan.commune[holding_of], return_inverse=True)
    people = plan.communes["population"].to_numpy()[commune]
    several = np.clip(people // 20_000, 1, 4)
    number: Ints = (several.cumsum() - several)[place] + (u * several[place]).astype(np.int64)
    return number


def _built(law: Law, draws: Draws, size: int) -> Ints:
    year: Ints = np.array([int(v) for v in law.values])[law.draw(draws(size))] + draws.whole(9, size)
    return year


def _delivered(request: FluxRequest, draws: Draws, size: int) -> Ints:
    """Programmes whose first letting is in one of the years: so many a year, at a day of it."""
    rate = flux_figures().value("livraisons")
    year = np.floor(draws(size) / rate)
    day = _day(request.year, 1, 1) - 365 * year + draws.whole(330, size)
    return np.where(year < request.years, day, -1).astype(np.int64)


def _reserved(request: FluxRequest, plan: Plan, d: int, holding_of: Ints, draws: Draws) -> Ints:
    """The smallest programme of a bailleur that has a convention with an exempt service is named for it."""
    service = np.full(len(holding_of), -1)
    exempt = exempt_of(request, plan.departement, plan.bailleur)
    kinds = draws.whole(len(EXEMPT), len(exempt))
    owner = plan.bailleur[holding_of]
    for key, kind in zip(exempt, kinds, strict=True):
        if key // 10_000 == d:
            service[np.flatnonzero(owner == key % 10_000)[-1]] = kind
    return service


def _funding(law: Law, ceiling: Ints, adapted: Bools, old: Bools) -> Ints:
    plain = np.array([FUNDING.index(v) for v in law.values])[ceiling]
    plain = np.where((plain == FUNDING.index("PLAI")) & adapted, FUNDING.index("PLAIA"), plain)
    found: Ints = np.where((plain == FUNDING.index("PLUS")) & old, FUNDING.index("HLMO"), plain)
    return found


def _day(year: int, month: int, day: int) -> int:
    return int(np.datetime64(f"{year:04}-{month:02}-{day:02}", "D").astype(np.int64))


def _year_of(days: Ints) -> Ints:
    years: Ints = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return years


def dwellings_frame(plan: Plan, parc: Parc, occupation: Ints, left: Ints) -> pl.DataFrame:
    """The table « logements ». ``occupation``: codes from 1; ``left``: the day a dwelling left the parc, else -1."""
    laws, row = flux_figures().laws, parc.programme
    code = parc.code if len(parc.code) == 3 else f"0{parc.code}"
    quarters = max(int(parc.qpv_2024.max(initial=0)), int(parc.qpv_2015.max(initial=0))) + 1
    new = [f"QN{code}{n % 99 + 1:02}{chr(ord('A') + n // 99)}" for n in range(quarters)]
    old = [f"QP{code}{n + 1:03}" for n in range(quarters)]
    delivered = parc.delivered[row]
    return pl.DataFrame({
        "id_logement": identifiers(f"{parc.code}-", parc.size),
        "siren_bailleur": _picked(sirens(plan), plan.bailleur[parc.holding]),
        "code_commune": _picked(plan.communes["commune"].to_list(), plan.commune[parc.holding]),
        "code_qpv_2015": _picked(old, parc.qpv_2015[row]),
        "code_qpv_2024": _picked(new, parc.qpv_2024[row]),
        "typologie": _picked(laws["type_logement"].values, parc.typologie),
        "financement": _picked(FUNDING, parc.funding),
        "type_construction": _picked(("C", "I"), parc.individual[row].astype(np.int64)),
        "nature_logement": pl.repeat("O", parc.size, dtype=pl.Categorical, eager=True),
        "conventionne": parc.conventioned,
        "occupation": _picked(("1", "2", "3", "4", "5"), occupation - 1),
        "annee_construction": parc.built[row].astype(np.int16),
        "date_premiere_location": days(delivered),
        "accessible_pmr": parc.accessible,
        "classe_dpe": _picked(laws["classe_dpe"].values, parc.energy),
        "programme": _picked(programme_names(plan, parc), row),
        "reserve_stock": _picked([f"{name}-{parc.code}" for name in EXEMPT], parc.reserved[row]),
        "date_entree": days(delivered),
        "date_sortie": days(left),
    })  # fmt: skip


def programme_names(plan: Plan, parc: Parc) -> list[str]:
    """« programme 51454-0012-3 »: its commune, its bailleur, its number there."""
    held = parc.holding_of
    at = np.arange(len(held)) - np.searchsorted(held, held) + 1
    communes = plan.communes["commune"].to_list()
    return [
        f"programme {communes[c]}-{b + 1:04}-{n}"
        for c, b, n in zip(plan.commune[held].tolist(), plan.bailleur[held].tolist(), at.tolist(), strict=True)
    ]


def sirens(plan: Plan) -> list[str]:
    """Invented: no body has a SIREN that begins so."""
    return [f"{900_000_001 + b}" for b in range(int(plan.bailleur.max()) + 1)]


def identifiers(prefix: str, size: int) -> pl.Series:
    return pl.select(
        pl.concat_str(pl.lit(prefix), pl.int_range(1, size + 1, eager=False).cast(pl.String).str.zfill(7))
    ).to_series()


def days(values: Ints) -> pl.Series:
    """Days since 1970 as dates; a negative one is unknown."""
    column = pl.Series(values.astype(np.int32))
    return column.set(column < 0, None).cast(pl.Date)


def _picked(values: Sequence[str], ranks: Ints) -> pl.Series:
    """Text by rank; a negative rank is empty."""
    names = pl.Series(values, dtype=pl.String)
    at = pl.Series(ranks.astype(np.int64))
    return names.gather(at.set(at < 0, None))
