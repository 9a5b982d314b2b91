"""Where synthetic applicants live, work and wish to live: communes weighted by inhabitants and regional demandes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from fluxrules.data.population.figures import Laws, load_laws
from fluxrules.data.population.laws import Bools, Floats, Ints, relative
from fluxrules.vocabulary.territoires import HorsCotation, load_communes, nom_territoire, resolve_epci

ILE_DE_FRANCE = "11"
ZONES = ("tendue", "intermediaire", "detendue")
RELATIONS = ("commune", "territoire", "departement", "ailleurs")
_TRIES = 6
_NOTHING = 1e-6
"""Less than this weight is a rounding error; the smallest commune has some thousandths of a demande."""


@dataclass(frozen=True)
class Runs:
    """For each place, the first rank and the one after the last of a group in some order."""

    low: Ints
    high: Ints


@dataclass(frozen=True)
class Order:
    """All the places in one order, so that a group of them is a run of ranks, and weights add up along it."""

    places: Ints
    rank: Ints
    sums: Floats
    """Weight of the places before each rank, and of all of them at the end."""

    @classmethod
    def of(cls, weights: Floats, *keys: Ints) -> Order:
        """The places sorted by these keys, the first one first."""
        places = np.lexsort(keys[::-1])
        rank = np.empty_like(places)
        rank[places] = np.arange(len(places))
        return cls(places, rank, np.concatenate([[0.0], weights[places].cumsum()]))

    def runs(self, *keys: Ints) -> Runs:
        """The groups of the places that have the same keys, those that the order starts with."""
        ordered = np.stack([key[self.places] for key in keys])
        new = np.append(True, (ordered[:, 1:] != ordered[:, :-1]).any(axis=0))
        bounds = np.append(np.flatnonzero(new), len(new))
        group = (np.cumsum(new) - 1)[self.rank]
        return Runs(bounds[group], bounds[group + 1])

    def draw(self, u: Floats, stay: Floats, home: Ints, among: Runs, out: Runs) -> Ints:
        """A place of the run ``among``, but not of the run ``out`` that lies within it.

        Where the latter is nearly all of the former, it is often there after all (``stay`` decides): not everyone who looks around
        Marseille wishes to live in Arles.
        """
        low, high, first, last = among.low[home], among.high[home], out.low[home], out.high[home]
        hole, whole = self.sums[last] - self.sums[first], self.sums[high] - self.sums[low]
        stays = (stay < (hole / whole) ** _TRIES) | (whole - hole < _NOTHING)
        at = self.sums[low] + u * (whole - hole)
        at = np.where(at >= self.sums[first], at + hole, at)
        at = np.where(stays, self.sums[first] + u * hole, at)
        rank = np.searchsorted(self.sums, at, side="right") - 1
        return self.places[np.clip(rank, np.where(stays, first, low), np.where(stays, last, high) - 1)]


@dataclass(frozen=True)
class Homes:
    """The law of home communes."""

    places: Ints
    cumulated: Floats

    def draw(self, u: Floats) -> Ints:
        """The places at ``u``."""
        return self.places[np.minimum(np.searchsorted(self.cumulated, u, side="right"), len(self.places) - 1)]


@dataclass(frozen=True)
class Places:
    """The communes that may be drawn (an arrondissement rather than Paris, Lyon or Marseille), one rank for each.

    Zones (``tendue``, ``intermediaire``, ``detendue``) stand in for the ABC zones, absent from the referential.
    """

    codes: tuple[str, ...]
    """Of the communes, then of their mothers."""
    mother: Ints
    """Where the code that may be written instead is in ``codes``; the commune itself when it has none."""
    departements: tuple[str, ...]
    departement: Ints
    regions: tuple[str, ...]
    region: Ints
    territories: tuple[str, ...]
    territory: Ints
    """-1 where no territory scores."""
    idf: Bools
    zone: Ints
    weights: Floats
    by_territory: Order
    itself: Runs
    same_territory: Runs
    by_area: Order
    same_part: Runs
    """The places of the same département and territory."""
    same_departement: Runs
    same_region: Runs
    anywhere: Runs
    dalo_by_zone: Floats
    age: Floats
    """Both multiply a national law, and are 1 on average over the demandes of France."""

    def homes(self, epci: Sequence[str] = (), regions: Sequence[str] = ()) -> Homes:
        """The law of home communes in these territories and these regions, or in France when there is none."""
        for code in epci:
            found = resolve_epci(code)
            if isinstance(found, HorsCotation):
                raise ValueError(found.raison)
            if found is None:
                raise ValueError(f"Le territoire {code} n'est pas dans le référentiel : donnez son SIREN (9 chiffres).")
        for code in regions:
            if code not in self.regions:
                known = ", ".join(sorted(self.regions))
                raise ValueError(f"La région {code} n'a pas de chiffres : donnez l'un de ces codes : {known}.")
        kept = np.full(len(self.weights), not epci and not regions)
        kept |= np.isin(self.territory, [self.territories.index(c) for c in epci if c in self.territories])
        kept |= np.isin(self.region, [self.regions.index(c) for c in regions])
        chosen = np.flatnonzero(kept & (self.weights > 0))
        if not len(chosen):
            names = ", ".join(nom_territoire(code) or code for code in epci)
            raise ValueError(f"Aucune demande à tirer dans : {names}.")
        sums = self.weights[chosen].cumsum()
        return Homes(chosen, sums / sums[-1])

    def near(self, home: Ints, relation: Ints, u: Floats, far: Floats) -> Ints:
        """Places so related to home (ranks of ``RELATIONS``); ``far`` decides whether elsewhere is out of the region."""
        near = load_laws().value("ailleurs_meme_region")
        outside, found = far >= near, home.copy()
        stay = np.where(relation < 3, far, np.where(outside, (far - near) / (1 - near), far / near))
        for order, among, out, wanted in (
            (self.by_territory, self.same_territory, self.itself, (relation == 1) & (self.territory[home] >= 0)),
            (self.by_area, self.same_departement, self.same_part, relation == 2),
            (self.by_area, self.same_region, self.same_departement, (relation == 3) & ~outside),
            (self.by_area, self.anywhere, self.same_departement, (relation == 3) & outside),
        ):
            found[wanted] = order.draw(u[wanted], stay[wanted], home[wanted], among, out)
        return found

    def written(self, place: Ints, u: Floats) -> Ints:
        """The code as a form gives it: in Paris, Lyon and Marseille mostly the arrondissement, else the commune."""
        return np.where(u < load_laws().value("commune_mere_ecrite"), self.mother[place], place)


@cache
def load_places() -> Places:
    """The communes of the regions whose stock of demandes is known, overseas départements included."""
    laws = load_laws()
    stock = laws.figures["demandes_par_region"].values
    today = load_communes().filter(pl.col("population") > 0, pl.col("region").is_in(list(stock)))
    whole = today.filter(pl.col("commune_mere").is_null())
    inhabitants = whole.group_by("territoire").agg(habitants=pl.col("population").sum())
    mothers = today["commune_mere"].drop_nulls().unique().sort()
    kept = today.filter(~pl.col("commune").is_in(mothers.implode())).join(inhabitants, on="territoire", how="left")
    kept = kept.sort("commune")
    size = len(kept)

    mother = np.arange(size)
    for at, code in enumerate(mothers):
        mother[(kept["commune_mere"] == code).fill_null(False).to_numpy()] = size + at
    departements, departement = _numbered(kept["departement"])
    regions, region = _numbered(kept["region"])
    territories, territory = _numbered(kept["territoire"])
    idf = region == regions.index(ILE_DE_FRANCE)
    people = kept["habitants"].fill_null(0).to_numpy()
    tense = idf | (people >= laws.value("zone_tendue_habitants"))
    zone = np.where(tense, 0, np.where(people >= laws.value("zone_intermediaire_habitants"), 1, 2))
    crude = kept["population"].to_numpy() * laws.table("poids_zone", ZONES)[zone]
    scale = laws.table("demandes_par_region", regions) / np.bincount(region, crude)
    weights = crude * scale[region]
    zones = np.bincount(zone, weights).astype(np.float64)

    by_territory = Order.of(weights, territory)
    by_area = Order.of(weights, region, departement, territory)
    return Places(
        codes=(*kept["commune"], *mothers),
        mother=mother,
        departements=departements,
        departement=departement,
        regions=regions,
        region=region,
        territories=territories,
        territory=territory,
        idf=idf,
        zone=zone,
        weights=weights,
        by_territory=by_territory,
        itself=Runs(by_territory.rank, by_territory.rank + 1),
        same_territory=by_territory.runs(territory),
        by_area=by_area,
        same_part=by_area.runs(region, departement, territory),
        same_departement=by_area.runs(region, departement),
        same_region=by_area.runs(region),
        anywhere=Runs(np.zeros_like(by_area.rank), np.full_like(by_area.rank, size)),
        dalo_by_zone=relative(laws.table("dalo_zone", ZONES), zones),
        age=relative(laws.table("anciennete_zone", ZONES), zones)[zone] * _by_region(laws, regions)[region],
    )


def _by_region(laws: Laws, regions: Sequence[str]) -> Floats:
    """How much longer than in its zones demandes wait in each region."""
    own = laws.figures["anciennete_region"].values
    return np.array([own.get(code, 1.0) for code in regions])


def _numbered(column: pl.Series) -> tuple[tuple[str, ...], Ints]:
    """The values of a column in order, and the number of each row's; -1 where there is none."""
    values = column.drop_nulls().unique().sort().to_list()
    numbers = column.replace_strict(values, range(len(values)), default=-1, return_dtype=pl.Int32)
    return tuple(values), numbers.fill_null(-1).to_numpy()
