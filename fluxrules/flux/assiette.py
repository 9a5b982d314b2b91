"""The assiette: perimeter → rotation → libérations → five subtractions → what is shared between réservataires (CCH R. 441-5, I).

A = L − S, or L + M − S where deliveries are in. Two versions live: « prévisionnelle » (January) and « constatée » (31 December).
Everything is an exact fraction; a figure that needs what is not given is unknown, and says what is missing.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.figures import Figure, total
from fluxrules.flux.observed import Observed, Place
from fluxrules.language.numbers import show_number
from fluxrules.model.flux.year import SUBTRACTIONS, Estimate, FluxYear

FORECAST, REALISED = "prévisionnelle", "constatée"


@dataclass(frozen=True)
class Cell:
    """A place of the flux: a commune, in QPV or not (``None``: the numbers do not say), a segment; with its libérations and its assiette."""

    segment: str
    commune: str | None
    in_qpv: bool | None
    releases: Fraction
    amount: Fraction


@dataclass(frozen=True)
class Assiette:
    """``total`` explains itself. ``cells`` part it; they are empty where the total alone is known."""

    version: str
    total: Figure
    releases: Figure
    subtracted: Figure
    deliveries: Figure
    cells: tuple[Cell, ...] = ()
    net: tuple[tuple[date, Place, int], ...] | None = None
    """Of a year that was counted: the dwellings of the flux by the day they were freed. They add up to the total."""

    def between(self, since: date, until: date) -> Assiette:
        """What a counted year had from one day to another."""
        places: dict[Place, int] = {}
        for day, place, n in self.net or ():
            if since <= day <= until:
                places[place] = places.get(place, 0) + n
        cells = tuple(Cell(*p, Fraction(n), Fraction(n)) for p, n in sorted_cells(places))
        value = Fraction(sum(places.values()))
        figure = replace(
            self.total, value=value, formula="", inputs=(), source=f"compté du {since:%d/%m/%Y} au {until:%d/%m/%Y}"
        )
        return replace(self, total=figure, cells=cells)

    def on(self, communes: Set[str] | None = None, in_qpv: bool | None = None) -> Fraction | None:
        """The assiette of some communes (all of them without), in or out of QPV. ``None`` where the numbers do not say."""
        if communes is None and in_qpv is None:
            return self.total.value
        if self.total.value == 0:
            return Fraction(0)
        if not self.cells or self.total.value is None:
            return None
        kept = Fraction(0)
        for cell in self.cells:
            unknown = (communes is not None and cell.commune is None) or (in_qpv is not None and cell.in_qpv is None)
            if unknown and cell.amount:
                return None
            if (communes is None or cell.commune in communes) and (in_qpv is None or cell.in_qpv is in_qpv):
                kept += cell.amount
        return kept


def forecast(year: FluxYear, seen: Observed | None, bag: Bag) -> Assiette:
    """What is expected. ``seen``: what the tables give; ``None`` when there are none, and the file states its numbers."""
    cells = _forecast_cells(year, seen, bag)
    if cells:
        parts = tuple(_segment_figure(name, cells, year, seen) for name in dict.fromkeys(c.segment for c in cells))
        releases = total("libérations", parts, "somme des segments")
    elif year.releases.value is not None:
        releases = Figure(
            "libérations", year.releases.value, source=year.releases.source or f"écrit dans « {year.name} »"
        )
    else:
        releases = _rate_figure(year, seen)
    subtracted = total("soustractions", tuple(_subtraction(k, year, releases, seen) for k in SUBTRACTIONS))
    deliveries = _stated("livraisons", year.deliveries, year)
    return _closed(FORECAST, year, releases, subtracted, deliveries, cells, bag)


def report_impossible(year: FluxYear, bag: Bag) -> None:
    """FX8202 for a file that states its own numbers: it can be said before any table is read."""
    stated = any(s.stock is not None for s in year.segments) or year.releases.value is not None
    if stated or (year.stock is not None and year.rate is not None):
        forecast(year, None, bag)


def realised(year: FluxYear, seen: Observed | None, bag: Bag) -> Assiette:
    """What came."""
    cells = (
        tuple(Cell(s, c, q, Fraction(n), Fraction(0)) for (s, c, q), n in sorted_cells(seen.released))
        if seen and year.releases.counted
        else ()
    )
    releases = _came("libérations", year.releases, seen.total_released if seen else None, year, seen)
    subtracted = total(
        "soustractions",
        tuple(
            _came(k, year.subtractions[k], seen.used_outside.get(k) if seen else None, year, seen) for k in SUBTRACTIONS
        ),
    )
    deliveries = _came("livraisons", year.deliveries, seen.delivered if seen else None, year, seen)
    return _closed(REALISED, year, releases, subtracted, deliveries, cells, bag, seen)


def sorted_cells(
    counts: dict[tuple[str, str | None, bool | None], int],
) -> list[tuple[tuple[str, str | None, bool | None], int]]:
    """Cells in a stable order."""
    return sorted(counts.items(), key=lambda item: (item[0][0], item[0][1] or "", item[0][2] is None, bool(item[0][2])))


def _forecast_cells(year: FluxYear, seen: Observed | None, bag: Bag) -> tuple[Cell, ...]:
    stated = [s for s in year.segments if s.stock is not None]
    if stated:
        found = []
        for s in stated:
            rate = s.rate if s.rate is not None else year.rate
            assert s.stock is not None and rate is not None
            commune = s.communes[0] if len(s.communes) == 1 else None
            found.append(Cell(s.name, commune, s.in_qpv, s.stock * rate, Fraction(0)))
        return tuple(found)
    if seen is None or year.releases.value is not None:
        return ()
    rates = {s: year.rate if year.rate is not None else seen.rate_of(s) for s in seen.segments}
    missing = [s for s, r in rates.items() if r is None]
    if missing:
        bag.add("FX8201", f"La rotation du segment « {missing[0]} » n'est pas connue : aucune année de la fenêtre n'a de données.", year.place,
                "Donnez les libérations des années passées, ou écrivez le taux.")  # fmt: skip
        return ()
    return tuple(Cell(s, c, q, n * (rates[s] or Fraction(0)), Fraction(0)) for (s, c, q), n in sorted_cells(seen.stock))


def _segment_figure(name: str, cells: tuple[Cell, ...], year: FluxYear, seen: Observed | None) -> Figure:
    value = sum((c.releases for c in cells if c.segment == name), Fraction(0))
    written = next((s for s in year.segments if s.name == name and s.stock is not None), None)
    if written is not None:
        rate = written.rate if written.rate is not None else year.rate
        source = f"écrits dans « {year.name} »"
        inputs = (Figure("parc", written.stock, source=source), Figure("rotation", rate, "%", source=source))
    else:
        assert seen is not None
        rate = year.rate if year.rate is not None else seen.rate_of(name)
        stock = Figure("parc", Fraction(seen.stock_of(name)), source=f"logements du périmètre au {seen.day:%d/%m/%Y}")
        how = Figure("rotation", rate, "%", "écrite" if year.rate is not None else seen.rate_formula(name))
        inputs = (stock, how)
    return Figure(f"libérations, {name}", value, "logements", "parc × rotation", inputs)


def _rate_figure(year: FluxYear, seen: Observed | None) -> Figure:
    if year.stock is None or year.rate is None:
        return Figure("libérations", None, source="ni nombre écrit, ni parc et taux, ni tables")
    source = f"écrits dans « {year.name} »"
    inputs = (Figure("parc", year.stock, source=source), Figure("rotation", year.rate, "%", source=source))
    return Figure("libérations", year.stock * year.rate, "logements", "parc × rotation", inputs)


def _subtraction(kind: str, year: FluxYear, releases: Figure, seen: Observed | None) -> Figure:
    estimate = year.subtractions[kind]
    source = estimate.source or f"écrit dans « {year.name} »"
    if estimate.kind == "part" and estimate.value is not None:
        share = Figure("part", estimate.value, "%", source=source)
        value = None if releases.value is None else releases.value * estimate.value
        return Figure(kind, value, "logements", "part × libérations", (share, releases))
    if estimate.kind == "moyenne" and estimate.value is not None:
        past = seen.average_outside(kind, int(estimate.value)) if seen is not None else None
        how = f"moyenne des {estimate.value} années précédentes"
        return Figure(
            kind, past, "logements", how, source="" if past is not None else "les tables n'ont pas ces années"
        )
    return Figure(kind, estimate.value, source=source if estimate.value is not None else "non écrit")


def _stated(name: str, estimate: Estimate, year: FluxYear) -> Figure:
    if estimate.value is None:
        return Figure(name, None, source="non écrit")
    return Figure(name, estimate.value, source=estimate.source or f"écrit dans « {year.name} »")


def _came(name: str, estimate: Estimate, counted: int | None, year: FluxYear, seen: Observed | None) -> Figure:
    if estimate.counted:
        if counted is None or seen is None:
            return Figure(name, None, source="les tables ne sont pas données")
        if seen.last is None:  # a year without data is not a year without departures
            return Figure(name, None, source=f"les tables n'ont aucune libération de {year.year}")
        return Figure(name, Fraction(counted), source=f"compté dans les tables jusqu'au {seen.last:%d/%m/%Y}")
    if estimate.realised is None:
        return Figure(name, None, source="« réalisé » n'est pas écrit")
    return Figure(name, estimate.realised, source=estimate.source or f"écrit dans « {year.name} »")


def _closed(
    version: str, year: FluxYear, releases: Figure, subtracted: Figure, deliveries: Figure, cells: tuple[Cell, ...],
    bag: Bag, seen: Observed | None = None,
) -> Assiette:  # fmt: skip
    """A = L − S (+ M), and the subtractions spread on the cells as the file says."""
    included = year.deliveries_mode == "incluses"
    inputs = (releases, subtracted, deliveries) if included else (releases, subtracted)
    values = [f.value for f in inputs]
    value = None
    if all(v is not None for v in values):
        value = releases.known - subtracted.known + (deliveries.known if included else 0)
        if value < 0:
            worst = max(subtracted.inputs, key=lambda f: f.value or 0)
            bag.add("FX8202", f"Les soustractions ({subtracted.shown}) dépassent les libérations ({releases.shown}) de l'assiette {version} de {year.year}.",
                    year.subtractions[worst.name].place,
                    f"Vérifiez « {worst.name} », la plus grande ({worst.shown}), et la rotation.")  # fmt: skip
            value = None
        elif version == FORECAST:
            _report_segments(cells, year, subtracted, bag)
    formula = "libérations − soustractions" + (" + livraisons" if included else "")
    mode = {"à part": "les livraisons sont comptées à part", "exclues": "les livraisons sont exclues"}.get(
        year.deliveries_mode, ""
    )
    figure = Figure(f"assiette {version}", value, "logements", formula, inputs, mode)
    spread = _spread(cells, year, releases, subtracted, value, seen, version)
    counted = seen is not None and value is not None and value == sum(n for _, _, n in seen.net)
    return Assiette(
        version, figure, releases, subtracted, deliveries, spread, seen.net if version == REALISED and seen is not None and counted else None
    )  # fmt: skip


def _spread(
    cells: tuple[Cell, ...], year: FluxYear, releases: Figure, subtracted: Figure, value: Fraction | None, seen: Observed | None, version: str
) -> tuple[Cell, ...]:  # fmt: skip
    if value is None:
        return ()
    if version == REALISED:
        included = year.deliveries_mode == "incluses"
        written = [
            year.releases,
            *(year.subtractions[k] for k in SUBTRACTIONS),
            *([year.deliveries] if included else []),
        ]
        if seen is None or not all(e.counted for e in written):
            return ()  # a number that the file writes is nowhere in particular
        outside, added = seen.outside_cells, seen.delivered_cells if included else {}
        keys = {(c.segment, c.commune, c.in_qpv): c.releases for c in cells}
        keys |= {k: Fraction(0) for k in (*outside, *added) if k not in keys}
        return tuple(Cell(*k, r, r - outside.get(k, 0) + added.get(k, 0)) for k, r in keys.items())
    if not cells:
        return ()
    # Deliveries are not placed in advance: with them in, only the total is known.
    if releases.known == 0 or (year.deliveries_mode == "incluses" and value != releases.known - subtracted.known):
        return ()
    if year.spread_shares:
        return _by_segment(cells, year, subtracted)
    keep = value / releases.known
    return tuple(replace(c, amount=c.releases * keep) for c in cells)


def _borne(cells: tuple[Cell, ...], year: FluxYear, subtracted: Figure) -> dict[str, tuple[Fraction, Fraction]]:
    """By segment: what is freed there, and the subtractions that it bears."""
    found = {name: (Fraction(0), subtracted.known * share) for name, share in year.spread_shares.items()}
    for c in cells:
        freed, borne = found.get(c.segment, (Fraction(0), Fraction(0)))
        found[c.segment] = freed + c.releases, borne
    return found


def _report_segments(cells: tuple[Cell, ...], year: FluxYear, subtracted: Figure, bag: Bag) -> None:
    for name, (freed, borne) in _borne(cells, year, subtracted).items():
        if borne > freed:
            bag.add("FX8202", f"Le segment « {name} » porte {show_number(borne, 2)} soustractions, pour {show_number(freed, 2)} libérations, dans l'assiette prévisionnelle de {year.year}.",
                    year.place, "Corrigez « réparties », ou écrivez « au prorata des libérations ».")  # fmt: skip


def _by_segment(cells: tuple[Cell, ...], year: FluxYear, subtracted: Figure) -> tuple[Cell, ...]:
    """Each segment bears its part of the subtractions, in proportion to libérations inside it; no cells where one would bear more than it has."""
    found = _borne(cells, year, subtracted)
    if any(borne > freed for freed, borne in found.values()):
        return ()
    keep = {name: 1 - borne / freed if freed else Fraction(0) for name, (freed, borne) in found.items()}
    return tuple(replace(c, amount=c.releases * keep[c.segment]) for c in cells)
