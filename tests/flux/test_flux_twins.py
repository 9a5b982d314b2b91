"""Every diagnostic of the documents of flux has its twins: a folder « mauvais » that shows it, and the same put right in « bon »."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from fluxrules.diagnostics.diagnostic import Bag, Diagnostic
from fluxrules.diagnostics.registry import pages
from fluxrules.law.flux.case import Case, Check
from fluxrules.law.flux.checks import ONE_BY_ONE
from fluxrules.law.flux.context import Context, within
from fluxrules.law.flux.folders import check_folders
from fluxrules.law.load import standard_code
from fluxrules.model.flux.folder import flux_files, read_dossier

TWINS = Path(__file__).parent / "twins"
CODES = sorted(p.name for p in TWINS.iterdir())
DAY = date(2026, 9, 1)


@cache
def found(code: str, side: str) -> tuple[Diagnostic, ...]:
    return check_folders([TWINS / code / side], DAY)[0].diagnostics


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_folder_shows_the_code_alone(code: str) -> None:
    assert {d.code for d in found(code, "mauvais")} == {code}


@pytest.mark.parametrize("code", CODES)
def test_the_right_folder_shows_nothing_of_it(code: str) -> None:
    right = found(code, "bon")
    assert code not in {d.code for d in right}
    assert [d.message for d in right if d.severity.label == "erreur"] == []


@pytest.mark.parametrize("code", CODES)
def test_a_finding_has_a_place_a_help_and_its_article(code: str) -> None:
    for d in found(code, "mauvais"):
        assert d.place and d.help.endswith((".", "?")) and d.message.endswith((".", "?"))
        assert bool(d.references) == code.startswith("FX81")


def test_every_code_has_its_twins() -> None:
    assert {c for c in pages() if c.startswith(("FX80", "FX81"))} == set(CODES)


@pytest.mark.parametrize("check", ONE_BY_ONE, ids=lambda c: c.__name__)
def test_no_check_is_idle(check: Check) -> None:
    """Taking a check away would leave one of the wrong folders without its code."""
    for code in CODES:
        dossier = read_dossier(flux_files(TWINS / code / "mauvais"), Bag())
        context = Context(dossier, DAY, standard_code())
        cases = (Case(c, within(c, DAY), context) for c in dossier.conventions)
        if any(f.code == code for case in cases for f in check(case)):
            return
    pytest.fail("no twin shows what it finds")
