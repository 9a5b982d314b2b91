"""Objectives with their own denominators, and small cells that stay hidden."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxrules.flux.bilan.masks import LEAST_SHOWN, hidden, small
from fluxrules.flux.bilan.objectives import Held, table
from tests.flux.test_bilan import made


def held(total: int, reached: int, unknown: int = 0, rate: Fraction = Fraction(1, 4), aside: int = 0) -> Held:
    return Held(
        "ATTR-25-COLL", "DALO et prioritaires", "ville", rate, "contingent", total, reached, unknown, aside=aside
    )


@pytest.mark.parametrize(
    ("total", "reached", "unknown", "verdict", "missing"),
    [(100, 25, 0, "atteint", 0), (101, 25, 0, "non atteint", 1), (101, 26, 0, "atteint", 0), (100, 20, 5, "indéterminé", 5),
     (100, 20, 4, "non atteint", 5), (0, 0, 0, "sans objet", 0), (3, 0, 0, "non atteint", 1)],
)  # fmt: skip
def test_what_is_missing_is_rounded_up(total: int, reached: int, unknown: int, verdict: str, missing: int) -> None:
    found = held(total, reached, unknown)
    assert (found.verdict, found.missing) == (verdict, missing)


def test_each_objective_has_its_own_denominator() -> None:
    frame = made()[0].table("T7-objectifs").frame
    bases = dict(frame.select("Règle", "Dénominateur").unique().iter_rows())
    assert bases["ATTR-25-HQPV"] == "baux signés hors QPV" and bases["ATTR-50-QPV"] == "baux signés en QPV"
    assert (
        bases["ATTR-25-BAILLEUR"] == "attributions non réservées"
        and bases["ATTR-PREF-100"] == "contingent, agents exceptés"
    )
    assert bases["ATTR-25-COLL"] == bases["ATTR-25-AL"] == "attributions de son contingent"
    assert "Total" not in frame["Règle"].to_list()


def test_a_small_number_is_hidden_and_its_verdict_is_not() -> None:
    row = table([held(40, 4)]).frame.row(0, named=True)
    assert (row["Atteints"], row["Manquants"], row["Masqué"], row["Constat"]) == (None, None, "oui", "non atteint")
    shown = table([held(40, 20)]).frame.row(0, named=True)
    assert (shown["Atteints"], shown["Manquants"], shown["Masqué"]) == (20, 0, "non")


def test_a_verdict_that_would_name_a_few_is_hidden() -> None:
    assert table([held(1, 1)]).frame["Constat"][0] == "masqué"
    assert table([held(20, 20, rate=Fraction(1))]).frame["Constat"][0] == "atteint"


def test_those_left_aside_are_not_given_by_a_difference() -> None:
    row = table([held(26, 26, rate=Fraction(1), aside=3)]).frame.row(0, named=True)
    assert row["Logements du dénominateur"] is None and row["À atteindre"] is None and row["Constat"] == "atteint"


def test_the_verdict_on_a_few_persons_does_not_tell_their_number() -> None:
    assert {table([held(2, reached, rate=Fraction(1, 4))]).frame["Constat"][0] for reached in (0, 1, 2)} == {"masqué"}


@given(st.lists(st.integers(0, 25), min_size=1, max_size=5))
def test_no_hidden_count_can_be_worked_out(counts: list[int]) -> None:
    """Whoever reads the shown counts, the total, and the rule sees at least two values for each hidden count."""
    mask, over = hidden(counts)
    assert all(m for n, m in zip(counts, mask, strict=True) if small(n))
    where = [i for i, m in enumerate(mask) if m]
    if not where or over:
        return
    left = sum(counts[i] for i in where)
    ways = [w for w in product(range(1, left + 1), repeat=len(where)) if sum(w) == left] if len(where) < 4 else None
    assert len(where) > 1 and left >= LEAST_SHOWN
    if ways is not None:
        assert all(len({w[k] for w in ways}) > 1 for k in range(len(where)))


def test_the_example_hides_what_is_small() -> None:
    frame = made()[0].table("T7-publics").frame
    assert frame.filter(pl.col("Oui").is_between(1, LEAST_SHOWN - 1)).is_empty()
    assert frame.filter(pl.col("Non").is_between(1, LEAST_SHOWN - 1)).is_empty()
    assert (
        frame.filter(pl.col("Masqué") == "oui")["Oui"].null_count() == len(frame.filter(pl.col("Masqué") == "oui")) > 0
    )
    for _, rows in frame.group_by("Public"):
        assert len(rows.filter(pl.col("Masqué") == "oui")) != 1


def test_the_threshold_of_the_first_quartile_is_recalled_as_it_is_written() -> None:
    notes = made()[0].table("T7-objectifs").notes
    assert any(
        "premier quartile 2025" in n and "9 300 € par an" in n.replace("\u202f", " ").replace("\u00a0", " ")
        for n in notes
    )
