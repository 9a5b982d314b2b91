"""Legacy rights by hand: dated ends, and two lists that differ."""

from __future__ import annotations

from datetime import date

import polars as pl

from fluxrules.flux.inventory import Difference, Held, differences, held, running

COLUMNS = {"id_droit": pl.String, "reservataire": pl.String, "id_logement": pl.String, "programme": pl.String, "nature_droit": pl.String,
           "nombre": pl.Int64, "contrepartie": pl.String, "id_pret": pl.String, "date_debut": pl.Date, "date_fin": pl.Date, "liste": pl.String}  # fmt: skip


def rights(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([{c: row.get(c) for c in COLUMNS} for row in rows], schema=COLUMNS)


OURS = {
    "reservataire": "als",
    "programme": "A",
    "nature_droit": "DS",
    "nombre": 12,
    "contrepartie": "FIN",
    "liste": "bailleur",
}


def test_a_right_runs_until_five_years_after_its_loan() -> None:
    frame = rights(
        {**OURS, "id_pret": "P1"}, {**OURS, "programme": "B", "date_fin": date(2026, 3, 31)}, {**OURS, "programme": "C"}
    )
    repaid = {"P1": date(2021, 6, 30)}
    assert running(frame, date(2026, 3, 31), repaid)["programme"].to_list() == ["A", "B", "C"]
    assert running(frame, date(2026, 6, 30), repaid)["programme"].to_list() == ["A", "C"]
    assert running(frame, date(2026, 7, 1), repaid)["programme"].to_list() == ["C"]


def test_lasting_and_single_rights_are_counted_apart() -> None:
    frame = rights(OURS, {**OURS, "nature_droit": "DU", "nombre": 30}, {**OURS, "nombre": 5, "contrepartie": "TER"})
    assert held(frame) == (Held("als", "FIN", 12, 30), Held("als", "TER", 5, 0))


def test_two_lists_are_compared_place_by_place() -> None:
    theirs = {**OURS, "liste": "als"}
    frame = rights(OURS, {**theirs, "nombre": 15}, {**OURS, "programme": "B"}, {**theirs, "programme": "B"}, {**theirs, "programme": "C"},
                   {**OURS, "reservataire": "etat"})  # fmt: skip
    assert differences(frame) == (
        Difference("als", "A", "DS", 12, 15, "FIN"),
        Difference("als", "C", "DS", None, 12, "FIN", (False, True)),
    )


def test_a_right_in_return_for_something_else_is_a_difference() -> None:
    """Only guarantees count in the 20 %, and end five years after their loan: the same number is not the same right."""
    theirs = {**OURS, "liste": "als", "contrepartie": "GAR"}
    assert differences(rights(OURS, {**theirs, "contrepartie": "FIN"})) == ()
    assert [(d.counterpart, d.bailleur, d.own) for d in differences(rights(OURS, theirs))] == [
        ("FIN", 12, None),
        ("GAR", None, 12),
    ]


def test_a_number_that_is_not_given_is_not_zero() -> None:
    lacking = {**OURS, "programme": "B", "nombre": None}
    assert held(rights(OURS, lacking)) == (Held("als", "FIN", None, 0),)
    assert held(rights(OURS, {**lacking, "nombre": 3, "nature_droit": None})) == (Held("als", "FIN", None, None),)
    (found,) = differences(rights(OURS, {**OURS, "liste": "als"}, lacking, {**lacking, "liste": "als", "nombre": 4}))
    assert (found.place, found.bailleur, found.own, found.listed) == ("B", None, 4, (True, True))
