"""Each alert of the follow-up comes when it should, and goes when what it tells of is put right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import polars as pl
import pytest

from fluxrules.data.flux.tables import FluxTables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.alerts import Alert, Limits, alerts
from fluxrules.flux.bilan.outside_qpv import Floor
from fluxrules.flux.ledger import Entry, appended
from fluxrules.flux.suivi import follow
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Convention, Reservation, Share
from fluxrules.model.flux.year import FluxYear
from tests.flux.test_assiette import dossier, year
from tests.flux.test_orientation import small
from tests.flux.test_suivi import tables

DAY = date(2025, 9, 30)
STATE = "habitat-exemple/état-51"
EPCI = "habitat-exemple/grand-reims"

FLOOR = Floor(Fraction(30, 100), "CCH R. 441-5-2, II")


def told(
    name: str, *, day: date = DAY, documents: Dossier | None = None, given: FluxTables | None = None, entries: tuple[Entry, ...] = (),
    limits: Limits | None = None, changed: FluxYear | None = None,
) -> list[Alert]:  # fmt: skip
    found = given or tables()
    f = follow(changed or year(f"habitat-exemple/{day.year}"), documents or dossier(), found, entries, day, Bag())
    return [a for a in alerts(f, found, limits or Limits(floor=FLOOR)) if a.name == name]


def with_(name: str, change: Callable[[Convention], Convention]) -> Dossier:
    all_ = dossier()
    assert name in [c.name for c in all_.conventions]
    return replace(all_, conventions=tuple(change(c) if c.name == name else c for c in all_.conventions))


def having(*rights: Reservation) -> Callable[[Convention], Convention]:
    return lambda c: replace(c, terms=replace(c.terms, reservations=rights), amendments=())


def right(percent: int = 12, **more: object) -> Reservation:
    return Reservation("droit", Share("part", Fraction(percent, 100)), "garantie d'emprunt", **more)  # type: ignore[arg-type]


def codes(found: list[Alert]) -> set[str]:
    return {a.code for a in found}


def test_a_pace_that_leads_to_a_miss() -> None:
    """With a share of nothing, nobody misses it."""
    assert "grand-reims" in codes(told("fin d'année", documents=with_(EPCI, having(right(60)))))
    assert "grand-reims" not in codes(told("fin d'année", documents=with_(EPCI, having(right(0)))))


def test_a_commune_where_the_state_was_sent_nothing() -> None:
    given = tables()
    assert given.attributions is not None and given.liberations is not None
    to_others = given.attributions.with_columns(
        pl.when(pl.col("reservataire") == "etat-51").then(pl.lit("als-51")).otherwise("reservataire").alias("reservataire")
    )  # fmt: skip
    found = told("communes", given=replace(given, attributions=to_others))
    assert codes(found) == {"etat-51"} and "51454" in found[0].message
    assert not any("51454" in a.message for a in told("communes"))


def test_single_rights_that_are_used_up() -> None:
    def rights(number: int) -> Dossier:
        share = Share("droits uniques", Fraction(number), 10, "attributions")
        return with_(EPCI, having(Reservation("droits", share, "apport de terrain")))

    assert codes(told("droits épuisés", documents=rights(1))) == {"grand-reims"}
    assert told("droits épuisés", documents=rights(5000)) == []


@pytest.mark.parametrize(
    ("until", "warned"), [(date(2026, 3, 30), True), (date(2026, 3, 31), False), (date(2025, 9, 29), False)]
)
def test_a_right_that_ends_within_six_months(until: date, warned: bool) -> None:
    found = told("échéance d'un droit", documents=with_(EPCI, having(right(until=until))))
    assert ("grand-reims" in codes(found)) is warned


def test_a_convention_that_ends_is_told_and_one_that_renews_itself_is_not() -> None:
    ends = {
        c.reservataire.code
        for c in dossier().conventions
        if c.bailleur.code == "900000001" and c.until == date(2026, 12, 31)
    }
    found = codes(
        told("échéance d'un droit", day=date(2026, 6, 30)) + told("échéance d'un droit", day=date(2026, 8, 30))
    )
    assert {"etat-51", "als-51", "grand-reims"} <= ends and found == {"grand-reims"}, (
        "the two others are renewed tacitly"
    )


def test_a_right_that_no_dwelling_suits() -> None:
    nowhere = right(programmes=("un programme qui n'existe pas",))
    assert codes(told("profil vide", documents=with_(EPCI, having(nowhere)))) == {"grand-reims"}
    assert told("profil vide", documents=with_(EPCI, having(right(condition=small())))) == []


def test_a_rate_of_a_commune_is_no_empty_profile() -> None:
    """It has a line of its own, and the reservation is still exercised elsewhere."""
    apart = with_(STATE, lambda c: replace(c, terms=replace(c.terms, by_commune={"51616": Fraction(1, 10)})))
    assert told("profil vide", documents=apart) == []


def test_more_dwellings_out_of_the_flux_than_announced() -> None:
    base = year("habitat-exemple/2025")
    none = replace(base.subtractions["mutations internes"], kind="nombre", value=Fraction(0))
    many = replace(none, value=Fraction(500))

    def at(estimate: object) -> list[Alert]:
        return told(
            "soustractions", changed=replace(base, subtractions={**base.subtractions, "mutations internes": estimate})
        )  # type: ignore[dict-item]

    assert any("mutations internes" in a.message for a in at(none))
    assert not any("mutations internes" in a.message for a in at(many))


def test_a_dwelling_of_which_nothing_says_if_it_counts() -> None:
    silent = with_(EPCI, lambda c: replace(c, terms=replace(c.terms, counted=None), amendments=()))
    assert codes(told("décompte inconnu", documents=silent)) == {"grand-reims"} and told("décompte inconnu") == []


def test_a_convention_that_is_not_signed() -> None:
    half = with_(EPCI, lambda c: replace(c, signed={"bailleur": date(2023, 12, 18)}))
    assert (
        codes(told("convention non signée", documents=half)) == {"grand-reims"} and told("convention non signée") == []
    )


def sent_back(number: int) -> tuple[Entry, ...]:
    """The first dwellings of 2026, all given to the State, the first ones sent back by it."""
    bare = replace(tables(), attributions=None)
    queue = follow(year("habitat-exemple/2026"), dossier(), bare, (), date(2026, 3, 1), Bag()).found.queue
    mine = [f for f in queue if f.outside is None and f.named is None and f.cause != "LIVRAISON"][:10]
    given = [
        Entry(0, f.day, "ORIENTATION", f.release, f.dwelling, "etat-51", "contingent préfectoral", "r") for f in mine
    ]
    back = [Entry(0, date(2026, 3, 1), "RETOUR", f.release, f.dwelling, "etat-51", "contingent préfectoral", reason="sans candidat") for f in mine[:number]]  # fmt: skip
    return appended((), [*given, *back])


def test_a_reservataire_that_sends_many_back() -> None:
    """Two of ten is the limit, three of ten is above it."""
    bare = replace(tables(), attributions=None)
    for number, found in ((2, set()), (3, {"etat-51"})):
        assert codes(told("retours", day=date(2026, 3, 1), given=bare, entries=sent_back(number))) == found
    assert (
        told("retours", day=date(2026, 3, 1), given=bare, entries=sent_back(3), limits=Limits(returns=Fraction(1, 2)))
        == []
    )


@pytest.mark.parametrize(
    ("decision", "issue", "then", "late"),
    [
        ("NON_ATTR", None, None, True),
        ("ATTR", "REFUS", None, True),
        ("NON_ATTR", None, date(2026, 3, 20), False),
        ("ATTR", "BAIL", None, False),
    ],
    ids=["the commission refuses", "the candidate refuses", "somebody else was designated", "let"],
)
def test_new_candidates_that_do_not_come(decision: str, issue: str | None, then: date | None, late: bool) -> None:
    """The State's convention gives fifteen days from the refusal of 10/03/2026."""
    given = tables()
    assert given.attributions is not None
    row = given.attributions.filter(pl.col("reservataire") == "etat-51").head(1)
    release = sent_back(0)[0].release

    def line(day: date, decided: date | None, what: str | None, then_: str | None) -> pl.DataFrame:
        return row.with_columns(
            pl.lit(release).alias("id_liberation"), pl.lit(day).alias("date_designation"), pl.lit(decided, dtype=pl.Date).alias("date_commission"),
            pl.lit(what).cast(row["decision"].dtype).alias("decision"), pl.lit(then_).cast(row["issue"].dtype).alias("issue"),
            pl.lit(date(2026, 3, 12) if then_ == "BAIL" else None, dtype=pl.Date).alias("date_bail"),
        )  # fmt: skip

    rows = [
        line(date(2026, 2, 20), date(2026, 3, 10), decision, issue),
        *([line(then, None, None, None)] if then else []),
    ]
    changed = replace(given, attributions=pl.concat(rows))

    def said(day: date) -> bool:
        found = told("délai dépassé", day=day, given=changed, entries=sent_back(0))
        return any(
            "Préfet de la Marne, « LIB" in a.message and "nouveaux candidats" in a.message and "25/03/2026" in a.message
            for a in found
        )

    assert not said(date(2026, 3, 25)) and said(date(2026, 3, 26)) is late
    let_by_another = line(date(2026, 3, 15), date(2026, 3, 16), "ATTR", "BAIL").with_columns(
        pl.lit("als-51").alias("reservataire")
    )
    changed = replace(given, attributions=pl.concat([*rows, let_by_another]))
    assert not said(date(2026, 3, 26)), "the dwelling is let: nobody waits for candidates"


def test_the_floor_outside_qpv_is_the_one_that_is_written() -> None:
    def floor(percent: int) -> Dossier:
        return with_(STATE, lambda c: replace(c, terms=replace(c.terms, outside_qpv=Fraction(percent, 100))))

    assert codes(told("hors QPV", documents=floor(100))) == {"etat-51"} and told("hors QPV", documents=floor(0)) == []
