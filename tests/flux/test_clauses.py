"""Clauses that act: each is written two ways, and what a day gives differs. What is written wrong is told."""

from __future__ import annotations

from datetime import date

import pytest

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.deadlines import again_by, answer_by
from fluxrules.flux.unknown_names import report_unknown_names
from fluxrules.law.flux import judge_dossier
from fluxrules.model.flux.folder import Dossier, followed, read_document
from fluxrules.model.flux.values import Convention
from fluxrules.model.flux.versions import terms_at
from fluxrules.text.source import Source
from tests.flux.conventions import COMMUNE, DAY, dossier, flux, other, state


def document(text: str) -> tuple[Convention, Bag]:
    bag = Bag()
    found, _ = read_document(Source("c.yaml", text), bag)
    assert found is None or isinstance(found, Convention)
    return found, bag  # type: ignore[return-value]


def read(text: str) -> Convention:
    found, bag = document(text)
    assert not bag.has_errors, [d.message for d in bag.items]
    return found


def codes(text: str) -> list[str]:
    return [d.code for d in document(text)[1].items]


@pytest.mark.parametrize(
    "share", ["-3 % du flux", "{01/01/2024: 8 % du flux, 01/01/2026: -3 % du flux}"], ids=["part", "rampe"]
)
def test_a_negative_share_is_refused_wherever_it_is(share: str) -> None:
    assert codes(state(share)) == ["FX8004"]


def test_a_negative_sub_share_is_refused() -> None:
    assert codes(state(agents="-5 % du flux")) == ["FX8004"] and codes(state(agents="5 % du flux")) == []


def test_a_reservation_does_not_end_before_it_starts() -> None:
    good = "garantie d'emprunt 8 % du flux\n    du: 01/01/2024\n    au: 31/12/2025"
    assert codes(other("reims", "commune", COMMUNE, good)) == []
    assert codes(other("reims", "commune", COMMUNE, good.replace("31/12/2025", "31/12/2023"))) == ["FX3016"]


def test_what_the_bailleur_never_takes_back_is_not_in_the_chain() -> None:
    assert codes(state()) == []
    assert codes(state().replace("pour une location", "non")) == ["FX8006"]


TACIT = state().replace("renouvellement: exprès", "renouvellement: tacite, 1 an")


def test_a_tacit_renewal_carries_on_and_an_express_one_does_not() -> None:
    tacit, express = read(TACIT), read(state())
    assert tacit.applies(date(2026, 12, 31)) and tacit.applies(date(2028, 6, 1))
    assert express.applies(date(2026, 12, 31)) and not express.applies(date(2027, 1, 1))


def test_a_tacit_renewal_ends_with_the_convention() -> None:
    ended = read(TACIT + "résiliée le: 30/06/2027\n")
    assert ended.applies(date(2027, 6, 30)) and not ended.applies(date(2027, 7, 1))
    assert not read(TACIT.replace("nature: en vigueur", "nature: historique")).applies(date(2027, 1, 1))


def test_the_next_convention_ends_a_tacit_renewal() -> None:
    """Two that held at once would give the State twice its share."""
    later = TACIT.replace("habitat/état", "habitat/état-2").replace(
        "du: 01/01/2024, au: 31/12/2026", "du: 01/04/2027, au: 31/12/2029"
    )
    first, second = followed([read(TACIT), read(later)])
    assert first.applies(date(2027, 3, 31)) and not first.applies(date(2027, 4, 1)) and second.applies(date(2027, 4, 1))
    assert "FX8102" not in [d.code for d in judge_dossier(Dossier((first, second)), DAY).diagnostics]


AMENDED = """avenants:
  - numéro: 1
    signé le: {bailleur: 15/06/2026, réservataire: 20/06/2026}
    en vigueur: {du: 01/07/2026}
    remplace: {délai de désignation: 20 jours}
"""


def test_an_avenant_that_one_party_signed_changes_nothing_and_is_told() -> None:
    signed, half = read(state(more=AMENDED)), read(state(more=AMENDED.replace(", réservataire: 20/06/2026", "")))
    assert terms_at(signed, DAY).delay != terms_at(half, DAY).delay == signed.terms.delay
    told = [d for d in judge_dossier(Dossier((half,)), DAY).diagnostics if d.code == "FX8101"]
    assert [d.message for d in told] == ["L'avenant 1 n'est pas signé par le réservataire : il ne change rien."]
    assert "FX8101" not in [d.code for d in judge_dossier(Dossier((signed,)), DAY).diagnostics]


def test_an_order_of_the_prefet_lifts_the_ceilings_of_the_state_alone() -> None:
    order = (
        "dérogation préfectorale: {acte: arrêté, motif: sécurité publique, du: 01/03/2026, au: 28/02/2027, part: 32 %}"
    )
    local = read(other("reims", "commune", COMMUNE, "garantie d'emprunt 8 % du flux", more=order))
    assert "FX8115" in [d.code for d in judge_dossier(Dossier((local,)), DAY).diagnostics]
    assert "FX8115" not in [d.code for d in judge_dossier(Dossier((read(state(more=order)),)), DAY).diagnostics]


def test_delegated_management_leaves_the_reservataire_nothing_to_answer() -> None:
    told = date(2026, 3, 1)
    direct, by_bailleur = read(state(more="gestion: directe")), read(state(more="gestion: déléguée au bailleur"))
    assert answer_by(direct.terms, told, None) == date(2026, 4, 1) and answer_by(by_bailleur.terms, told, None) is None
    assert again_by(direct.terms, told) == date(2026, 3, 16) and again_by(by_bailleur.terms, told) is None


def unknown(*texts: str) -> list[str]:
    bag = Bag()
    report_unknown_names(dossier(*texts), None, bag)
    return [d.code for d in bag.items]


ORIENTATIONS = """langage: 1
orientations: grand-reims
territoire: {epci: "200067213"}
en vigueur: {du: 01/01/2024}
objectifs: [{public: premier quartile, nombre: 3 par an, réservataire: etat-51}]
"""


def test_names_that_nothing_else_holds_are_told() -> None:
    assert (
        unknown(state(more="cohérence: grand-reims"), flux(150, 50) + "égalités: [etat-51, bailleur]\n", ORIENTATIONS)
        == []
    )
    for good, bad in (
        (state(more="cohérence: grand-reims"), state(more="cohérence: grand-rems")),
        (ORIENTATIONS, ORIENTATIONS.replace("etat-51", "etat-52")),
        (flux(150, 50), flux(150, 50) + "égalités: [etat-15]\n"),
        (flux(150, 50), flux(150, 50) + "pools: {petits: [etat-51, autre]}\n"),
        (
            state(more="délégation: {à: etat-51, acte: c, évaluation: annuelle, retrait: a}"),
            state(more="délégation: {à: personne, acte: c, évaluation: annuelle, retrait: a}"),
        ),
    ):
        rest = [t for t in (state(), ORIENTATIONS) if t.splitlines()[1] != good.splitlines()[1]]
        assert unknown(good, *rest) == [] and len(unknown(bad, *rest)) == 1


@pytest.mark.parametrize(
    ("year", "qpv", "told"),
    [(2026, 2015, True), (2026, 2024, False), (2023, 2024, True), (2023, 2015, False), (2024, 2015, False)],
)
def test_the_list_of_qpv_is_that_of_the_year(year: int, qpv: int, told: bool) -> None:
    bag = Bag()
    text = flux(150, 50, year=year).replace("périmètre: {QPV: 2024}", f"périmètre: {{QPV: {qpv}}}")
    assert f"QPV: {qpv}" in text
    found, _ = read_document(Source("f.yaml", text), bag)
    assert found is not None and [d.code for d in bag.items] == (["FX8012"] if told else [])


def test_a_list_of_qpv_that_never_was_is_refused() -> None:
    bag = Bag()
    read_document(Source("f.yaml", flux(150, 50).replace("QPV: 2024", "QPV: 2023")), bag)
    assert [d.code for d in bag.items] == ["FX3004"]


def test_an_order_of_the_prefet_stands_for_the_convention_of_the_state_and_no_other() -> None:
    """CCH R. 441-5-2, IV: without a convention, or when it was terminated."""
    signed = "signée le: {bailleur: 10/11/2023, réservataire: 15/11/2023}\ntransmise au préfet le: 16/11/2023"
    order = state().replace(signed, "arrêté du préfet: n° 2024-7 du 15/01/2024")
    local = other("reims", "commune", COMMUNE, "garantie d'emprunt 8 % du flux")
    found = judge_dossier(dossier(order, local), DAY)
    assert read(order).fully_signed and not {"FX8101", "FX8105", "FX8130"} & {d.code for d in found.diagnostics}
    unsigned = read(local.replace(signed, "arrêté du préfet: n° 2024-7 du 15/01/2024"))
    assert not unsigned.fully_signed
    told = [d.message for d in judge_dossier(Dossier((unsigned,)), DAY).diagnostics if d.code == "FX8101"]
    assert any("convention de l'État" in m for m in told) and any("n'est pas signée" in m for m in told)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (state("20 % du flux"), "FX8116"),
        (state("25 % du flux"), "FX8117"),
        (state(more="livraisons: exclues"), "FX8128"),
        (state().replace("taux: 100 %, de: attributions", "nombre: 900 par an, de: attributions"), "FX8136"),
    ],
    ids=["floor outside QPV", "uniformity", "deliveries", "reach"],
)
def test_what_the_flux_decides_names_the_flux_too(text: str, code: str) -> None:
    found = [d for d in judge_dossier(dossier(text, flux(150, 50)), DAY).diagnostics if d.code == code]
    assert found and all([label.text for label in d.labels] == ["« habitat/2026 »"] for d in found)


def test_a_convention_that_is_over_is_told_until_the_next_one_or_history() -> None:
    after = date(2027, 2, 1)
    over, next_ = state(), state(nature="en vigueur").replace("habitat/état", "habitat/état-2").replace(
        "du: 01/01/2024, au: 31/12/2026", "du: 01/01/2027, au: 31/12/2029"
    )  # fmt: skip

    def told(*texts: str, day: date = after) -> bool:
        return "FX8142" in [d.code for d in judge_dossier(dossier(*texts), day).diagnostics]

    assert told(over) and not told(over, day=DAY)
    assert not told(over, next_) and not told(state(nature="historique")) and not told(TACIT)


def test_a_transmission_that_takes_months_is_told() -> None:
    late = state().replace("transmise au préfet le: 16/11/2023", "transmise au préfet le: 16/01/2024")
    assert "FX8105" in [d.code for d in judge_dossier(dossier(late), DAY).diagnostics]
    near = state().replace("transmise au préfet le: 16/11/2023", "transmise au préfet le: 15/01/2024")
    assert "FX8105" not in [d.code for d in judge_dossier(dossier(near), DAY).diagnostics]


@pytest.mark.parametrize(("rate", "found"), [("30 %", False), ("32 %", True)])
def test_in_a_commune_at_its_own_rate_each_right_keeps_its_part(rate: str, found: bool) -> None:
    """Guarantees are two thirds of the convention: at 30 % in Reims they are 20 %, at 32 % they pass the ceiling."""
    rights = "garantie d'emprunt 10 % du flux ; apport de terrain 5 % du flux"
    text = other("grand-reims", "epci", 'epci: "200067213"', rights, more=f'par commune: {{"51454": {rate}}}')
    assert ("FX8131" in [d.code for d in judge_dossier(dossier(text), DAY).diagnostics]) is found


def test_an_unknown_name_in_a_condition_is_answered_with_those_that_dwellings_have() -> None:
    """A convention has no « définitions »: it must not be sent there."""
    found = document(state().replace("  - part: 30 % du flux", '  - part: 30 % du flux\n    si: "zzz"'))[1].items
    assert [d.code for d in found] == ["FX2001"]
    assert "définitions" not in found[0].help and "en_qpv" in found[0].help and "typologie" in found[0].help


def avenant(share: str, signed: str = "{bailleur: 15/06/2026}") -> str:
    return f"""avenants:
  - numéro: 1
    signé le: {signed}
    en vigueur: {{du: 01/07/2026}}
    remplace: {{réservations: [{{part: {share}}}]}}
"""


def test_an_avenant_is_held_against_the_law_before_it_is_signed() -> None:
    """It refuses nothing of what is in force, and it is told once."""
    day = date(2026, 5, 1)
    half = judge_dossier(dossier(state(more=avenant("35 % du flux"))), day)
    told = [d for d in half.diagnostics if d.code == "FX8113"]
    assert len(told) == 1 and "01/07/2026" in told[0].message and half.refused == ()
    signed = judge_dossier(
        dossier(state(more=avenant("35 % du flux", "{bailleur: 15/06/2026, réservataire: 20/06/2026}"))), day
    )
    assert [d.message for d in signed.diagnostics if d.code == "FX8113"] == [told[0].message] and signed.refused != ()
    fine = judge_dossier(dossier(state(more=avenant("30 % du flux"))), day)
    assert [d.code for d in fine.diagnostics] == ["FX8101"]


def test_an_avenant_is_added_up_with_the_others_before_it_is_signed() -> None:
    rights = "garantie d'emprunt 12 % du flux"
    more = avenant("24 % du flux").replace("{part:", "{au titre de: garantie d'emprunt, part:")
    local = other("reims", "commune", COMMUNE, rights, more=more)
    assert "FX8131" in [d.code for d in judge_dossier(dossier(state(), local), date(2026, 5, 1)).diagnostics]
    less = other("reims", "commune", COMMUNE, rights, more=more.replace("24 %", "14 %"))
    assert "FX8131" not in [d.code for d in judge_dossier(dossier(state(), less), date(2026, 5, 1)).diagnostics]


def test_a_project_beside_an_unsigned_avenant_is_not_counted_twice() -> None:
    rights, day = "garantie d'emprunt 12 % du flux", date(2026, 5, 1)
    more = avenant("14 % du flux").replace("{part:", "{au titre de: garantie d'emprunt, part:")
    now = other("reims", "commune", COMMUNE, rights, more=more)
    project = other("reims", "commune", COMMUNE, rights, nature="projet").replace("habitat/reims", "habitat/reims-2")
    assert "FX8131" not in [d.code for d in judge_dossier(dossier(state(), now, project), day).diagnostics]
