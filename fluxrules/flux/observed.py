"""What the tables say of a bailleur's year: the stock by place, what was freed, what was used outside the flux, the rotation of past years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.flux.perimeter import KEY, dwellings_of, freed_of, holds
from fluxrules.flux.territory import communes_of
from fluxrules.model.flux.values import Convention, Scale
from fluxrules.model.flux.year import FluxYear

Place = tuple[str, str | None, bool | None]
WHOLE = "ensemble"
OUTSIDE = {
    "MUT": "mutations internes",
    "RU": "renouvellement urbain",
    "ORCOD": "ORCOD",
    "LHI": "habitat indigne",
    "VENTE": "ventes",
}
DELIVERY = "LIVRAISON"
LETS = "emménagements hors mises en service / parc"
_GONE = ("VENTE", "DEMOLITION")


@dataclass(frozen=True)
class Observed:
    """Counts by place (segment, commune, in QPV). ``unknown``: dwellings whose place in the perimeter is not known; they are in no count.

    ``past``: what counts for the rotation, by (year, segment), for the years of the window that have data. ``past_outside``: uses
    outside the flux by (year, kind). ``last``: the day of the last dwelling freed in the year, as far as the tables go. ``net``: the dwellings
    of the flux by day and place, what was used outside it taken off.
    """

    day: date
    segments: tuple[str, ...]
    stock: dict[Place, int]
    unknown: int
    released: dict[Place, int]
    outside_cells: dict[Place, int]
    delivered_cells: dict[Place, int]
    used_outside: Mapping[str, int]
    past: Mapping[tuple[int, str], int] = field(default_factory=dict)
    past_outside: Mapping[tuple[int, str], int] = field(default_factory=dict)
    window: tuple[int, ...] = ()
    definition: str = ""
    last: date | None = None
    net: tuple[tuple[date, Place, int], ...] = ()

    @property
    def total_released(self) -> int:
        return sum(self.released.values())

    @property
    def delivered(self) -> int:
        return sum(self.delivered_cells.values())

    def stock_of(self, segment: str) -> int:
        return sum(n for (s, _, _), n in self.stock.items() if s == segment)

    def rate_of(self, segment: str) -> Fraction | None:
        """Movements of the years of the window over the stock of as many years."""
        stock = self.stock_of(segment)
        if not self.window or not stock:
            return None if stock else Fraction(0)
        moved = sum(self.past.get((y, segment), 0) for y in self.window)
        return Fraction(moved, stock * len(self.window))

    def rate_formula(self, segment: str) -> str:
        moved = sum(self.past.get((y, segment), 0) for y in self.window)
        years = " et ".join(str(y) for y in self.window)
        return (
            f"{self.definition} : {moved} en {years}, sur {self.stock_of(segment)} logements × {len(self.window)} an(s)"
        )

    def average_outside(self, kind: str, years: int) -> Fraction | None:
        """The average of past uses outside the flux; ``None`` when one of the years has no data."""
        wanted = [y for y in range(self.day.year - years, self.day.year) if y in {k for k, _ in self.past_outside}]
        if len(wanted) < years:
            return None
        return Fraction(sum(self.past_outside.get((y, kind), 0) for y in wanted), years)


def observe(
    year: FluxYear, dwellings: pl.DataFrame, releases: pl.DataFrame | None, leases: pl.DataFrame | None,
    conventions: Sequence[Convention] = (),
) -> Observed:  # fmt: skip
    """Count. ``releases``: the table « liberations »; ``leases``: « attributions », for a rotation of new lets; ``conventions``: what they name in
    stock is out."""
    day = year.stock_day or date(year.year, 1, 1)
    own = _segmented(year, dwellings_of(year, dwellings, day, conventions), day)
    inside = own.filter(pl.col("dans").fill_null(False))
    freed = _freed(releases, inside)
    this_year = _this_year(year, own, releases, conventions)
    delivered = this_year.filter(pl.col("cause") == DELIVERY)
    ordinary = this_year.filter(pl.col("cause").is_null() | ~pl.col("cause").is_in((DELIVERY, *_GONE)))
    outside = ordinary.filter(pl.col("usage_hors_flux").is_not_null())
    names = tuple(s.name for s in year.segments) or (WHOLE,)
    years = range(year.year - (year.window or 0), year.year)
    moved = _moved(year, freed, releases, leases, inside)
    seen_years = set(freed["annee"].drop_nulls().to_list())
    return Observed(
        day, names if not (left := set(inside["segment"].unique()) - set(names)) else (*names, *sorted(left)),
        _cells(inside), int(own["dans"].null_count()), _cells(ordinary), _cells(outside), _cells(delivered),
        {OUTSIDE[k]: n for k, n in outside.group_by("usage_hors_flux").len().iter_rows() if k in OUTSIDE} | {
            kind: 0 for code, kind in OUTSIDE.items() if code not in set(outside["usage_hors_flux"])},
        {(y, s): n for y, s, n in moved.group_by("annee", "segment").len().iter_rows()},
        {(y, OUTSIDE[k]): n for y, k, n in freed.filter(pl.col("usage_hors_flux").is_in(list(OUTSIDE))).group_by("annee", "usage_hors_flux").len().iter_rows()}
        | {(y, ""): 0 for y in seen_years},
        tuple(y for y in years if y in (seen_years if year.rotation != LETS else _let_years(leases))), year.rotation, _last(releases, year.year),
        _dated(ordinary, outside, delivered if year.deliveries_mode == "incluses" else delivered.clear()),
    )  # fmt: skip


def _let_years(leases: pl.DataFrame | None) -> set[int]:
    """The years of which leases are known: without the table, of none."""
    return set() if leases is None else set(leases["date_bail"].dt.year().drop_nulls().to_list())


def _last(releases: pl.DataFrame | None, year: int) -> date | None:
    if releases is None:
        return None
    day = releases.filter(pl.col("date_liberation").dt.year() == year)["date_liberation"].max()
    return day if isinstance(day, date) else None


def _segmented(year: FluxYear, own: pl.DataFrame, day: date) -> pl.DataFrame:
    """The first segment that a dwelling belongs to; « hors segments » where the file has some and none takes it."""
    if not year.segments:
        return own.with_columns(pl.lit(WHOLE).alias("segment"))
    segment = pl.lit(None, dtype=pl.String)
    for s in year.segments:
        member = pl.lit(True)
        if s.communes:
            member = member & pl.col("code_commune").is_in(sorted(communes_of(Scale("commune", s.communes))))
        if s.in_qpv is not None:
            member = member & (pl.col("en_qpv") == s.in_qpv)
        if s.condition is not None:
            member = member & pl.lit(holds(s.condition, own, day))
        segment = pl.when(segment.is_null() & member.fill_null(False)).then(pl.lit(s.name)).otherwise(segment)
    return own.with_columns(segment.fill_null("hors segments").alias("segment"))


def _freed(releases: pl.DataFrame | None, inside: pl.DataFrame) -> pl.DataFrame:
    """Every libération, of any year, of today's dwellings: what the rotation is measured on."""
    places = inside.select(KEY, "segment", "code_commune", "en_qpv", "date_premiere_location")
    if releases is None:
        empty = {"annee": pl.Int32, "cause": pl.String, "usage_hors_flux": pl.String}
        return places.clear().with_columns(pl.lit(None, dtype=t).alias(n) for n, t in empty.items())
    year = pl.col("date_liberation").dt.year().alias("annee")
    return releases.select(KEY, "cause", "usage_hors_flux", year).join(
        places, on=KEY, how="inner", maintain_order="left"
    )


def _this_year(
    year: FluxYear, own: pl.DataFrame, releases: pl.DataFrame | None, conventions: Sequence[Convention]
) -> pl.DataFrame:
    """The libérations of the year, in the perimeter of the day of each."""
    columns = ("date_liberation", "cause", "usage_hors_flux", "segment", "code_commune", "en_qpv")
    if releases is None:
        empty = {"date_liberation": pl.Date, "cause": pl.String, "usage_hors_flux": pl.String}
        return own.clear().with_columns(pl.lit(None, dtype=t).alias(n) for n, t in empty.items()).select(columns)
    found = releases.filter(pl.col("date_liberation").dt.year() == year.year)
    return freed_of(year, own, found, conventions).filter(pl.col("dans").fill_null(False)).select(columns)


def _dated(
    ordinary: pl.DataFrame, outside: pl.DataFrame, delivered: pl.DataFrame
) -> tuple[tuple[date, Place, int], ...]:
    keys = ["date_liberation", "segment", "code_commune", "en_qpv"]
    signed = [(ordinary, 1), (outside, -1), (delivered, 1)]
    rows = pl.concat([f.select(*keys, pl.lit(n, dtype=pl.Int32).alias("n")) for f, n in signed])
    counts = rows.group_by(keys, maintain_order=True).agg(pl.col("n").sum())
    return tuple((d, (s, c, q), n) for d, s, c, q, n in counts.iter_rows() if n)


def _moved(
    year: FluxYear,
    freed: pl.DataFrame,
    releases: pl.DataFrame | None,
    leases: pl.DataFrame | None,
    inside: pl.DataFrame,
) -> pl.DataFrame:
    """What the definition of the rotation counts: dwellings left, or new lets outside first ones (SDES)."""
    if year.rotation == LETS:
        if leases is None or releases is None:
            return freed.clear()
        where = releases.select("id_liberation", KEY)
        signed = leases.filter(pl.col("date_bail").is_not_null()).join(where, on="id_liberation", how="inner")
        signed = signed.select(KEY, pl.col("date_bail").dt.year().alias("annee"))
        places = inside.select(KEY, "segment", "date_premiere_location")
        first = pl.col("date_premiere_location").dt.year() == pl.col("annee")
        return signed.join(places, on=KEY, how="inner").filter(~first.fill_null(False))
    # A dwelling sold or pulled down is not let again: counted here, the assiette would hold what nobody can be given.
    return freed.filter(pl.col("cause").is_null() | ~pl.col("cause").is_in((DELIVERY, *_GONE)))


def _cells(rows: pl.DataFrame) -> dict[Place, int]:
    counts = rows.group_by("segment", "code_commune", "en_qpv").len()
    return {(s, c, q): n for s, c, q, n in counts.iter_rows()}
