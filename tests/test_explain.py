"""What a counter agent reads: sums that add up, shares in per cent, values of parameters, French that can be read aloud."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from fluxrules.api import check_source, explain
from fluxrules.data.tables import Tables
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

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
