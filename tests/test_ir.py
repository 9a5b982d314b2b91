"""The IR prints, serialises and hashes: meaning apart from presentation."""

from pathlib import Path

import pytest

from fluxrules.api import check_source
from fluxrules.ir.printer import show
from fluxrules.ir.serial import fingerprint, from_json, to_json
from fluxrules.model.grid import Grid
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

FOLDER = Path(__file__).parent.parent / "rulesets" / "exemples"
EXAMPLES = sorted(p for p in FOLDER.rglob("*.yaml") if "\ncotation:" in p.read_text("utf-8"))
TEXT = (FOLDER / "metropole-exemple.yaml").read_text("utf-8")


def grid(text: str) -> Grid:
    checked = check_source(Source("grille.yaml", text), standard_vocabulary())
    assert checked.ok and checked.grid is not None, [d.message for d in checked.diagnostics]
    return checked.grid


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_grid_is_clean(path: Path) -> None:
    checked = check_source(Source(path.name, path.read_text("utf-8")), standard_vocabulary())
    assert checked.diagnostics == ()
    assert checked.outcomes


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_serialised_form_gives_the_program_back(path: Path) -> None:
    program = grid(path.read_text("utf-8")).program
    again = from_json(to_json(program))
    assert again == program
    assert to_json(again) == to_json(program)
    assert fingerprint(again) == fingerprint(program)
    assert show(again) == show(program)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("titre: Grille de cotation de la demande (exemple)", "titre: Un autre titre"),
        ("libellé: taux d'effort actuel", "libellé: effort"),
        ("taux_effort_actuel", "effort_local"),
        ("délai_anormalement_long", "délai_local"),
        ("    effort:\n", "    effort du ménage:\n"),
        ("# Grille inventée", "# Un autre commentaire"),
        ("points: 10\n\nrefus", "points: 10,0\n\nrefus"),
    ],
)
def test_presentation_does_not_change_the_hash(old: str, new: str) -> None:
    text = changed(old, new).replace("détail: {effort: 0}", "détail: {}")
    assert grid(text).hash == grid(TEXT).hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("plafond: 400", "plafond: 401"),
        ("hôtel: 50", "hôtel: 51"),
        ("jusqu'à 30 %: 0\n        plus de 30 %", "jusqu'à 31 %: 0\n        plus de 31 %"),
        ("01/07/2026: 30 mois", "01/07/2026: 29 mois"),
        ("âge < 18 ans", "âge <= 18 ans"),
        ("retenir: le plus élevé", "retenir: le premier"),
        ("motifs légitimes: [santé, éloignement du travail]", "motifs légitimes: [santé]"),
        ("ex æquo: la demande la plus ancienne d'abord", "ex æquo: aucun départage"),
    ],
)
def test_meaning_changes_the_hash(old: str, new: str) -> None:
    assert grid(changed(old, new)).hash != grid(TEXT).hash


def test_a_text_that_is_not_a_program_is_refused() -> None:
    for text in ("{}", "[]", '{"node": "Line"}', '{"node": "Nothing"}'):
        with pytest.raises(ValueError):
            from_json(text)


def test_what_is_said_of_a_grid_as_a_whole_points_to_its_territory_or_name() -> None:
    assert grid(TEXT).place.place == f"grille.yaml:{TEXT[: TEXT.index('territoire:')].count(chr(10)) + 1}:1"
    fragment = (Path(__file__).parent / "twins" / "FX2013" / "bon.yaml").read_text("utf-8")
    assert grid(fragment).place.place == "grille.yaml:2:1"
