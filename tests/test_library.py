"""Libraries of criteria: a name in two of them is said, a library that does not exist is said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fluxrules.api import check_source
from fluxrules.model import library
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
    sans abri: 20
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
    made.write_text(base.replace("  suroccupation:", "  handicap:"), "utf-8")

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
