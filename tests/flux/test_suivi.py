"""The follow-up: figures that add up, alerts that come and go, nothing of later days."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook

from fluxrules.data.flux.read import read_flux_tables
from fluxrules.data.flux.tables import FluxTables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.alerts import Limits, alerts
from fluxrules.flux.bilan.outside_qpv import Floor
from fluxrules.flux.deadlines import deadline
from fluxrules.flux.ledger import Entry, appended
from fluxrules.flux.suivi import Follow, follow
from fluxrules.language.numbers import show_number
from fluxrules.model.flux.values import Delay
from tests.flux.test_acts import flux
from tests.flux.test_assiette import MARNE, dossier, year

DAY = date(2025, 9, 30)

FLOOR = Floor(Fraction(30, 100), "CCH R. 441-5-2, II")


def tables() -> FluxTables:
    found = read_flux_tables(MARNE / "donnees").tables
    assert found is not None
    return found


def at(
    day: date, entries: tuple[Entry, ...] = (), given: FluxTables | None = None, name: str = "habitat-exemple/2025"
) -> Follow:
    return follow(year(name), dossier(), given or tables(), entries, day, Bag())


def names(f: Follow, limits: Limits | None = None) -> set[str]:
    return {a.name for a in alerts(f, tables(), limits or Limits(floor=FLOOR))}


def test_what_is_owed_adds_up_to_what_was_freed() -> None:
    f = at(DAY)
    assert f.total.due == f.base > 0 and f.total.carried == 0
    assert all(
        s.balance == s.due + s.carried - s.counted - s.pending and s.gap_realised == s.counted - s.due
        for s in (*f.standings, f.total)
    )
    etat = next(s for s in f.standings if s.code == "etat-51")
    assert etat.target is not None and etat.gap_forecast == etat.counted - etat.target


def test_nothing_of_later_days_is_read() -> None:
    early, late = at(date(2025, 3, 31)), at(DAY)
    assert early.base < late.base
    assert all(
        a.proposed <= b.proposed and a.attributed <= b.attributed
        for a, b in zip(early.standings, late.standings, strict=True)
    )


@pytest.mark.parametrize(
    ("delay", "day", "last"),
    [
        (Delay(1, "mois"), date(2026, 1, 31), date(2026, 2, 28)),
        (Delay(1, "mois"), date(2024, 1, 31), date(2024, 2, 29)),
        (Delay(1, "mois"), date(2026, 3, 15), date(2026, 4, 15)),
        (Delay(20, "jours"), date(2026, 1, 31), date(2026, 2, 20)),
    ],
)
def test_the_last_day_of_a_delay(delay: Delay, day: date, last: date) -> None:
    assert deadline(day, delay) == last


def test_a_silent_reservataire_is_late_the_day_after_the_last() -> None:
    bare = replace(tables(), attributions=None)
    first = at(date(2026, 1, 31), given=bare, name="habitat-exemple/2026").found.queue[0]
    entry = Entry(
        0,
        date(2026, 1, 31),
        "ORIENTATION",
        first.release,
        first.dwelling,
        "etat-51",
        "contingent préfectoral",
        "plus grand retard",
    )
    told = appended((), [entry])
    on_time = at(date(2026, 2, 28), told, bare, "habitat-exemple/2026")
    late = at(date(2026, 3, 1), told, bare, "habitat-exemple/2026")
    assert "délai dépassé" not in names(on_time) and "délai dépassé" in names(late)


def test_dwellings_that_nobody_was_told_of_are_said() -> None:
    bare = replace(tables(), attributions=None)
    assert "logements sans orientation" in names(at(DAY, given=bare))
    assert "logements sans orientation" not in names(at(DAY))


def test_alerts_of_the_pace_follow_the_limit() -> None:
    f = at(DAY)
    assert "rythme" in names(f, Limits(points=Fraction(0))) and "rythme" not in names(f, Limits(points=Fraction(100)))


def test_the_floor_outside_qpv_is_that_of_the_convention() -> None:
    assert "hors QPV" in names(at(DAY))


@pytest.mark.parametrize(
    ("day", "left"),
    [(date(2025, 12, 29), None), (date(2025, 12, 31), 59), (date(2025, 2, 21), 7), (date(2025, 3, 1), None)],
)
def test_the_bilan_is_recalled(day: date, left: int | None) -> None:
    said = [a.message for a in alerts(at(day), tables(), Limits()) if a.name == "bilan"]
    assert said == [] if left is None else f"il reste {left} jour(s)" in said[0]


def test_the_command_writes_a_table_a_json_and_a_workbook(tmp_path: Path) -> None:
    args = ("suivi", MARNE, "--annee", "2025", "--bailleur", "900000001", "--date", "30/09/2025")
    assert "Préfet de la Marne" in flux(*args).stdout
    found = json.loads(flux(*args, "--format", "json").stdout)[0]
    assert found["logements du flux"] == at(DAY).base and found["alertes"]
    assert flux(*args, "--sortie", tmp_path / "s.xlsx").return_value == 0
    book = load_workbook(tmp_path / "s.xlsx")
    assert {"suivi", "alertes"} <= set(book.sheetnames)
    assert all(c.data_type != "f" for sheet in book for row in sheet for c in row)


def test_a_folder_without_tables_is_told(tmp_path: Path) -> None:
    shutil.copytree(MARNE, tmp_path / "m")
    shutil.rmtree(tmp_path / "m/donnees")
    done = flux("suivi", tmp_path / "m", "--annee", "2025")
    assert done.return_value == 2 and "liberations" in done.stderr


def test_the_end_of_the_year_is_not_guessed_past_the_tables() -> None:
    """The tables stop on 27 June: a follow-up of October says so, and does not take four months without a line for a slow year."""
    late, early = (at(d, name="habitat-exemple/2026") for d in (date(2026, 10, 31), date(2026, 6, 30)))
    assert late.known == date(2026, 6, 27) and early.known is None
    said = {f.day: [a.message for a in alerts(f, tables(), Limits()) if a.name == "fin d'année"] for f in (late, early)}
    assert said[late.day] and all("qui s'arrêtent au 27/06/2026" in m for m in said[late.day])
    assert not any("s'arrêtent" in m for m in said[early.day])
    etat = next(s for s in late.standings if s.code == "etat-51")
    assert any(show_number(Fraction(etat.held * 365, 178), 1) in m for m in said[late.day])
    args = ("suivi", MARNE, "--annee", "2026", "--bailleur", "900000001", "--date", "31/10/2026")
    assert "Les tables s'arrêtent au 27/06/2026" in flux(*args).stdout
    found = json.loads(flux(*args, "--format", "json").stdout)[0]
    assert found["tables jusqu'au"] == "2026-06-27" and found["total"]["reporté"] == "0"
