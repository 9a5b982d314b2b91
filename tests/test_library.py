"""Libraries of criteria: a name in two of them is said, a library that does not exist is said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fluxrules.api import check_source
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
