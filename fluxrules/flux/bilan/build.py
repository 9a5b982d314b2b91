"""The bilan of a bailleur's year: every table, and what must be said about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.data.flux.bailleurs import by_bailleur
from fluxrules.data.flux.tables import FluxTables
from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.flux.assiette import forecast, realised
from fluxrules.flux.bilan import calendar, caleol, chain, cross, delays, objectives, publics, reconcile, returns
from fluxrules.flux.bilan.basis import KEY, PARTY, Basis, basis_of
from fluxrules.flux.bilan.dimensions import CODE, FUNDING, PERIOD, QPV, TYPE
from fluxrules.flux.bilan.holders import events_of, holders, reports_of
from fluxrules.flux.bilan.outside_qpv import Floor, floors_of, outside_qpv
from fluxrules.flux.bilan.table import UNKNOWN, Table
from fluxrules.flux.ledger import entries_of
from fluxrules.flux.observed import observe
from fluxrules.flux.of_year import repayments, seen_of
from fluxrules.flux.orientation.lines import conventions_in
from fluxrules.flux.orientation.situation import openings
from fluxrules.flux.parties import BAILLEUR, DEFAULT, DEFAULT_NAME
from fluxrules.flux.perimeter import dwellings_of
from fluxrules.flux.single_rights import dossier_left
from fluxrules.flux.territory import territory_of
from fluxrules.flux.year_shares import conventions_of, due
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Party
from fluxrules.model.flux.versions import terms_at
from fluxrules.model.flux.year import FluxYear
from fluxrules.vocabulary.flux import flux_vocabulary

_NEEDED = ("logements", "liberations", "attributions")


@dataclass(frozen=True)
class Bilan:
    """``until``: the day of the last libération of the year in the tables."""

    year: FluxYear
    tables: tuple[Table, ...]
    sent: date | None = None
    until: date | None = None

    @property
    def title(self) -> str:
        return f"Bilan {self.year.year} de la gestion en flux, {self.year.bailleur.name}"

    def table(self, name: str) -> Table:
        return next(t for t in self.tables if t.name == name)


def bilan(
    year: FluxYear,
    dossier: Dossier,
    tables: FluxTables | None,
    bag: Bag,
    sent: date | None = None,
    floor: Floor | None = None,
) -> Bilan | None:
    """``None`` where the tables needed are not there (FX8501)."""
    return next(iter(bilans((year,), dossier, tables, bag, sent, floor)), None)


def bilans(
    years: Sequence[FluxYear],
    dossier: Dossier,
    tables: FluxTables | None,
    bag: Bag,
    sent: date | None = None,
    floor: Floor | None = None,
) -> Iterator[Bilan]:
    """Those of several fluxes on the same tables, one after another; none where the tables needed are not there (FX8501). ``floor``: that of the
    law on the State's part outside QPV."""
    if tables is None or any(tables.table(n) is None for n in _NEEDED):
        for year in years:
            bag.add("FX8501", f"Le bilan {year.year} de {year.bailleur.name} ne peut pas se compter : des tables manquent.", year.place,
                    f"Donnez les tables {', '.join(_NEEDED)}.")  # fmt: skip
        return
    parts, shared = by_bailleur(tables), _Shared(*_parties(dossier, tables), repayments(tables), sent, floor)
    for year in years:
        code = year.bailleur.code
        yield _bilan(year, dossier.of_bailleur(code), parts.of(code), shared, bag)


@dataclass(frozen=True)
class _Shared:
    """What all the bilans of a folder read: names and kinds of réservataires, when loans were repaid, the day they were sent, the floor of the
    law outside QPV."""

    names: Mapping[str, str]
    kinds: Mapping[str, str]
    repaid: Mapping[str, date | None]
    sent: date | None
    floor: Floor | None


def _bilan(year: FluxYear, dossier: Dossier, tables: FluxTables, shared: _Shared, bag: Bag) -> Bilan:
    """``dossier`` and ``tables``: those of the bailleur."""
    assert tables.logements is not None
    sent, floor = shared.sent, shared.floor
    named = [c for c in dossier.conventions if c.nature != "projet"]
    dwellings = dwellings_of(year, tables.logements, year.stock_day or date(year.year, 1, 1), named)
    dossier = dossier_left(year, dossier, tables, dwellings)
    conventions = conventions_of(year, dossier)
    basis = basis_of(year, dwellings, tables, shared.names, shared.kinds, dossier.conventions)
    seen = observe(year, tables, named, dwellings)
    expected, came = forecast(year, seen, bag), realised(year, seen, bag)
    next_ = next((y for y in dossier.years if (y.year, y.scale) == (year.year + 1, year.scale)), None)
    announced = forecast(next_, seen_of(next_, tables, dossier.conventions), Bag()) if next_ is not None else None
    quiet = Bag()  # what the shares have to say, « repartir » says
    owed = (
        due(year, dossier, expected, quiet, repaid=shared.repaid, in_whole=False),
        due(year, dossier, came, quiet, repaid=shared.repaid, in_whole=False),
    )
    state = tuple(c for c, k in shared.kinds.items() if k == "ETAT")
    in_force = [
        o
        for o in dossier.orientations
        if o.since <= date(year.year, 12, 31) and (o.until is None or o.until >= date(year.year, 1, 1))
    ]
    places = sorted({t for c in basis.freed[CODE].unique() if (t := territory_of(c)) is not None})
    in_force = [o for o in in_force if o.territory in places]
    agreed = reports_of(conventions, year.year)
    crossed, lines = (
        cross.cross(basis),
        holders(
            basis,
            *owed,
            events_of(conventions, year.year),
            came.total.value is not None,
            _carried(year, dossier, tables, basis),
            agreed,
        ),
    )
    judged = caleol.judged(basis)
    gap, residual = reconcile.reconcile(basis, came, lines, crossed)
    housed = publics.publics(basis)
    found = (
        calendar.recipients(year, _holders(year, dossier, basis), in_force, places, sent, agreed), chain.assiette(expected, came), lines, crossed,
        *(cross.cross_of(basis, d, i) for i, d in enumerate((TYPE, FUNDING, QPV, CODE, PERIOD), 1)),
        cross.apart(basis), chain.subtractions(basis, expected, came), cross.deliveries(basis), cross.state(basis, state),
        outside_qpv(basis, state, floors_of(conventions, year.year, floor), floor), publics.state_agents(basis, state),
        housed, objectives.table(objectives.objectives(basis, in_force), publics.hidden_in(housed), objectives.thresholds(in_force, year.year)), delays.delays(basis), delays.workload(basis),
        returns.returns(basis), returns.overrides(basis), chain.next_year(year.year, announced), chain.boundary(basis),
        caleol.summary(basis, judged), caleol.decisions(basis, judged), caleol.irregular(basis, judged), gap,
    )  # fmt: skip
    _say(year, bag, basis, sent, residual, announced is None, sum(judged["verdict"].is_in(caleol.WRONG)))
    return Bilan(year, found, sent, seen.last)


def _carried(year: FluxYear, dossier: Dossier, tables: FluxTables, basis: Basis) -> Mapping[str, Fraction]:
    """What each réservataire was owed when the year began, and its credits, as the follow-up counts them."""
    day = date(year.year, 1, 1)
    kept = [
        c.carry_over
        for c in (terms_at(c, day) for c in conventions_in(year, dossier.conventions))
        if c.carry_over is not None
    ]
    credits = basis.journal["acte"].is_in(["CREDIT"]).any()
    if not credits and not any(k.carried for k in kept):
        return {}
    journal = tables.journal
    if journal is not None:
        own = pl.col(KEY).is_in(basis.freed[KEY].implode()).fill_null(False)
        journal = journal.filter(own | pl.col("annule").is_not_null())
    entries = entries_of(journal)
    found: dict[str, Fraction] = {}
    for key, amount in openings(year, dossier, tables, entries, entries).items():
        found[key[0]] = found.get(key[0], Fraction(0)) + amount
    return found


def _parties(dossier: Dossier, tables: FluxTables) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Names and kinds (codes of the vocabulary) of réservataires: the table's, then those of conventions."""
    codes = {v: k for k, v in flux_vocabulary().nomenclatures["type_réservataire"].labels.items()}
    names = {DEFAULT: DEFAULT_NAME} | {c.reservataire.code: c.reservataire.name for c in dossier.conventions}
    kinds = {c.reservataire.code: codes.get(c.reservataire.kind, "AUTRE") for c in dossier.conventions}
    if tables.reservataires is not None:
        for code, name, kind in tables.reservataires.select("code", "libelle", "type_reservataire").iter_rows():
            names[code] = name or names.get(code, code)
            kinds[code] = kind or kinds.get(code, "AUTRE")
    return names, kinds


def _holders(year: FluxYear, dossier: Dossier, basis: Basis) -> list[Party]:
    """Every réservataire: in flux or in stock, and those who had a dwelling in the year without a convention of the folder."""
    first, last = date(year.year, 1, 1), date(year.year, 12, 31)
    found = {
        c.reservataire.code: c.reservataire for c in dossier.conventions
        if c.bailleur.code == year.bailleur.code and c.nature != "projet" and c.since <= last
        and (c.last is None or c.last >= first)
    }  # fmt: skip
    for code in basis.proposals.filter(basis.in_year("propose") | basis.in_year("attribue"))[PARTY].unique().sort():
        if code not in (BAILLEUR, DEFAULT, UNKNOWN):
            found.setdefault(
                code, Party(code, basis.names.get(code, code), "état" if basis.kinds.get(code) == "ETAT" else "")
            )
    return list(found.values())


def _say(
    year: FluxYear, bag: Bag, basis: Basis, sent: date | None, residual: Fraction | None, silent: bool, wrong: int
) -> None:  # fmt: skip
    who = f"le bilan {year.year} de {year.bailleur.name}"
    if sent is not None:
        found = calendar.sending(year.year, sent, paris_region=calendar.in_paris_region(year))
        if found.verdict in (calendar.AMBIGUOUS, calendar.TOLERATED):
            bag.add("FX8502", f"Transmis le {sent:%d/%m/%Y}, {who} est {'toléré en retard' if found.verdict == calendar.TOLERATED else 'au bord du délai'}.",
                    Cell("--transmis"), "« Avant le 28 février » : le 27 est le dernier jour sûr.")  # fmt: skip
        elif found.verdict == calendar.LATE:
            bag.add("FX8503", f"Transmis le {sent:%d/%m/%Y}, {who} est en retard.", Cell("--transmis"),
                    f"La date limite était le {found.deadline:%d/%m/%Y} (non compris). Transmettez-le sans attendre.")  # fmt: skip
    if silent:
        bag.add("FX8504", f"Dans {who}, rien n'est annoncé pour {year.year + 1}.", year.place,
                f"Écrivez le flux {year.year + 1}, avec ses cinq soustractions prévues.")  # fmt: skip
    if wrong:
        bag.add("FX8505", f"Dans {who}, {wrong} commission(s) ont examiné moins de trois demandes sans exception prouvée.", Cell("attributions"),
                "Voyez la table « caleol-a-revoir », et complétez l'exception ou sa preuve.")  # fmt: skip
    if residual:
        bag.add("FX8506", f"Dans {who}, les totaux diffèrent de {abs(residual)} logement(s).", year.place,
                "Voyez la table « rapprochement » : le résidu y est expliqué.")  # fmt: skip
