"""The journal: sealed line after line, only ever longer, and what it may not say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from fluxrules.data.flux.journal import append_journal, read_journal
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.ledger import Entry, appended, check, entries_of, frame_of

DAY = date(2026, 3, 2)


def given(
    release: str, holder: str, act: str = "ORIENTATION", reason: str | None = None, cancels: int | None = None
) -> Entry:
    return Entry(
        0, DAY, act, release or None, None, holder or None, "droit", "plus grand retard", None, reason, cancels
    )


def codes(*items: Entry, sealed: bool = True) -> list[str]:
    bag = Bag()
    entries = appended((), items) if sealed else items
    check(entries, bag, releases={"L1", "L2"}, holders={"etat", "als"})
    return [d.code for d in bag.items]


GOOD = (
    given("L1", "etat"),
    given("L1", "etat", "RETOUR", "sans candidat"),
    given("L1", "als"),
    given("L2", "bailleur"),
)


def test_a_good_journal_says_nothing() -> None:
    assert codes(*GOOD) == []
    assert (
        codes(
            *GOOD,
            given("", "als", "CREDIT", "candidat écarté"),
            given("", "", "ANNULATION", "erreur", 4),
            given("L2", "als"),
        )
        == []
    )


@pytest.mark.parametrize("broken", ["changed", "missing", "moved"])
def test_a_retouched_journal_is_seen(broken: str) -> None:
    entries = list(appended((), GOOD))
    if broken == "changed":
        entries[1] = replace(entries[1], holder="als")
    elif broken == "missing":
        del entries[1]
    else:
        entries[1], entries[2] = entries[2], entries[1]
    assert codes(*entries, sealed=False) == ["FX8401"]


@pytest.mark.parametrize(
    ("code", "entries"),
    [
        ("FX8402", (given("L1", "inconnu"),)),
        ("FX8403", (given("L9", "etat"),)),
        ("FX8404", (given("L1", "etat", "CHOIX"),)),
        ("FX8404", (given("L1", "etat", "CHOIX", "  "),)),
        ("FX8405", (given("L1", "etat"), given("L1", "als"))),
        ("FX8406", (given("L1", "etat"), given("L1", "etat", "RETOUR", "pas intéressé"))),
        ("FX8406", (given("L1", "etat"), given("L1", "als", "RETOUR", "sans candidat"))),
        ("FX8407", (given("L1", "etat"), given("", "", "ANNULATION", "erreur", 9))),
        ("FX8407", (given("L1", "etat"), given("", "", "ANNULATION", "x", 1), given("", "", "ANNULATION", "x", 1))),
    ],
)
def test_what_a_journal_may_not_say(code: str, entries: tuple[Entry, ...]) -> None:
    assert codes(*entries) == [code]


DAY = given("L1", "etat").day


@pytest.mark.parametrize(
    "late",
    [
        (given("L1", "etat"), replace(given("L1", "etat", "RETOUR", "sans candidat"), day=DAY - timedelta(1))),
        (
            given("L1", "etat"),
            replace(given("L1", "etat", "RETOUR", "sans candidat"), day=DAY + timedelta(9)),
            given("L1", "als"),
        ),
        (given("L1", "etat"), replace(given("", "", "ANNULATION", "erreur", 1), day=DAY - timedelta(1))),
    ],
    ids=["return", "again", "annulation"],
)
def test_an_entry_is_not_dated_before_the_one_it_follows(late: tuple[Entry, ...]) -> None:
    assert codes(*late) == ["FX8412"]
    assert codes(*(replace(e, day=DAY) for e in late)) == []


def test_lines_are_added_and_never_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "journal.csv"
    first = appended((), GOOD[:2])
    append_journal(path, frame_of(first))
    before = path.read_bytes()
    second = appended(first, [*GOOD[2:], given("L2", "etat", "CHOIX", "=1+1 ; « guillemets »")])
    append_journal(path, frame_of(second))
    assert path.read_bytes().startswith(before) and len(list(tmp_path.iterdir())) == 1
    found = read_journal(path, frame_of(()).schema)
    assert entries_of(found) == (*first, *second)
    assert (tmp_path / "journal.csv").read_text("utf-8-sig").count("numero") == 1


def test_another_file_is_not_a_journal(tmp_path: Path) -> None:
    pl.DataFrame({"a": ["1"]}).write_csv(tmp_path / "x.csv", separator=";")
    assert read_journal(tmp_path / "x.csv", frame_of(()).schema) is None
