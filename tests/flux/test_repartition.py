"""Whole dwellings: sums, caps, balances, ties, pools."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxrules.flux.parties import BAILLEUR
from fluxrules.flux.repartition import Cap, Claim, allot

STATE = Cap(("etat",), Fraction(30, 100), "30 % au plus pour l'État")


def seats(*args: object, **named: object) -> dict[str, int]:
    return {a.code: a.dwellings for a in allot(*args, **named)}  # type: ignore[arg-type]


def test_a_largest_remainder_alone_gives_the_state_two_of_five() -> None:
    claims = [Claim("etat", Fraction(30, 100)), Claim("als", Fraction(20, 100)), Claim("commune", Fraction(20, 100))]
    assert seats(5, claims)["etat"] == 2
    assert seats(5, claims, [STATE]) == {"etat": 1, "als": 1, "commune": 1, BAILLEUR: 2}


def test_balances_are_carried_over_years() -> None:
    balance = Fraction(0)
    total = 0
    for _ in range(10):
        (state, _own) = allot(5, [Claim("etat", Fraction(30, 100), balance)], [Cap(("etat",), Fraction(30, 100))])
        balance, total = state.balance, total + state.dwellings
    assert total == 15 and balance == 0


def test_ties_follow_the_stated_order() -> None:
    claims = [Claim("a", Fraction(1, 2)), Claim("b", Fraction(1, 2))]
    assert seats(1, claims)["a"] == 1
    assert seats(1, claims, order=["b", "a"])["b"] == 1


def test_a_pool_is_served_where_its_members_alone_would_not_be() -> None:
    claims = [Claim("etat", Fraction(30, 100)), *(Claim(f"c{i}", Fraction(5, 100)) for i in range(4))]
    alone = seats(3, claims)
    pooled = seats(3, claims, pools={"petits": ["c0", "c1", "c2", "c3"]})
    assert sum(alone[f"c{i}"] for i in range(4)) == 0
    assert sum(pooled[f"c{i}"] for i in range(4)) == 1


def test_a_tiny_share_says_every_how_many_years() -> None:
    (tiny, _own) = allot(3, [Claim("commune", Fraction(3, 100))])
    assert tiny.dwellings == 0 and tiny.every == Fraction(100, 9)


def test_shares_above_one_are_refused() -> None:
    with pytest.raises(ValueError):
        allot(3, [Claim("a", Fraction(60, 100)), Claim("b", Fraction(50, 100))])


@given(st.integers(0, 60), st.lists(st.integers(0, 25), min_size=1, max_size=6))
def test_every_dwelling_is_given_once_and_no_cap_is_passed(dwellings: int, parts: list[int]) -> None:
    parts = [p for p, s in zip(parts, range(len(parts)), strict=True) if sum(parts[: s + 1]) <= 100]
    claims = [Claim(f"r{i}", Fraction(p, 100)) for i, p in enumerate(parts)]
    caps = [Cap(("r0",), Fraction(10, 100)), Cap(tuple(c.code for c in claims), Fraction(50, 100))]
    found = allot(dwellings, claims, caps)
    assert sum(a.dwellings for a in found) == dwellings
    by = {a.code: a.dwellings for a in found}
    assert all(sum(by.get(c, 0) for c in cap.codes) <= int(cap.share * dwellings) for cap in caps)
    free = allot(dwellings, claims)  # without caps nor balances: the largest remainder, within one of the quota
    assert all(-1 < a.quota - a.dwellings < 1 for a in free)
    assert sum((a.balance for a in found), Fraction(0)) == 0
