"""One word, one number: the follow-up of 31 December and the bilan of the year say the same, and what is owed adds up to the flux."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings

from fluxrules.data.flux.tables import FluxTables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.bilan.build import bilan
from fluxrules.flux.bilan.table import TOTAL
from fluxrules.flux.ledger import appended, entries_of, frame_of
from fluxrules.flux.orientation.advise import advised, entry
from fluxrules.flux.orientation.quick import orient
from fluxrules.flux.orientation.situation import situation
from fluxrules.flux.suivi import Follow, follow
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Amendment, Reservation, Share
from fluxrules.model.flux.year import FluxYear
from tests.flux.made_years import Made, N, attribution, convention, dwelling, flux_year, made, release, table

LAST = date(N, 12, 31)
SAME = {"due": "Objectif constaté", "carried": "Solde reporté", "counted": "Comptés", "pending": "En cours", "unknown": "Décompte inconnu",
        "gap_realised": "Écart au constaté", "balance": "Solde"}  # fmt: skip


def with_journal(year: FluxYear, dossier: Dossier, tables: FluxTables) -> FluxTables:
    """What was not attributed is oriented, as the act would write it."""
    found = situation(year, dossier, tables, (), LAST, Bag())
    lines = [entry(a, None) for a in advised(found, orient(found.world, found.queue))]
    return replace(tables, journal=frame_of(appended((), lines)))


def both(
    year: FluxYear, dossier: Dossier, tables: FluxTables, day: date = LAST
) -> tuple[Follow, dict[str, dict[str, object]]]:
    found = bilan(year, dossier, tables, Bag())
    assert found is not None
    rows = found.table("T2-reservataires").frame.iter_rows(named=True)
    return follow(year, dossier, tables, entries_of(tables.journal), day, Bag()), {
        str(r["Réservataire"]): r for r in rows
    }


def cut(value: Fraction | int) -> float:
    """As the bilan shows it."""
    sign = -1 if value < 0 else 1
    return int(value * 100 + Fraction(sign, 2)) / 100


def held_against(f: Follow, lines: dict[str, dict[str, object]]) -> Iterable[str]:
    for s in (*f.standings, f.total):
        line = lines[s.name or TOTAL]
        for attribute, column in SAME.items():
            if cut(getattr(s, attribute)) != line[column]:
                yield f"{s.name}, {column} : {getattr(s, attribute)} au suivi, {line[column]} au bilan"


@settings(max_examples=40, deadline=None)
@given(made())
def test_the_follow_up_of_31_december_is_the_bilan(case: Made) -> None:
    year, dossier, tables = case.year, case.dossier, case.tables
    if not any(d.year == N for d in tables.liberations["date_liberation"]):  # type: ignore[index]
        return  # a year without data is unknown: there is nothing to compare
    told = with_journal(year, dossier, tables)
    f, lines = both(year, dossier, told)
    owed = sum((s.due for s in f.standings), Fraction(0))
    assert owed == f.base and f.total.carried == 0, "what is owed adds up to the flux"
    assert list(held_against(f, lines)) == []


def dwellings(n: int) -> list[dict[str, object]]:
    return [dwelling(f"D{i}") for i in range(n)]


def test_an_avenant_bears_on_what_is_freed_from_its_day_on() -> None:
    """Ten dwellings: eight before 1 July at 10 %, two after at 50 %: 0.8 + 1 = 1.8 dwellings, in both. By days it would be 10 × (181/365 ×
    10 % + 184/365 × 50 %), more than 3."""
    one = convention("a", Share("part", Fraction(10, 100)))
    later = replace(one.terms, reservations=(Reservation("droit 0", Share("part", Fraction(50, 100))),))
    one = replace(one, amendments=(Amendment("1", one.signed, date(N, 7, 1), None, later, ("réservations",)),))
    days = [date(N, 2, 1)] * 8 + [date(N, 7, 1), date(N, 11, 1)]
    tables = FluxTables(
        logements=table("logements", dwellings(10)), liberations=table("liberations", [release(f"L{i}", f"D{i}", d) for i, d in enumerate(days)]),
        attributions=table("attributions", []),
    )  # fmt: skip
    f, lines = both(flux_year(), Dossier((one,), (flux_year(),)), tables)
    assert f.standings[0].due == Fraction(18, 10) and lines["a"]["Objectif constaté"] == 1.8


def test_a_number_is_owed_whole_at_the_end_of_the_year() -> None:
    """Ten rights a year; 54 attributions are forecast, ten dwellings come: 10/54 of each in the year, ten on 31 December, and the bailleur is owed
    the rest: none. With sixty dwellings the pace stops at ten."""
    one = convention("a", Share("droits uniques", Fraction(100), 10, "attributions"))
    few = FluxTables(
        logements=table("logements", dwellings(10)), liberations=table("liberations", [release(f"L{i}", f"D{i}", date(N, 3, 1)) for i in range(10)]),
        attributions=table("attributions", []),
    )  # fmt: skip
    dossier = Dossier((one,), (flux_year(),))
    early, late = (follow(flux_year(), dossier, few, (), d, Bag()) for d in (date(N, 6, 1), LAST))
    assert [s.due for s in early.standings] == [Fraction(100, 54), 10 - Fraction(100, 54)]
    assert [s.due for s in late.standings] == [10, 0]
    assert both(flux_year(), dossier, few)[1]["a"]["Objectif constaté"] == 10
    many = replace(
        few, logements=table("logements", dwellings(60)),
        liberations=table("liberations", [release(f"L{i}", f"D{i}", date(N, 3, 1)) for i in range(60)]),
    )  # fmt: skip
    assert [s.due for s in follow(flux_year(), dossier, many, (), date(N, 6, 1), Bag()).standings] == [10, 50]


def test_what_the_bilan_learns_later_is_no_longer_in_progress() -> None:
    """Designated in December, let in January: « en cours » on 31 December, of the next year once known."""
    one = convention("a", Share("part", Fraction(50, 100)))
    day = date(N, 12, 28)
    tables = FluxTables(
        logements=table("logements", dwellings(1)), liberations=table("liberations", [release("L0", "D0", day)]),
        attributions=table("attributions", [attribution("L0", "a", day + timedelta(1))]),
    )  # fmt: skip
    f, lines = both(flux_year(), Dossier((one,), (flux_year(),)), tables)
    assert (f.standings[0].counted, f.standings[0].pending, f.standings[0].balance) == (0, 1, Fraction(-1, 2))
    assert (lines["a"]["Comptés"], lines["a"]["En cours"], lines["a"]["Solde"]) == (0, 0, 0.5)
