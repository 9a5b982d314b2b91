"""TRAP-01 to TRAP-30 of the legal notes: where a common reading is wrong, and the reading that fluxrules takes."""

from __future__ import annotations

import inspect
import re
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from fluxrules.data.flux.tables import FluxTables
from fluxrules.law import limits
from fluxrules.law.flux import judge_dossier
from fluxrules.law.limits import Held, over, report_day, single_rights, under, whole
from fluxrules.law.load import standard_code
from fluxrules.law.rules import Rule
from tests.flux.conventions import COMMUNE, DEPARTEMENT, EPCI, dossier, flux, levels, messages, other, state, verdict
from tests.law.grids import codes, grid

TODAY = date(2026, 9, 1)
LAW = standard_code().at(TODAY)

WITHOUT: dict[int, str] = {}


def rule(rule_id: str) -> Rule:
    return LAW.rules[rule_id]


def test_trap_01_ten_rights_a_year_over_fifty_attributions_are_twenty_per_cent() -> None:
    assert single_rights(100, 10, 100) == Fraction(10, 100)
    assert single_rights(100, 10, 50) == Fraction(20, 100)
    assert single_rights(100, 10, 200) == Fraction(5, 100)


def test_trap_02_a_ceiling_is_a_share_of_the_flux_not_of_the_stock() -> None:
    assert str(rule("FLUX-PREF-MAX").parameters["base"]).startswith("assiette_nette")
    assert rule("FLUX-UNIT").parameters["unité"] == "part du flux annuel"


@pytest.mark.parametrize(
    ("total", "outside", "taken", "taken_outside", "most", "floor"),
    [
        (200, 150, 50, 45, True, True),
        (200, 150, 50, 40, True, False),
        (200, 150, 40, 40, True, False),
        (200, 150, 62, 62, False, True),
        (100, 100, 30, 30, True, True),
        (100, 100, 29, 29, True, False),
        (100, 100, 31, 31, False, True),
    ],
)
def test_trap_03_outside_qpv_the_floor_has_its_own_base(
    total: int, outside: int, taken: int, taken_outside: int, most: bool, floor: bool
) -> None:
    assert under(rule("FLUX-PREF-MAX"), Fraction(taken), Fraction(total)) is most
    assert over(rule("FLUX-PREF-HQPV"), Fraction(taken_outside), Fraction(outside)) is floor
    assert rule("FLUX-PREF-HQPV").kind == "plancher supplétif"


def test_trap_04_the_agents_have_five_per_cent_of_the_flux_not_of_the_thirty() -> None:
    assert rule("FLUX-PREF-AGENTS").parameters["base"] == rule("FLUX-PREF-MAX").parameters["base"]
    assert under(rule("FLUX-PREF-AGENTS"), Fraction(10), Fraction(200)) and not under(
        rule("FLUX-PREF-AGENTS"), Fraction(11), Fraction(200)
    )


def test_trap_05_ceilings_run_on_the_net_flux() -> None:
    gross, net = Fraction(80), Fraction(80 - 12 - 5 - 0 - 1 - 2)
    assert (
        net == 60
        and under(rule("FLUX-PREF-MAX"), Fraction(18), net)
        and not under(rule("FLUX-PREF-MAX"), Fraction(19), net)
    )
    assert under(rule("FLUX-PREF-MAX"), Fraction(19), gross)  # what a gross base would have let through


def test_trap_06_the_flux_of_who_has_no_convention_is_apart_from_the_prefect_s_ceiling() -> None:
    rights = pl.DataFrame(
        {"id_droit": ["D1"], "reservataire": ["als-51"], "programme": ["A"], "nature_droit": ["DS"], "nombre": [500], "contrepartie": ["FIN"],
         "liste": ["bailleur"], "id_logement": [None], "id_pret": [None], "date_debut": [None], "date_fin": [None]},
        schema_overrides={"id_pret": pl.String, "date_debut": pl.Date, "date_fin": pl.Date, "id_logement": pl.String},
    )  # fmt: skip
    tables = FluxTables(droits=rights)
    found = judge_dossier(dossier(state()), TODAY, tables)
    assert [(b.reservataire, b.lasting) for b in found.by_default] == [("als-51", 500)]
    assert levels(found, "FX8134") == ["avertissement"] and levels(found, "FX8113") == [] and found.refused == ()
    signed = other("als-51", "action logement", DEPARTEMENT, "financement 25 % du flux")
    assert judge_dossier(dossier(state(), signed), TODAY, tables).by_default == ()


def test_trap_07_a_collectivity_still_signs_a_convention() -> None:
    assert "collectivité territoriale" in rule("FLUX-BENEF").words("réservataires")
    assert rule("FLUX-CONV-SIGNED").kind == "obligation"
    unsigned = other("reims", "commune", COMMUNE, "garantie d'emprunt 5 % du flux").replace(
        ", réservataire: 15/11/2023", ""
    )
    assert levels(verdict(state(), unsigned), "FX8101") == ["erreur"]


def test_trap_08_priorities_have_stable_codes_and_children_in_care_are_one() -> None:
    assert all(re.fullmatch(r"DALO|P_[A-Z_]+", r.id) for r in LAW.priorities)
    assert "P_ASE" in {r.id for r in LAW.priorities}


def test_trap_09_three_services_keep_their_dwellings() -> None:
    assert rule("FLUX-STOCK-EXEMPT").words("services") == (
        "défense nationale",
        "sécurité intérieure",
        "établissement public de santé",
    )
    before = standard_code().at(date(2021, 1, 1)).rules["FLUX-STOCK-EXEMPT"]
    assert before.words("services") == ("défense nationale", "sécurité intérieure")


@pytest.mark.parametrize("kind", ["défense nationale", "sécurité intérieure", "établissement public de santé"])
def test_trap_09_these_services_are_wrong_in_flux_and_others_in_stock(kind: str) -> None:
    in_flux = other("service", kind, DEPARTEMENT, "financement 5 % du flux")
    assert levels(verdict(state(), in_flux), "FX8112") == ["erreur"]
    in_stock = in_flux.replace("réservations:", "régime: stock\nlogements désignés: [A]\nréservations:")
    assert levels(verdict(state(), in_stock), "FX8112") == []
    assert levels(verdict(state(), in_stock.replace(kind, "employeur")), "FX8110") == ["erreur"]


def test_trap_10_five_exclusions_and_sales_are_one() -> None:
    five = rule("FLUX-EXC-CLOSED").words("exclusions")
    assert len(five) == 5 and "ventes_hlm" in five
    assert {r.parameters["exclusion"] for r in LAW.rules.values() if "exclusion" in r.parameters} == set(five)


def test_trap_11_only_moves_inside_one_bailleur_are_left_out() -> None:
    assert rule("FLUX-EXC-MUT").parameters["exclusion"] == "mutations_internes_bailleur"


def test_trap_12_guarantors_are_added_where_they_meet_and_for_guarantees_alone() -> None:
    """12 % of a commune and 10 % of its EPCI: 22 % in the commune, less on the whole territory of the EPCI. One place over is enough."""
    both = [
        other("reims", "commune", COMMUNE, "garantie d'emprunt 12 % du flux"),
        other("grand-reims", "epci", EPCI, "garantie d'emprunt 10 % du flux"),
    ]
    found = verdict(state(), *both, flux(50, 50, communes=("51573", "51454")))
    assert levels(found, "FX8131") == ["erreur"]
    assert "22 % sur le territoire de reims ; 16 % sur le territoire de grand-reims" in messages(found, "FX8131")[0]
    assert any("R. 441-5-3" in r for d in found.diagnostics if d.code == "FX8131" for r in d.references)
    elsewhere = other("châlons", "commune", 'commune: "51108"', "garantie d'emprunt 12 % du flux")
    assert levels(verdict(state(), elsewhere, both[1]), "FX8131") == []
    land = other("reims", "commune", COMMUNE, "apport de terrain 12 % du flux")
    assert levels(verdict(state(), land, both[1]), "FX8131") == []


def test_trap_14_shares_of_the_departement_and_of_the_commune_add_up_in_the_commune() -> None:
    wide = [
        other("als-51", "action logement", DEPARTEMENT, "financement 50 % du flux"),
        other("dep-51", "département", DEPARTEMENT, "financement 10 % du flux"),
    ]
    local = other("reims", "commune", COMMUNE, "financement 11 % du flux")
    assert levels(verdict(state(), *wide), "FX8132") == []
    found = verdict(state(), *wide, local)
    assert levels(found, "FX8132") == ["erreur"] and "51454" in messages(found, "FX8132")[0]
    more = state(clauses='{sur: par commune, article: "5"}', more='par commune: {"51108": 41 %}')
    found = verdict(more, *wide)
    assert levels(found, "FX8132") == ["erreur"] and "41 % (Préfet)" in messages(found, "FX8132")[0]
    apart = other("châlons", "commune", 'commune: "51108"', "financement 10 % du flux")
    assert levels(verdict(state(), *wide, apart), "FX8132") == []


def test_trap_13_five_years_more_for_communes_and_epci_alone() -> None:
    assert rule("FLUX-COLL-5Y").words("garants") == ("commune", "EPCI")
    assert rule("FLUX-COLL-5Y").parameters["durée"] == "5 ans"


def test_trap_15_before_the_28th_of_february() -> None:
    day = report_day(rule("FLUX-BILAN-DATE"), 2026)
    assert day == date(2027, 2, 28) and rule("FLUX-BILAN-DATE").parameters["strict"] == "oui"


def test_trap_16_a_grid_of_transfers_is_allowed() -> None:
    assert "FX7011" not in codes(grid("demandeurs: {nom: mutations, si: est_mutation, si non renseigné: non}"))
    assert rule("COT-MUTATION-OPT").share("grilles au plus") == 2


def test_trap_17_the_perimeter_is_not_the_word_cil() -> None:
    assert "PLH" in rule("ATTR-PERIMETER").sentence and rule("ATTR-PERIMETER").unchecked


def test_trap_18_dalo_is_inside_the_grid() -> None:
    assert "FX7003" in codes(grid(without="DALO"))
    assert "FX7003" in codes(grid("demandeurs: {nom: hors DALO, si: non DALO, si non renseigné: oui}"))


def test_trap_19_bills_are_not_law() -> None:
    assert not any("proposition de loi" in r.article or "PPL" in r.article for r in standard_code().versions)


def test_trap_20_weights_of_optional_criteria_are_advice() -> None:
    found = [d for d in grid("", line="emploi: {si: est_propriétaire, points: 300}").diagnostics if d.code == "FX7033"]
    assert found and all(d.severity.label == "conseil" for d in found)
    assert rule("COT-DOMINANCE").article == "aucun texte trouvé"


def test_trap_21_the_time_observed_is_not_the_abnormal_delay() -> None:
    assert rule("INFO-DELAY").article != rule("COT-DAL").article


def test_trap_22_the_right_is_to_a_distribution() -> None:
    assert "répartition" in rule("INFO-DIST").sentence and "INFO-DIST" in LAW.rules


def test_trap_23_essential_workers_are_no_legal_priority() -> None:
    assert not any("essentiel" in (r.category or "") for r in LAW.priorities)
    line = "priorité légale des travailleurs: {si: travailleur_essentiel, points: 5, orientation: CIA}"
    assert "FX7004" in codes(grid("", line=line))


def test_trap_24_three_demandes_are_the_commission_s_duty() -> None:
    assert rule("CAL-3").sentence.startswith("La commission")


def test_trap_25_one_plan_has_one_name_here() -> None:
    assert "PPGDID" in rule("COT-PPGDID").sentence


def test_trap_26_rounding_alone_is_not_blamed() -> None:
    assert whole(Fraction(3), Fraction(3), 3) is Held.YES
    assert (
        whole(Fraction(33, 10), Fraction(33, 10), 3) is Held.ROUNDING
    )  # 30 % of 11, floor and ceiling: no whole number is both
    assert whole(Fraction(33, 10), Fraction(33, 10), 4) is Held.ROUNDING
    assert whole(Fraction(33, 10), Fraction(33, 10), 5) is Held.NO
    assert not under(rule("FLUX-PREF-MAX"), Fraction(4), Fraction(11))


def test_trap_27_a_start_in_the_year_is_said() -> None:
    text = other("reims", "commune", COMMUNE, "financement 5 % du flux", dates="du: 01/04/2026, au: 31/12/2028")
    assert levels(verdict(state(), text), "FX8135") == ["avertissement"]
    assert levels(verdict(state(), text, day=date(2027, 3, 1)), "FX8135") == []


def test_trap_28_each_quarter_has_its_own_denominator() -> None:
    text = other("reims", "commune", COMMUNE, "financement 5 % du flux")
    for public, base, expected in (
        ("DALO et prioritaires", "attributions", []),
        ("DALO et prioritaires", "baux signés", ["erreur"]),
        ("premier quartile, où: hors QPV", "baux signés", []),
        ("premier quartile, où: hors QPV", "attributions", ["erreur"]),
    ):
        written = f"{text}objectifs: [{{public: {public}, taux: 25 %, de: {base}}}]\n"
        assert levels(verdict(state(), written), "FX8138") == expected


def test_trap_28_two_quarters_are_two_rules() -> None:
    outside, priority = rule("ATTR-25-HQPV"), rule("ATTR-25-COLL")
    assert outside.share() == priority.share() and outside.parameters["base"] != priority.parameters["base"]


def test_trap_29_the_perimeter_of_qpv_is_dated() -> None:
    assert rule("REPERES").since == date(2024, 1, 1)
    assert "REPERES" not in standard_code().at(date(2023, 12, 31)).rules


def test_trap_30_deadlines_are_past() -> None:
    assert rule("FLUX-CONF-DEADLINE").parameters["date limite"] == date(2023, 11, 24)
    assert rule("COT-DEADLINE").parameters["date limite"] == date(2023, 12, 31)
    stock = other("reims", "commune", COMMUNE, "financement 5 % du flux", dates="du: 01/01/2016").replace(
        "réservations:", "régime: mixte\nlogements désignés: [A]\nréservations:"
    )
    assert levels(verdict(stock), "FX8110") == ["erreur"]
    assert levels(verdict(stock, day=date(2023, 11, 23)), "FX8110") == []


def test_every_trap_has_a_test_or_a_reason() -> None:
    names = [name for name, _ in inspect.getmembers(sys.modules[__name__], inspect.isfunction)]
    tested = {int(m[1]) for name in names if (m := re.match(r"test_trap_(\d\d)_", name))}
    assert tested | set(WITHOUT) == set(range(1, 31)) and not tested & set(WITHOUT)


def test_shares_are_compared_without_a_float() -> None:
    text = Path(limits.__file__).read_text("utf-8")
    assert "float(" not in text
