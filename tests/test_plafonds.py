"""Income ceilings and first quartile: each published figure, the zones, and what a demande gets of them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import floor

import polars as pl
import pytest

from fluxrules.api import check_source
from fluxrules.data.facts import facts_of
from fluxrules.data.references import attach_references, threshold_of, zone_of
from fluxrules.data.tables import Tables
from fluxrules.engines.interpreter import evaluate
from fluxrules.engines.polars import score
from fluxrules.ir.evidence import declared
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

VOCABULARY = standard_vocabulary()
DAY = date(2026, 9, 1)
# Typed again from the pages, category 1 first, the supplement last; not copied from the file under test.
PUBLISHED = [
    ("plus", "paris", 2026, "S50", "26920 40233 52740 62968 74919 84304 9394"),
    ("plus", "idf", 2026, "S50", "26920 40233 48362 57930 68577 77171 8598"),
    ("plus", "autres", 2026, "S50", "23403 31254 37584 45374 53376 60156 6710"),
    ("plus", "paris", 2025, "S50", "26687 39885 52284 62424 74271 83575 9313"),
    ("plus", "idf", 2025, "S50", "26687 39885 47944 57429 67984 76504 8524"),
    ("plus", "autres", 2025, "S50", "23201 30984 37259 44982 52915 59636 6652"),
    ("plus", "autres", 2024, "S70", "22642 30238 36362 43899 51641 58200 6492"),
    ("plus", "autres", 2023, "S52", "21878 29217 35135 42417 49898 - -"),
    ("plai", "autres", 2025, "S70", "12759 18591 22356 24875 29105 32800 3657"),
    ("plai", "autres", 2024, "S70", "12452 18143 21818 24276 28404 32010 3569"),
    ("plai", "autres", 2023, "S52", "12032 17531 21082 23457 27445 - -"),
    ("plai", "paris", 2022, "S53", "13378 21805 28582 31287 37218 41884 4666"),
    ("plai", "idf", 2022, "S53", "13378 21805 26210 28779 34071 38339 4270"),
    ("plai", "autres", 2022, "S53", "11626 16939 20370 22665 26519 29886 3333"),
    ("pls", "autres", 2025, "S70", "30161 40279 48437 58477 68790 77527 8648"),
    ("pls", "autres", 2024, "S70", "29435 39309 - 57069 67133 75660 8440"),
    ("pls", "autres", 2023, "S52", "28441 37982 45676 55142 64867 - -"),
]


def values(loan: str, zone: str, year: int) -> list[tuple[int, str, tuple[str, ...]] | None]:
    found = {v.key: (v.value, v.status, v.sources) for n in ("plafonds", "suppléments")
             for v in VOCABULARY.tables[f"{n}_{loan}"].values if v.year == year}  # fmt: skip
    return [found.get((zone, str(c))) for c in range(1, 7)] + [found.get((zone,))]


@pytest.mark.parametrize(("loan", "zone", "year", "source", "amounts"), PUBLISHED)
def test_each_published_ceiling(loan: str, zone: str, year: int, source: str, amounts: str) -> None:
    for held, wanted in zip(values(loan, zone, year), amounts.split(), strict=True):
        if wanted == "-":
            assert held is None
        else:
            assert held is not None and held[0] == int(wanted) and held[1] == "publié" and source in held[2]


def test_nothing_else_is_called_published() -> None:
    tested = sum(len([a for a in amounts.split() if a != "-"]) for *_, amounts in PUBLISHED)
    assert sum(v.status == "publié" for t in VOCABULARY.tables.values() for v in t.values) == tested


def test_a_pls_ceiling_is_130_percent_of_the_plus_rounded() -> None:
    pairs = 0
    for year in range(2022, 2027):
        for zone in ("paris", "idf", "autres"):
            for plus, pls in zip(values("plus", zone, year), values("pls", zone, year), strict=True):
                if plus is not None and pls is not None:
                    assert pls[0] == floor(Fraction(13, 10) * plus[0] + Fraction(1, 2)), (year, zone)
                    pairs += pls[1] == "publié"
    assert pairs == 18


@pytest.mark.parametrize(
    ("commune", "zone"),
    [
        ("75056", "paris"), ("75113", "paris"), ("92012", "paris"), ("93001", "paris"), ("93006", "paris"), ("93066", "paris"),
        ("92050", "idf"), ("77288", "idf"), ("51454", "autres"), ("2A004", "autres"), ("97101", None), ("97611", None), ("99999", None),
    ],
)  # fmt: skip
def test_zone_of_a_commune(commune: str, zone: str | None) -> None:
    assert zone_of(commune) == zone


def test_first_quartile_thresholds_are_looked_up() -> None:
    assert threshold_of("200067213", 2026) == 10154 and threshold_of("200067213", 2025) == 10064
    assert threshold_of("217500016", 2026) == 12083  # one value for the whole Île-de-France
    assert threshold_of("200067213", 2027) is None and threshold_of("200000172", 2026) is None


def test_a_demande_has_the_zone_that_all_its_places_share() -> None:
    wanted = {
        "A": ["51454"],
        "B": ["75113", "92012"],
        "C": ["75113", "77288"],
        "D": ["51454", "97101"],
        "E": ["51454", "99999"],
    }
    choix = pl.DataFrame([{"numero_unique": k, "code_commune": c} for k, v in wanted.items() for c in v])
    demandes = pl.DataFrame({"numero_unique": ["F", *wanted], "zone_plafonds": ["idf"] * 6})
    found = attach_references(demandes, choix, DAY)
    assert found["numero_unique"].to_list() == ["F", *wanted]
    assert found["zone_plafonds"].to_list() == [None, "autres", "paris", None, None, None]
    assert found["seuil_premier_quartile"].to_list() == [None, 10154, 12083, 12083, None, None]
    assert attach_references(demandes, choix, DAY, "200067213")["zone_plafonds"].to_list() == [None, "autres", None, None, "autres", "autres"]  # fmt: skip
    assert attach_references(demandes, None, DAY)["zone_plafonds"].to_list() == [None] * 6


GRID = """langage: 1
cotation: plafonds
nature: fragment
ex æquo: aucun départage
note:
  retenir: la somme
  critères:
    catégorie: {points: 1000 par 1 de catégorie_ménage}
    tranche:
      selon: tranche_plafond
      points: {sous le plafond PLAI: 1, entre les plafonds PLAI et PLUS: 2, entre les plafonds PLUS et PLS: 3, au-dessus du plafond PLS: 4}
    part:
      selon: part_du_plafond_plus
      tranches:
        jusqu'à 100 %: 10
        plus de 100 %: 20
    quartile: {si: premier_quartile, points: 100}
"""


def person(role: str, born: int = 1980, handicap: bool | None = False, shared: str | None = None) -> dict[str, object]:
    return {"role": role, "date_naissance": date(born, 1, 1), "handicap_reconnu": handicap, "coparentalite": shared}


D, C, P = person("demandeur"), person("cotitulaire"), person("a_charge", 2015)
HOUSEHOLDS = [
    ("a person alone", [D], 1, None),
    ("a person alone, disabled", [person("demandeur", handicap=True)], 2, None),
    ("two persons", [D, C], 2, "M"),
    ("one, and one in charge", [D, P], 3, None),
    ("one, and one in charge of age", [D, person("a_charge", 2000)], 3, None),
    ("a young couple: 27 and 28", [person("demandeur", 1999), person("cotitulaire", 1998)], 3, "C"),
    ("a couple of 28 and 28", [person("demandeur", 1998), person("cotitulaire", 1998)], 2, "C"),
    ("a couple of 20 and 35", [person("demandeur", 2006), person("cotitulaire", 1991)], 3, "P"),
    ("flat-mates of 27 and 28", [person("demandeur", 1999), person("cotitulaire", 1998)], 2, "L"),
    ("two, one of them disabled", [D, person("cotitulaire", handicap=True)], 3, "M"),
    ("one in charge and a disability: one rank only", [person("demandeur", handicap=True), P], 3, None),
    ("a couple and two in charge", [D, C, P, P], 4, "M"),
    ("one, and three in charge", [D, P, P, P], 5, None),
    ("one, and four in charge", [D, P, P, P, P], 6, None),
    ("five, one disabled", [D, C, P, P, person("a_charge", 2015, True)], 6, "M"),
    ("seven", [D, C, P, P, P, P, P], 6, "M"),
    ("a child who comes to stay", [D, person("en_garde", 2015, shared="D")], 3, None),
]  # fmt: skip


Case = tuple[list[dict[str, object]], dict[str, object]]
Outcome = tuple[int, int, int, tuple[str, ...]]


def run_all(cases: list[Case]) -> list[Outcome]:
    """Note, bounds and missing fields of each demande, the same on both engines."""
    checked = check_source(Source("g.yaml", GRID), VOCABULARY)
    assert checked.grid is not None, checked.diagnostics
    usual = {"lien_codemandeur": None, "zone_plafonds": "autres", "seuil_premier_quartile": None, "ressources_mensuelles_totales": None,
             "rfr_n1": None, "rfr_n2": None}  # fmt: skip
    rows = [{"numero_unique": str(i)} | usual | columns for i, (_, columns) in enumerate(cases)]
    demandes = pl.DataFrame(rows, infer_schema_length=None)
    people = [{"numero_unique": str(i), **m} for i, (members, _) in enumerate(cases) for m in members]
    membres = pl.DataFrame(people, infer_schema_length=None)
    program = declared(checked.grid.program)
    frames = {"demandes": demandes, "membres": membres, "evenements": None}
    out = score(program, frames, DAY, principal="demandes", key="numero_unique")
    found = [(r["note"], r["note_min"], r["note_max"], tuple(r["manque"])) for r in out.iter_rows(named=True)]
    for i, one in enumerate(found):
        facts = facts_of(Tables(demandes, membres), str(i), VOCABULARY)
        assert facts is not None
        result = evaluate(program, facts, DAY)
        assert one == (result.note, result.note_min, result.note_max, result.missing)
    return found


def run(members: list[dict[str, object]], **columns: object) -> Outcome:
    return run_all([(members, columns)])[0]


def test_category_of_a_household() -> None:
    found = run_all([(members, {"lien_codemandeur": link}) for _, members, _, link in HOUSEHOLDS])
    for (what, _, category, _), (note, *_) in zip(HOUSEHOLDS, found, strict=True):
        assert note // 1000 == category, what


def test_band_of_a_person_alone_out_of_ile_de_france() -> None:
    wanted = [(12871, 12871, 11), (12872, 12872, 12), (23403, 23403, 12), (23404, 23404, 23), (30424, 30424, 23), (30425, 30425, 24),
              (30000, 27001, 23), (30000, 27000, 23), (25000, 22500, 12), (25000, 22501, 23)]  # fmt: skip
    found = run_all([([D], {"rfr_n2": n2, "rfr_n1": n1}) for n2, n1, _ in wanted])
    assert [note for note, *_ in found] == [1000 + band for *_, band in wanted]


def test_an_unknown_income_is_never_under_the_ceiling() -> None:
    note, _, high, missing = run([D], rfr_n1=None, rfr_n2=None)
    assert note == 1000 and high == 1000 + 4 + 20 + 100
    assert {"rfr_n1", "rfr_n2"} <= set(missing)


def test_an_income_two_years_back_under_the_ceiling_settles_the_band_alone() -> None:
    assert run([D], rfr_n2=9000, rfr_n1=None)[0] == 1001


def test_no_zone_no_band_and_two_zones_with_the_same_amount() -> None:
    note, _, _, missing = run([D], rfr_n1=9000, rfr_n2=9000, zone_plafonds=None)
    assert note == 1000 and "zone_plafonds" in missing


@pytest.mark.slow
def test_the_supplement_beyond_six_persons() -> None:
    seven = [D, C, P, P, P, P, P]
    assert run(seven, rfr_n1=66866, rfr_n2=66866)[0] == 6012  # 60,156 + 6,710
    assert run(seven, rfr_n1=66867, rfr_n2=66867)[0] == 6023


@pytest.mark.slow
def test_first_quartile_is_below_the_threshold_not_at_it() -> None:
    assert run([D], seuil_premier_quartile=12000, ressources_mensuelles_totales=999)[0] == 1100
    assert run([D], seuil_premier_quartile=12000, ressources_mensuelles_totales=1000)[0] == 1000
    assert "seuil_premier_quartile" in run([D], ressources_mensuelles_totales=1000)[3]
