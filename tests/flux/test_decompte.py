"""What counts, and when: flux_cases/_illustrative/fait_generateur_decompte, and cases by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from fluxrules.flux.decompte import Counted, count, frame_of
from fluxrules.flux.ledger import Entry, appended
from fluxrules.model.flux.values import Convention
from tests.flux.test_assiette import dossier

RELEASES = pl.DataFrame({"id_liberation": ["L1"], "id_logement": ["A"]})
_COLUMNS = ("id_liberation", "reservataire", "date_designation", "date_commission", "decision", "issue", "date_bail")
_DAYS = {c: pl.Date if c.startswith("date") else pl.String for c in _COLUMNS}
PROPOSED = Entry(0, date(2024, 11, 20), "ORIENTATION", "L1", "A", "etat-51", "contingent préfectoral")
CALEOL = date(2024, 12, 18)
LET = ("L1", "etat-51", None, CALEOL, "ATTR", "BAIL", date(2025, 1, 10))
REFUSED_THEN_LET = (
    ("L1", "etat-51", None, CALEOL, "ATTR", "REFUS", None),
    ("L1", "etat-51", None, date(2025, 1, 15), "ATTR", "BAIL", date(2025, 1, 30)),
)


def state(counted: str | None, **counts: bool) -> Convention:
    found = next(c for c in dossier().conventions if c.name == "habitat-exemple/état-51")
    rules = {k.replace("_", " "): v for k, v in counts.items()}
    return replace(found, terms=replace(found.terms, counted=counted, counts=rules))


def run(convention: Convention, *rows: tuple[object, ...], entries: tuple[Entry, ...] = (PROPOSED,)) -> Counted:
    table = pl.DataFrame(rows, schema=_DAYS, orient="row")
    found = count(appended((), entries), RELEASES, table, [convention], {"A": "900000001"})
    assert len(found) == 1, "one row a dwelling and réservataire, whatever the decisions"
    return found[0]


@pytest.mark.parametrize(
    ("event", "year"), [("à la mise à disposition", 2024), ("à la décision de la commission", 2024), ("au bail", 2025)]
)
def test_the_event_gives_the_year(event: str, year: int) -> None:
    assert run(state(event), LET).year == year


def test_two_decisions_of_one_dwelling_count_once() -> None:
    found = run(state("à la décision de la commission", candidat_refuse=False), *REFUSED_THEN_LET)
    assert (found.counts, found.counted_on) == (True, date(2025, 1, 15))
    agreed = run(state("à la décision de la commission", candidat_refuse=True), *REFUSED_THEN_LET)
    assert agreed.counted_on == CALEOL
    assert run(state("à la mise à disposition"), *REFUSED_THEN_LET).year == 2024


@pytest.mark.parametrize(
    ("rule", "counts"), [({"sans_candidat": True}, True), ({"sans_candidat": False}, False), ({}, None)]
)
def test_a_returned_dwelling_counts_as_the_convention_says(rule: dict[str, bool], counts: bool | None) -> None:
    back = Entry(0, date(2024, 12, 30), "RETOUR", "L1", "A", "etat-51", reason="sans candidat")
    found = run(state("à la mise à disposition", **rule), entries=(PROPOSED, back))
    assert found.counts is counts and not found.pending


def test_before_its_event_a_dwelling_is_pending_and_an_unsaid_event_is_unknown() -> None:
    waiting = run(state("au bail"))
    assert (waiting.counts, waiting.pending) == (False, True)
    assert run(state(None), LET).counts is None


def test_a_year_without_journal_is_counted_from_designations() -> None:
    row = ("L1", "etat-51", date(2024, 12, 1), CALEOL, "ATTR", "BAIL", date(2025, 1, 10))
    found = run(state("à la mise à disposition"), row, entries=())
    assert (found.source, found.year) == ("attribution", 2024)
    assert frame_of([found])["annee_comptee"].to_list() == [2024]


def test_an_undone_proposal_is_no_proposal() -> None:
    undone = Entry(0, date(2024, 11, 21), "ANNULATION", reason="erreur", cancels=1)
    assert count(appended((), (PROPOSED, undone)), RELEASES, None, [state("au bail")], {"A": "900000001"}) == ()
