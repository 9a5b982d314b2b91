"""The slips that an officer makes: each is found at its place, with what to write instead."""

from __future__ import annotations

import pytest

from fluxrules.api import check_source
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

GRID = """\
langage: 1
cotation: essai
nature: fragment
titre: Essai
paramètres:
  seuil:
    source: règlement
    valeurs: {01/01/2014: 33 %, 01/01/2020: 35 %}
définitions:
  petit_ménage: nb_personnes_à_loger <= 2
note:
  retenir: la somme
  critères:
    effort:
      selon: taux_effort
      tranches:
        jusqu'à 30 %: 0
        plus de 30 % jusqu'à 40 %: 5
        plus de 40 %: 10
    au-dessus du seuil:
      si: taux_effort > seuil et non petit_ménage
      points: 2
    handicap:
      si: au moins un membre où (handicap)
      points: 50
    ancienneté:
      points: 1 par mois entier d'ancienneté
    logement:
      selon: mode_logement_actuel
      points:
        sans abri ; squat: 10
        autres: 0
    ici:
      si: commune_résidence est « 51454 »
      points: 3
ex æquo: aucun départage
exemples:
  - nom: jeune
    à la date du: 01/09/2026
    faits:
      ancienneté: 14 mois
      commune_résidence: "51454"
      travailleur_essentiel: non
      membres: [{rôle: demandeur, âge: 40 ans, handicap: non}]
    attendu: {note: 17, note max: 37}
"""


def found(old: str, new: str) -> list[tuple[str, int, str]]:
    """(code, line, help) of what is said of the grid so changed."""
    assert old in GRID
    source = Source("g.yaml", GRID.replace(old, new, 1))
    return [
        (d.code, source.text.count("\n", 0, d.where.start) + 1, d.help)
        for d in check_source(source, standard_vocabulary()).diagnostics
    ]


def test_the_grid_itself_is_fine() -> None:
    assert found("Essai", "Essai") == []


SLIPS = [
    # a condition that would never be true, in silence
    ("est « 51454 »", "est « Reims »", "FX2006", "Écrivez son code : « 51454 »."),
    ("est « 51454 »", "est « 51999 »", "FX2006", "Écrivez le code de la commune"),
    ("est « 51454 »", "est « Saint-Denis »", "FX2006", "« 93066 »"),
    ('commune_résidence: "51454"', "commune_résidence: reims", "FX4003", "Écrivez son code : « 51454 »."),
    # a « % » forgotten
    ("taux_effort > seuil", "taux_effort > 33", "FX2005", "Écrivez « 33 % »"),
    ("taux_effort > seuil", "33 < taux_effort", "FX2005", "Écrivez « 33 % »"),
    ("{01/01/2014: 33 %, 01/01/2020: 35 %}", "{01/01/2014: 33}", "FX2005", "Écrivez « 33 % »"),
    ("01/01/2020: 35 %", "01/01/2020: 35", "FX2005", "derrière toutes ses valeurs"),
    ("jusqu'à 30 %: 0", "jusqu'à 30: 0", "FX2005", "Écrivez « 30 % »"),
    # an amount converted twice
    ("nb_personnes_à_loger <= 2", "rfr_n2 / 12 < 1 500 €/mois", "FX2013", "Retirez « / 12 »"),
    ("nb_personnes_à_loger <= 2", "(rfr_n2 + 100 €/an) / 12 < 1 500 €/mois", "FX2013", "Retirez « / 12 »"),
    ("nb_personnes_à_loger <= 2", "18 000 €/an / 12 > loyer_mensuel", "FX2013", "Retirez « / 12 »"),
    ("nb_personnes_à_loger <= 2", "12 * loyer_mensuel > 6 000 €/an", "FX2013", "Retirez « × 12 »"),
    # bands, said as they are written
    ("plus de 30 % jusqu'à 40 %", "plus de 35 % jusqu'à 40 %", "FX3010", "Ajoutez cette tranche"),
    ("plus de 40 %: 10", "40 % et plus: 10", "FX1001", "Écrivez par exemple « à partir de 40 % »."),
    ("plus de 40 %: 10", "plus 40 %: 10", "FX1001", "Écrivez par exemple « plus de 40 % »."),
    ("plus de 40 %: 10", ">= 40 %: 10", "FX0002", "« à partir de 40 % »"),
    ("jusqu'à 30 %: 0", "jusqu'a 30 %: 0", "FX1001", "Écrivez par exemple « jusqu'à 30 % »."),
    ("jusqu'à 30 %: 0", "0-30 %: 0", "FX1001", "Écrivez par exemple « jusqu'à 30 % »."),
    ("plus de 30 % jusqu'à 40 %", "entre 30 % et 40 %", "FX1001", "« plus de 30 % jusqu'à 40 % »"),
    ("plus de 30 % jusqu'à 40 %", "plus de 30.5 % jusqu'à 40 %", "FX1001", "avec une virgule"),
    # expressions
    ("points: 50", "points: 50 pts", "FX1001", "Écrivez le nombre seul"),
    ("points: 50", "points: +50", "FX1001", "Retirez le signe « + »."),
    ("entier d'ancienneté", "entier d'ancienneté, max 60", "FX1001", "« , au plus 60 »"),
    ("par mois entier d'ancienneté", "par mois", "FX2001", "« par mois entier d'ancienneté »"),
    ("où (handicap)", "où handicap", "FX1001", "Écrivez « où (condition) »."),
    ("où (handicap)", "dont (handicap)", "FX1001", "Écrivez « où »"),
    ("au moins un membre où (handicap)", "SI(handicap;1;0)", "FX1001", "Il n'y a pas de fonction"),
    ("au moins un membre où (handicap)", "travailleur_essentiel est oui", "FX1001", "sans comparaison"),
    ("nb_personnes_à_loger <= 2", "nb_personnes_à_loger est 2", "FX1001", "Écrivez « = 2 »."),
    ("nb_personnes_à_loger <= 2", "date_dépôt_initial < 2024-01-01", "FX2004", "avec des barres : 31/12/2026"),
    ("nb_personnes_à_loger <= 2", "date_dépôt_initial > 36 mois", "FX2004", "temps écoulé depuis date_dépôt_initial"),
    ("petit_ménage: nb", "petit ménage: nb", "FX3004", "Écrivez « petit_ménage »"),
    ("sans abri ; squat", "sans abri, squat", "FX2006", "« sans abri ; squat »"),
    # YAML
    ("titre: Essai", "titre: Essai : 2026", "FX0002", 'titre: "Essai : 2026"'),
    ("points: 50", "points:50", "FX0002", "« points: 50 »"),
    ("retenir: la somme", "retenir la somme", "FX0002", "Il manque sans doute « : » à la ligne d'avant"),
    ("      points: 50", "       points: 50", "FX0002", "alignez-les"),
    # examples
    ("travailleur_essentiel: non", "travailleur_essentiel: Non", "FX4003", "Écrivez « non »."),
    ("âge: 40 ans", "âge: 40", "FX4003", "« 40 ans »"),
]
AWAY = {"{01/01/2014: 33}": 13, "plus de 35 % jusqu'à 40 %": 3}  # said where the parameter is compared; at « selon »


@pytest.mark.parametrize(("old", "new", "code", "remedy"), SLIPS, ids=[f"{a} → {b}" for _, a, b, _ in SLIPS])
def test_slip(old: str, new: str, code: str, remedy: str) -> None:
    said = found(old, new)
    assert [c for c, _, help_text in said if remedy in help_text] == [code], said
    expected = GRID[: GRID.index(old) + len(old)].count("\n") + 1
    assert abs(next(line for _, line, help_text in said if remedy in help_text) - expected) <= AWAY.get(new, 1)


@pytest.mark.parametrize("key", ["ex aequo", "ex-aequo", "Ex æquo", "ex équo"])
def test_a_misspelled_key_is_said_once(key: str) -> None:
    assert [(c, h) for c, _, h in found("ex æquo", key)] == [("FX3002", "Vouliez-vous écrire « ex æquo » ?")]


@pytest.mark.parametrize(
    "fine",
    ["taux_effort > 0,33", "taux_effort > 1", "taux_effort > 150 %", "personnes_par_pièce > 2", "100 < nb_adultes"],
)
def test_what_is_not_a_forgotten_percent(fine: str) -> None:
    assert found("taux_effort > seuil", f"taux_effort > seuil et {fine}") == []


@pytest.mark.parametrize(
    "fine",
    ["loyer_mensuel / 12 < 50 €/mois", "rfr_n2 / 3 < 6 000 €/an", "rfr_n2 * 12 > 6 000 €/an", "nb_adultes * 12 > 24"],
)
def test_what_is_not_converted_twice(fine: str) -> None:
    assert found("taux_effort > seuil", f"taux_effort > seuil et {fine}") == []
