"""The published cases of the domain (real figures, worked examples, rules): each is a test, named after its file.

Those that are about the law, the journal or the bilan are with their rooms' tests.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping
from fluxrules.document.tree import parse_tree
from fluxrules.flux.conversion import by_coefficient, by_single_rights, by_stock_weight, converted, rights_of_programme
from fluxrules.flux.figures import Figure, total
from fluxrules.flux.parties import BAILLEUR
from fluxrules.flux.repartition import Claim, allot
from fluxrules.model.flux.shares import read_share
from fluxrules.model.flux.values import Share
from fluxrules.text.source import Source
from fluxrules.vocabulary.flux import flux_vocabulary


def share(text: str) -> Share:
    bag = Bag()
    tree = parse_tree(Source("part", f"part: {text}"), bag)
    assert isinstance(tree, Mapping)
    found = read_share(tree.get("part"), "", bag)
    assert found is not None, [d.message for d in bag.items]
    return found


def test_rehal_recensement_stock() -> None:
    written = share("{méthode: poids du stock, logements réservés: 25, parc: 100}")
    assert converted(written).shown == "25 %"


@pytest.mark.parametrize(("attributions", "shown"), [(100, "10 %"), (50, "20 %"), (200, "5 %")])
def test_rehal_droits_uniques_and_its_erratum(attributions: int, shown: str) -> None:
    """The slide prints 5 % for 50 attributions; its own formula gives 20 % (TRAP-01)."""
    written = share(f"{{méthode: droits uniques, droits uniques: 100, durée: 10 ans, attributions: {attributions}}}")
    found = converted(written)
    assert found.shown == shown and found.inputs[0].value == 10


def test_rouen_2019_barcelone_20pct() -> None:
    """20 % of 114 PLUS is 22.8: the deed says 22."""
    assert rights_of_programme(114, Fraction(20, 100)) == 22


def test_ardennes_2012_contingent_par_programme() -> None:
    """15 to 25 % by programme: the sum of whole dwellings is not one rate on the whole."""
    programmes = [(114, 15), (33, 25), (41, 20)]
    reserved = sum(rights_of_programme(n, Fraction(rate, 100)) for n, rate in programmes)
    assert reserved == 17 + 8 + 8
    assert by_stock_weight(Fraction(reserved), Fraction(188)).value != Fraction(15 + 25 + 20, 300)
    assert Fraction(25, 100) + Fraction(5, 100) == Fraction(30, 100)


def test_rouen_quotites_garantie() -> None:
    """Two guarantors share the guarantee of one loan: every line of 2016 makes 100 %, PLS made 50 % in 2009."""
    lines_2016 = {"PLAI adapté": (100, 0), "PLAI élargi": (60, 40), "PLUS": (60, 40), "PLS": (0, 100)}
    for name, (departement, ville) in lines_2016.items():
        parts = (Figure("département", Fraction(departement, 100), "%"), Figure("ville", Fraction(ville, 100), "%"))
        assert total(name, parts, unit="%").shown == "100 %"
    assert total("PLS 2009", (Figure("ville", Fraction(50, 100), "%"),), unit="%").shown == "50 %"


def test_rouen_2011_falstaff_garantie() -> None:
    assert Figure("garantie", 1_912_880 * Fraction(50, 100), "€").shown == "956 440 €"


def test_venissieux_2023_contingent() -> None:
    """236 of « nearly 13,000 »: about 1.8 %, and a ceiling is not a target."""
    found = by_stock_weight(Fraction(236), Fraction(13_000))
    assert found.value is not None and round(found.value * 1000) == 18 and found.shown.startswith("≈ ")


def test_sdes_2019_evolution_parc() -> None:
    """Growth, movements, and a residual that stays visible."""
    growth = Fraction(86_300, 5_089_800 - 86_300)
    assert round(growth * 1000) == 17
    moves = total("solde", (Figure("mises en service", Fraction(80_400)), Figure("démolis", Fraction(-11_300)),
                            Figure("vendus", Fraction(-10_800)), Figure("usage", Fraction(-700))))  # fmt: skip
    assert moves.value == 57_600 and 86_300 - moves.value == 28_700


def test_lareunion_2015_parc() -> None:
    offered = 64_995 * Fraction(987, 1000)
    assert round(offered) == 64_150


def test_oise_habitat_2018_demande() -> None:
    assert Figure("part", Fraction(5_854, 20_774), "%").shown == "≈ 28,18 %"
    assert int(5_854 / Fraction(45, 10)) == 1_300


def test_hdf_2017_2022_prioritaires() -> None:
    """A greater share of fewer attributions: +42.5 % of dwellings for priority households."""
    volume = Fraction(212, 1000) * (1 - Fraction(16, 100)) / Fraction(125, 1000) - 1
    assert round(volume * 1000) == 425 and Fraction(212, 1000) - Fraction(125, 1000) == Fraction(87, 1000)


def test_aorif_2009_reservations() -> None:
    """89 % reserved leaves 11 % to the bailleur."""
    found = allot(100, [Claim("réservataires", Fraction(89, 100))])
    assert {a.code: a.dwellings for a in found} == {"réservataires": 89, BAILLEUR: 11}


def test_etat_droits_12_1pct() -> None:
    """The stock can give the State far less than its floor: the inventory does not decide."""
    assert Fraction(25, 100) - Fraction(121, 1000) == Fraction(129, 1000)


def test_regle_anru_al_droit_unique() -> None:
    """The coefficient is data, with its source: nothing is written in the engine."""
    written = share(
        '{méthode: coefficient, droits de suite: 40, coefficient: "2,5", durée: 10 ans, attributions: 100, source: zone B1 (inventée)}'
    )
    assert converted(written) == by_coefficient(Fraction(40), Fraction(5, 2), 10, Fraction(100))
    assert converted(written).value == by_single_rights(Fraction(100), 10, Fraction(100)).value


def test_regle_paris_pml_50_50() -> None:
    """Seven dwellings between two halves: the odd one alternates from year to year."""
    balances = {"maire": Fraction(0), "arrondissement": Fraction(0)}
    years = []
    for _ in range(4):
        found = [a for a in allot(7, [Claim(c, Fraction(1, 2), b) for c, b in balances.items()]) if a.code != BAILLEUR]
        balances = {a.code: a.balance for a in found}
        years.append(tuple(a.dwellings for a in found))
    assert years == [(4, 3), (3, 4), (4, 3), (3, 4)]


def test_regle_rpls_63_contingent() -> None:
    """Seven codes; under flux the State's dwellings are « non réservé » there, so that code 2 says nothing of its share."""
    labels = flux_vocabulary().nomenclatures["contingent"].labels
    assert list(labels) == ["1", "2", "3", "4", "5", "6", "7"] and labels["7"] == "non réservé"
