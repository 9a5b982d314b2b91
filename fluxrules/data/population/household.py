"""Synthetic applicants, a block at a time: who lives together, and on what. Each draw depends on those before it.

Everything is an array with one element a demande; members are lines, with the number of the demande that each belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fluxrules.data.population.figures import Laws
from fluxrules.data.population.laws import Bools, Draws, Floats, Ints

YEAR = 365.25
NULL = -(2**31)
"""What is blank, in any column of a block."""
Lines = dict[str, Any]
"""The columns of a table that hangs on the demandes; ``demande`` is the number of the demande in the block."""

ROLES = ("demandeur", "cotitulaire", "a_charge", "en_garde", "a_naitre")
SEXES = ("M", "F")
KINSHIP = ("P", "E", "A")
CUSTODY = ("G", "D")
LINKS = ("M", "P", "C", "L")
_APPLICANT, _HOLDER, _DEPENDANT, _SHARED, _UNBORN = range(5)
_PARENT, _CHILD, _OTHER = range(3)
_MOST = 5
"""Children of one household, of which the laws know no more."""


@dataclass(frozen=True)
class Households:
    """Who applies. ``persons`` live together today; ``to_house`` adds unborn children and alternating custody."""

    kind: Ints
    age: Floats
    band: Ints
    woman: Bools
    family: Ints
    link: Ints
    occupation: Ints
    partner_occupation: Ints
    persons: Ints
    to_house: Ints
    units: Floats
    disability: Ints
    visited: Bools
    """Whether children come on some days only."""
    members: Lines


def days_before(day: Ints, years: Any) -> Ints:
    """The day that many years before; never the day itself."""
    earlier: Ints = (day - 2 - np.floor(years * YEAR)).astype(np.int32)
    return earlier


def households(laws: Laws, draws: Draws, day: Ints, moving: Bools) -> Households:
    """The applicant, a partner or another adult, the children, as they are on that day."""
    n = len(day)
    kind = laws.plain["type_menage"].draw(draws(n))
    band = laws.age.draw(draws(n), 2 * kind + moving)
    low, beyond = laws.bounds[band].T
    age = low + draws(n) * (beyond - low)
    woman = draws(n) < laws.table("femme", laws.kinds)[kind]
    occupation = laws.occupation.draw(draws(n), band)
    single, couple, mixed = kind == laws.kinds.index("MONO"), _couple(laws, kind), kind == laws.kinds.index("AUTRE")
    steps = np.where(age < 35, 2, np.where(age < 65, 3, 4))
    family = laws.family.draw(draws(n), np.where(couple, 0, np.where(single, 1, steps)))

    holder = couple | (mixed & (draws(n) < 0.4))
    parent = mixed & ~holder & (age < 60) & (draws(n) < 0.6)
    partner = np.clip(age + 4 * draws.normal(n), 18.0, 94.9)
    relative = np.minimum(np.where(parent, age + 20 + 15 * draws(n), 18 + 50 * draws(n)), 99.0)
    other = np.where(holder, partner, relative)
    other_woman = np.where(holder, woman ^ (draws(n) < 0.97), draws(n) < 0.5)
    adults = 1 + (couple | mixed)
    partner_band = np.searchsorted(laws.bounds[1:, 0], np.minimum(partner, 94.9), side="right")
    partner_occupation = np.where(holder, laws.occupation.draw(draws(n), partner_band), NULL)
    to_link = np.array([{"M": 0, "P": 1, "U": 2}.get(code, 3) for code in laws.family.values])
    link = np.where(holder, np.where(couple, to_link[family], 3), NULL)

    with_children = single | (kind == laws.kinds.index("CPLE"))
    few = laws.plain["enfants_mono"].draw(draws(n)) + 1
    many = laws.plain["enfants_couple"].draw(draws(n)) + 1
    wanted = np.where(with_children, np.where(single, few, many), 0)
    children = _children(laws, draws, wanted, age)
    count = (~np.isnan(children)).sum(axis=1)
    persons = adults + count

    custody = laws.plain["garde"].draw(draws(n))
    sharing = ~couple & (age >= 22) & (age < 60) & (draws(n) < laws.value("enfant_en_garde"))
    shared = _children(laws, draws, np.where(sharing, 1 + (draws(n) < 0.35), 0), age)
    shared[shared >= 18] = np.nan
    visits = (~np.isnan(shared)).sum(axis=1)
    fertile = (woman & (age < 45)) | ((adults > 1) & other_woman & (other < 45))
    unborn = fertile & (draws(n) < laws.value("enfant_a_naitre"))

    kin = np.where(holder, NULL, np.where(parent, _PARENT, _OTHER))
    disability = laws.disability.draw(draws(n), band)
    bearer = np.where(draws(n) < 0.75, 0, draws.whole(persons, n))
    expected = np.where(unborn, day + 5 + draws.whole(235, n), 0)
    members = _assembled(
        _lines(np.arange(n), _APPLICANT, days_before(day, age), woman),
        _lines(
            np.flatnonzero(adults > 1), np.where(holder, _HOLDER, _DEPENDANT), days_before(day, other), other_woman, kin
        ),
        _young(draws, day, children, _DEPENDANT, _CHILD, np.full(n, NULL)),
        _young(draws, day, shared, _SHARED, NULL, custody),
        _lines(np.flatnonzero(unborn), _UNBORN, expected, np.full(n, NULL)),
    )
    known = (members["role"] != _UNBORN) & (draws(len(members["rang"])) >= laws.blanks["handicap_reconnu"])
    at = members["demande"]
    borne = (disability[at] == 1) & (members["rang"] == bearer[at] + 1)
    return Households(
        kind=kind,
        age=age,
        band=band,
        woman=woman,
        family=family,
        link=link,
        occupation=occupation,
        partner_occupation=partner_occupation,
        persons=persons,
        to_house=persons + np.where(custody == 0, visits, 0) + unborn,
        units=1 + 0.5 * (adults - 1) + 0.3 * (children < 14).sum(axis=1) + 0.5 * (children >= 14).sum(axis=1),
        disability=disability,
        visited=(visits > 0) & (custody == 1),
        members=members | {"handicap_reconnu": np.where(known, borne, NULL)},
    )


def incomes(laws: Laws, draws: Draws, home: Households, idf: Bools) -> tuple[Ints, Ints]:
    """Monthly resources of each household, and its reference income of two years ago."""
    n = len(home.kind)
    nothing, untaxed = draws(n) < laws.value("niveau_zero"), draws(n) < laws.value("rfr_nul")
    own, paired = laws.income_shift[home.occupation], home.partner_occupation != NULL
    both = np.where(paired, (own + laws.income_shift[np.where(paired, home.partner_occupation, 0)]) / 2, own)
    score = both + laws.income_spread * draws.normal(n)
    factor = laws.table("niveau_facteur", ("autres", "idf"))[idf.astype(np.int8)]
    level = laws.value("niveau_median") * factor * np.exp(laws.value("niveau_sigma") * score)
    level = np.where(nothing, 0.0, level)
    # Part of the resources is not taxable, less so for small incomes; then the 10 % allowance, and two years of growth.
    taxable = np.clip((level - 350) / 900, 0.15, 1.0)
    growth = np.exp(0.30 * draws.normal(n))
    monthly = np.rint(level * home.units)
    taxed = np.rint(12 * monthly * taxable * 0.9 * 0.78 * growth)
    return monthly.astype(np.int32), np.where(untaxed, 0, taxed).astype(np.int32)


def _couple(laws: Laws, kind: Ints) -> Bools:
    return np.array([name in ("CPL", "CPLE") for name in laws.kinds])[kind]


def _children(laws: Laws, draws: Draws, number: Ints, age: Floats) -> Floats:
    """Ages of children, one row a demande, oldest last, NaN where there is none.

    Born when the applicant was 17 to 46, and at least nine months apart: whole years are picked without repeating one.
    """
    n = len(age)
    grown = (age >= 53) & (draws(n) < laws.value("enfant_majeur"))
    low = np.floor(np.clip(age - 45, 0.0, 15.0))
    high = np.floor(np.maximum(np.minimum(np.where(grown, 35.0, 23.5), age - 18), 0.0))
    years = (high - low + 1).astype(np.int32)
    count = np.minimum(np.minimum(number, years), 1 + np.maximum(age - 18, 0).astype(np.int32) // 2)
    start, within, picks = 0.8 * draws(n), draws(n * _MOST).reshape(n, _MOST), draws(n * _MOST).reshape(n, _MOST)
    ages = np.full((n, _MOST), np.nan)
    rows = np.flatnonzero(count > 0)
    years, count, picks = years[rows], count[rows], picks[rows]
    chosen = np.full((len(rows), _MOST), 999)
    for turn in range(_MOST):
        # A rank among the years that are left, moved past those already taken, which are sorted.
        year = np.floor(picks[:, turn] * (years - turn)).astype(np.int32)
        for taken in range(turn):
            year += year >= chosen[:, taken]
        chosen[:, turn] = np.where(turn < count, year, 999)
        chosen.sort(axis=1)
    real = chosen < 999
    ages[rows] = np.where(real, low[rows, None] + chosen + start[rows, None] + 0.2 * within[rows], np.nan)
    return ages


def _young(draws: Draws, day: Ints, ages: Floats, role: int, kin: int, custody: Ints) -> Lines:
    """The lines of children, from their ages."""
    at, column = np.nonzero(~np.isnan(ages))
    lines = _lines(at, role, day[at], draws(len(at)) < 0.49, kin, picked=True)
    return lines | {"date_naissance": days_before(day[at], ages[at, column]), "coparentalite": custody[at]}


def _lines(at: Ints, role: Any, born: Ints, woman: Any, kin: Any = NULL, *, picked: bool = False) -> Lines:
    """Lines of these demandes; arrays have one element a demande, or a line when they are ``picked`` already."""

    def of(value: Any) -> Ints:
        return np.full(len(at), value) if np.ndim(value) == 0 else np.asarray(value if picked else value[at])

    return {
        "demande": at,
        "role": of(role),
        "date_naissance": of(born),
        "lien_parente": of(kin),
        "coparentalite": of(NULL),
        "sexe": of(woman),
    }


def _assembled(*groups: Lines) -> Lines:
    """The lines of all the groups by demande, in the order of the groups, with their rank from 1."""
    lines = {name: np.concatenate([group[name] for group in groups]).astype(np.int32) for name in groups[0]}
    order = np.argsort(lines["demande"], kind="stable")
    lines = {name: column[order] for name, column in lines.items()}
    first = np.searchsorted(lines["demande"], lines["demande"], side="left")
    return lines | {"rang": np.arange(1, len(order) + 1) - first}
