"""Single rights left: worked out by hand, and what is said where the balance is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from fluxrules.data.flux.tables import FluxTables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.assiette import forecast
from fluxrules.flux.figures import explained
from fluxrules.flux.orientation.situation import situation
from fluxrules.flux.shares import Bases, share_of
from fluxrules.flux.single_rights import dossier_left
from fluxrules.flux.suivi import follow
from fluxrules.flux.year_shares import due
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Convention, Share
from tests.flux.made_years import SCALES, N, attribution, convention, dwelling, flux_year, release, table
from tests.flux.test_one_meaning import both

LAST = date(N, 12, 31)


def rights(number: int = 100, years: int = 10) -> Share:
    return Share("droits uniques", Fraction(number), years, "attributions", said=f"{number} droits uniques sur {years} ans")  # fmt: skip


def tables(past: int, *, holder: str = "a", listed: tuple[date, int] | None = None) -> FluxTables:
    """So many dwellings let in the year before, to one réservataire; two freed in the year."""
    freed = [release(f"P{i}", f"D{i}", date(N - 1, 3, 1)) for i in range(past)]
    freed += [release(f"L{i}", f"D{i}", date(N, 3, 1)) for i in range(2)]
    rows = [] if listed is None else [{"id_droit": "1", "reservataire": "a", "programme": "P", "nature_droit": "DU", "nombre": listed[1], "liste": "bailleur", "date_debut": listed[0]}]  # fmt: skip
    return FluxTables(
        logements=table("logements", [dwelling(f"D{i}", programme="P") for i in range(9)]), liberations=table("liberations", freed),
        attributions=table("attributions", [attribution(f"P{i}", holder, date(N - 1, 3, 2)) for i in range(past)]),
        droits=table("droits", rows) if rows else None,
    )  # fmt: skip


def owed(one: Convention, given: FluxTables) -> tuple[Fraction | None, str]:
    dossier = dossier_left(flux_year(), Dossier((one,), (flux_year(),)), given)
    found = due(flux_year(), dossier, forecast(flux_year(), None, Bag()), Bag())[0].yearly
    return found.value, explained(found)


@pytest.mark.parametrize(("attributions", "share"), [(100, 10), (50, 20), (200, 5)])
def test_the_example_of_the_founding_document(attributions: int, share: int) -> None:
    """Ten rights a year are 10 % of a hundred attributions, 20 % of fifty (it prints 5 %), 5 % of two hundred."""
    assert share_of(rights(), LAST, Bases(None, Fraction(attributions))).value == Fraction(share, 100)


def test_rights_used_are_no_longer_due() -> None:
    """100 rights in ten years from 2024; four were used in 2024: 96 in the nine years left."""
    value, said = owed(convention("a", rights()), tables(4))
    assert value == Fraction(96, 9) and "droits restants / années restantes" in said and "4 consommé(s)" in said
    f, lines = both(flux_year(), Dossier((convention("a", rights()),), (flux_year(),)), tables(4))
    assert f.standings[0].due == Fraction(96, 9) and lines["a"]["Objectif constaté"] == 10.67


def test_in_its_last_year_what_is_left_is_due() -> None:
    """Six rights in two years; one was used in 2024: five in 2025, and half of the year is not half of them."""
    assert owed(convention("a", rights(6, 2)), tables(1))[0] == 5
    ends = convention("a", rights(6, 2))
    early = replace(ends.terms.reservations[0], until=date(N, 6, 30))
    assert owed(replace(ends, terms=replace(ends.terms, reservations=(early,))), tables(1))[0] == 5


def test_a_year_without_data_leaves_the_rights_as_written() -> None:
    value, said = owed(convention("a", rights()), tables(0))
    assert value == 10 and f"n'est pas connu, les tables n'ont pas {N - 1}" in said


def test_a_balance_of_the_table_stands_for_the_years_before() -> None:
    value, said = owed(convention("a", rights()), tables(0, listed=(date(N, 1, 1), 90)))
    assert value == 10 and "table « droits » au 01/01/2025" in said
    assert owed(convention("a", rights()), tables(0, listed=(date(N, 1, 1), 45)))[0] == 5


def test_two_reservations_need_the_journal() -> None:
    two = convention("a", Share("part", Fraction(1, 10)), rights(), scale=SCALES[0])
    value, said = owed(two, tables(4))
    assert value == Fraction(54, 10) + 10 and "le journal ne dit pas la réservation" in said


def test_a_right_used_in_the_past_is_used_for_the_orientation() -> None:
    """Two rights, both used the year before by attributions that name no reservation: nothing more goes to it."""
    one = convention("a", rights(2, 10))
    found = situation(flux_year(), Dossier((one,), (flux_year(),)), tables(2), (), LAST, Bag())
    assert found.world.start.used == {("a", "droit 0"): 2}
    (line,) = found.world.parties.lines(LAST)
    assert line.rights == 0 and line.used_up(2, 0)
    unknown = replace(tables(2), attributions=tables(2).attributions)
    f = follow(flux_year(), Dossier((one,), (flux_year(),)), unknown, (), LAST, Bag())
    assert f.standings[0].due == 0
