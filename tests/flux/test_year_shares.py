"""What a year owes, worked out by hand on the example département (numbers written in its files)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.assiette import forecast
from fluxrules.flux.figures import explained
from fluxrules.flux.repartition import Cap
from fluxrules.flux.year_shares import Due, due
from fluxrules.model.flux.folder import Dossier, read_document
from fluxrules.model.flux.values import Convention
from fluxrules.text.source import Source
from tests.flux.test_assiette import MARNE, dossier, year

STATE = Cap(("etat-51",), Fraction(30, 100), "30 % au plus")


def shared(documents: Dossier, name: str = "foyer-modèle/2026", bag: Bag | None = None) -> dict[str, Due]:
    found = year(name)
    bag = bag if bag is not None else Bag()
    return {d.code: d for d in due(found, documents, forecast(found, None, bag), bag, [STATE])}


def test_what_foyer_modele_owes_in_2026() -> None:
    """A = 54, of which 54/75 × 12 = 8.64 in Reims. State 27 %, département 8 %, Reims 12 % of its own flux."""
    found = shared(dossier())
    assert found["etat-51"].yearly.value == Fraction(27 * 54, 100)
    assert found["dep-51"].yearly.value == Fraction(8 * 54, 100)
    assert found["reims"].yearly.value == Fraction(12, 100) * Fraction(864, 100)
    assert sum((d.yearly.known for d in found.values()), Fraction(0)) == 54
    # 14.58, 4.3200, 1.0368, and 34.0632 for the bailleur: floors 14 + 4 + 1 + 34, the 54th to the greatest remainder, the State's.
    assert {c: d.dwellings for c, d in found.items()} == {"etat-51": 15, "dep-51": 4, "reims": 1, "bailleur": 34}
    assert "part × assiette du territoire" in explained(found["reims"].yearly)


def with_convention(name: str, old: str, new: str) -> Dossier:
    documents = dossier()
    text = (MARNE / "conventions" / name).read_text("utf-8")
    assert old in text
    changed, _ = read_document(Source(name, text.replace(old, new)), Bag())
    assert isinstance(changed, Convention)
    others = tuple(c for c in documents.conventions if c.name != changed.name)
    return Dossier((*others, changed), documents.years, documents.orientations)


def test_a_commune_at_its_own_rate_weighs_what_is_freed_there() -> None:
    """27 % of 54, but 20 % in Reims (8.64): 0.27 × 45.36 + 0.20 × 8.64. The law counts it the same way (FX8113)."""
    documents = with_convention("foyer-modele-etat.yaml", "par commune: identique", 'par commune: {"51454": 20 %}')
    found = shared(documents)["etat-51"].yearly
    assert found.value == Fraction(27, 100) * Fraction(4536, 100) + Fraction(20, 100) * Fraction(864, 100)
    assert "chaque commune à sa part" in explained(found)
    elsewhere = with_convention("foyer-modele-etat.yaml", "par commune: identique", 'par commune: {"75056": 20 %}')
    assert shared(elsewhere)["etat-51"].yearly.value == Fraction(27 * 54, 100)


def test_a_convention_of_half_a_year_counts_for_its_days() -> None:
    documents = with_convention(
        "foyer-modele-departement.yaml", "{du: 01/01/2024, au: 31/12/2026}", "{du: 01/07/2026, au: 31/12/2026}"
    )
    assert shared(documents)["dep-51"].yearly.value == Fraction(8 * 54, 100) * Fraction(184, 365)


def test_a_convention_without_both_signatures_is_the_prefets_by_default() -> None:
    documents = with_convention(
        "foyer-modele-departement.yaml", "{bailleur: 12/12/2023, réservataire: 18/12/2023}", "{bailleur: 12/12/2023}"
    )
    found = shared(documents)
    assert "dep-51" not in found and found["prefet-defaut"].yearly.value == Fraction(8 * 54, 100)


def test_rights_without_their_base_are_not_shared() -> None:
    documents = with_convention(
        "foyer-modele-departement.yaml",
        "part: 8 % du flux",
        "part: 30 droits uniques sur 10 ans\n    base: attributions",
    )
    bag = Bag()
    found = shared(documents, bag=bag)
    assert (
        found["dep-51"].yearly.value == 3 and not bag.items
    )  # the file states 54 attributions, and three rights are three dwellings


def test_more_than_there_is_is_refused() -> None:
    documents = with_convention(
        "foyer-modele-departement.yaml", "part: 8 % du flux", "part: 60 logements par an\n    base: assiette"
    )
    bag = Bag()
    found = shared(documents, bag=bag)
    assert [d.code for d in bag.items] == ["FX8205"] and found["dep-51"].dwellings is None


def test_an_unknown_volume_shares_nothing() -> None:
    """Reims is one of the communes of Habitat Exemple, whose numbers come from tables: without them, nothing."""
    bag = Bag()
    found = shared(dossier(), "habitat-exemple/2026", bag)
    assert {d.dwellings for d in found.values()} == {None} and "FX8204" in {d.code for d in bag.items}


@pytest.mark.parametrize("day", ["31/12/2025", "30/06/2026"])
def test_a_right_that_ends_counts_until_its_day(day: str) -> None:
    documents = with_convention("foyer-modele-departement.yaml", "prêts: [PRET-010]", f"au: {day}")
    expected = Fraction(0) if day.endswith("2025") else Fraction(8 * 54, 100) * Fraction(181, 365)
    assert shared(documents)["dep-51"].yearly.value == expected


def test_an_avenant_that_waits_for_a_signature_is_simulated_and_not_owed() -> None:
    change = """avenants:
  - numéro: 1
    signé le: {bailleur: 15/12/2025}
    en vigueur: {du: 01/01/2026}
    remplace: {réservations: [{part: 20 % du flux}]}
"""
    documents = with_convention(
        "foyer-modele-etat.yaml", "arrondi: plus fort reste\n", "arrondi: plus fort reste\n" + change
    )
    found = year("foyer-modèle/2026")
    owed = {
        drafts: next(
            d for d in due(found, documents, forecast(found, None, Bag()), Bag(), drafts=drafts) if d.code == "etat-51"
        )
        for drafts in (False, True)
    }
    assert [owed[d].yearly.value for d in (False, True)] == [Fraction(27 * 54, 100), Fraction(20 * 54, 100)]
