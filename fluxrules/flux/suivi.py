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
from fluxrules.flux.orientation.lines import OWN, conventions_in
from fluxrules.flux.orientation.quick import Running
from fluxrules.flux.orientation.rules import before_flux, first_in_flux
from fluxrules.flux.orientation.situation import Situation, situation
from fluxrules.flux.parties import BAILLEUR, DEFAULT, DEFAULT_NAME, exercised_by
from fluxrules.flux.year_shares import yearly_of
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.year import FluxYear


@dataclass(frozen=True)
class Standing:
    """One réservataire. ``target``: of the year, on the forecast; ``pace``: what is owed for what was freed, balances included; ``held``: what
    counts or may still count. ``balance`` = pace − held: positive when late."""

    code: str
    name: str
    target: Fraction | None
    pace: Fraction
    proposed: int
    attributed: int
    leases: int
    returned: int
    counted: int
    unknown: int
    held: int

    @property
    def balance(self) -> Fraction:
        return self.pace - self.held

    @property
    def gap_forecast(self) -> Fraction | None:
        """Versus the forecast of the whole year."""
        return None if self.target is None else self.counted - self.target

    @property
    def gap_realised(self) -> Fraction:
        """Versus what was freed to this day."""
        return self.counted - self.pace


@dataclass(frozen=True)
class Follow:
    year: FluxYear
    day: date
    base: int
    standings: tuple[Standing, ...]
    found: Situation


def follow(
    year: FluxYear, dossier: Dossier, tables: FluxTables, entries: Sequence[Entry], day: date, bag: Bag
) -> Follow:
    """As things were known on ``day``: nothing later is read."""
    known = tuple(e for e in entries if e.day <= day)
    found = situation(year, dossier, _as_of(tables, day), known, day, bag)
    running = Running(found.world)
    for f in found.queue:
        running.see(f)
    parties = found.world.parties
    keys = dict.fromkeys(line.key for d in running.terms.days if d <= day for line in parties.lines(d))
    rows = [r for r in found.rows if r.act in IN_FLUX]
    standings = []
    for code in (*dict.fromkeys(k[0] for k in keys), BAILLEUR):
        mine = [k for k in (*keys, OWN) if k[0] == code]
        own = [r for r in rows if r.holder == code]
        of_year = [r for r in own if r.proposed is not None and r.proposed.year == year.year]
        standings.append(
            Standing(
                code, _name(code, year, dossier), _target(code, year, dossier, found.assiette, parties.repaid),
                sum((running.due(k) for k in mine), Fraction(0)), len(of_year),
                sum(_in(r.attributed, year) for r in own), sum(_in(r.lease, year) for r in own), sum(_in(r.returned, year) for r in own),
                sum(r.year == year.year for r in own), sum(r.counts is None for r in of_year), sum(running.held.get(k, 0) for k in mine),
            )
        )  # fmt: skip
    waiting_ = sum(before_flux(f, year.deliveries_mode) is None and first_in_flux(f) for f in found.queue)
    base = len(found.world.start.flux) + waiting_
    return Follow(year, day, base, tuple(standings), found)


def frame_of(follow_: Follow) -> pl.DataFrame:
    """As a table; exact fractions are cut at two decimals for the eye."""
    rows = [
        {
            "reservataire": s.code, "nom": s.name, "cible": _decimal(s.target), "rythme": _decimal(s.pace), "proposes": s.proposed,
            "attribues": s.attributed, "baux": s.leases, "rendus": s.returned, "comptes": s.counted, "decompte_inconnu": s.unknown,
            "ecart_previsionnel": _decimal(s.gap_forecast), "ecart_realise": _decimal(s.gap_realised), "solde": _decimal(s.balance),
        }
        for s in follow_.standings
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
    return next(c.reservataire.name for c in dossier.conventions if c.reservataire.code == code)


def _target(
    code: str, year: FluxYear, dossier: Dossier, assiette: Assiette, repaid: Mapping[str, date | None]
) -> Fraction | None:
    own = [c for c in conventions_in(year, dossier.conventions) if c.regime != "stock"]

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
