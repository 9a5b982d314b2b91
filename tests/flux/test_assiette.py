"""The calculation chain, by hand: docs of the domain (flux_cases) and cases worked out on paper."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.assiette import forecast
from fluxrules.flux.conversion import by_single_rights, by_stock_weight, compared
from fluxrules.flux.extinction import after_repayment
from fluxrules.flux.figures import explained
from fluxrules.flux.shares import rights_of
from fluxrules.model.flux.folder import Dossier, flux_files, read_document, read_dossier
from fluxrules.model.flux.year import FluxYear
from fluxrules.text.source import Source

MARNE = Path(__file__).parents[2] / "rulesets/exemples/marne"


def dossier() -> Dossier:
    bag = Bag()
    found = read_dossier(flux_files(MARNE), bag)
    assert [d.message for d in bag.items] == [] and found.complete
    return found


def year(name: str) -> FluxYear:
    return next(y for y in dossier().years if y.name == name)


def test_the_chain_of_the_illustrative_case() -> None:
    """flux_cases/_illustrative/assiette_chaine: 12 + 28 + 35 = 75 libérations, 21 subtracted, 54 left; 74 with deliveries in."""
    bag = Bag()
    found = forecast(year("foyer-modèle/2026"), None, bag)
    assert not bag.items
    assert [f.value for f in found.releases.inputs] == [12, 28, 35]
    assert [f.value for f in (found.releases, found.subtracted, found.total)] == [75, 21, 54]
    assert found.on(frozenset({"51454"})) == 12 * Fraction(54, 75)
    assert "assiette prévisionnelle : 54 logements" in explained(found.total)


def test_deliveries_are_in_only_where_the_file_says_so() -> None:
    text = (MARNE / "flux/foyer-modele-2026.yaml").read_text("utf-8").replace("mode: à part", "mode: incluses")
    document, _ = read_document(Source("flux", text), Bag())
    assert isinstance(document, FluxYear)
    assert forecast(document, None, Bag()).total.value == 74


def test_more_subtracted_than_freed_is_an_error_with_its_cause() -> None:
    text = (MARNE / "flux/foyer-modele-2026.yaml").read_text("utf-8").replace("{prévu: 12,", "{prévu: 72,")
    document, _ = read_document(Source("flux", text), Bag())
    assert isinstance(document, FluxYear)
    bag = Bag()
    assert forecast(document, None, bag).total.value is None
    assert [d.code for d in bag.items] == ["FX8202"] and "mutations internes" in bag.items[0].help


def test_the_founding_documents_example_and_its_slip() -> None:
    assert by_stock_weight(Fraction(25), Fraction(100)).value == Fraction(25, 100)
    assert [by_single_rights(Fraction(100), 10, Fraction(n)).value for n in (100, 50, 200)] == [
        Fraction(10, 100), Fraction(20, 100), Fraction(5, 100)]  # fmt: skip


def test_methods_a_and_c_differ_by_share_times_subtractions() -> None:
    """flux_cases/_illustrative/conversion_deux_methodes."""
    found = compared(Fraction(250), Fraction(1000), Fraction(75, 1000), Fraction(54))
    assert (found.weight_volume, found.rotation.inputs[0].value, found.gap) == (
        Fraction(27, 2),
        Fraction(75, 4),
        Fraction(21, 4),
    )
    assert found.gap == Fraction(25, 100) * 21


def test_a_right_ends_five_years_after_its_loan() -> None:
    assert after_repayment(date(2021, 6, 30)) == date(2026, 6, 30)
    assert after_repayment(date(2024, 2, 29)) == date(2029, 2, 28)


def test_rights_are_dated_and_keep_their_base() -> None:
    epci = next(c for c in dossier().conventions if c.name == "habitat-exemple/grand-reims")
    repaid = {"PRET-001": None, "PRET-002": date(2019, 5, 31), "PRET-003": None}
    before = rights_of(epci, date(2026, 6, 30), None, Fraction(100), repaid)
    after = rights_of(epci, date(2026, 7, 1), None, Fraction(100), repaid)
    assert [r.share.value for r in before] == [Fraction(12, 100), Fraction(2, 100)]
    assert [r.share.value for r in after] == [Fraction(14, 100), Fraction(2, 100)]
    assert before[1].in_rights and before[1].yearly.value == 2
    gone = rights_of(epci, date(2026, 6, 30), None, None, {"PRET-001": date(2020, 1, 1), "PRET-002": date(2019, 5, 31)})
    assert [r.reservation.name for r in gone] == ["terrain de la rue des Vignes"]


def test_a_ramp_gives_the_share_of_its_day() -> None:
    reims = next(c for c in dossier().conventions if c.name == "foyer-modèle/reims")
    shares = [rights_of(reims, date(y, 3, 1), None)[0].share.value for y in (2024, 2025, 2026)]
    assert shares == [Fraction(8, 100), Fraction(10, 100), Fraction(12, 100)]


def parted(spread: str) -> tuple[FluxYear | None, Bag]:
    bag = Bag()
    text = (MARNE / "flux/foyer-modele-2026.yaml").read_text("utf-8")
    changed, _ = read_document(
        Source("f.yaml", text.replace("réparties: au prorata des libérations", f"réparties: {spread}")), bag
    )
    assert changed is None or isinstance(changed, FluxYear)
    return changed, bag


def test_each_segment_bears_the_part_that_is_written() -> None:
    """21 subtractions: 2.1 of the 12 freed in A, 8.4 of 28 in B, 10.5 of 35 in C."""
    found, _ = parted("{commune A: 10 %, commune B: 40 %, commune C: 50 %}")
    assert found is not None
    bag = Bag()
    assiette = forecast(found, None, bag)
    assert [assiette.on({c}) for c in ("51454", "51573", "51108")] == [
        Fraction(99, 10),
        Fraction(196, 10),
        Fraction(245, 10),
    ]
    assert not bag.items and assiette.total.value == 54


def test_a_segment_does_not_bear_more_than_it_has() -> None:
    found, _ = parted("{commune A: 90 %, commune B: 10 %, commune C: 0 %}")
    assert found is not None
    bag = Bag()
    assert forecast(found, None, bag).on({"51454"}) is None
    assert [d.code for d in bag.items] == ["FX8202"] and "commune A" in bag.items[0].message


@pytest.mark.parametrize(
    "spread",
    [
        "{commune A: 10 %, commune B: 40 %}",
        "{commune A: 10 %, commune B: 40 %, commune C: 40 %}",
        "{commune A: 100 %, commune B: 0 %, ailleurs: 0 %}",
    ],
)
def test_the_parts_of_segments_name_each_of_them_and_make_a_whole(spread: str) -> None:
    assert [d.code for d in parted(spread)[1].items] == ["FX8008"]
