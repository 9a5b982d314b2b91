"""Every diagnostic of a rule file has its twins: « mauvais » shows it, « bon » is the same text put right, without it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from fluxrules.diagnostics.diagnostic import Diagnostic
from fluxrules.diagnostics.registry import pages
from fluxrules.law.check import check as check_law
from fluxrules.model.check import check
from tests.law.grids import DAY

TWINS = Path(__file__).parent / "twins"
CODES = sorted(p.name for p in TWINS.iterdir())
# Not seen in a text that a file can hold: an unreadable file, an invisible character that an editor would lose, a program too wide,
# a priority that the solver finds without effect (tests/law/test_proofs_beside.py),
# a grid against the orientations of its EPCI (tests/law/test_documents.py),
# two libraries with the same criterion (ours have none in common: test_library.py makes some), a rule of law and three grids of one territory (tests/law/).
WITHOUT = {"FX0001", "FX0009", "FX6005", "FX3040", "FX7006", "FX7012", "FX7040", "FX7041", "FX7090"}
# Of tables, of SNE files, of a run and of flux: tested with the readers, the run and tests/flux/.
OTHER_ROOMS = ("FX5", "FX6", "FX8")


@cache
def found(path: Path) -> tuple[Diagnostic, ...]:
    """Twins of the law are whole grids held against it; the others show one thing of the language, and the law is not asked."""
    return (
        check_law(path, day=DAY).diagnostics
        if path.parent.name.startswith(("FX70", "FX71"))
        else check(path).diagnostics
    )


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_text_shows_the_code_and_the_right_one_does_not(code: str) -> None:
    assert code in {d.code for d in found(TWINS / code / "mauvais.yaml")}
    right = found(TWINS / code / "bon.yaml")
    assert [d.code for d in right if d.severity.label == "erreur"] == []
    assert code not in {d.code for d in right}


@pytest.mark.parametrize("code", CODES)
def test_a_twin_shows_one_defect(code: str) -> None:
    assert {d.code for d in found(TWINS / code / "mauvais.yaml")} == {code}


def test_every_code_of_a_rule_file_has_its_twins() -> None:
    assert {c for c in pages() if not c.startswith(OTHER_ROOMS)} - set(CODES) - WITHOUT == set()
    assert set(CODES) - set(pages()) == set()


@pytest.mark.parametrize("code", CODES)
def test_a_diagnostic_has_a_place_a_help_and_a_page(code: str) -> None:
    for d in found(TWINS / code / "mauvais.yaml"):
        assert d.place and d.help.endswith((".", "?")) and d.message.endswith((".", "?"))
        assert pages()[d.code].todo


def test_pages_are_complete() -> None:
    for page in pages().values():
        assert all((page.name, page.what, page.why, page.wrong, page.right, page.todo)), page.code
