"""Where each réservataire stands on a day: target, pace, proposed, attributed, counted, and both gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.data.flux.tables import FluxTables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.assiette import Assiette
from fluxrules.flux.decompte import Counted
from fluxrules.flux.ledger import IN_FLUX, Entry
from fluxrules.flux.orientation.lines import OWN
from fluxrules.flux.orientation.quick import Running
from fluxrules.flux.orientation.rules import before_flux, first_in_flux
from fluxrules.flux.orientation.situation import Situation, situation
from fluxrules.flux.parties import BAILLEUR, DEFAULT, DEFAULT_NAME, exercised_by
from fluxrules.flux.year_shares import yearly_of
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Convention
from fluxrules.model.flux.year import FluxYear

TOTAL = "Total"
_COUNTS = ("proposed", "attributed", "leases", "returned", "counted", "unknown", "pending")


@dataclass(frozen=True)
class Standing:
    """One réservataire. ``target``: of the year, on the forecast; ``due``: what is owed for what was freed; ``carried``: balances of the years
    before, and credits; ``pending``: proposed in the year, and may still count, or nobody can say. ``balance``: positive when late."""

    code: str
    name: str
    target: Fraction | None
    due: Fraction
    carried: Fraction
    proposed: int
    attributed: int
    leases: int
    returned: int
    counted: int
    unknown: int
    pending: int

    @property
    def held(self) -> int:
        return self.counted + self.pending

    @property
    def balance(self) -> Fraction:
        return self.due + self.carried - self.held

    @property
    def gap_forecast(self) -> Fraction | None:
        """Versus the forecast of the whole year."""
        return None if self.target is None else self.counted - self.target

    @property
    def gap_realised(self) -> Fraction:
        """Versus what was freed to this day."""
        return self.counted - self.due


@dataclass(frozen=True)
class Follow:
    """``base``: the dwellings of the flux to this day. ``known``: the day where the tables stop, when it is before the day asked."""

    year: FluxYear
    day: date
    base: int
    standings: tuple[Standing, ...]
    found: Situation
    known: date | None = None

    @property
    def total(self) -> Standing:
        """The sum of all, the bailleur in: what is owed adds up to the flux."""
        targets = [s.target for s in self.standings]
        whole = [t for t in targets if t is not None]
        rows = self.standings
        return Standing(
            "", TOTAL, sum(whole, Fraction(0)) if len(whole) == len(targets) else None, sum((s.due for s in rows), Fraction(0)),
            sum((s.carried for s in rows), Fraction(0)), *(sum(getattr(s, f) for s in rows) for f in _COUNTS),
        )  # fmt: skip


def follow(
    year: FluxYear, dossier: Dossier, tables: FluxTables, entries: Sequence[Entry], day: date, bag: Bag
) -> Follow:
    """As things were known on ``day``: nothing later is read."""
    known = tuple(e for e in entries if e.day <= day)
    found = situation(year, dossier, _as_of(tables, day), known, day, bag)
    running = Running(found.world)
    for f in found.queue:
        running.see(f)
    if day >= date(year.year, 12, 31):
        running.close()
    parties, opening = found.world.parties, found.world.start.opening
    keys = dict.fromkeys(line.key for d in running.terms.days if d <= day for line in parties.lines(d))
    keys |= dict.fromkeys(running.most if day >= date(year.year, 12, 31) else ())
    rows = [r for r in found.rows if r.act in IN_FLUX]
    standings = []
    late = [r.holder for r in rows if r.year == year.year or _pending(r, year)]
    for code in (*dict.fromkeys(c for c in (*(k[0] for k in keys), *late) if c != BAILLEUR), BAILLEUR):
        mine = [k for k in (*keys, OWN) if k[0] == code]
        own = [r for r in rows if r.holder == code]
        of_year = [r for r in own if r.proposed is not None and r.proposed.year == year.year]
        standings.append(
            Standing(
                code, _name(code, year, dossier), _target(code, year, parties.conventions, found.assiette, parties.repaid),
                sum((running.due(k) for k in mine), Fraction(0)), sum((v for k, v in opening.items() if k[0] == code), Fraction(0)), len(of_year),
                sum(_in(r.attributed, year) for r in own), sum(_in(r.lease, year) for r in own), sum(_in(r.returned, year) for r in own),
                sum(r.year == year.year for r in own), sum(r.counts is None for r in of_year), sum(_pending(r, year) for r in own),
            )
        )  # fmt: skip
    waiting_ = sum(before_flux(f, year.deliveries_mode) is None and first_in_flux(f) for f in found.queue)
    base = len(found.world.start.flux) + waiting_
    return Follow(year, day, base, tuple(standings), found, _stopped(found.last, min(day, date(year.year, 12, 31))))


def _stopped(last: date | None, day: date) -> date | None:
    """Where the tables stop, when a month or more has no libération at all: a quiet fortnight is not the end of a file."""
    return last if last is not None and (day - last).days > 31 else None


def _pending(row: Counted, year: FluxYear) -> bool:
    """Proposed in the year, and may still count; or nobody can say."""
    return (row.pending or row.counts is None) and _in(row.proposed, year)


def frame_of(follow_: Follow) -> pl.DataFrame:
    """As a table; exact fractions are cut at two decimals for the eye."""
    rows = [
        {
            "reservataire": s.code or None, "nom": s.name, "cible": _decimal(s.target), "du": _decimal(s.due), "reporte": _decimal(s.carried),
            "proposes": s.proposed, "attribues": s.attributed, "baux": s.leases, "rendus": s.returned, "comptes": s.counted, "decompte_inconnu": s.unknown,
            "en_cours": s.pending,
            "ecart_previsionnel": _decimal(s.gap_forecast), "ecart_realise": _decimal(s.gap_realised), "solde": _decimal(s.balance),
        }
        for s in (*follow_.standings, follow_.total)
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _decimal(value: Fraction | None) -> float | None:
    return None if value is None else round(value * 100) / 100


def _in(day: date | None, year: FluxYear) -> bool:
    return day is not None and day.year == year.year


def _name(code: str, year: FluxYear, dossier: Dossier) -> str:
    if code == BAILLEUR:
        return f"{year.bailleur.name} (non réservé)"
    if code == DEFAULT:
        return DEFAULT_NAME
    return next((c.reservataire.name for c in dossier.conventions if c.reservataire.code == code), code)


def _target(
    code: str, year: FluxYear, conventions: Sequence[Convention], assiette: Assiette, repaid: Mapping[str, date | None]
) -> Fraction | None:
    own = [c for c in conventions if c.regime != "stock"]

    def volume(which: str) -> Fraction | None:
        total = Fraction(0)
        for c in own:
            if exercised_by(c) == which:
                value = yearly_of(c, year.year, assiette, year.attributions.value, repaid).value
                if value is None:
                    return None
                total += value
        return total

    if code != BAILLEUR:
        return volume(code)
    others = [volume(c) for c in {exercised_by(c) for c in own}]
    known = [v for v in others if v is not None]
    return (
        assiette.total.value - sum(known, Fraction(0))
        if assiette.total.value is not None and len(known) == len(others)
        else None
    )


def _as_of(tables: FluxTables, day: date) -> FluxTables:
    """The attributions without what came after a day."""
    given = tables.attributions
    if given is None:
        return tables
    decided, signed = pl.col("date_commission") <= day, pl.col("date_bail") <= day
    later = (pl.col("date_designation") > day).fill_null(False) | (pl.col("date_designation").is_null() & (pl.col("date_commission") > day).fill_null(False))  # fmt: skip
    past = given.filter(~later).with_columns(
        pl.when(signed).then(pl.col("date_bail")).alias("date_bail"),
        *(pl.when(decided).then(pl.col(c)).alias(c) for c in ("date_commission", "decision")),
        pl.when(decided | signed).then(pl.col("issue")).alias("issue"),
    )
    return replace(tables, attributions=past)


def waiting(row: Counted) -> bool:
    """Whether a réservataire has a dwelling and has designated nobody yet."""
    return (
        row.holder != BAILLEUR
        and row.source == "journal"
        and not any((row.designated, row.commission, row.lease, row.returned))
    )
