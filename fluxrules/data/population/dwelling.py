"""Where synthetic applicants live today, and what for: motives, type, surface, occupants, rent, aid."""

from __future__ import annotations

import numpy as np

from fluxrules.data.population.figures import Laws
from fluxrules.data.population.household import NULL, Households
from fluxrules.data.population.laws import Bools, Draws, Ints
from fluxrules.data.population.places import ZONES

TYPES = ("C", "T1", "T2", "T3", "T4", "T5", "T6P")
CATEGORIES = ("A", "M")
SECOND_MODES = ("CP", "HOT", "SLHT", "SD")
OWN_HOME = ("HLM", "LP", "LTG", "FONC", "POCC")
HOSTED = ("CPE", "CP", "SLHT")
SHARED = ("RS", "RHVS", "RE", "SH", "CDEFCM", "HOT")
DATED = ("RS", "RHVS", "SLHT", "SH", "CDEFCM")
"""Present housing of which the form asks since when."""
_MOTIVES = 3
_TRIES = 8


def among(laws: Laws, mode: Ints, names: tuple[str, ...]) -> Bools:
    """Whether the present housing is one of these."""
    return np.array([name in names for name in laws.modes])[mode]


def motives(laws: Laws, draws: Draws, mode: Ints, home: Households) -> Ints:
    """Up to three distinct motives, one row a demande, the main one first; ``NULL`` where there are no more."""
    n = len(mode)
    row = (
        (mode * len(laws.kinds) + home.kind) * 2 + laws.working[home.occupation].astype(np.int32)
    ) * 2 + home.disability
    found = np.full((n, _MOTIVES), NULL)
    found[:, 0] = laws.motive.draw(draws(n), row)
    number = laws.plain["nb_motifs"].draw(draws(n)) + 1
    for turn in range(1, _MOTIVES):
        left = np.flatnonzero(number > turn)
        for _ in range(_TRIES):
            other = laws.motive.draw(draws(len(left)), row[left])
            new = (found[left] != other[:, None]).all(axis=1)
            found[left[new], turn] = other[new]
            left = left[~new]
    # The third may have been found although the second was not.
    skipped = (found[:, 1] == NULL) & (found[:, 2] != NULL)
    found[skipped, 1], found[skipped, 2] = found[skipped, 2], NULL
    return found


def present(laws: Laws, draws: Draws, mode: Ints, motive: Ints, zone: Ints, home: Households) -> dict[str, Ints]:
    """Type, surface, occupants, rent. Nothing of it for those who have no dwelling."""
    n = len(mode)
    own, hosted, shared = (among(laws, mode, names) for names in (OWN_HOME, HOSTED, SHARED))
    small, large, dear = (_has(laws, motive, code) for code in ("13", "10", "09"))
    alone, chance = home.persons == 1, draws(n)
    steps = np.array([int(step) for step in laws.plain["ecart_pieces"].values])
    gap = steps[laws.plain["ecart_pieces"].draw(draws(n))]
    usual = home.persons + (alone & (chance < 0.6)) + gap
    usual = np.where(large, home.persons + 2 + (chance < 0.3), usual)
    usual = np.where(small, home.persons - ~alone - (chance < 0.4), usual)
    hosts = 1 + draws.whole(4, n)
    room = np.where(alone & (chance < 0.6), 0, (home.persons + 1) // 2)
    rooms = np.where(own, usual, np.where(hosted, 1 + hosts + (chance < 0.3), room))
    kind = np.clip(rooms, np.where(shared, 0, 1), 6)
    surface = np.maximum(9, np.rint(laws.table("surface_type", TYPES)[kind] * np.exp(0.12 * draws.normal(n))))
    house = draws(n) < laws.table("maison", laws.modes)[mode]

    # No rent is three times the usual one, and a square metre costs less in a large dwelling.
    price = laws.table("loyer_m2", laws.modes)[mode] * laws.table("loyer_zone", ZONES)[zone]
    spread = np.exp(laws.value("loyer_sigma") * np.clip(draws.normal(n), -2.0, 2.0)) * (45 / surface) ** 0.25
    # Whoever finds the rent too high pays more than the others, rather than a rent like theirs.
    rent = np.where(price > 0, np.rint(surface * price * spread * np.where(dear, 1.2, 1.0)), NULL)

    columns = {
        "type_logement_actuel": kind,
        "surface_logement_actuel": surface,
        "categorie_logement_actuel": house,
        "nb_occupants_logement_actuel": home.persons + np.where(hosted, hosts, 0),
        "loyer_mensuel": rent,
    }
    lodged = own | hosted | shared
    return {name: np.where(lodged, column, NULL).astype(np.int32) for name, column in columns.items()}


def housing_aid(rent: Ints, monthly: Ints, persons: Ints) -> Ints:
    """A rough housing aid: what the rent, up to a ceiling, leaves after a part of the resources."""
    aid = np.rint(0.9 * np.minimum(rent, 330 + 70 * persons) - 0.18 * monthly)
    return np.where(rent != NULL, np.maximum(0, aid), NULL).astype(np.int32)


def wanted(laws: Laws, draws: Draws, home: Households, idf: Bools) -> Ints:
    """The type that suits, then its neighbours, the larger one more often: a rank in ``WANTED``."""
    n = len(idf)
    size = np.minimum(home.to_house, 6) - 1
    first = laws.dwelling.draw(draws(n), 2 * size + idf)
    return (first * 2 + (draws(n) < 0.7)) * 3 + laws.plain["nb_types"].draw(draws(n))


def wanted_types(laws: Laws) -> list[list[str]]:
    """What each rank given by ``wanted`` ticks."""
    lists = []
    for first in (TYPES.index(value) for value in laws.dwelling.values):
        for step in (-1, 1):
            lists += [
                [TYPES[rank] for rank in (first, first + step, first - step)[:number] if 1 <= rank <= 6]
                for number in (1, 2, 3)
            ]
    return lists


def ticked_modes(laws: Laws, draws: Draws, mode: Ints) -> Ints:
    """The boxes ticked for the present housing, sometimes two: a rank in the list of ``mode_lists``."""
    n, others = len(mode), len(SECOND_MODES)
    own = np.array([SECOND_MODES.index(name) if name in SECOND_MODES else others for name in laws.modes])[mode]
    second = draws.whole(others - (own < others), n)
    second += second >= own
    both = (draws(n) < laws.value("second_mode_coche")) & ~among(laws, mode, ("HLM",))
    return mode * (others + 1) + np.where(both, second + 1, 0)


def mode_lists(laws: Laws) -> list[list[str]]:
    """What each rank given by ``ticked_modes`` ticks."""
    return [[mode, *other] for mode in laws.modes for other in ([], *([second] for second in SECOND_MODES))]


def _has(laws: Laws, motive: Ints, code: str) -> Bools:
    found: Bools = (motive == laws.motive.rank(code)).any(axis=1)
    return found
