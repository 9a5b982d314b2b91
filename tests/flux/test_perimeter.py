"""Which dwellings count, on which day: one answer for the assiette, the orientation and the bilan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import polars as pl
import pytest

from fluxrules.data.flux.tables import FluxTables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.assiette import forecast, realised
from fluxrules.flux.ledger import Entry, appended, frame_of
from fluxrules.flux.observed import observe
from fluxrules.flux.orientation.quick import orient
from fluxrules.flux.orientation.situation import situation
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Convention, Reservation, Share
from tests.flux.made_years import N, attribution, convention, dwelling, flux_year, release, table
from tests.flux.test_one_meaning import both

LAST = date(N, 12, 31)
HALF = convention("a", Share("part", Fraction(1, 2)))
STOCK = convention("armée", regime="stock", designated=("caserne",))


def tables(*homes: dict[str, object], freed: list[dict[str, object]] | None = None) -> FluxTables:
    """Each dwelling is freed on 1 October, unless another thing is said."""
    every = [release(f"L{i}", str(h["id_logement"]), date(N, 10, 1)) for i, h in enumerate(homes)]
    return FluxTables(
        logements=table("logements", list(homes)), liberations=table("liberations", every if freed is None else freed),
        attributions=table("attributions", []),
    )  # fmt: skip


def counted(given: FluxTables, *conventions: Convention) -> tuple[int, int, int]:
    """The stock on 1 January, and the dwellings of the flux for the follow-up and for the bilan."""
    f, lines = both(flux_year(), Dossier((HALF, *conventions), (flux_year(),)), given)
    seen = observe(flux_year(), given, conventions)
    assert lines["Total"]["Objectif constaté"] == lines["Total"]["Logements de l'année"]
    return sum(seen.stock.values()), f.base, int(str(lines["Total"]["Logements de l'année"]))


@pytest.mark.parametrize(
    ("stock", "expected"),
    [
        (STOCK, (1, 1, 1)),
        (replace(STOCK, signed={}), (2, 2, 2)),
        (replace(STOCK, until=date(N - 1, 12, 31)), (2, 2, 2)),
        (replace(STOCK, until=date(N, 6, 30)), (1, 2, 2)),
        (replace(STOCK, nature="projet"), (2, 2, 2)),
    ],
)
def test_what_a_stock_convention_names_is_out_while_it_runs_signed(
    stock: Convention, expected: tuple[int, int, int]
) -> None:
    """The table says nothing of it. A convention that is not signed, or that has ended, names nothing any more."""
    assert (
        counted(tables(dwelling("D1"), dwelling("D2", programme="caserne")), *([] if stock.nature == "projet" else [stock])) == expected
    )  # fmt: skip


def test_a_dwelling_that_entered_in_the_year_counts_from_its_first_re_letting() -> None:
    """Entered on 1 March: delivered then (apart), freed again in October (of the flux). One freed before it entered, or after it left, is not."""
    new = dwelling("D1", date_entree=date(N, 3, 1))
    freed = [release("L0", "D1", date(N, 3, 1), "LIVRAISON"), release("L1", "D1", date(N, 10, 1))]
    assert counted(tables(new, freed=freed)) == (0, 1, 1)
    assert counted(tables(dwelling("D1", date_entree=date(N, 11, 1)), dwelling("D2"))) == (1, 1, 1)
    assert counted(tables(dwelling("D1", date_sortie=date(N, 9, 1)), dwelling("D2"))) == (2, 1, 1)


def test_sales_are_not_let_again() -> None:
    """Ten dwellings; the year before two were left, one sold and one pulled down: the rotation is 2 of 10, not 4."""
    year = replace(flux_year(), rotation="sorties / parc", window=1, segments=(), rate=None)
    causes = ["CONGE", "MUTATION", "VENTE", "DEMOLITION"]
    freed = [release(f"L{i}", f"D{i}", date(N - 1, 5, 1), cause) for i, cause in enumerate(causes)]
    seen = observe(year, tables(*(dwelling(f"D{i}") for i in range(10)), freed=freed))
    assert forecast(year, seen, Bag()).releases.value == 2


@pytest.mark.parametrize("commune", [None, "99999"])
def test_a_dwelling_without_a_known_commune_is_said(commune: str | None) -> None:
    given = tables(dwelling("D1"), dwelling("D2", commune))
    assert observe(flux_year(), given).unknown == 1
    bag = Bag()
    found = situation(flux_year(), Dossier((HALF,), (flux_year(),)), given, (), LAST, bag)
    assert [d.code for d in bag.items] == ["FX8409"] and [f.release for f in found.queue] == ["L0"]
    fates = both(flux_year(), Dossier((HALF,), (flux_year(),)), given)[1]
    assert fates["Total"]["Logements de l'année"] == 1
    outside = tables(dwelling("D1"), dwelling("D2", "75056"))
    assert observe(flux_year(), outside).unknown == 0
    assert len(outside.logements.filter(pl.col("code_commune").is_null())) == 0  # type: ignore[union-attr]


def test_what_a_right_occupies_is_read_in_the_tables() -> None:
    """A fifth of ten dwellings is two. It had D0 and D1 the year before: D5, freed in February, is not for it; D1, freed in March, is again."""
    land = Reservation("terrain", Share("part", Fraction(99, 100)), programmes=("P",), most_held=Fraction(1, 5))
    one = convention("a", Share("part", Fraction(1)))
    one = replace(one, terms=replace(one.terms, reservations=(land,)))
    freed = [release("P0", "D0", date(N - 1, 3, 1)), release("P1", "D1", date(N - 1, 3, 1)), release("L5", "D5", date(N, 2, 1)), release("L1", "D1", date(N, 3, 1))]  # fmt: skip
    given = tables(*(dwelling(f"D{i}", programme="P") for i in range(10)), freed=freed)
    given = replace(
        given, attributions=table("attributions", [attribution(f"P{i}", "a", date(N - 1, 3, 2)) for i in range(2)])
    )
    found = situation(flux_year(), Dossier((one,), (flux_year(),)), given, (), LAST, Bag())
    assert found.world.start.occupied == {("a", "terrain"): frozenset({"D0", "D1"})}
    assert [d.holder for d in orient(found.world, found.queue)] == ["bailleur", "a"]


def test_a_mixed_convention_leaves_to_the_flux_what_it_sends_back() -> None:
    """Two of its dwellings are freed; it is told of both, and sends one back: one in stock, one of the flux, for all."""
    mixed = replace(STOCK, regime="mixte")
    given = tables(dwelling("D1", programme="caserne"), dwelling("D2", programme="caserne"))
    day = date(N, 10, 1)
    told = [Entry(0, day, "STOCK", r, d, "armée", None, "logement en stock") for r, d in (("L0", "D1"), ("L1", "D2"))]
    told.append(Entry(0, date(N, 10, 9), "RETOUR", "L1", "D2", "armée", None, None, None, "réservataire renonce"))
    told.append(Entry(0, date(N, 10, 9), "ORIENTATION", "L1", "D2", "a", "droit 0", "après retour : plus grand retard"))
    assert counted(replace(given, journal=frame_of(appended((), told[:2]))), mixed) == (0, 0, 0)
    assert counted(replace(given, journal=frame_of(appended((), told))), mixed) == (0, 1, 1)


def test_a_year_of_deliveries_alone_has_its_place_and_a_written_number_has_none() -> None:
    """Deliveries « incluses » : one dwelling delivered in Reims is the assiette of Reims. A number that the file writes is nowhere."""
    year = flux_year("incluses")
    given = tables(dwelling("D1"), freed=[release("L1", "D1", date(N, 6, 2), "LIVRAISON")])
    came = realised(year, observe(year, given), Bag())
    assert (came.total.value, came.on({"51454"}), came.on({"51108"})) == (1, 1, 0)
    written = replace(year, deliveries=replace(year.deliveries, counted=False, realised=Fraction(3)))
    came = realised(written, observe(written, given), Bag())
    assert (came.total.value, came.on({"51454"})) == (3, None)
