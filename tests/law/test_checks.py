"""The checks of a grid: what they find, and above all what they do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from fluxrules.diagnostics.diagnostic import Bag, Severity
from fluxrules.diagnostics.registry import pages
from fluxrules.law.check import check
from fluxrules.law.load import load_code, standard_code, standard_files
from fluxrules.law.summary import sentences
from fluxrules.law.together import judge_together
from fluxrules.model.grid import Grid
from tests.law.grids import DAY, codes, grid, text

ROOT = Path(__file__).resolve().parent.parent.parent
TWINS = ROOT / "tests" / "twins"
OURS = sorted(p for p in (ROOT / "rulesets" / "exemples").rglob("*.yaml") if "\ncotation:" in p.read_text("utf-8"))
LEGAL = sorted(p for p in TWINS.iterdir() if p.name.startswith("FX70"))
REFUSALS = "{{retrait: 10 points par refus, à partir du: 1er refus, plafond du retrait: {} points, chaque refus compte pendant: {}, motifs légitimes: [], s'applique: avant le plafond}}"


def test_nothing_is_said_of_a_grid_that_owes_nothing() -> None:
    assert grid().diagnostics == () and grid(nature="en vigueur").diagnostics == ()


@pytest.mark.parametrize("path", OURS, ids=lambda p: p.stem)
def test_our_examples_are_not_blamed(path: Path) -> None:
    assert [d for d in check(path, day=DAY).diagnostics if d.severity > Severity.CONSEIL] == []


@pytest.mark.parametrize("nature", ["fragment", "étrangère", "historique", "règlement interne"])
@pytest.mark.parametrize("folder", LEGAL, ids=lambda p: p.name)
def test_what_is_no_whole_grid_is_only_advised(folder: Path, nature: str, tmp_path: Path) -> None:
    written = (folder / "mauvais.yaml").read_text("utf-8").replace("nature: projet", f"nature: {nature}")
    path = tmp_path / "g.yaml"
    path.write_text(written.replace("nature: en vigueur", f"nature: {nature}"), "utf-8")
    legal = [d for d in check(path, day=DAY).diagnostics if d.code.startswith("FX70") and d.code != "FX7050"]
    assert all(d.severity is Severity.CONSEIL for d in legal)


@pytest.mark.parametrize("folder", sorted(p for p in TWINS.iterdir() if p not in LEGAL), ids=lambda p: p.name)
def test_twins_of_the_language_break_no_law(folder: Path) -> None:
    """The good ones are fragments, or projects that lack what any whole grid owes."""
    owed = {"FX7001", "FX7003", "FX7016", "FX7017", "FX7018", "FX7011"}
    found = check(folder / "bon.yaml", day=DAY).diagnostics
    assert {d.code for d in found if d.severity > Severity.CONSEIL and d.code.startswith("FX70")} <= owed


@pytest.mark.parametrize("folder", LEGAL, ids=lambda p: p.name)
def test_a_page_has_the_severity_of_the_rule_and_the_diagnostic_its_article(folder: Path) -> None:
    found = [d for d in check(folder / "mauvais.yaml", day=DAY).diagnostics if d.code == folder.name]
    gravest = max(d.severity for d in found)
    assert gravest is pages()[folder.name].severity or folder.name == "FX7019"
    if folder.name not in ("FX7050", "FX7051"):
        assert all(d.references and all(" : " in r for r in d.references) for d in found)


@pytest.mark.parametrize(
    "line",
    [
        "enfants: {points: \"5 par enfant à charge, au plus 15\"}",
        "handicap d'un enfant: {si: au moins un membre où (âge < 18 ans et handicap), points: 15}",
        "jeune: {si: au moins un membre où (âge < 21 ans), points: 15}",
        "sous-occupation: {si: est_mutation et personnes_par_pièce < 1, points: 10}",
        "peu occupé: {si: personnes_par_pièce < 1, points: -5}",
        "ressources par UC: {si: ressources_par_uc < 800 €/mois, points: 10}",
        "hauts revenus: {si: ressources_mensuelles_totales > 9000 €/mois, points: -10}",
        "retrait: {si: est_propriétaire, points: -10}",
        "emploi à Reims: {si: commune_travail_demandeur est « 75056 », points: 5}",
        "congé du bailleur: {si: motifs contient « sans logement propre », points: 5}",
        "origine du logement: {si: est_propriétaire, points: 5}",
        "refus récents: {si: au moins un refus_adapté où (motif_refus est « quartier »), points: -5}",
        "propriétaire, sauf handicap: {si: est_propriétaire et non (au moins un membre où (handicap)), points: -5}",
        "aisés: {si: ressources_mensuelles_totales >= 7000 €/mois, points: -5}",
        "aisés: {si: non (ressources_mensuelles_totales < 7000 €/mois), points: -5}",
        "aisés: {selon: ressources_mensuelles_totales, tranches: {jusqu'à 5000 €/mois: 0, plus de 5000 €/mois: -5}}",
        "taux d'effort faible: {si: loyer_mensuel < 100 €/mois, points: -5}",
        "revenus: {selon: ressources_mensuelles_totales, tranches: {jusqu'à 500 €/mois: 0, plus de 500 €/mois jusqu'à 900 €/mois: -5, plus de 900 €/mois: 5}}",
        "revenus: {selon: ressources_mensuelles_totales, tranches: {jusqu'à 500 €/mois: -5, plus de 500 €/mois jusqu'à 900 €/mois: -5, plus de 900 €/mois: -5}}",
        "revenus: {selon: ressources_mensuelles_totales, tranches: {jusqu'à 500 €/mois: sans objet, plus de 500 €/mois jusqu'à 900 €/mois: sans objet, plus de 900 €/mois: -5}}",
        "revenu exact: {si: 4000 €/mois = ressources_mensuelles_totales, points: -5}",
        "propriétaire bien portant: {si: est_propriétaire et non (motifs contient « raisons de santé »), points: -5}",
        "propriétaire qui n'attend personne: {si: est_propriétaire et non (au moins un enfant_à_naître), points: -5}",
        "trop grand: {si: surface_logement_actuel > 100 m² et nb_enfants_à_naître < 1, points: -5}",
    ],
)  # fmt: skip
def test_a_fair_line_is_not_blamed(line: str) -> None:
    judged = grid("", line=line)
    assert judged.verdict is not None and codes(judged) == set(), [d.message for d in judged.diagnostics]


@pytest.mark.parametrize(
    "line",
    [
        "aînés: {si: au moins un membre où (âge >= 70 ans), points: -5}",
        "pénalité: {si: au moins un membre où (handicap), points: -5}",
        "habitants: {si: non habite_commune_demandée et non travaille_commune_demandée, points: -5}",
        "famille: {selon: situation_familiale, points: {marié: 5, autres: -5}}",
        "tous handicapés: {si: non (au moins un membre où (non handicap)), points: -5}",
        "pauvres: {si: ressources_mensuelles_totales < 700 €/mois, points: -5}",
        "pauvres: {si: non (ressources_mensuelles_totales >= 700 €/mois), points: -5}",
        "pauvres: {si: 700 €/mois >= ressources_mensuelles_totales, points: -5}",
        "pauvres: {selon: ressources_mensuelles_totales, tranches: {jusqu'à 500 €/mois: -5, plus de 500 €/mois: 0}}",
        "pauvres: {selon: ressources_mensuelles_totales, tranches: {jusqu'à 500 €/mois: -5, plus de 500 €/mois jusqu'à 900 €/mois: 0, plus de 900 €/mois: -5}}",
        "pauvres: {selon: ressources_mensuelles_totales, tranches: {jusqu'à 500 €/mois: -5, plus de 500 €/mois jusqu'à 900 €/mois: sans objet, plus de 900 €/mois: 5}}",
        "malades: {si: motifs contient « raisons de santé », points: -5}",
        "grossesse: {si: au moins un enfant_à_naître, points: -5}",
        "familles: {points: -5 par enfant à charge}",
        "couples: {si: lien_codemandeur est « conjoint », points: -5}",
    ],
)
def test_points_taken_for_a_protected_ground(line: str) -> None:
    assert "FX7024" in codes(grid("", line=line)), [d.message for d in grid("", line=line).diagnostics]


@pytest.mark.parametrize("after", ["avant le plafond", "après le plafond"])
def test_refusals_taken_after_the_cap_leave_the_priorities_where_they_are(after: str) -> None:
    said = REFUSALS.format(20, "12 mois").replace("avant le plafond", after)
    judged = grid("", change=("sans effet", said))
    assert judged.verdict is not None and codes(judged) == set()
    assert judged.verdict.covered is not None and len(judged.verdict.covered.proved) == 15


@pytest.mark.parametrize(
    "condition", ["date_dernier_renouvellement <= 01/01/2024", "01/01/2024 >= date_dernier_renouvellement"]
)
def test_seniority_since_the_renewal_is_seen_however_it_is_written(condition: str) -> None:
    assert codes(grid("", line=f"renouvelé: {{si: {condition}, points: 5}}")) == {"FX7035"}


def test_a_criterion_of_one_counter_is_advised() -> None:
    found = grid("", line="bonus guichet: {si: est_propriétaire, points: 5}").diagnostics
    assert [(d.code, d.severity) for d in found] == [("FX7010", Severity.CONSEIL)]


def test_a_criterion_of_one_commune_is_refused_unless_it_is_elsewhere() -> None:
    def line(code: str) -> str:
        return f"lieu: {{si: commune_travail_demandeur est « {code} », points: 5}}"

    assert codes(grid("", line=line("51454"))) == {"FX7010"} and codes(grid("", line=line("75056"))) == set()


def test_a_link_heavier_than_a_priority_is_advised() -> None:
    lien = "lien: {si: habite_territoire_demandé ou travaille_territoire_demandé, points: 150}"
    assert codes(grid("", line=lien)) == {"FX7025"}


def test_every_missing_priority_is_named_once() -> None:
    judged = grid("", change=("        handicap: 100\n", ""))
    found = [d for d in judged.diagnostics if d.code == "FX7001"]
    assert len(found) == 1 and "handicap" in found[0].message and "handicap" in found[0].help
    assert any(r.startswith("CCH L. 441-1, a (P_HANDICAP)") for r in found[0].references)


def test_a_line_of_one_s_own_covers_a_priority() -> None:
    own = "personnes handicapées: {couvre: P_HANDICAP, si: au moins un membre où (handicap), pièce justificative: MDPH, points: 90}"
    assert codes(grid("", line=own, change=("        handicap: 100\n", ""))) == set()


def test_refusals_that_last_are_advised() -> None:
    said = ("sans effet", REFUSALS.format(20, "60 mois"))
    assert codes(grid("", change=said)) == {"FX7015"}
    assert codes(grid("", change=("sans effet", REFUSALS.format(20, "36 mois")))) == set()


DECREE = """
langage: 1
loi: décret-inventé
titre: Décret inventé
règles:
  - id: COT-MUTATION-OPT
    article: décret inventé, article 2
    du: 01/01/2027
    gravité: plafond
    confiance: lu dans le texte
    sources: [CCH-R]
    paramètres: {grilles au plus: 1, champs: [modes_logement_actuel, mode_logement_actuel], codes: [HLM]}
    règle: Un territoire a une seule grille.
    que faire: Réunissez les grilles.
    contrôlée par: [FX7011, FX7012]
  - id: P_INVENTÉ
    article: décret inventé, article 3
    du: 01/01/2027
    gravité: obligation
    confiance: lu dans le texte
    sources: [CCH-R]
    catégorie: public inventé
    règle: Un public inventé est prioritaire.
    que faire: Ajoutez un critère.
    contrôlée par: [FX7001]
""".replace("P_INVENTÉ", "P_INVENTE")


def transfers(which: str) -> Grid:
    made = grid(f"demandeurs: {{nom: public, si: {which}, si non renseigné: oui}}", name=f"{which}.yaml").grid
    assert made is not None
    return made


def test_a_decree_changes_verdicts_from_its_day(tmp_path: Path) -> None:
    path = tmp_path / "décret.yaml"
    path.write_text(DECREE, "utf-8")
    bag = Bag()
    code = load_code([*standard_files(), path], bag)
    assert bag.items == []
    two = [transfers("est_mutation"), transfers("non est_mutation")]
    eve, day = date(2026, 12, 31), date(2027, 1, 1)
    assert judge_together(two, eve, code) == () and [d.code for d in judge_together(two, day, code)] == ["FX7012"]
    assert codes(grid(code=code, day=eve)) == set()
    later = grid(code=code, day=day)
    assert codes(later) == {"FX7001"} and "public inventé" in later.diagnostics[0].message
    assert "décret inventé, article 3" in " ".join(later.diagnostics[0].references)


def test_three_grids_of_one_territory_are_one_too_many() -> None:
    two = [transfers("est_mutation"), transfers("non est_mutation")]
    assert judge_together(two, DAY) == ()
    third = grid(name="autre.yaml").grid
    assert third is not None
    found = judge_together([*two, third], DAY)
    assert [(d.code, d.severity) for d in found] == [("FX7012", Severity.ERREUR)]
    assert len(found[0].labels) == 2


def test_two_versions_have_two_deliberations() -> None:
    old = grid("", nature="en vigueur", change=("31/12/2029", "31/12/2025"), name="a.yaml").grid
    new = grid("", nature="en vigueur", change=("du: 01/01/2024", "du: 01/01/2026"), line="p: {si: est_propriétaire, points: 1}", name="b.yaml").grid  # fmt: skip
    assert old is not None and new is not None
    found = judge_together([old, new], DAY)
    assert [d.code for d in found] == ["FX7019"] and found[0].place.startswith("b.yaml")
    act = replace(new, header=replace(new.header, deliberation="2025-99"))
    assert judge_together([old, act], DAY) == ()


ACT = "dérogations: [{règle: COT-INFO, acte: arrêté n° 12, du: 01/01/2026, au: 31/12/2026, motif: expérimentation}]"


def test_a_derogation_lifts_an_error_between_its_days_and_is_shown() -> None:
    lifted = grid(ACT, without="information")
    assert lifted.ok and [d.severity for d in lifted.diagnostics] == [Severity.AVERTISSEMENT]
    assert "arrêté n° 12" in lifted.diagnostics[0].message
    assert lifted.verdict is not None and lifted.verdict.refused == ()
    assert any("Levé par dérogation : COT-INFO, arrêté n° 12" in s for s in sentences(lifted.verdict))
    late = grid(ACT, without="information", day=date(2027, 1, 1))
    assert not late.ok and codes(late) == {"FX7017", "FX7051"}


def test_a_derogation_lifts_nothing_else() -> None:
    assert not grid(ACT, change=("évaluation: {fréquence: annuelle, indicateurs: [délai moyen]}\n", "")).ok


@pytest.mark.parametrize(
    "block",
    [
        "dérogations: [{règle: COT-INFO}]",
        "dérogations: oui",
        "dérogations: [{règle: COT-INFO, acte: a, du: 31/02/2026, au: 31/12/2026, motif: m}]",
        "dérogations: [{règle: COT-INFO, acte: a, du: 31/12/2026, au: 01/01/2026, motif: m}]",
        "dérogations: [3]",
    ],
)
def test_a_derogation_badly_written_is_said(block: str) -> None:
    assert any(d.severity is Severity.ERREUR for d in grid(block).diagnostics)


def test_a_grid_of_tomorrow_is_held_against_the_law_of_its_first_day() -> None:
    judged = grid("", day=date(2020, 1, 1))
    assert judged.verdict is not None and judged.verdict.law.day == date(2024, 1, 1)


def test_the_verdict_can_be_read_aloud() -> None:
    good, bad = grid().verdict, grid(without="information", nature="en vigueur").verdict
    assert good is not None and bad is not None
    assert sentences(good)[0].startswith("Au regard du droit : rien de contraire n'a été trouvé")
    refused = sentences(bad)
    assert refused[0].startswith("Au regard du droit : refusée") and "(CCH R. 441-2-10, 11° ; COT-INFO)" in refused[1]
    assert "ne note aucune demande" in refused[2]


def test_every_code_of_a_rule_is_reached() -> None:
    """A rule that says it is checked has twins, or a test of its own here."""
    named = {c for r in standard_code().versions for c in r.checked_by if c.startswith("FX70")}
    assert named - {p.name for p in LEGAL} == {"FX7006", "FX7012", "FX7040", "FX7041"}


def test_the_good_grid_is_the_text_of_the_tests() -> None:
    assert "DALO: 200" in text()
