"""From documents, tables and journal to what is to be oriented: the releases of a bailleur's year, and where each balance stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.data.flux.tables import FluxTables
from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.flux.assiette import Assiette, forecast
from fluxrules.flux.decompte import Counted, count
from fluxrules.flux.ledger import GIVES, IN_FLUX, Entry, standing
from fluxrules.flux.observed import observe
from fluxrules.flux.of_year import repayments
from fluxrules.flux.orientation.lines import INSIDE, OWN, Key, Parties, conventions_in, label_of
from fluxrules.flux.orientation.quick import Running
from fluxrules.flux.orientation.rules import before_flux
from fluxrules.flux.orientation.values import Freed, Start, World
from fluxrules.flux.perimeter import GONE, dwellings_of, flowing, freed_of
from fluxrules.flux.single_rights import with_rights_left
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Convention, Terms
from fluxrules.model.flux.versions import terms_at
from fluxrules.model.flux.year import FluxYear


@dataclass(frozen=True)
class Situation:
    """``freed``: every release of the year, in order; ``queue``: those to orient; ``rows``: what counts, for this bailleur; ``last``: the day
    of the last libération of the year in the tables."""

    world: World
    assiette: Assiette
    freed: tuple[Freed, ...]
    queue: tuple[Freed, ...]
    rows: tuple[Counted, ...]
    undated: int = 0
    last: date | None = None


def situation(
    year: FluxYear, dossier: Dossier, tables: FluxTables, entries: Sequence[Entry], until: date, bag: Bag, *, past: int = 9
) -> Situation:  # fmt: skip
    """``until``: the last day looked at. ``past``: how many earlier years may still be asked for a balance."""
    assert tables.logements is not None and tables.liberations is not None
    conventions = conventions_in(year, dossier.conventions)
    repaid = repayments(tables)
    day = year.stock_day or date(year.year, 1, 1)
    own = dwellings_of(year, tables.logements, day, conventions)
    seen = observe(year, tables, conventions, own)
    assiette = forecast(year, seen, bag)
    bailleur_of = dict.fromkeys(own["id_logement"], year.bailleur.code)
    releases = tables.liberations.filter(pl.col("id_logement").is_in(own["id_logement"].implode()))
    kept = set(releases["id_liberation"])
    mine = tuple(e for e in entries if e.release is None or e.release in kept or e.act == "ANNULATION")
    attributions = tables.attributions
    if attributions is not None:
        attributions = attributions.filter(pl.col("id_liberation").is_in(releases["id_liberation"].implode()))
    history = _history(mine)
    placed = freed_of(year, own, releases, conventions, [k for k, h in history.items() if h.back])
    in_flux = flowing(year, placed)
    counted = count(mine, releases, attributions, conventions, bailleur_of)
    # What a dwelling that is not of the flux became is nobody's share; a stock keeps its rows, for its delays.
    rows = tuple(r for r in counted if r.release in in_flux or (r.source == "journal" and r.act not in IN_FLUX))
    conventions = with_rights_left(conventions, year.year, tables, lambda holder: rows)
    parties = Parties(year, conventions, assiette, repaid, _sizes(own, conventions))
    of_year = (pl.col("date_liberation").dt.year() == year.year) & (pl.col("date_liberation") <= until)
    joined = placed.filter(of_year).sort("date_liberation", "id_liberation")
    freed = tuple(_freed(row, conventions, history) for row in joined.select(_READ).iter_rows(named=True))
    freed = tuple(f for f in freed if f.cause not in GONE)
    inside = [f for f in freed if f.inside or f.named is not None or f.outside is not None]
    given = {r.release for r in counted if r.source == "attribution"} | {k for k, h in history.items() if h.holds}
    queue = tuple(f for f in inside if f.release not in given)
    queue = _told(queue, freed, given, bag)
    for name in parties.unknown(date(year.year, 1, 1)):
        bag.add("FX8410", f"La part de « {name} » n'est pas connue : rien ne peut lui être proposé.", year.place,
                "Donnez dans le flux le nombre qui manque : attributions, ou assiette du territoire.")  # fmt: skip
    start = _start(year, inside, given, history, rows, conventions)
    opening = openings(year, dossier, tables, entries, mine, past=past)
    dwellings = joined.unique("id_logement", keep="first", maintain_order=True)
    world = World(
        parties,
        dwellings,
        replace(
            start, opening=opening, used=_used(year, rows, conventions), occupied=_occupied(rows, placed, conventions)
        ),
    )
    return Situation(
        world, assiette, tuple(inside), queue, rows, int(releases["date_liberation"].null_count()), seen.last
    )


@dataclass
class _History:
    """What the journal says of one release."""

    holds: bool = False
    in_flux: bool = False
    back: tuple[str, ...] = ()
    returned: date | None = None


def _history(entries: Sequence[Entry]) -> dict[str, _History]:
    found: dict[str, _History] = {}
    for e in standing(entries):
        if e.release is None:
            continue
        h = found.setdefault(e.release, _History())
        if e.act in GIVES:
            h.holds = True
            h.in_flux |= e.act in IN_FLUX
        elif e.act == "RETOUR" and e.holder is not None:
            h.holds, h.back, h.returned = False, (*h.back, e.holder), e.day
    return found


_READ = (
    "date_liberation", "id_liberation", "id_logement", "programme", "code_commune", "cause", "usage_hors_flux", "motif_hors_flux", "dans",
    "nomme", "mixte", "date_disponible",
)  # fmt: skip


def _freed(row: Mapping[str, object], conventions: Sequence[Convention], history: Mapping[str, _History]) -> Freed:
    day, release, dwelling = row["date_liberation"], str(row["id_liberation"]), str(row["id_logement"])
    assert isinstance(day, date)
    programme = row["programme"] if isinstance(row["programme"], str) else None
    back, returned = (history[release].back, history[release].returned) if release in history else ((), None)
    inside = row["dans"]
    return Freed(
        release, dwelling, day, str(row["code_commune"]), programme, _text(row["cause"]), _text(row["usage_hors_flux"]),
        _text(row["motif_hors_flux"]), inside if isinstance(inside, bool) else None, _text(row["nomme"]), bool(row["mixte"]), back,
        _chain(back[-1], day, conventions) if back else (), ready if isinstance(ready := row["date_disponible"], date) else None,
        returned,
    )  # fmt: skip


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _chain(holder: str, day: date, conventions: Sequence[Convention]) -> tuple[str, ...]:
    found = next((c for c in conventions if c.reservataire.code == holder and c.applies(day)), None)
    return terms_at(found, day).fallback if found is not None else ()


def _told(queue: tuple[Freed, ...], freed: Sequence[Freed], given: set[str], bag: Bag) -> tuple[Freed, ...]:
    """Without what cannot be oriented, which is said."""
    silent = [f for f in queue if f.outside is not None and f.motive is None and f.named is None]
    for f in silent:
        bag.add("FX8408", f"« {f.release} » est hors du flux sans motif.", Cell("liberations", None, "motif_hors_flux"),
                "Écrivez le motif ; d'ici là, ce logement n'est pas orienté.")  # fmt: skip
    for f in freed:
        if f.inside is None and f.named is None and f.outside is None and f.release not in given:
            bag.add("FX8409", f"« {f.release} » : on ne sait pas si ce logement est dans le périmètre ; il n'est pas orienté.",
                    Cell("logements"), "Complétez ce que lit le périmètre, puis relancez.")  # fmt: skip
    left = {f.release for f in silent}
    return tuple(f for f in queue if f.release not in left)


def _start(
    year: FluxYear, inside: Sequence[Freed], given: set[str], history: Mapping[str, _History], rows: Sequence[Counted],
    conventions: Sequence[Convention],
) -> Start:  # fmt: skip
    flux, others = [], []
    for f in inside:
        early = before_flux(f, year.deliveries_mode)
        if f.release not in given and not (f.release in history and history[f.release].in_flux):
            continue
        if early is None:
            flux.append((f.day, f.commune))
        elif early.act in ("HORS_FLUX", "LIVRAISON"):
            others.append((f.day, f.commune))
    held: Counter[Key] = Counter()
    for r in rows:
        mine = r.year == year.year or (
            (r.pending or r.counts is None) and r.proposed is not None and r.proposed.year == year.year
        )
        if not mine or r.act not in IN_FLUX:
            continue
        for key in keys_of(r, conventions):
            held[key] += 1
    return Start(tuple(flux), tuple(others), dict(held))


def keys_of(row: Counted, conventions: Sequence[Convention]) -> tuple[Key, ...]:
    """The counters of a row: its reservation, and its sub-share if it has one."""
    key = first_key(row.holder, row.reservation, row.proposed or row.counted_on or date.min, conventions)
    whole = (key[0], key[1].partition(INSIDE)[0])
    return (whole,) if whole == key else (whole, key)


def first_key(holder: str, reservation: str | None, day: date, conventions: Sequence[Convention]) -> Key:
    """A réservataire whose reservation is not written (an attribution without journal): its first one."""
    if holder == OWN[0]:
        return OWN
    if reservation is not None:
        return holder, reservation
    for c in conventions:
        if c.reservataire.code == holder and c.applies(day) and (rights := terms_at(c, day).reservations):
            return label_of(c, rights[0].name, conventions)
    return holder, ""


def _used(year: FluxYear, rows: Sequence[Counted], conventions: Sequence[Convention]) -> dict[Key, int]:
    """Dwellings that counted before this year, by reservation: of single rights, each consumed one."""
    return dict(Counter(keys_of(r, conventions)[0] for r in rows if r.year is not None and r.year < year.year))


def _limited(conventions: Sequence[Convention]) -> bool:
    versions = [t for c in conventions for t in (c.terms, *(a.terms for a in c.amendments))]
    return any(r.most_held is not None for t in versions for r in t.reservations)


def _sizes(own: pl.DataFrame, conventions: Sequence[Convention]) -> dict[str, int]:
    """The dwellings of each programme, where a right may hold a share of them at a time."""
    if not _limited(conventions):
        return {}
    return {p: n for p, n in own.group_by("programme").len().iter_rows() if p is not None}


def _occupied(rows: Sequence[Counted], placed: pl.DataFrame, conventions: Sequence[Convention]) -> dict[Key, frozenset[str]]:  # fmt: skip
    """Who holds each dwelling now: whoever had it when it was last freed and given, as long as it did not send it back."""
    if not _limited(conventions):
        return {}
    days = dict(placed.select("id_liberation", "date_liberation").iter_rows())
    holder: dict[str, tuple[date, Key]] = {}
    for r in rows:
        if r.dwelling is None or r.returned is not None or not (r.counts or r.counts is None or r.pending):
            continue
        day = days.get(r.release) or date.min
        if r.dwelling not in holder or holder[r.dwelling][0] <= day:
            holder[r.dwelling] = day, keys_of(r, conventions)[0]
    used = placed.filter(pl.col("usage_hors_flux").is_not_null()).select("id_logement", "date_liberation").iter_rows()
    for home, day in used:  # used outside the flux since: nobody holds it any more
        if home in holder and day is not None and day > holder[home][0]:
            del holder[home]
    found: dict[Key, set[str]] = {}
    for home, (_, key) in holder.items():
        found.setdefault(key, set()).add(home)
    return {k: frozenset(v) for k, v in found.items()}


def openings(
    year: FluxYear, dossier: Dossier, tables: FluxTables, entries: Sequence[Entry], mine: Sequence[Entry], *, past: int = 9
) -> dict[Key, Fraction]:  # fmt: skip
    """What the year starts from: the balances carried, and the credits of the year (``mine``: the entries of the bailleur's libérations). The
    bailleur bears them: what all are owed adds up to the flux."""
    conventions = conventions_in(year, dossier.conventions)
    found = _carried(year, dossier, tables, entries, conventions, past) if past else {}
    for e in standing(mine):
        if e.act == "CREDIT" and e.day.year == year.year and e.holder is not None:
            key = first_key(e.holder, e.reservation, e.day, conventions)
            found[key] = found.get(key, Fraction(0)) + 1
    if found:
        found[OWN] = found.get(OWN, Fraction(0)) - sum(found.values())
    return found


def _carried(
    year: FluxYear, dossier: Dossier, tables: FluxTables, entries: Sequence[Entry], conventions: Sequence[Convention], past: int
) -> dict[Key, Fraction]:  # fmt: skip
    """The balances of 31 December that conventions carry over, within their limits; nothing where the year before is not written."""
    day = date(year.year, 1, 1)
    carries: dict[Key, Terms] = {}
    years = 0
    for c in conventions:
        terms = terms_at(c, day)
        carry = terms.carry_over
        if carry is None or not carry.carried or not c.applies(day):
            continue
        years = max(years, carry.years or past)
        for r in terms.reservations:
            carries[label_of(c, r.name, conventions)] = terms
    before = next(
        (y for y in dossier.years if (y.bailleur, y.scale, y.year) == (year.bailleur, year.scale, year.year - 1)), None
    )
    if before is None or not carries:
        return {}
    closed = situation(before, dossier, tables, entries, date(before.year, 12, 31), Bag(), past=min(past, years) - 1)
    if not closed.world.start.flux:
        return {}
    running = Running(closed.world)
    running.close()
    found = {}
    for key, terms in carries.items():
        balance, most = running.balance(key), terms.carry_over.most if terms.carry_over is not None else None
        if most is not None:
            balance = max(Fraction(-most), min(Fraction(most), balance))
        found[key] = balance
    return found
