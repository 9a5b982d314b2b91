"""What the tables say of a bailleur's year: the stock by place, what was freed, what was used outside the flux, the rotation of past years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeVar

import polars as pl

from fluxrules.data.flux.tables import FluxTables
from fluxrules.flux.perimeter import GONE, KEY, dwellings_of, freed_of, holds, sent_back
from fluxrules.flux.territory import communes_of
from fluxrules.model.flux.values import Convention, Scale
from fluxrules.model.flux.year import FluxYear

Place = tuple[str, str | None, bool | None]
_PLACE = ("segment", "code_commune", "en_qpv")
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
K = TypeVar("K")


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
    year: FluxYear, tables: FluxTables, conventions: Sequence[Convention] = (), own: pl.DataFrame | None = None
) -> Observed:
    """Count: ``liberations``, and ``attributions`` for a rotation of new lets. ``conventions``: what they name in stock is out. ``own``: what
    ``dwellings_of`` gives, where it is at hand."""
    assert tables.logements is not None
    releases, leases = tables.liberations, tables.attributions
    day = year.stock_day or date(year.year, 1, 1)
    if own is None:
        own = dwellings_of(year, tables.logements, day, conventions)
    unknown = own["dans"].null_count()
    own = _segmented(year, own, day).with_columns(pl.col("dans").fill_null(False))
    stock = {(s, c, q): n for s, c, q, inside, n in own.group_by(*_PLACE, "dans").len().iter_rows() if inside}
    moves = _moves(year, tables, own, conventions)
    names = tuple(s.name for s in year.segments) or (WHOLE,)
    left = sorted({segment for segment, _, _ in stock} - set(names))
    of_year = [m for m in moves if m.year == year.year and m.then]
    ordinary = [m for m in of_year if m.cause not in (DELIVERY, *GONE)]
    delivered = [m for m in of_year if m.cause == DELIVERY]
    outside = [m for m in ordinary if m.use is not None]
    used = _totals((OUTSIDE.get(m.use or ""), m.count) for m in outside)
    seen_years = {m.year for m in moves if m.inside and m.year is not None}
    past_uses = _totals(((m.year, OUTSIDE[m.use]), m.count) for m in moves if m.inside and m.year and m.use in OUTSIDE)
    window = seen_years if year.rotation != LETS else tables.extent.lets
    return Observed(
        day, (*names, *left), stock, unknown, _cells(ordinary), _cells(outside), _cells(delivered),
        {kind: used.get(kind, 0) for kind in OUTSIDE.values()}, _moved(year, moves, releases, leases, own),
        {**dict.fromkeys(((y, "") for y in seen_years), 0), **past_uses},
        tuple(y for y in range(year.year - (year.window or 0), year.year) if y in window), year.rotation, tables.extent.last.get(year.year),
        _dated(ordinary, outside, delivered if year.deliveries_mode == "incluses" else ()),
    )  # fmt: skip


@dataclass(frozen=True)
class _Move:
    """Dwellings freed that are alike. ``inside``: in the perimeter on the day of the stock; ``then``: on the day they were freed (``day``, told
    of the year alone)."""

    cause: str | None
    use: str | None
    year: int | None
    segment: str
    commune: str | None
    in_qpv: bool | None
    inside: bool
    then: bool
    day: date | None
    count: int


def _moves(year: FluxYear, tables: FluxTables, own: pl.DataFrame, conventions: Sequence[Convention]) -> list[_Move]:
    releases = tables.liberations
    if releases is None:
        return []
    kept = own.select(
        KEY,
        *_PLACE,
        pl.col("dans").alias("au_parc"),
        "tient",
        "programme",
        "reserve_stock",
        "date_entree",
        "date_sortie",
    )
    few = releases.select("id_liberation", KEY, "cause", "usage_hors_flux", "date_liberation")
    freed = freed_of(year, kept, few, conventions, sent_back(tables.journal))
    day = pl.col("date_liberation")
    rows = freed.select(
        pl.col("cause", "usage_hors_flux").cast(pl.String), day.dt.year().alias("annee"), *_PLACE, "au_parc", pl.col("dans").fill_null(False),
        pl.when(day.dt.year() == year.year).then(day).alias("jour"),
    ).filter(pl.col("au_parc") | pl.col("dans"))  # fmt: skip
    return [_Move(*row) for row in rows.group_by(rows.columns, maintain_order=True).len().iter_rows()]


def _dated(ordinary: Sequence[_Move], outside: Sequence[_Move], delivered: Sequence[_Move]) -> tuple[tuple[date, Place, int], ...]:  # fmt: skip
    signed = [(m, n * m.count) for found, n in ((ordinary, 1), (outside, -1), (delivered, 1)) for m in found]
    counts = _totals(((m.day, (m.segment, m.commune, m.in_qpv)), n) for m, n in signed)
    return tuple((day, place, n) for (day, place), n in counts.items() if n and day is not None)


def _totals(counts: Iterable[tuple[K, int]]) -> dict[K, int]:
    found: dict[K, int] = {}
    for key, n in counts:
        found[key] = found.get(key, 0) + n
    return found


def _cells(moves: Iterable[_Move]) -> dict[Place, int]:
    return _totals(((m.segment, m.commune, m.in_qpv), m.count) for m in moves)


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


def _moved(
    year: FluxYear, moves: Sequence[_Move], releases: pl.DataFrame | None, leases: pl.DataFrame | None, own: pl.DataFrame
) -> dict[tuple[int, str], int]:  # fmt: skip
    """What the definition of the rotation counts, by year and segment: dwellings left, or new lets outside first ones (SDES)."""
    if year.rotation != LETS:
        # A dwelling sold or pulled down is not let again: counted here, the assiette would hold what nobody can be given.
        return _totals(
            ((m.year, m.segment), m.count) for m in moves if m.inside and m.year and m.cause not in (DELIVERY, *GONE)
        )
    if leases is None or releases is None:
        return {}
    signed = leases.filter(pl.col("date_bail").is_not_null()).join(
        releases.select("id_liberation", KEY), on="id_liberation", how="inner"
    )
    signed = signed.select(KEY, pl.col("date_bail").dt.year().alias("annee"))
    places = own.filter("dans").select(KEY, "segment", "date_premiere_location")
    first = pl.col("date_premiere_location").dt.year() == pl.col("annee")
    lets = signed.join(places, on=KEY, how="inner").filter(~first.fill_null(False))
    return {(y, s): n for y, s, n in lets.group_by("annee", "segment").len().iter_rows()}
