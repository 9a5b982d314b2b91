"""The law is data: its rules are complete, its confidence decides, and a decree is an edit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from fluxrules.commands.main import _failure
from fluxrules.diagnostics.diagnostic import Bag, Severity
from fluxrules.diagnostics.own import OwnFileError
from fluxrules.diagnostics.registry import pages
from fluxrules.law.check import check
from fluxrules.law.confidence import table
from fluxrules.law.limits import under
from fluxrules.law.load import load_code, standard_code, standard_files
from fluxrules.law.page import markdown
from fluxrules.law.page import text as as_text
from fluxrules.law.rules import Rule, Verification

ROOT = Path(__file__).resolve().parent.parent.parent
TODAY = date(2026, 9, 1)

DECREE = """
langage: 1
loi: décret-inventé
titre: Décret inventé pour ce test
règles:
  - id: FLUX-PREF-MAX
    article: décret inventé, article 1
    du: 01/01/2027
    gravité: plafond
    confiance: lu dans le texte
    sources: [CCH-R]
    paramètres: {part: 25/100, base: assiette_nette_bailleur_dept}
    règle: La part du préfet ne dépasse pas 25 % du flux annuel.
    que faire: Ramenez la part du préfet à 25 %.
    contrôlée par: [FX8113]
"""


def rule(rule_id: str, day: date = TODAY) -> Rule:
    return standard_code().at(day).rules[rule_id]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "décret.yaml"
    path.write_text(text, "utf-8")
    return path


def test_our_files_have_the_shape_of_their_schema() -> None:
    bag = Bag()
    assert load_code(standard_files(), bag) == standard_code() and bag.items == []


def test_every_rule_says_who_holds_a_grid_against_it_or_why_none_does() -> None:
    for r in standard_code().versions:
        assert bool(r.checked_by) != bool(r.unchecked), r.id
        assert set(r.checked_by) <= set(pages()), r.id
        assert r.sentence.endswith(".") and r.todo.endswith("."), r.id


def test_what_blocks_was_read_or_names_its_source() -> None:
    for r in standard_code().versions:
        if r.severity is Severity.ERREUR and r.confidence != "déduit":
            assert r.sources, r.id


@pytest.mark.parametrize(
    ("kind", "confidence", "severity"),
    [
        ("plafond", "lu dans le texte", Severity.ERREUR),
        ("obligation", "deux sources secondaires", Severity.ERREUR),
        ("obligation", "source secondaire", Severity.AVERTISSEMENT),
        ("interdiction", "texte ancien", Severity.ERREUR),
        ("plafond", "document fondateur", Severity.ERREUR),
        ("interdiction", "de mémoire", Severity.AVERTISSEMENT),
        ("obligation", "doctrine", Severity.CONSEIL),
        ("recommandation", "lu dans le texte", Severity.CONSEIL),
        ("information", "lu dans le texte", None),
    ],
)
def test_the_lesser_of_kind_and_confidence(kind: str, confidence: str, severity: Severity | None) -> None:
    assert table().severity(kind, confidence) is severity


def test_nothing_from_memory_blocks() -> None:
    assert all(
        r.severity is not Severity.ERREUR
        for r in standard_code().versions
        if r.confidence in ("de mémoire", "doctrine")
    )


def test_a_jurist_s_word_makes_a_rule_read() -> None:
    assert rule("COT-NO-ELIM").severity is Severity.AVERTISSEMENT
    read = Verification("une juriste", date(2027, 2, 1), "CCH L. 441 au 01/02/2027")
    verified = standard_code().verified("COT-NO-ELIM", read).at(TODAY).rules["COT-NO-ELIM"]
    assert verified.severity is Severity.ERREUR
    assert "vérifié par une juriste le 01/02/2027" in verified.reference
    page = as_text(standard_code().verified("COT-NO-ELIM", read).at(TODAY))
    assert "[interdiction, bloque ; vérifié par une juriste le 01/02/2027]" in page


def test_the_reference_of_an_old_text_names_it() -> None:
    assert "CCH au 21/01/2017" in rule("COT-PPGDID-PROC").reference
    assert rule("FLUX-PREF-MAX").reference.endswith("lu dans le texte")
    assert "déduit de la liste" in rule("DISC-NEG").reference


def test_a_decree_changes_a_ceiling_from_its_day(tmp_path: Path) -> None:
    bag = Bag()
    code = load_code([*standard_files(), written(tmp_path, DECREE)], bag)
    assert bag.items == []
    before, after = (code.at(day).rules["FLUX-PREF-MAX"] for day in (date(2026, 12, 31), date(2027, 1, 1)))
    assert (before.share(), after.share()) == (Fraction(30, 100), Fraction(25, 100))
    assert before.until == date(2026, 12, 31) and after.until is None
    assert under(before, Fraction(60), Fraction(200)) and not under(after, Fraction(60), Fraction(200))
    assert list(code.at(TODAY).rules) == list(standard_code().at(TODAY).rules)
    assert after.chapter == before.chapter == "Gestion en flux des réservations"


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("gravité: plafond", "gravité: plafon"), "FX3004", "gravité"),
        (("sources: [CCH-R]", "sources: [CCH-X]"), "FX7090", "CCH-X"),
        (("lu dans le texte", "deux sources secondaires"), "FX7090", "en cite 1"),
        (("    du: 01/01/2027\n", "    du: 01/01/2027\n    au: 01/01/2026\n"), "FX7090", "avant de commencer"),
        (("01/01/2027", "31/02/2027"), "FX1003", "31/02/2027"),
        (("01/01/2027", "22/02/2020"), "FX7090", "même jour"),
        (("    article: décret inventé, article 1\n", ""), "FX3003", "article"),
        (("    contrôlée par:", "    contrôlée:"), "FX3002", "contrôlée"),
    ],
)  # fmt: skip
def test_a_rule_badly_written_is_said_with_its_place(
    change: tuple[str, str], code: str, said: str, tmp_path: Path
) -> None:
    bag = Bag()
    load_code([*standard_files(), written(tmp_path, DECREE.replace(*change))], bag)
    found = [d for d in bag.items if d.code == code]
    assert found and said in found[0].message and found[0].place.startswith("décret.yaml:")


def test_a_category_that_came_later_is_not_asked_before() -> None:
    assert "P_ASE" in {r.id for r in standard_code().at(date(2022, 2, 7)).priorities}
    assert "P_ASE" not in {r.id for r in standard_code().at(date(2022, 2, 6)).priorities}
    assert len(standard_code().at(TODAY).priorities) == 15


def test_the_page_of_the_law_is_up_to_date() -> None:
    page = (ROOT / "docs" / "loi.md").read_text("utf-8")
    assert page == markdown(standard_code().at(TODAY)), (
        "run: fluxrules loi --format markdown --date 01/09/2026 > docs/loi.md"
    )


@pytest.mark.parametrize(
    ("parameters", "said", "todo"),
    [
        ("{base: flux}", "ne dit plus « part » à partir du 01/01/2027", "part: 3/10"),
        ("{part: 25 %}", "« part » de « FLUX-PREF-MAX » s'écrit comme un nombre entier ou une fraction : « 25 % »", "3/10"),
    ],
)  # fmt: skip
def test_a_new_version_keeps_the_parameters_that_checks_read(
    parameters: str, said: str, todo: str, tmp_path: Path
) -> None:
    bag = Bag()
    text = DECREE.replace("{part: 25/100, base: assiette_nette_bailleur_dept}", parameters)
    load_code([*standard_files(), written(tmp_path, text)], bag)
    (found,) = bag.items
    assert found.code == "FX7090" and said in found.message and todo in found.help and found.labels


def test_check_reads_a_decree_with_the_rest_of_the_law(tmp_path: Path) -> None:
    assert check(written(tmp_path, DECREE)).diagnostics == ()
    twice = check(written(tmp_path, DECREE.replace("01/01/2027", "22/02/2020"))).diagnostics
    assert [d.code for d in twice] == ["FX7090"] and twice[0].place.endswith("décret.yaml:6:9")
    slips = DECREE.replace("gravité: plafond", "gravité: plafon").replace("paramètres", "parametres")
    assert [d.code for d in check(written(tmp_path, slips)).diagnostics] == ["FX3004", "FX3002"]


def test_our_own_files_of_law_and_of_properties_check_well() -> None:
    for path in (*(ROOT / "rulesets" / "loi").glob("*.yaml"), *(ROOT / "rulesets" / "propriétés").glob("*.yaml")):
        assert check(path).diagnostics == (), path.name


def test_a_mistake_in_our_own_law_is_said_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, DECREE.replace("gravité: plafond", "gravité: plafon"))
    monkeypatch.setattr("fluxrules.law.load.standard_files", lambda: [*standard_files(), path])
    standard_code.cache_clear()
    with pytest.raises(OwnFileError) as error:
        standard_code()
    said = _failure(error.value)
    assert "décret.yaml:9:14" in said and "Vouliez-vous écrire « plafond » ?" in said and "fluxrules check" in said


@pytest.fixture(autouse=True)
def _law_as_it_is() -> Iterator[None]:
    yield
    standard_code.cache_clear()
