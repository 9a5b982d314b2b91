"""What a counter agent reads: sums that add up, shares in per cent, values of parameters, French that can be read aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

import polars as pl
import pytest

from fluxrules import api
from fluxrules.api import check_source, explain
from fluxrules.cotation import settle
from fluxrules.cotation.explain import explain_facts
from fluxrules.cotation.wording import Wording
from fluxrules.data.facts import facts_of
from fluxrules.data.population import generate
from fluxrules.data.tables import KEY, Tables
from fluxrules.engines.interpreter import Facts, evaluate
from fluxrules.ir.nodes import Line
from fluxrules.ir.walk import lines
from fluxrules.model.grid import Grid
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary
from tests.large import REIMS, grids

DAY = date(2026, 9, 1)
GRID = """\
langage: 1
cotation: essai
nature: fragment
paramètres:
  seuil_effort: {libellé: seuil d'effort, valeurs: {01/01/2014: 33 %, 01/01/2020: 35 %}}
  délai: {valeurs: {01/01/2014: 30 mois}}
définitions:
  taux_local:
    libellé: taux d'effort local
    formule: loyer_mensuel / ressources_mensuelles_totales
    si dénominateur nul ou négatif: sans objet
note:
  retenir: la somme
  critères:
    effort:
      selon: taux_local
      tranches: {jusqu'à 30 %: 0, plus de 30 %: 5}
    seuil:
      si: taux_local > seuil_effort
      points: 1
    attente:
      si: ancienneté > délai
      points: 1
    moyenne:
      retenir: la moyenne
      arrondi: à l'unité inférieure
      critères:
        hébergé: {si: mode_logement_actuel est « chez un particulier », points: 10}
        violences: {si: motifs contient « violences familiales », points: 5}
        santé: {si: motifs contient « raisons de santé », points: 0}
    enfants:
      points: 1 par enfant à charge
ex æquo: aucun départage
"""


def page(**values: object) -> str:
    checked = check_source(Source("g.yaml", GRID), standard_vocabulary())
    assert checked.grid is not None, checked.diagnostics
    row: dict[str, list[object]] = {
        "numero_unique": ["N"],
        "date_depot_initial": [date(2026, 8, 1)],
        "loyer_mensuel": [500],
        "ressources_mensuelles_totales": [1300],
        "mode_logement_actuel": ["CP"],
        "motifs": [["06"]],
    }
    frame = pl.DataFrame(row | {k: [v] for k, v in values.items()})
    return explain(checked.grid, Tables(frame), "N", DAY)


def test_a_mean_shows_its_sum_its_number_and_its_rounding() -> None:
    assert "= (10 + 5) / 2 = 7,5, arrondi à 7" in page()
    assert "= (10 + 5 + 0) / 3 = 5\n" in page(motifs=["06", "08"])


def test_shares_are_in_per_cent_under_the_name_of_their_author() -> None:
    text = page()
    assert "taux d'effort local : ≈ 38,46 %" in text
    assert "seuil d'effort : 35 %" in text


def test_the_value_of_a_parameter_is_said() -> None:
    assert "(il y a 1 mois entier) ; délai : 30 mois" in page()


def test_no_income_is_no_condition_to_fulfil() -> None:
    text = page(ressources_mensuelles_totales=0)
    assert "– Effort : 0, sans objet pour cette demande" in text
    assert "il faudrait : taux_local\n" not in text


def test_a_list_that_is_missing_is_named_in_the_plural() -> None:
    assert "il manque : la liste des personnes du dossier" in page()


@pytest.mark.parametrize(("income", "said"), [(1300, "Note : 13 points au"), (5000, "Note : 7 points au")])
def test_points_agree_with_their_number(income: int, said: str) -> None:
    assert said in page(ressources_mensuelles_totales=income)
    assert "Note : 1 point au" in page(
        ressources_mensuelles_totales=5000, motifs=[], mode_logement_actuel="HLM", date_depot_initial=date(2020, 1, 1)
    )


def grid(criteria: str, reducer: str = "la somme", limits: str = "") -> Grid:
    head = GRID[: GRID.index("note:")]
    text = f"{head}note:\n  retenir: {reducer}\n{limits}  critères:\n{criteria}ex æquo: aucun départage\n"
    checked = check_source(Source("g.yaml", text), standard_vocabulary())
    assert checked.grid is not None, checked.diagnostics
    return checked.grid


CONDITIONS = [
    ("motifs contient « violences familiales »", "motifs de la demande contient « violences familiales »"),
    ("non travailleur_essentiel", "travailleur essentiel : non"),
    ("loyer_mensuel > 600 €/mois", "loyer mensuel : plus de 600 €/mois"),
    ("600 €/mois >= loyer_mensuel", "loyer mensuel : au plus 600 €/mois"),
    ("rfr_n2 < 12 000 €/an", "revenu fiscal de référence N-2 : moins de 12 000 €/an"),
    ("taux_local > seuil_effort", "taux d'effort local : plus de seuil d'effort (35 %)"),
    ("taux_local <= 30 %", "taux d'effort local : au plus 30 %"),
    ("ancienneté >= délai", "ancienneté de la demande : au moins délai (30 mois)"),
    (
        "mode_logement_actuel est parmi (« sans abri » ; « hôtel »)",
        "mode de logement actuel : « sans abri » ou « hôtel »",
    ),
    ("commune_résidence est « 51454 »", "commune de résidence : « 51454 »"),
    (
        "au moins un membre où (âge < 18 ans et handicap)",
        "au moins une fois parmi les membres (âge : moins de 18 ans et handicap reconnu : oui)",
    ),
    (
        "non (DALO et (travailleur_essentiel ou loyer_mensuel > 600 €/mois))",
        "reconnu prioritaire au titre du DALO : non ou (travailleur essentiel : non et loyer mensuel : au plus 600 €/mois)",
    ),
]


@pytest.mark.parametrize(("condition", "said"), CONDITIONS)
def test_a_condition_is_read_aloud(condition: str, said: str) -> None:
    g = grid(f"    a: {{si: {condition}, points: 1}}\n")
    (line,) = g.program.root.items
    assert isinstance(line, Line) and line.condition is not None
    words = Wording(g.program, g.labels, DAY, standard_vocabulary())
    assert words.condition(line.condition).replace("\u202f", " ").replace("\u00a0", " ") == said


def asked(g: Grid, **values: object) -> tuple[str, ...]:
    return explain_facts(g, Facts(values), DAY, standard_vocabulary()).missing  # type: ignore[arg-type]


def test_a_field_that_cannot_change_the_note_is_not_asked_for() -> None:
    lines = """\
    d: {si: décision_dalo, points: 200}
    t: {si: travailleur_essentiel, points: 150}
    l: {si: loyer_mensuel > 600 €/mois, points: 100}
    e: {selon: loyer_mensuel, tranches: {jusqu'à 600 €/mois: 0, plus de 600 €/mois: 190}}
"""
    lines = lines.replace("décision_dalo", "est_propriétaire")
    highest = grid(lines, "le plus élevé")
    assert asked(highest, est_propriétaire=True) == ()
    assert asked(highest, est_propriétaire=False) == ("loyer mensuel", "travailleur essentiel")
    assert asked(highest, est_propriétaire=False, travailleur_essentiel=True) == ("loyer mensuel",)
    assert asked(highest, est_propriétaire=False, loyer_mensuel=700) == ()
    assert len(asked(grid(lines), est_propriétaire=True)) == 2


def test_what_only_several_fields_together_would_change_is_asked_for_together() -> None:
    lines = "    t: {si: travailleur_essentiel, points: 10}\n    p: {si: est_propriétaire, points: 10}\n"
    floor = grid(lines, limits="  plancher: 15\n")
    assert len(asked(floor)) == 2
    assert asked(grid(lines, limits="  plafond: 20\n  plancher: 20\n")) == ()


@cache
def demandes() -> Tables:
    return api.tables(generate(60, 5, DAY, [REIMS]), DAY)


def test_what_is_worth_asking_is_what_trying_every_value_of_the_whole_note_finds() -> None:
    """Only the lines that read a field are worked out again for each of its values: the others would give the same."""
    grid = grids()[0]
    program, vocabulary = grid.declared, standard_vocabulary()
    tables = demandes()
    asked = set()
    for number in tables.demandes[KEY].to_list()[:20]:
        facts = facts_of(tables, number, vocabulary, REIMS, DAY, grid.program)
        assert facts is not None
        result = evaluate(program, facts, DAY)
        found = settle.worth_asking(program, facts, DAY, result, vocabulary)
        before = (result.note, result.note_min, result.note_max)
        for name in result.missing:
            values = settle._values(name, vocabulary)
            if values is None or found == result.missing:
                continue
            told = (evaluate(program, replace(facts, values={**facts.values, name: v}), DAY) for v in values)
            assert (name in found) == any((r.note, r.note_min, r.note_max) != before for r in told), (number, name)
            asked.add((name in found, name))
    assert {x for x, _ in asked} == {True, False} and len(asked) > 8


def test_an_explanation_works_few_lines_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person waits for: each line twice (declared, verified), then those that read a missing field, once a value."""
    module = import_module("fluxrules.engines.interpreter.evaluate")
    counts = []
    plain = module._line

    def line(*args: Any) -> Any:
        counts[-1] += 1
        return plain(*args)

    monkeypatch.setattr(module, "_line", line)
    grid, tables = grids()[0], demandes()
    for number in tables.demandes[KEY].to_list()[:20]:
        counts.append(0)
        explain(grid, tables, number, DAY)
    assert max(counts) < 10 * sum(1 for _ in lines(grid.program.root))


def test_a_line_says_whether_its_condition_is_false_or_sans_objet() -> None:
    assert "– Seuil : 0, sans objet pour cette demande\n" in page(ressources_mensuelles_totales=0)
    text = page(ressources_mensuelles_totales=5000)
    assert "– Seuil : 0, condition non remplie\n" in text
    assert "il faudrait : taux d'effort local : plus de seuil d'effort (35 %)\n" in text
