"""Where synthetic applicants live, work and wish to live: communes weighted by inhabitants and regional demandes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from fluxrules.data.population_figures import load_laws
from fluxrules.data.population_laws import Law, relative
from fluxrules.vocabulary.territoires import HorsCotation, load_communes, nom_territoire, resolve_epci

ILE_DE_FRANCE = "11"
_TRIES = 6


@dataclass(frozen=True)
class Place:
    """A commune, or an arrondissement of Paris, Lyon or Marseille with its ``parent`` commune.

    ``zone`` (``tendue``, ``intermediaire``, ``detendue``) stands in for the ABC zones, absent from the referential.
    """

    code: str
    parent: str | None
    departement: str
    region: str
    territoire: str | None
    zone: str


@dataclass(frozen=True)
class Places:
    """The communes that may be drawn, and their laws by territory, département, region and for France as a whole."""

    by_code: Mapping[str, Place]
    weights: Mapping[str, float]
    within: Mapping[str, Law]
    dalo_by_zone: Mapping[str, float]
    age_by_zone: Mapping[str, float]
    """Both multiply a national law, and are 1 on average over the demandes of France."""

    def homes(self, epci: Sequence[str]) -> Law:
        """The law of home communes in these territories, or in France when there is none."""
        for code in epci:
            found = resolve_epci(code)
            if isinstance(found, HorsCotation):
                raise ValueError(found.raison)
            if found is None:
                raise ValueError(f"Le territoire {code} n'est pas dans le référentiel : donnez son SIREN (9 chiffres).")
        wanted = set(epci)
        weights = {c: w for c, w in self.weights.items() if not wanted or self.by_code[c].territoire in wanted}
        if not any(weights.values()):
            names = ", ".join(nom_territoire(code) or code for code in epci)
            raise ValueError(f"Aucune demande à tirer dans : {names}.")
        return Law.of(weights)

    def near(self, home: Place, relation: str, random: Callable[[], float]) -> Place:
        """A place so related to home: the same ``commune``, ``territoire`` or ``departement``, or ``ailleurs``."""
        if relation == "commune" or (relation == "territoire" and home.territoire is None):
            return home
        if relation == "territoire":
            law, same = self.within[f"territoire {home.territoire}"], "code"
        elif relation == "departement":
            law, same = self.within[f"departement {home.departement}"], "territoire"
        elif random() < load_laws().value("ailleurs_meme_region"):
            law, same = self.within[f"region {home.region}"], "departement"
        else:
            law, same = self.within["france"], "departement"
        place = home
        for _ in range(_TRIES):
            place = self.by_code[law.draw(random())]
            if getattr(place, same) != getattr(home, same):
                break
        # Else there is nowhere else to go: a territory of one commune, a département of one territory.
        return place

    def written(self, place: Place, u: float) -> str:
        """The code as a form gives it: in Paris, Lyon and Marseille mostly the arrondissement, else the commune."""
        if place.parent is not None and u < load_laws().value("commune_mere_ecrite"):
            return place.parent
        return place.code


@cache
def load_places() -> Places:
    """The communes of the regions whose stock of demandes is known, overseas départements included."""
    figures = load_laws().figures
    stock = figures["demandes_par_region"].values
    today = load_communes().filter(pl.col("population") > 0, pl.col("region").is_in(list(stock)))
    whole = today.filter(pl.col("commune_mere").is_null())
    inhabitants: dict[str, int] = dict(whole.group_by("territoire").agg(pl.col("population").sum()).iter_rows())
    parents = set(today["commune_mere"].drop_nulls())

    by_code: dict[str, Place] = {}
    crude: dict[str, float] = {}
    columns = ("commune", "commune_mere", "departement", "region", "territoire", "population")
    for code, parent, departement, region, territoire, population in today.select(columns).iter_rows():
        if code not in parents:
            zone = _zone(region, inhabitants[territoire] if territoire else 0)
            by_code[code] = Place(code, parent, departement, region, territoire, zone)
            crude[code] = population * figures["poids_zone"].values[zone]
    sums: dict[str, float] = {}
    for code, weight in crude.items():
        sums[by_code[code].region] = sums.get(by_code[code].region, 0.0) + weight
    weights = {
        code: stock[by_code[code].region] * weight / sums[by_code[code].region] for code, weight in crude.items()
    }

    groups: dict[str, dict[str, float]] = {"france": weights}
    zones: dict[str, float] = {}
    total = sum(weights.values())
    for code, weight in weights.items():
        place = by_code[code]
        zones[place.zone] = zones.get(place.zone, 0.0) + weight / total
        for group in (f"region {place.region}", f"departement {place.departement}", f"territoire {place.territoire}"):
            groups.setdefault(group, {})[code] = weight
    return Places(
        by_code=by_code,
        weights=weights,
        within={group: Law.of(members) for group, members in groups.items()},
        dalo_by_zone=relative(figures["dalo_zone"].values, zones),
        age_by_zone=relative(figures["anciennete_zone"].values, zones),
    )


def _zone(region: str, inhabitants: int) -> str:
    laws = load_laws()
    if region == ILE_DE_FRANCE or inhabitants >= laws.value("zone_tendue_habitants"):
        return "tendue"
    return "intermediaire" if inhabitants >= laws.value("zone_intermediaire_habitants") else "detendue"
