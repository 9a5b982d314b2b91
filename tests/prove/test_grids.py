"""The proofs of the example grid, and of mutants of it: verdicts, replay of what is pasted, determinism, certificates."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from fluxrules.commands.prove import command
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.law.check import check as check_law
from fluxrules.law.prove import certificate
from fluxrules.law.prove.certificate import Certificate
from fluxrules.law.prove.effort import certificate_of
from fluxrules.law.prove.properties import load_properties, standard_properties
from fluxrules.law.prove.run import KINDS, Proofs, prove
from fluxrules.law.prove.verdict import Finding, Verdict
from fluxrules.model.check import check
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.load import standard_vocabulary

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "rulesets/exemples/metropole-exemple.yaml"
DAY = date(2026, 9, 1)
HEAD = "langage: 1\ncotation: essai\nnature: fragment\ntitre: Essai\ns'appuie sur: [bibliothèque/priorités-légales]\nex æquo: la demande la plus ancienne d'abord\nnote:\n"


def grid_of(path: Path) -> Grid:
    checked = check(path)
    assert checked.grid is not None, [d.message for d in checked.diagnostics]
    return checked.grid


def written(folder: Path, note: str) -> Grid:
    path = folder / "grille.yaml"
    path.write_text(HEAD + note, "utf-8")
    return grid_of(path)


def ask(grid: Grid, *names: str) -> list[Finding]:
    wanted = [p for p in standard_properties() if p.name in names or not names]
    return list(prove(grid, wanted, DAY))


def verdicts(findings: list[Finding]) -> dict[str, str]:
    return {f"{f.property} / {f.subject}": f.verdict.value for f in findings}


@pytest.fixture(scope="module")
def example() -> list[Finding]:
    return ask(grid_of(EXAMPLE))


@pytest.mark.slow
def test_verdicts_of_the_example(example: list[Finding]) -> None:
    said = {f"{f.property} / {f.subject}": f.sentence for f in example}
    assert said["bornes / note"] == "La note va de 0 à 400."
    assert said["bornes / priorités légales"] == "« priorités légales » va de 0 à 200."
    found = verdicts(example)
    refuted = {k for k, v in found.items() if v == "réfuté"}
    # Advice, not law: local lines together outrank the legal priorities of least weight. DALO is out of their reach.
    assert {k for k in refuted if not k.startswith("dominance / ")} == {"ordre total / ordre"}
    assert "dominance / menace d'expulsion" in refuted and "dominance / DALO" not in refuted
    assert "indécidé" not in found.values()
    assert {v for k, v in found.items() if k.startswith("couverture / ")} == {"prouvé"}


@pytest.mark.slow
def test_every_witness_can_be_pasted(example: list[Finding], tmp_path: Path) -> None:
    entries = [w.entry for f in example for w in f.witnesses]
    assert len(entries) >= 6
    pasted = tmp_path / "grille.yaml"
    pasted.write_text(EXAMPLE.read_text("utf-8") + "\n".join(entries) + "\n", "utf-8")
    checked = check(pasted)
    assert [d.message for d in checked.diagnostics] == []
    assert len(checked.outcomes) == 4 + len(entries)


@pytest.mark.slow
def test_same_file_same_witness_in_any_order(example: list[Finding]) -> None:
    grid = grid_of(EXAMPLE)
    again = list(prove(grid, list(reversed(standard_properties())), DAY))
    assert sorted(again, key=lambda f: (f.property, f.subject)) == sorted(example, key=lambda f: (f.property, f.subject))  # fmt: skip


def test_more_seniority_that_lowers_the_note_is_found(tmp_path: Path) -> None:
    grid = written(
        tmp_path,
        "  retenir: la somme\n  critères:\n    récente: {si: ancienneté <= 12 mois, points: 7}\n    longue: {si: ancienneté > 24 mois, points: 3}\n",
    )
    (finding,) = ask(grid, "ancienneté")
    assert finding.verdict is Verdict.REFUTED
    assert finding.sentence.endswith("fait baisser la note de 7 à 0, toutes choses égales par ailleurs.")
    assert "ancienneté: 0 mois" in finding.witnesses[0].entry
    assert "ancienneté: 13 mois" in finding.witnesses[1].entry


def test_a_dead_line_and_a_priority_that_does_not_pay(tmp_path: Path) -> None:
    grid = written(
        tmp_path,
        "  retenir: le plus élevé\n  critères:\n    base: {points: 100}\n    DALO: 80\n    mal-logement: 120\n",
    )
    found = ask(grid, "lignes mortes", "couverture")
    assert verdicts(found) == {
        "lignes mortes / DALO": "réfuté",
        "lignes mortes / note": "prouvé",
        "couverture / DALO": "réfuté",
        "couverture / mal-logement": "prouvé",
    }
    assert "statut_dalo: reconnu actif" in next(f for f in found if f.subject == "DALO" and f.witnesses).witnesses[0].entry  # fmt: skip


FAMILY = """  retenir: la somme
  critères:
    logement:
      couvre: P_SANS_LOGEMENT
      retenir: le plus élevé
      critères:
        rue: {si: "modes_logement_actuel contient « sans abri » ou modes_logement_actuel contient « squat »", points: 20}
        tiers: {si: "modes_logement_actuel contient « chez un particulier »", points: @}
"""


def test_a_claim_of_one_s_own_is_proved_and_not_believed(tmp_path: Path) -> None:
    text = "  retenir: la somme\n  critères:\n    à nous: {couvre: P_HANDICAP, si: @, points: 5}\n"
    wide = written(tmp_path, text.replace("@", "au moins un membre où (handicap ou âge >= 80 ans)"))
    assert [f.verdict for f in ask(wide, "couverture")] == [Verdict.PROVED, Verdict.PROVED]
    narrow = written(tmp_path, text.replace("@", "au moins un membre où (handicap et âge < 18 ans)"))
    first, second = ask(narrow, "couverture")
    assert (first.verdict, second.verdict) == (Verdict.REFUTED, Verdict.PROVED)
    assert "ne lui est pas acquis" in first.sentence and "handicap: oui" in first.witnesses[0].entry
    apart = written(tmp_path, text.replace("@", "est_propriétaire"))
    assert ask(apart, "couverture")[0].verdict is Verdict.REFUTED


def test_a_line_of_one_s_own_is_read_with_its_document(tmp_path: Path) -> None:
    text = "  retenir: la somme\n  critères:\n    à nous: {couvre: DALO, si: DALO, pièce justificative: décision, compte: sur pièce, points: 5}\n"
    assert [f.verdict for f in ask(written(tmp_path, text), "couverture")] == [Verdict.PROVED]


def test_a_family_covers_a_priority_by_its_lines_together(tmp_path: Path) -> None:
    found = ask(written(tmp_path, FAMILY.replace("@", "10")), "couverture")
    assert verdicts(found) == {"couverture / sans logement": "prouvé"} and len(found) == 2
    first, second = ask(written(tmp_path, FAMILY.replace("@", "0")), "couverture")
    assert (first.verdict, second.verdict) == (Verdict.PROVED, Verdict.REFUTED)
    assert "chez un particulier" in second.witnesses[0].entry
    short = FAMILY.replace("@", "10").replace(" ou modes_logement_actuel contient « squat »", "")
    assert ask(written(tmp_path, short), "couverture")[0].verdict is Verdict.REFUTED


def test_one_more_priority_is_looked_for_in_the_rows_too(tmp_path: Path) -> None:
    grid = written(
        tmp_path,
        "  retenir: le premier\n  critères:\n    handicap: 5\n    veuf: {si: situation_familiale est « veuf », points: 9}\n",
    )
    (finding,) = ask(grid, "priorité de plus")
    assert finding.verdict is Verdict.REFUTED and "de 9 à 5" in finding.sentence
    entries = [w.entry for w in finding.witnesses]
    assert "handicap: non" in entries[0] and "handicap: oui" in entries[1]


def test_a_priority_that_people_make_is_said_undecided(tmp_path: Path) -> None:
    text = "  retenir: la somme\n  critères:\n    enfant: {couvre: P_MINEUR_SUROCC, si: au moins un membre où (âge < 18 ans), points: 5}\n"
    (finding,) = ask(written(tmp_path, text), "priorité de plus")
    assert finding.verdict is Verdict.UNDECIDED and "sans changer les personnes" in finding.sentence


def test_seniority_that_outranks_a_priority_is_said_in_months(tmp_path: Path) -> None:
    grid = written(
        tmp_path,
        '  retenir: la somme\n  critères:\n    DALO: 36\n    ancienneté: {points: "1 par mois entier d\'ancienneté"}\n',
    )
    (finding,) = ask(grid, "dominance")
    assert finding.verdict is Verdict.REFUTED and finding.weight == "conseil"
    assert "« ancienneté » 37 (37 mois)" in finding.sentence


def test_refusals_that_cost_a_priority(tmp_path: Path) -> None:
    text = (
        "  retenir: la somme\n  critères:\n    DALO: 15\n    fixe: {points: 30}\nrefus d'un logement adapté:\n  retrait: 10 points par refus\n"
        "  à partir du: 1er refus\n  plafond du retrait: @\n  chaque refus compte pendant: 12 mois\n  motifs légitimes: []\n  s'applique: avant le plafond\n"
    )
    assert verdicts(ask(written(tmp_path, text.replace("@", "10 points")), "refus")) == {"refus / DALO": "prouvé"}
    (finding,) = ask(written(tmp_path, text.replace("@", "20 points")), "refus")
    assert finding.verdict is Verdict.REFUTED
    assert [w.note for w in finding.witnesses] == ["25", "30"]


def test_a_field_that_changes_the_note(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "langage: 1\npropriétés:\n  lien:\n    genre: sans influence\n    libellé: x\n    source: x\n    champs: [situation_familiale, commune_résidence]\n"
        "  plancher:\n    genre: garantie\n    libellé: un DALO a au moins 40\n    source: x\n    poids: avertissement\n    si: DALO\n    note au moins: 40\n",
        "utf-8",
    )
    bag = Bag()
    properties = load_properties([path], bag)
    assert bag.items == []
    grid = written(
        tmp_path,
        "  retenir: la somme\n  critères:\n    DALO: 36\n    veuf: {si: situation_familiale est « veuf », points: 4}\n",
    )
    found = list(prove(grid, properties, DAY))
    assert [f.verdict.value for f in found] == ["réfuté", "prouvé", "réfuté"]
    assert found[2].sentence == "Faux : un DALO a au moins 40. Ce ménage a 36."


def test_two_versions(tmp_path: Path) -> None:
    grid = grid_of(EXAMPLE)
    equivalence = [p for p in standard_properties() if p.kind == "équivalence"]
    assert [f.verdict.value for f in prove(grid, equivalence, DAY, grid)] == ["prouvé"]
    other = tmp_path / "autre.yaml"
    head = EXAMPLE.read_text("utf-8").split("\nexemples:")[0]
    other.write_text(head.replace("01/07/2026: 30 mois", "01/07/2026: 31 mois"), "utf-8")
    (finding,) = prove(grid, equivalence, DAY, grid_of(other))
    assert finding.verdict is Verdict.REFUTED
    assert "ancienneté: 31 mois" in finding.witnesses[0].entry
    assert next(prove(grid, equivalence, date(2026, 6, 1), grid_of(other))).verdict is Verdict.PROVED


def test_every_kind_is_written(example: list[Finding]) -> None:
    assert {p.kind for p in standard_properties()} | {"garantie"} == set(KINDS)
    assert len({p.name for p in standard_properties()}) == len(standard_properties())


def test_a_certificate_is_read_and_is_dropped_when_the_grid_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    grid = written(tmp_path, "  retenir: la somme\n  critères:\n    DALO: 36\n")
    properties = [p for p in standard_properties() if p.name == "bornes"]
    held = certificate_of(tmp_path / "grille.yaml")
    kept = Certificate.read(held)
    first = list(Proofs(grid, DAY, None, kept).run(properties))
    assert kept.write() and held.exists()
    with monkeypatch.context() as patch:
        patch.setattr(Proofs, "_one", lambda *_: pytest.fail("proved again"))
        assert list(Proofs(grid, DAY, None, Certificate.read(held)).run(properties)) == first
    changed = written(tmp_path, "  retenir: la somme\n  critères:\n    DALO: 37\n")
    mark = certificate.key(properties[0], certificate.about(changed, DAY))
    assert Certificate.read(held).get("bornes", mark) is None
    held.write_text("{", "utf-8")
    assert Certificate.read(held).entries == {}


def test_the_verb(tmp_path: Path) -> None:
    path = tmp_path / "grille.yaml"
    path.write_text(HEAD + "  retenir: la somme\n  critères:\n    DALO: 36\n", "utf-8")
    run = CliRunner().invoke(command, [str(path), "--date", "01/09/2026", "--propriete", "bornes"])
    assert "✓ La note va de 0 à 36." in run.output and "1 propriété prouvée, 0 réfutée, 0 indécidée." in run.output
    run = CliRunner().invoke(command, [str(path), "--sans-cache", "--format", "json", "--date", "01/09/2026"])
    (answer,) = json.loads(run.output)
    assert answer["date"] == "2026-09-01" and answer["résultats"][0]["verdict"] == "prouvé"
    run = CliRunner().invoke(command, [str(path), "--propriete", "borne"])
    assert "La propriété « borne » n'existe pas." in run.output


def test_a_property_of_one_s_own_is_proved_with_the_others(tmp_path: Path) -> None:
    path, own = tmp_path / "grille.yaml", tmp_path / "p.yaml"
    path.write_text(HEAD + "  retenir: la somme\n  critères:\n    DALO: 36\n", "utf-8")
    text = "langage: 1\npropriétés:\n  plancher:\n    genre: garantie\n    libellé: un DALO a 30\n    source: x\n    si: DALO\n    note au moins: 30\n"
    own.write_text(text, "utf-8")
    words = [str(path), "--date", "01/09/2026", "--propriete", "plancher", "--proprietes", str(own)]
    assert "✓ Vrai de tout ménage : un DALO a 30." in CliRunner().invoke(command, words).output
    own.write_text(text.replace("si: DALO", "si: DALLO"), "utf-8")
    assert "FX2001" in (wrong := CliRunner().invoke(command, words)).output and f"{own}:7:9" in wrong.output
    own.unlink()
    assert "FX0001" in CliRunner().invoke(command, words).output


@pytest.mark.parametrize(
    "block",
    [
        "propriétés: 3",
        "propriétés: []",
        "propriétés: {a: 3}",
        "propriétés: {a: {genre: garantie}}",
        "propriétés: {a: {genre: [garantie], libellé: x, source: x}}",
        "propriétés: {a: {genre: garantie, libellé: x, source: x, note au moins: 1,5}}",
        "propriétés: {a: {genre: garantie, libellé: x, source: x, note au moins: 1, champs: [DALO]}}",
        "propriétés: {a: {genre: monotonie, libellé: x, source: x, champs: [personne.sexe]}}",
        "propriétés: {a: {genre: garantie, libellé: x, source: x, note au moins: 1, si: 'DALO et'}}",
        "propriétés:\n  a: {",
    ],
)
def test_a_file_of_properties_badly_written_is_said_with_its_place(block: str, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(f"langage: 1\n{block}\n", "utf-8")
    judged = check_law(path)
    assert judged.diagnostics and all(d.place.startswith(f"{path}:") and d.help for d in judged.diagnostics)
    bag = Bag()
    assert load_properties([path], bag) == () and bag.has_errors


PERSON = "  retenir: la somme\n  critères:\n    aidé: {si: au moins un membre où (handicap), points: 7}\n    personne: {si: aucun membre où (handicap), points: 9}\n"
ROOM = "  retenir: la somme\n  critères:\n    trois: {si: nb_occupants_logement_actuel >= 3, points: 7}\n    petit: {si: surface_logement_actuel < 20 m², points: 5}\n"


@pytest.mark.parametrize(
    ("note", "field", "said"),
    [
        (ROOM, "nb_occupants_logement_actuel", "Une valeur plus grande de « nombre d'occupants du logement actuel » ne fait jamais baisser"),
        (ROOM, "surface_logement_actuel", "Une valeur plus grande de « surface du logement actuel » fait baisser la note de 5 à 0"),
        (PERSON, "membre.handicap", "Un « oui » à « handicap reconnu » fait baisser la note de 9 à 0"),
        (PERSON, "membre.date_naissance", "La note ne dépend pas de"),
        (PERSON, "surface_logement_actuel", "La note ne dépend pas de"),
    ],
)  # fmt: skip
def test_more_of_a_number_is_a_greater_one_and_rows_have_more_too(
    note: str, field: str, said: str, tmp_path: Path
) -> None:
    own = tmp_path / "p.yaml"
    own.write_text(f"langage: 1\npropriétés:\n  p: {{genre: monotonie, champs: [{field}], libellé: x, source: x}}\n", "utf-8")  # fmt: skip
    (finding,) = prove(written(tmp_path, note), load_properties([own], Bag()), DAY)
    assert finding.sentence.startswith(said), finding.sentence


@pytest.mark.parametrize(
    ("field", "code", "help_"),
    [
        ("DALO", "FX7102", "« statut_dalo »"),
        ("ancienneté", "FX7102", "« date_dépôt_initial »"),
        ("membre.âge", "FX7102", "« membre.date_naissance »"),
        ("suroccupation", "FX7102", "« nb_occupants_logement_actuel » ou « surface_logement_actuel »"),
        ("situation_familiale", "FX7103", "sans influence"),
    ],
)
def test_a_field_that_is_worked_out_or_has_no_more(field: str, code: str, help_: str, tmp_path: Path) -> None:
    own, bag = tmp_path / "p.yaml", Bag()
    own.write_text(f"langage: 1\npropriétés:\n  p: {{genre: monotonie, champs: [{field}], libellé: x, source: x}}\n", "utf-8")  # fmt: skip
    assert load_properties([own], bag) == ()
    (found,) = bag.items
    assert found.code == code and help_ in found.help


def test_a_grid_with_errors_does_not_keep_the_others_from_their_proofs(tmp_path: Path) -> None:
    note = "  retenir: la somme\n  critères:\n    récente: {si: ancienneté <= 12 mois, points: 7}\n"
    (tmp_path / "a.yaml").write_text(HEAD + note.replace("si:", "sy:"), "utf-8")
    (tmp_path / "b.yaml").write_text(HEAD + note, "utf-8")
    run = CliRunner().invoke(
        command,
        [str(tmp_path), "--sans-cache", "--propriete", "priorite de plus", "--propriete", "Bornes"],
        standalone_mode=False,
    )
    assert "✓ La note va de 0 à 7." in run.output and "« sy »" in run.output
    assert run.return_value == 1


def test_days_that_are_compared_are_near_the_reference(tmp_path: Path) -> None:
    """Of the day itself the least value is 120 years ago, which nobody meets."""
    own = tmp_path / "p.yaml"
    own.write_text(
        "langage: 1\npropriétés:\n  p: {genre: garantie, libellé: x, source: x, si: DALO, note au plus: 0}\n", "utf-8"
    )
    grid = written(
        tmp_path,
        "  retenir: la somme\n  critères:\n    d: {si: DALO et date_décision_dalo > date_dépôt_initial, points: 5}\n",
    )
    (finding,) = prove(grid, load_properties([own], Bag()), DAY)
    assert "date_décision_dalo: 01/09/2026" in finding.witnesses[0].entry
    assert "date_dépôt_initial: 31/08/2026" in finding.witnesses[0].entry, finding.witnesses[0].entry


@pytest.mark.parametrize(
    ("field", "verdict"),
    [("commune_résidence", "indécidé"), ("choix.habite_commune", "réfuté"), ("commune_travail_demandeur", "prouvé")],
)
def test_a_field_that_moves_another_when_tables_are_read_is_not_said_to_be_unread(
    field: str, verdict: str, tmp_path: Path
) -> None:
    own = tmp_path / "p.yaml"
    own.write_text(
        f"langage: 1\npropriétés:\n  p: {{genre: sans influence, champs: [{field}], libellé: x, source: x}}\n", "utf-8"
    )
    grid = written(tmp_path, "  retenir: la somme\n  critères:\n    ici: {si: habite_commune_demandée, points: 5}\n")
    (finding,) = prove(grid, load_properties([own], Bag()), DAY)
    assert finding.verdict.value == verdict, finding.sentence


def test_what_is_drawn_from_a_field_names_fields_of_the_vocabulary() -> None:
    vocabulary = standard_vocabulary()
    for entity in vocabulary.entities.values():
        for f in entity.computed.values():
            assert f.drawn_from, f.name
            for written_ in f.drawn_from:
                owner, _, name = written_.rpartition(".")
                assert vocabulary.field_def(owner or vocabulary.principal, name) is not None, written_
