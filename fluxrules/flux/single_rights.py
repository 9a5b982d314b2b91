"""How many single rights are left when a year starts, where that is known: each dwelling that counts consumes one.

The last balance told (the start of the right, or a later row of the table « droits »), less what was used since. What the tables do not
cover is not known: the rights then come as they are written, and the figure says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.data.flux.tables import FluxTables
from fluxrules.flux.decompte import Counted, count
from fluxrules.flux.inventory import OURS
from fluxrules.flux.ledger import entries_of
from fluxrules.flux.orientation.lines import INSIDE, conventions_in, label_of
from fluxrules.flux.parties import exercised_by
from fluxrules.flux.perimeter import dwellings_of, flowing, freed_of, sent_back
from fluxrules.flux.year_shares import periods
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Convention, Left, Reservation, Terms
from fluxrules.model.flux.year import FluxYear

Rows = Callable[[str], Sequence[Counted]]
"""The décompte of a réservataire at the bailleur's, of every year: worked out only for those who have single rights."""


def with_rights_left(conventions: Sequence[Convention], year: int, tables: FluxTables | None, rows: Rows) -> tuple[Convention, ...]:  # fmt: skip
    """The conventions, each single right with what is left of it on 1 January. ``tables``: those of the bailleur."""
    if not any(r.share.single for c in conventions for t in _versions(c) for r in t.reservations):
        return tuple(conventions)
    return tuple(_told(c, year, tables, rows, conventions) for c in conventions)


def dossier_left(
    year: FluxYear, dossier: Dossier, tables: FluxTables | None, own: pl.DataFrame | None = None
) -> Dossier:
    """The documents of the year's bailleur, each single right with what is left of it. ``own``: what ``dwellings_of`` gives, where it is at hand."""
    conventions = conventions_in(year, dossier.conventions)
    told = {c.name: c for c in with_rights_left(conventions, year.year, tables, lambda holder: _rows(year, conventions, tables, own, holder))}  # fmt: skip
    return replace(dossier, conventions=tuple(told.get(c.name, c) for c in dossier.conventions))


def _rows(
    year: FluxYear, conventions: Sequence[Convention], tables: FluxTables | None, own: pl.DataFrame | None, holder: str
) -> Sequence[Counted]:
    """The décompte of the flux, of every year, of one réservataire."""
    if tables is None or tables.logements is None or tables.liberations is None:
        return ()
    if own is None:
        own = dwellings_of(year, tables.logements, year.stock_day or date(year.year, 1, 1), conventions)
    placed = freed_of(year, own, tables.liberations, conventions, sent_back(tables.journal))
    kept, cases, journal = placed["id_liberation"], tables.attributions, tables.journal
    if cases is not None:
        cases = cases.filter((pl.col("reservataire") == holder) & pl.col("id_liberation").is_in(kept.implode()))
    if journal is not None:
        mine = ((pl.col("reservataire") == holder) & pl.col("id_liberation").is_in(kept.implode())).fill_null(False)
        journal = journal.filter(mine | pl.col("annule").is_not_null())
    flux = flowing(year, placed)
    whose = dict.fromkeys(own["id_logement"], year.bailleur.code)
    return [r for r in count(entries_of(journal), placed, cases, conventions, whose) if r.release in flux]


def _versions(c: Convention) -> tuple[Terms, ...]:
    return (c.terms, *(a.terms for a in c.amendments))


def _told(c: Convention, year: int, tables: FluxTables | None, rows: Rows, all_: Sequence[Convention]) -> Convention:
    """An avenant that says a right again as it was continues it; one that says another starts it from its own day."""
    starts = {r.name: (r.share, r.since or c.since) for r in c.terms.reservations}

    def told(terms: Terms, since: date) -> Terms:
        found = []
        for r in terms.reservations:
            same = r.name in starts and starts[r.name][0] == r.share
            start = starts[r.name][1] if same else (r.since or since)
            left = _left(c, r, start, year, tables, rows, all_) if r.share.single else None
            found.append(replace(r, share=replace(r.share, left=left)))
        return replace(terms, reservations=tuple(found))

    changes = tuple(replace(a, terms=told(a.terms, a.since)) for a in c.amendments)
    return replace(c, terms=told(c.terms, c.since), amendments=changes)


def _left(
    c: Convention, r: Reservation, start: date, year: int, tables: FluxTables | None, rows: Rows, all_: Sequence[Convention]
) -> Left:  # fmt: skip
    first = date(year, 1, 1)
    day, number, source = start, r.share.value, f"{r.share.said or r.share.value} au {start:%d/%m/%Y}"
    listed = _listed(c, tables, first)
    if listed is not None and listed[0] > start:
        day, number = listed
        source = f"table « droits » au {day:%d/%m/%Y}"
    years = _years_left(r.share.years or 1, start, year)
    if r.until is not None and r.until >= first:
        years = min(years, sum((_part(date(y, 1, 1), min(r.until, date(y, 12, 31))) for y in range(year, r.until.year + 1)), Fraction(0)))  # fmt: skip
    years = max(years, _run(c, r, year))
    if day >= first:
        return Left(number, years, source)
    for past in range(day.year, year):
        if not _covered(tables, past, c.bailleur.code):
            return Left(None, None, f"le solde au {first:%d/%m/%Y} n'est pas connu, les tables n'ont pas {past}")
    holder, name = label_of(c, r.name, all_)
    known = {t.name for x in all_ if exercised_by(x) == holder for v in _versions(x) for t in v.reservations}
    used = 0
    for row in rows(holder):
        if row.holder != holder or row.counted_on is None or not row.counts or not day <= row.counted_on < first:
            continue
        if row.reservation is None and len(known) > 1:
            return Left(None, None, f"le solde au {first:%d/%m/%Y} n'est pas connu, le journal ne dit pas la réservation de « {row.release} »")  # fmt: skip
        used += row.reservation is None or row.reservation.partition(INSIDE)[0] == name
    return Left(max(Fraction(0), number - used), years, f"{source}, {used} consommé(s) depuis")


def _listed(c: Convention, tables: FluxTables | None, first: date) -> tuple[date, Fraction] | None:
    """The last balance of the bailleur's list: rows of one day, on or before 1 January, of programmes or dwellings of the bailleur."""
    if tables is None or tables.droits is None or tables.logements is None:
        return None
    if sum(r.share.single for r in c.terms.reservations) != 1:
        return None  # the table does not name reservations
    own = tables.logements.filter((pl.col("siren_bailleur") == c.bailleur.code).fill_null(False))
    places = pl.col("programme").is_in(own["programme"].drop_nulls().unique().implode()) | pl.col("id_logement").is_in(own["id_logement"].implode())  # fmt: skip
    ours = pl.col("liste").is_null() | (pl.col("liste") == OURS)
    kept = tables.droits.filter(
        (pl.col("reservataire") == c.reservataire.code).fill_null(False) & (pl.col("nature_droit").cast(pl.String) == "DU").fill_null(False) & ours & places.fill_null(False)
        & (pl.col("date_debut") <= first).fill_null(False)
    )  # fmt: skip
    last = kept["date_debut"].max()
    if not isinstance(last, date):
        return None
    kept = kept.filter(pl.col("date_debut") == last)
    if kept["nombre"].null_count():
        return None
    return last, Fraction(int(kept["nombre"].sum()))


def _covered(tables: FluxTables | None, year: int, bailleur: str) -> bool:
    """Whether the tables say something of a bailleur's year: libérations, and what became of them."""
    if tables is None or tables.logements is None or tables.liberations is None or tables.attributions is None:
        return False
    in_year = pl.any_horizontal((pl.col(d).dt.year() == year).fill_null(False) for d in ("date_designation", "date_commission", "date_bail"))  # fmt: skip
    homes = tables.logements.filter((pl.col("siren_bailleur") == bailleur).fill_null(False))["id_logement"]
    own = tables.liberations.filter(pl.col("id_logement").is_in(homes.implode()))
    decided = tables.attributions.filter(in_year & pl.col("id_liberation").is_in(own["id_liberation"].implode()))
    return bool((own["date_liberation"].dt.year() == year).any()) and not decided.is_empty()


def _years_left(years: int, start: date, year: int) -> Fraction:
    """Those not run on 1 January, each past year for its days."""
    run = sum((_part(max(start, date(y, 1, 1)), date(y, 12, 31)) for y in range(start.year, year)), Fraction(0))
    return years - run


def _run(c: Convention, r: Reservation, year: int) -> Fraction:
    """The part of the year in which the right runs: what is left is due in it when it is the last."""
    last, first = date(year, 12, 31), date(year, 1, 1)
    found = Fraction(0)
    for since, until in periods(c, year):
        a, b = max(since, r.since or first), min(until, r.until or last)
        found += _part(a, b) if a <= b else 0
    return found or Fraction(1)


def _part(since: date, until: date) -> Fraction:
    whole = (date(since.year, 12, 31) - date(since.year, 1, 1)).days + 1
    return Fraction((until - since).days + 1, whole)
