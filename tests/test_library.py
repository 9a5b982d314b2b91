"""Libraries of criteria: a name in two of them is said, a library that does not exist is said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fluxrules.api import check_source
from fluxrules.ir.serial import from_json, to_json
from fluxrules.model import library
from fluxrules.model.grid import Grid
from fluxrules.text.resources import resource
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

GRID = """\
langage: 1
cotation: essai
nature: fragment
s'appuie sur: [LIBRARIES]
note:
  retenir: la somme
  critères:
    handicap: 10
    sans logement: 20
ex æquo: aucun départage
"""


def found(libraries: str, grid: str = GRID) -> list[tuple[str, str]]:
    source = Source("g.yaml", grid.replace("LIBRARIES", libraries))
    return [(d.code, d.message) for d in check_source(source, standard_vocabulary()).diagnostics]


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base with « handicap », as the library of legal priorities has."""
    made = tmp_path / "rulesets" / "socles" / "essai.yaml"
    made.parent.mkdir(parents=True)
    base = resource("rulesets/socles/departement-51.yaml").read_text("utf-8")
    made.write_text(base.replace("  suroccupation et mutation:", "  handicap:"), "utf-8")

    def either(name: str) -> Path:
        return tmp_path / name if name.startswith("rulesets/socles") else resource(name)

    monkeypatch.setattr(library, "resource", either)


def test_a_criterion_of_two_libraries_is_refused(shared: None) -> None:
    said = [
        (
            "FX3040",
            "« handicap » est dans plusieurs bibliothèques : « bibliothèque/priorités-légales » et « socles/essai ».",
        )
    ]
    assert found("bibliothèque/priorités-légales, socles/essai") == said
    written = GRID.replace("handicap: 10", "handicap: {si: suroccupation, points: 10}")
    assert found("bibliothèque/priorités-légales, socles/essai", written) == []


def test_a_library_may_be_named_twice() -> None:
    assert found("bibliothèque/priorités-légales, bibliothèque/priorités-légales") == []


def test_a_wrong_library_is_said_once() -> None:
    said = [("FX3021", "La bibliothèque « bibliothèque/priorités-legales » n'existe pas.")]
    assert found("bibliothèque/priorités-legales") == said
    assert found("bibliothèque/priorités-legales, socles/departement-51") == said


def grid_of(criteria: str) -> Grid:
    text = GRID.replace("LIBRARIES", "bibliothèque/priorités-légales, bibliothèque/critères-locaux")
    text = text.replace("    handicap: 10\n    sans logement: 20\n", criteria)
    checked = check_source(Source("g.yaml", text), standard_vocabulary())
    assert checked.grid is not None, [(d.code, d.message) for d in checked.diagnostics]
    return checked.grid


def covers(criteria: str) -> dict[str, tuple[str, ...]]:
    return {item.path[-1]: item.covers for item in grid_of(criteria).program.root.items}


def test_a_line_of_the_library_says_what_it_covers() -> None:
    assert covers("    handicap: 10\n    parent isolé: 5\n") == {"handicap": ("P_HANDICAP",), "parent isolé": ()}


def test_a_line_or_a_family_may_say_it_itself() -> None:
    line = "    a: {couvre: P_ASE, si: jeune_ase, points: 1}\n"
    table = "    b: {couvre: [sans logement, P_HEBERGE_TEMP, P_SANS_LOGEMENT], selon: mode_logement_actuel, points: {squat: 9, autres: 0}}\n"
    bands = (
        "    c: {couvre: menace d’expulsion, selon: ancienneté, tranches: {moins de 1 an: 0, à partir de 1 an: 1}}\n"
    )
    family = (
        "    d: {couvre: [handicap, victime de violences], retenir: la somme, critères: {e: {si: DALO, points: 1}}}\n"
    )
    assert covers(line + table + bands + family) == {
        "a": ("P_ASE",), "b": ("P_SANS_LOGEMENT", "P_HEBERGE_TEMP"), "c": ("P_EXPULSION",), "d": ("P_HANDICAP", "P_VIOLENCES")
    }  # fmt: skip


def test_what_is_covered_changes_no_meaning_and_is_kept_when_a_program_is_written() -> None:
    claimed = grid_of("    a: {couvre: P_ASE, si: jeune_ase, points: 1}\n")
    assert claimed.hash == grid_of("    a: {si: jeune_ase, points: 1}\n").hash
    (line,) = from_json(to_json(claimed.program)).root.items
    assert line.covers == ("P_ASE",)


@pytest.mark.parametrize(
    ("written", "code", "help_text"),
    [
        ("P_HANDICAPE", "FX3050", "Vouliez-vous écrire « P_HANDICAP » ?"),
        ("p_ase", "FX3050", "Vouliez-vous écrire « P_ASE » ?"),
        ("Menace d'expulsion", "FX3050", "Vouliez-vous écrire « menace d'expulsion » ?"),
        ("zzz", "FX3050", "Priorités connues : DALO ; handicap ;"),
        ("parent isolé", "FX3051", "Retirez « couvre »"),
        ("lien avec le territoire", "FX3051", "Retirez « couvre »"),
        ("", "FX3004", "« couvre » est le nom d'une priorité légale"),
    ],
)
def test_a_wrong_claim_is_said(written: str, code: str, help_text: str) -> None:
    text = GRID.replace("LIBRARIES", "bibliothèque/priorités-légales")
    text = text.replace("handicap: 10", f'x: {{couvre: "{written}", si: DALO, points: 1}}'.replace('""', ""))
    (found,) = check_source(Source("g.yaml", text), standard_vocabulary()).diagnostics
    assert (found.code, found.help.startswith(help_text)) == (code, True), found.help
    assert found.place.startswith("g.yaml:8:")


def test_an_apostrophe_is_written_either_way() -> None:
    assert covers("    sortie de l’aide sociale à l’enfance: 10\n") == {
        "sortie de l’aide sociale à l’enfance": ("P_ASE",)
    }


@pytest.mark.parametrize(
    ("weight", "said"),
    [("1", None), ("2,5", None), ("1, au plus 60", None), ("-1, au moins -20", None), ("beaucoup", "FX3004"), ("1, au plus", "FX3004"),
     ("1 par an", "FX3004"), ("1, au plus 60, au plus 30", "FX3004"), ("2000000", "FX3022"), ("1, au plus 0,00001", "FX3022")],
)  # fmt: skip
def test_a_weight_by_step(weight: str, said: str | None) -> None:
    text = GRID.replace("LIBRARIES", "bibliothèque/critères-locaux").replace("    sans logement: 20\n", "")
    text = text.replace("handicap: 10", f"ancienneté par mois: {weight}")
    assert [d.code for d in check_source(Source("g.yaml", text), standard_vocabulary()).diagnostics] == (
        [said] if said else []
    )
