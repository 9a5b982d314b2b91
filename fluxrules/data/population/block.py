"""A block of synthetic demandes: their columns, and the lines that hang on them in the other tables.

The order of the draws is that of the dependencies: home, transfer, household, income, present dwelling, motives, priority, filing,
then what the form says and leaves blank.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np

from fluxrules.data.population import dwelling
from fluxrules.data.population.figures import Laws
from fluxrules.data.population.follow_up import choices, events
from fluxrules.data.population.form import checked, form, leave_blanks, workplaces
from fluxrules.data.population.household import NULL, YEAR, Lines, days_before, households, incomes
from fluxrules.data.population.laws import Bools, Draws, Floats, Ints
from fluxrules.data.population.places import ZONES, Homes, Places

BLOCK = 25_000
"""Demandes that share their streams of numbers. Changing it changes every population."""

EPOCH = date(1970, 1, 1)
_FIRST_DAY = (date(1990, 1, 1) - EPOCH).days
_FIRST_DALO = (date(2008, 1, 1) - EPOCH).days
_STRUCK_OFF_DAYS = 730
_OF_AN_ASSOCIATION = (
    "type_demandeur", "statut_demande", "date_depot_initial", "date_dernier_renouvellement", "date_radiation",
    "delai_anormalement_long", "code_commune_residence", "types_logement_recherches", "categorie_logement_recherche",
    "loyer_maximum_souhaite", "accepte_rdc", "accepte_sans_ascenseur", "demande_elargie", "statut_dalo",
)  # fmt: skip
"""What the form asks of a legal person."""


class Subject(IntEnum):
    """Each has its own numbers: one more draw in a subject leaves the others as they were."""

    PLACE = 1
    HOUSEHOLD = 2
    INCOME = 3
    DWELLING = 4
    MOTIVES = 5
    WANTED = 6
    TIME = 7
    PRIORITY = 8
    WORK = 9
    FORM = 10
    BLANKS = 11
    EVENTS = 12
    CHOICES = 13


@dataclass(frozen=True)
class Plan:
    """What a population is made of: the same plan gives the same demandes, block by block."""

    seed: int
    reference: date
    struck_off: float
    """Share of demandes struck off in the two years before the reference date."""

    @property
    def day(self) -> int:
        """The reference date, as a number of days since 1970."""
        return (self.reference - EPOCH).days


@dataclass(frozen=True)
class Block:
    """Columns of integers (``NULL`` is blank): a date is a number of days, a value of a list its rank (``texts.py``)."""

    size: int
    office: Ints
    demandes: dict[str, Ints]
    members: Lines
    choices: Lines
    events: Lines


def draw_block(laws: Laws, places: Places, homes: Homes, plan: Plan, number: int, size: int) -> Block:
    """The first demandes of a block, as they stand on the reference date."""

    def stream(subject: Subject) -> Draws:
        return Draws(plan.seed, number, subject)

    draws = stream(Subject.PLACE)
    place = homes.draw(draws(size))
    idf, zone, home_code = places.idf[place], places.zone[place], places.written(place, draws(size))
    moved = np.where(idf, laws.value("mutation_idf"), laws.value("mutation_hors_idf"))
    moving, association = draws(size) < moved, draws(size) < laws.value("association")
    struck_off, since = draws(size) < plan.struck_off, draws.whole(_STRUCK_OFF_DAYS, size)
    # A demande that was struck off is drawn as it stood on that day.
    day = np.where(struck_off, plan.day - since, plan.day)

    home = households(laws, stream(Subject.HOUSEHOLD), day, moving)
    monthly, taxed = incomes(laws, stream(Subject.INCOME), home, idf)
    draws = stream(Subject.DWELLING)
    housing = ((home.kind * len(laws.bounds) + home.band) * len(laws.works) + home.occupation) * 2 + idf
    mode = np.where(moving, laws.modes.index("HLM"), laws.mode.draw(draws(size), housing))
    motive = dwelling.motives(laws, stream(Subject.MOTIVES), mode, home)
    present = dwelling.present(laws, draws, mode, motive, zone, home)

    draws = stream(Subject.PRIORITY)
    dalo = _dalo(laws, draws, places.dalo_by_zone[zone] * laws.dalo_by_mode[mode], home.age)
    # A recognised right takes months to obtain: such demandes are older by as much.
    recognised = dalo != len(laws.figures["dalo"].values)
    delay = np.where(recognised, int(laws.value("dalo_delai_jours")), 0)
    earliest_right = np.minimum(_FIRST_DALO, day)
    chance = draws(size) ** 1.5

    draws = stream(Subject.TIME)
    years = _waited(laws, draws, places.age[place], home.age - delay / YEAR, moving)
    filed = np.maximum(days_before(day, years) - delay, _FIRST_DAY)
    online = draws(size) < laws.online_share(_year(filed))
    weekday = (filed + 3) % 7
    filed = filed - np.where(~online & (weekday > 4), weekday - 4, 0)
    waited = day - filed
    decided = np.maximum(filed + delay, earliest_right)
    late = laws.table("delai_anormal_mois", ZONES)[zone] * (YEAR / 12)

    columns: dict[str, Ints | Bools] = {
        "type_demandeur": association,
        "statut_demande": struck_off,
        "date_depot_initial": filed,
        "date_dernier_renouvellement": _renewal(draws, waited, day),
        "date_radiation": np.where(struck_off, day, NULL),
        "delai_anormalement_long": waited > late,
        "civilite_demandeur": home.woman,
        "situation_familiale": home.family,
        "code_commune_residence": home_code,
        "lien_codemandeur": home.link,
        "situation_pro_demandeur": home.occupation,
        "situation_pro_codemandeur": home.partner_occupation,
        "ressources_mensuelles_totales": monthly,
        "mode_logement_actuel": mode,
        "statut_dalo": dalo,
        "date_decision_dalo": np.where(recognised, day - ((day - decided + 1) * chance).astype(np.int32), NULL),
        **present,
    }
    columns["aide_logement_mensuelle"] = dwelling.housing_aid(
        np.where(dwelling.among(laws, mode, ("FONC",)), NULL, present["loyer_mensuel"]), monthly, home.persons
    )
    columns["types_logement_recherches"] = dwelling.wanted(laws, stream(Subject.WANTED), home, idf)
    columns |= workplaces(laws, places, stream(Subject.WORK), place, home)
    columns |= form(laws, stream(Subject.FORM), home, day, mode, motive, monthly, taxed, online)
    row: dict[str, Ints] = {name: column.astype(np.int32) for name, column in columns.items()}
    draws = stream(Subject.BLANKS)
    leave_blanks(laws, draws, row, mode)
    for name in row.keys() - set(_OF_AN_ASSOCIATION):
        row[name][association] = NULL

    happened = events(laws, stream(Subject.EVENTS), filed, day)
    instructed = draws(size) < laws.value("dossier_instruit")
    instructed[happened["demande"]] = True
    row["pieces_verifiees"] = checked(laws, draws, row, instructed)
    persons = ~association[home.members["demande"]]
    return Block(
        size=size,
        office=np.where(idf, len(places.departements), places.departement[place]),
        demandes=row,
        members={name: column[persons] for name, column in home.members.items()},
        choices=choices(laws, places, stream(Subject.CHOICES), place),
        events=happened,
    )


def _dalo(laws: Laws, draws: Draws, factor: Floats, age: Floats) -> Ints:
    """The rank of the status, the number of statuses for none."""
    shares = np.array(list(laws.figures["dalo"].values.values())).cumsum()
    status = (draws(len(factor))[:, None] >= factor[:, None] * shares).sum(axis=1)
    return np.where(age > 19, status, len(shares))


def _waited(laws: Laws, draws: Draws, factor: Floats, age: Floats, moving: Bools) -> Floats:
    """Years since the first filing. Nobody has filed before 18; the longer a class, the more of it near its start."""
    n = len(age)
    bounds = np.array([[int(x) for x in span.split("-")] for span in laws.seniority.values])
    low, high = bounds[laws.seniority.draw(draws(n), moving.astype(np.int32))].T
    years = (low + (high - low) * draws(n) ** 1.1) * factor
    return np.where(years < age - 18.02, years, draws(n) * np.maximum(age - 18.02, 0.0))


def _renewal(draws: Draws, waited: Ints, day: Ints) -> Ints:
    """The last yearly renewal: in the weeks before each anniversary, or some weeks late; never older than 13 months."""
    whole, since = np.divmod(waited, 365)
    late = (since < 27) & (draws(len(day)) < 0.3)
    early = (np.minimum(40, 392 - since) * draws(len(day))).astype(np.int32)
    last = day - since - np.where(late, 365, early)
    return np.where(whole > late, last, NULL)


def _year(days: Ints) -> Ints:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32) + 1970
