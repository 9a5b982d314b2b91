"""Who owns how many dwellings where: bailleurs over départements, then over communes. Small arrays, the same for every process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from fluxrules.data.flux.population.figures import flux_figures
from fluxrules.data.population.laws import Bools, Draws, Floats, Ints
from fluxrules.vocabulary.territoires import load_communes

WHOLE = 0
"""The block of what is drawn for all départements at once; that of a département is its rank from 1."""
OWNERS, PRESENCE, HOLDERS, DWELLINGS, RELEASES, LETTINGS, TERMS, YEARS = range(100, 108)
"""The subjects of chance: each has streams of its own."""
_LEAST = 12
"""Dwellings of the smallest parc that a commune may have."""


@dataclass(frozen=True)
class FluxRequest:
    """The arguments of a synthetic flux. ``year`` is the last of ``years`` with data. Raises ``ValueError`` (a French sentence)."""

    bailleurs: int
    seed: int
    year: int
    years: int = 2
    dwellings: int | None = None
    conventions: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.bailleurs <= 5000:
            raise ValueError(f"Le nombre de bailleurs va de 1 à 5000 : {self.bailleurs}.")
        if self.seed < 0:
            raise ValueError(f"La graine est un entier positif ou nul : {self.seed}.")
        if not 1 <= self.years <= 5:
            raise ValueError(f"Le nombre d'années va de 1 à 5 : {self.years}.")
        if self.parc < 100 * self.bailleurs:
            raise ValueError(f"Il faut au moins 100 logements par bailleur : {self.parc} pour {self.bailleurs}.")

    @property
    def parc(self) -> int:
        """As many dwellings as France for 700 bailleurs, in proportion, unless it is said."""
        return self.dwellings or round(flux_figures().value("nb_logements") * self.bailleurs / 700)

    @property
    def wanted(self) -> int:
        return self.conventions or round(flux_figures().value("conventions") * self.bailleurs / 700)


@dataclass(frozen=True)
class Plan:
    """``holdings``: a row for each bailleur and commune where it has dwellings; ``commune`` is a row of ``communes``.

    Departements have the rank of their code among all those of the communes.
    """

    communes: pl.DataFrame
    departements: tuple[str, ...]
    active: Ints
    """Ranks of the départements where somebody owns something."""
    departement: Ints
    bailleur: Ints
    commune: Ints
    size: Ints
    in_city: Bools
    """Whether there may be a QPV."""
    qpv_rate: float
    """The share of programmes in a QPV where there may be one."""
    with_commune: Bools
    """Whether the commune has a convention with this bailleur."""
    conventions: int
    """Those of all kinds, in all départements."""


@cache
def plan_of(request: FluxRequest) -> Plan:
    """Drawn once a process."""
    figures = flux_figures()
    communes = _communes()
    names = tuple(communes["departement"].unique().sort())
    home = communes["departement"].replace_strict(list(names), range(len(names)), return_dtype=pl.Int32).to_numpy()
    people = communes["population"].to_numpy().astype(np.float64)
    bounds = [int(k) for k in figures.figures["poids_commune"].values]
    factors = np.array(list(figures.figures["poids_commune"].values.values()))
    weight = people * factors[np.searchsorted(bounds, people, side="right") - 1]
    by_home = np.bincount(home, weight).astype(np.float64)
    owned = _owners(request, by_home)
    active = np.flatnonzero(owned.any(axis=0))
    stock = apportioned(by_home[active], request.parc)
    rows = [
        _holdings(request, int(d), np.flatnonzero(home == d), weight, owned[:, d], int(n))
        for d, n in zip(active, stock, strict=True)
    ]
    bailleur, commune, size = (np.concatenate([r[i] for r in rows]) for i in range(3))
    departement = np.repeat(active, [len(r[0]) for r in rows])
    in_city = people[commune] >= figures.value("qpv_habitants")
    rate = figures.value("qpv") * size.sum() / max(size[in_city].sum(), 1)
    chosen, total = _conventions(request, communes, departement, bailleur, commune, size)
    return Plan(
        communes, names, active, departement, bailleur, commune, size, in_city, min(rate, 1.0), chosen, total
    )  # fmt: skip


def _communes() -> pl.DataFrame:
    """Communes of today that have inhabitants, in the order of their codes."""
    known = load_communes()
    return known.filter(
        pl.col("commune_mere").is_null() & (pl.col("population") > 0) & pl.col("territoire").is_not_null()
    ).sort("commune")


def _owners(request: FluxRequest, weight: Floats) -> Bools:
    """Bailleurs × départements: the first bailleurs are at home each in one of its own, the others where there are people."""
    draws = Draws(request.seed, WHOLE, OWNERS)
    law = flux_figures().laws["departements_du_bailleur"]
    wanted = np.array([int(v) for v in law.values])[law.draw(draws(request.bailleurs))]
    shares = np.where(weight > 0, weight / weight.sum(), 1e-12)
    score = np.log(shares)[None, :] - np.log(-np.log(1 - draws(request.bailleurs * len(weight)) + 1e-300)).reshape(
        request.bailleurs, -1
    )
    first = min(request.bailleurs, len(weight))
    score[np.arange(first), np.argsort(-weight)[:first]] = np.inf
    ranks = np.argsort(np.argsort(-score, axis=1), axis=1)
    owned: Bools = ranks < wanted[:, None]
    return owned


def apportioned(weights: Floats, total: int) -> Ints:
    """Whole numbers that go as the weights and sum to the total."""
    edges = np.round(np.cumsum(weights) / weights.sum() * total)
    parts: Ints = np.diff(edges, prepend=0).astype(np.int64)
    return parts


def _holdings(
    request: FluxRequest, d: int, places: Ints, weight: Floats, owned: Bools, stock: int
) -> tuple[Ints, Ints, Ints]:
    """Bailleur, commune and size, for one département. The largest bailleur of a commune keeps what is too small to share."""
    draws = Draws(request.seed, d + 1, PRESENCE)
    owners = np.flatnonzero(owned)
    force = np.exp(draws.normal(len(owners)))
    share = weight[places] / weight[places].sum() * stock
    kept = share >= min(_LEAST, share.max())
    places, share = places[kept], share[kept]
    parc = apportioned(share, stock)
    several = np.clip(np.round(np.sqrt(parc / 7)), 1, len(owners))
    chance = draws(len(places) * len(owners)).reshape(len(places), -1)
    score = np.log(force)[None, :] - np.log(-np.log(1 - chance + 1e-300))
    present = np.argsort(np.argsort(-score, axis=1), axis=1) < several[:, None]
    present[np.argmax(parc), ~present.any(axis=0)] = True  # whoever is in the département has something there
    weights = np.where(present, force[None, :], 0.0)
    edges = np.round(np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True) * parc[:, None])
    sizes = np.diff(edges, prepend=0, axis=1).astype(np.int64)
    at, who = np.nonzero(sizes)
    return owners[who], places[at], sizes[at, who]


def _conventions(
    request: FluxRequest, communes: pl.DataFrame, departement: Ints, bailleur: Ints, commune: Ints, size: Ints
) -> tuple[Bools, int]:
    """Communes that have a convention: those of the largest holdings, until there are as many conventions as wanted."""
    others = len(of_departements(request, departement, bailleur)) + len(
        of_epci(request, communes, departement, bailleur, commune)
    )
    exempt = exempt_of(request, departement, bailleur)
    pairs = len(np.unique(departement * 10_000 + bailleur))
    left = max(request.wanted - 2 * pairs - others - len(exempt), 0)
    chosen = np.zeros(len(size), dtype=np.bool_)
    chosen[np.lexsort((commune, bailleur, -size))[:left]] = True
    return chosen, 2 * pairs + others + len(exempt) + int(chosen.sum())


def of_departements(request: FluxRequest, departement: Ints, bailleur: Ints) -> Ints:
    """Département × bailleur (10,000 d + b) where the département guarantees loans."""
    return _some(request, np.unique(departement * 10_000 + bailleur), 1, "convention_departement")


def exempt_of(request: FluxRequest, departement: Ints, bailleur: Ints) -> Ints:
    """Département × bailleur with dwellings named for a service that stays in stock."""
    return _some(request, np.unique(departement * 10_000 + bailleur), 2, "convention_exempte")


def of_epci(request: FluxRequest, communes: pl.DataFrame, departement: Ints, bailleur: Ints, commune: Ints) -> Ints:
    """(10,000 d + b) × 10⁹ + SIREN of the EPCI where there is a convention. Paris, its own territory, is a commune."""
    siren = communes["territoire"].cast(pl.Int64).to_numpy()[commune]
    keys = np.unique(((departement * 10_000 + bailleur) * 10**9 + siren)[siren // 10**7 != 21])
    return _some(request, keys, 3, "convention_epci")


def _some(request: FluxRequest, keys: Ints, subject: int, figure: str) -> Ints:
    kept: Ints = keys[Draws(request.seed, subject, HOLDERS)(len(keys)) < flux_figures().value(figure)]
    return kept
