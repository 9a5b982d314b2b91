"""The legal cases of the domain, as data: what each convention may hold, alone and with others. Thresholds come from the rules."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.law.flux.case import after
from fluxrules.law.flux.feasibility import Frees, Place, solve
from fluxrules.law.limits import report_day
from fluxrules.law.load import load_code, standard_code, standard_files
from tests.flux.conventions import COMMUNE, DEPARTEMENT, EPCI, flux, levels, messages, other, state, verdict

LAW = standard_code().at(date(2026, 9, 1))
THIRTY = Fraction(30, 100)
CLAUSE = '{sur: hors QPV, article: "5"}'


@pytest.mark.parametrize(
    ("share", "agents", "most", "own"),
    [
        ("30 %", "5 %", [], []),  # 25 for priorities and 5 for agents
        ("30 %", "", [], []),
        ("30 %", "6 %", [], ["erreur"]),
        ("30,01 %", "5 %", ["erreur"], []),
    ],
)
def test_thirty_of_which_five(share: str, agents: str, most: list[str], own: list[str]) -> None:
    found = verdict(state(f"{share} du flux", agents=f"{agents} du flux" if agents else ""))
    assert (levels(found, "FX8113"), levels(found, "FX8114")) == (most, own)
    assert bool(found.refused) == bool(most or own)


RELIEF = "dérogation préfectorale: {{acte: arrêté, motif: sécurité publique, du: 01/01/2026, au: {until}, part: 32 %}}"


@pytest.mark.parametrize(
    ("until", "day", "relief", "most"),
    [
        ("31/12/2026", date(2026, 9, 1), ["avertissement"], []),  # 365 days: lifted, and said
        ("04/02/2027", date(2026, 9, 1), ["erreur"], ["erreur"]),  # 400 days: not an order of the article
        ("31/05/2026", date(2026, 3, 1), ["avertissement"], ["erreur"]),  # what comes after the order is found before
    ],
)
def test_an_exceptional_order_lasts_a_year_at_most(until: str, day: date, relief: list[str], most: list[str]) -> None:
    found = verdict(state("32 % du flux", agents="5 % du flux", more=RELIEF.format(until=until)), day=day)
    assert (levels(found, "FX8115"), levels(found, "FX8113")) == (relief, most)


@pytest.mark.parametrize(
    ("inside", "total", "outside", "frees", "least"),
    [
        (Fraction(0), THIRTY, None, Frees.NOTHING, THIRTY),
        (Fraction(0), Fraction(25, 100), None, Frees.OUTSIDE, THIRTY),
        (Fraction(1, 4), THIRTY, Fraction(35, 100), Frees.NOTHING, Fraction(2625, 10000)),
        (Fraction(1, 4), Fraction(225, 1000), THIRTY, Frees.NOTHING, Fraction(225, 1000)),
        (Fraction(1, 4), Fraction(20, 100), None, Frees.OUTSIDE, Fraction(225, 1000)),
    ],
)
def test_the_floor_outside_qpv_and_the_ceiling_solved_together(
    inside: Fraction, total: Fraction, outside: Fraction | None, frees: Frees, least: Fraction
) -> None:
    found = solve(total, outside or THIRTY, [Place(Fraction(1), 1 - inside)], uniform=False)
    assert (found.frees, found.least) == (frees, least)


@pytest.mark.parametrize(
    ("share", "written", "clauses", "code", "expected"),
    [
        ("25 %", "30 %", "", "FX8116", []),  # 50 of 200, of which 45 outside QPV
        ("25 %", "26,66 %", "", "FX8116", ["erreur"]),  # 40 of the 150 outside
        ("25 %", "26,66 %", CLAUSE, "FX8116", []),
        ("20 %", "", "", "FX8116", ["erreur"]),  # 40 of 200: 45 cannot be reached
        ("20 %", "", CLAUSE, "FX8116", []),
        ("31 %", "", "", "FX8113", ["erreur"]),
    ],
)
def test_two_hundred_dwellings_of_which_fifty_in_qpv(
    share: str, written: str, clauses: str, code: str, expected: list[str]
) -> None:
    by_commune = '{sur: par commune, article: "6"}'
    both = ", ".join(c for c in (clauses, by_commune) if c)
    found = verdict(state(f"{share} du flux", outside=written, clauses=both), flux(150, 50))
    assert levels(found, code) == expected


def test_all_outside_qpv_the_state_is_exactly_at_thirty() -> None:
    for share, below, above in (("30 %", [], []), ("29 %", ["erreur"], []), ("31 %", [], ["erreur"])):
        found = verdict(state(f"{share} du flux"), flux(100, 0))
        assert (levels(found, "FX8116"), levels(found, "FX8113")) == (below, above), share


def test_uniformity_may_forbid_what_the_total_allows_and_the_message_names_the_clause() -> None:
    """150 outside QPV in one commune, 50 inside in another: 25 % of each leaves 37.5 outside, and the floor is 45."""
    found = verdict(state("25 % du flux"), flux(150, 50))
    assert levels(found, "FX8116") == [] and levels(found, "FX8117") == ["erreur"]
    said = next(d for d in found.diagnostics if d.code == "FX8117")
    assert "sur: par commune" in said.help
    same = verdict(state("25 % du flux"), flux(150, 50, communes=("51454", "51454")))
    assert levels(same, "FX8117") == []


def test_what_no_document_says_is_not_blamed() -> None:
    assert levels(verdict(state("25 % du flux")), "FX8116") == ["conseil"]


@pytest.mark.parametrize(
    ("commune", "epci", "dept", "expected"),
    [
        ("garantie d'emprunt 12 % du flux", "garantie d'emprunt 8 % du flux", "", []),
        (
            "garantie d'emprunt 12 % du flux",
            "garantie d'emprunt 8 % du flux",
            "garantie d'emprunt 1 % du flux",
            ["erreur"],
        ),
        ("garantie d'emprunt 20 % du flux ; apport de terrain 5 % du flux", "", "", []),
    ],
)
def test_twenty_per_cent_for_all_guarantors_together(commune: str, epci: str, dept: str, expected: list[str]) -> None:
    texts = [other("reims", "commune", COMMUNE, commune)]
    texts += [other("grand-reims", "epci", EPCI, epci)] if epci else []
    texts += [other("dep-51", "département", DEPARTEMENT, dept)] if dept else []
    found = verdict(state(), *texts)
    assert levels(found, "FX8131") == expected
    for said in (d for d in found.diagnostics if d.code == "FX8131"):
        assert "51454" in said.message and "21 %" in said.message and len(said.labels) == 2
        assert {label.text for label in said.labels} < {
            "« habitat/reims »",
            "« habitat/grand-reims »",
            "« habitat/dep-51 »",
        }


@pytest.mark.parametrize(
    ("repaid", "end"), [(date(2021, 6, 30), date(2026, 6, 30)), (date(2024, 2, 29), date(2029, 2, 28))]
)
def test_five_years_after_full_repayment(repaid: date, end: date) -> None:
    assert after(LAW.rules["FLUX-COLL-5Y"], "durée", repaid) == end
    right = "garantie d'emprunt 12 % du flux\n    remboursement total: {r}\n    au: {u}"
    for until, expected in ((end, []), (date.fromordinal(end.toordinal() - 1), ["erreur"])):
        text = other("reims", "commune", COMMUNE, right.format(r=f"{repaid:%d/%m/%Y}", u=f"{until:%d/%m/%Y}"))
        assert levels(verdict(state(), text), "FX8133") == expected
    region = other("dep-51", "département", DEPARTEMENT, right.format(r="30/06/2021", u="30/06/2022"))
    assert levels(verdict(state(), region), "FX8133") == ["avertissement"]


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        ("1 mois", []),
        ("28 jours", []),
        ("30 jours", ["conseil"]),
        ("32 jours", ["avertissement"]),
        ("2 mois", ["avertissement"]),
    ],
)
def test_a_month_to_propose_candidates(delay: str, expected: list[str]) -> None:
    text = other("reims", "commune", COMMUNE, "financement 5 % du flux").replace(
        "désignation: 1 mois", f"désignation: {delay}"
    )
    assert levels(verdict(state(), text), "FX8124") == expected


def test_the_bilan_is_due_before_the_28th_of_february() -> None:
    assert report_day(LAW.rules["FLUX-BILAN-DATE"], 2024) == date(2025, 2, 28)


@pytest.mark.parametrize("key", ["signalement", "nouveaux candidats", "reprise par le bailleur", "renouvellement"])
def test_the_matters_of_the_old_order_are_advice(key: str) -> None:
    text = "\n".join(line for line in state().splitlines() if not line.startswith(f"{key}:"))
    assert levels(verdict(text), "FX8119") == ["conseil"]
    assert f"« {key} »" in messages(verdict(text), "FX8119")[0]


def test_a_right_bound_to_land_may_be_held_to_a_programme() -> None:
    land = other(
        "ministère",
        "organisme désintéressé",
        DEPARTEMENT,
        "apport de terrain 2 % du flux\n    programmes: [résidence A]",
    )
    money = other(
        "ministère", "organisme désintéressé", DEPARTEMENT, "financement 2 % du flux\n    programmes: [résidence A]"
    )
    assert (levels(verdict(state(), land), "FX8103"), levels(verdict(state(), money), "FX8103")) == ([], ["erreur"])


def test_shares_are_held_not_dwellings() -> None:
    """1 of 3 dwellings is 33 %: it is the written 30 % that counts."""
    assert verdict(state(), flux(3, 0)).refused == ()


DECREE = """
langage: 1
loi: décret-inventé
titre: Décret inventé pour ce test
règles:
  - id: {rule}
    article: décret inventé, article 1
    du: 01/07/2026
    gravité: plafond
    confiance: lu dans le texte
    sources: [CCH-R]
    paramètres: {{{parameters}}}
    règle: Un plafond change.
    que faire: Baissez la part.
    contrôlée par: [FX8113]
"""


@pytest.mark.parametrize(
    ("rule", "parameters", "code", "text"),
    [
        ("FLUX-PREF-MAX", "part: 25/100", "FX8113", state()),
        ("FLUX-PREF-AGENTS", "part: 4/100", "FX8114", state(agents="5 % du flux")),
        ("FLUX-PREF-HQPV", "part: 35/100", "FX8116", state(outside="30 %")),
        ("FLUX-COLL-20", "part: 10/100", "FX8131", other("reims", "commune", COMMUNE, "garantie d'emprunt 12 % du flux")),
        ("FLUX-SUM-100", "part: 10/100", "FX8132", other("als", "action logement", DEPARTEMENT, "financement 12 % du flux")),
        ("FLUX-DELAY-1M", "durée au plus: 0 mois", "FX8124", other("reims", "commune", COMMUNE, "financement 5 % du flux")),
        ("FLUX-PREF-RESIL", "mise en demeure: 3 mois", "FX8120", state()),
        ("FLUX-COLL-5Y", "durée: 6 ans, garants: [commune, EPCI]", "FX8133",
         other("reims", "commune", COMMUNE, "garantie d'emprunt 5 % du flux\n    remboursement total: 30/06/2021\n    au: 30/06/2026")),
        ("FLUX-BENEF", "réservataires: [état]", "FX8107", other("reims", "commune", COMMUNE, "financement 5 % du flux")),
        ("FLUX-COUNTERPART", "contreparties: [terrain]", "FX8108", other("reims", "commune", COMMUNE, "financement 5 % du flux")),
    ],
)  # fmt: skip
def test_a_decree_changes_the_verdict_from_its_day(
    tmp_path: Path, rule: str, parameters: str, code: str, text: str
) -> None:
    path = tmp_path / "décret.yaml"
    path.write_text(DECREE.format(rule=rule, parameters=parameters), "utf-8")
    bag = Bag()
    decree = load_code([*standard_files(), path], bag)
    assert bag.items == []
    before, since = (verdict(text, day=day, code=decree) for day in (date(2026, 6, 30), date(2026, 7, 1)))
    assert levels(before, code) == [] and levels(since, code) != []
