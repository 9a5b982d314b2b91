"""One synthetic applicant: household, resources, present dwelling. Each draw depends on those before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log
from typing import Any

from fluxrules.data.population_figures import Laws
from fluxrules.data.population_laws import normal

Random = Callable[[], float]
Row = dict[str, Any]

YEAR = 365.25
TYPES = ("C", "T1", "T2", "T3", "T4", "T5", "T6P")
OWN_HOME = ("HLM", "LP", "LTG", "FONC", "POCC")
HOSTED = ("CPE", "CP", "SLHT")
SHARED = ("RS", "RHVS", "RE", "SH", "CDEFCM", "HOT")
DATED = ("RS", "RHVS", "SLHT", "SH", "CDEFCM")
"""Present housing of which the form asks since when."""


@dataclass(frozen=True)
class Household:
    """Who applies. ``persons`` live together today; ``to_house`` adds unborn children and alternating custody."""

    kind: str
    age: float
    band: str
    family: str
    link: str | None
    occupation: str
    partner_occupation: str | None
    members: Sequence[Row]
    persons: int
    to_house: int
    units: float
    disability: str


def days_before(reference: date, years: float) -> date:
    """The day that many years before; never the reference date itself."""
    return reference - timedelta(days=2 + int(years * YEAR))


def household(laws: Laws, random: Random, origin: str, reference: date) -> Household:
    """The applicant, a partner or another adult, the children."""
    kind = laws.draw("type_menage", random())
    band = laws.age[kind, origin].draw(random())
    low, high = (int(bound) for bound in band.split("-"))
    age = low + random() * (high + 1 - low)
    woman = random() < laws.figures["femme"].values[kind]
    occupation = laws.occupation[band,].draw(random())
    members = [_member("demandeur", reference, age, woman)]
    link, partner_occupation, family = None, None, _family(laws, random, kind, age)

    couple = kind in ("CPL", "CPLE")
    if couple or (kind == "AUTRE" and random() < 0.4):
        other = min(max(age + 4 * normal(random()), 18.0), 94.9)
        other_woman = (not woman) if random() < 0.97 else woman
        link = {"M": "M", "P": "P", "U": "C"}[family] if couple else "L"
        partner_occupation = laws.occupation[_band(laws, other),].draw(random())
        members.append(_member("cotitulaire", reference, other, other_woman))
    elif kind == "AUTRE":
        parent = age < 60 and random() < 0.6
        other = age + 20 + 15 * random() if parent else 18 + 50 * random()
        members.append(_member("a_charge", reference, min(other, 99.0), random() < 0.5, "P" if parent else "A"))
    adults = len(members)
    fertile = any(m["sexe"] == "F" and m["date_naissance"] > days_before(reference, 45) for m in members)

    children: list[float] = []
    if kind in ("MONO", "CPLE"):
        law = "enfants_mono" if kind == "MONO" else "enfants_couple"
        children = _children(laws, random, int(laws.draw(law, random())), age)
    members += [_member("a_charge", reference, child, random() < 0.49, "E") for child in children]
    persons = len(members)
    alternating = 0
    if not couple and 22 <= age < 60 and random() < laws.value("enfant_en_garde"):
        custody = laws.draw("garde", random())
        shared = [child for child in _children(laws, random, 1 + (random() < 0.35), age) if child < 18]
        members += [{**_member("en_garde", reference, c, random() < 0.49), "coparentalite": custody} for c in shared]
        alternating = len(shared) if custody == "G" else 0
    if unborn := fertile and random() < laws.value("enfant_a_naitre"):
        members.append({"role": "a_naitre", "date_naissance": reference + timedelta(days=5 + int(235 * random()))})

    disability = laws.disability[band,].draw(random())
    bearer = 0 if random() < 0.75 else int(random() * persons)
    for rank, member in enumerate(members):
        member["rang"] = rank + 1
        if member["role"] != "a_naitre" and random() >= laws.blanks["handicap_reconnu"]:
            member["handicap_reconnu"] = disability == "handicap" and rank == bearer
    units = 1 + 0.5 * (adults - 1) + sum(0.5 if child >= 14 else 0.3 for child in children)
    housed = persons + alternating + unborn
    works = (occupation, partner_occupation)
    return Household(kind, age, band, family, link, *works, members, persons, housed, units, disability)


def income(laws: Laws, random: Random, home: Household, region: str) -> tuple[int, int]:
    """Monthly resources of the household, and its reference income of two years ago."""
    if random() < laws.value("niveau_zero"):
        return 0, 0
    factor = laws.figures["niveau_facteur"].values["idf" if region == "11" else "autres"]
    both = [laws.income_shift[work] for work in (home.occupation, home.partner_occupation) if work is not None]
    score = sum(both) / len(both) + laws.income_spread * normal(random())
    level = laws.value("niveau_median") * factor * exp(laws.value("niveau_sigma") * score)
    monthly = round(level * home.units)
    if random() < laws.value("rfr_nul"):
        return monthly, 0
    # Part of the resources is not taxable, less so for small incomes; then the 10 % allowance, and two years of growth.
    taxable = min(max((level - 350) / 900, 0.15), 1.0)
    return monthly, round(12 * monthly * taxable * 0.9 * 0.78 * exp(0.30 * normal(random())))


def dwelling(laws: Laws, random: Random, mode: str, motives: Sequence[str], zone: str, home: Household) -> Row:
    """Where the household lives today: type, surface, occupants, rent. Nothing of it for those who have no dwelling."""
    row: Row = {}
    figures = laws.figures
    occupants = home.persons
    if mode in OWN_HOME:
        rooms = home.persons + (home.persons == 1 and random() < 0.6) + int(laws.draw("ecart_pieces", random()))
        if "13" in motives:
            rooms = home.persons - (home.persons > 1) - (random() < 0.4)
        elif "10" in motives:
            rooms = home.persons + 2 + (random() < 0.3)
    elif mode in HOSTED:
        hosts = 1 + int(random() * 4)
        occupants += hosts
        rooms = 1 + hosts + (random() < 0.3)
    elif mode in SHARED:
        rooms = 0 if home.persons == 1 and random() < 0.6 else (home.persons + 1) // 2
    else:
        return row
    kind = TYPES[min(max(rooms, 0 if mode in SHARED else 1), 6)]
    surface = max(9, round(figures["surface_type"].values[kind] * exp(0.12 * normal(random()))))
    house = random() < figures["maison"].values.get(mode, 0.0)
    row |= {"type_logement_actuel": kind, "surface_logement_actuel": surface}
    row |= {"categorie_logement_actuel": "M" if house else "A", "nb_occupants_logement_actuel": occupants}
    if mode in figures["loyer_m2"].values:
        # No rent is three times the usual one, and a square metre costs less in a large dwelling.
        spread = exp(laws.value("loyer_sigma") * min(max(normal(random()), -2.0), 2.0)) * (45 / surface) ** 0.25
        rate = figures["loyer_m2"].values[mode] * figures["loyer_zone"].values[zone] * spread
        # Whoever finds the rent too high pays more than the others, rather than a rent like theirs.
        row["loyer_mensuel"] = round(surface * rate * (1.2 if "09" in motives else 1.0))
    return row


def housing_aid(rent: int, monthly: int, persons: int) -> int:
    """A rough housing aid: what the rent, up to a ceiling, leaves after a part of the resources."""
    return max(0, round(0.9 * min(rent, 330 + 70 * persons) - 0.18 * monthly))


def waited(laws: Laws, random: Random, factor: float, age: float) -> float:
    """Years since the first filing. Nobody has filed before 18; the longer a class, the more of it near its start."""
    low, high = (int(bound) for bound in laws.draw("anciennete", random()).split("-"))
    years = (low + (high - low) * random() ** 1.1) * factor
    return years if years < age - 18.02 else random() * max(age - 18.02, 0.0)


def geometric(u: float, mean: float) -> int:
    """A number of times, at least one, with this mean."""
    return 1 + int(log(max(1 - u, 1e-12)) / log(1 - 1 / mean))


def _member(role: str, reference: date, age: float, woman: bool, link: str | None = None) -> Row:
    born = days_before(reference, age)
    return {"role": role, "date_naissance": born, "sexe": "F" if woman else "M", "lien_parente": link}


def _family(laws: Laws, random: Random, kind: str, age: float) -> str:
    if kind in ("CPL", "CPLE", "MONO"):
        return laws.draw("famille_mono" if kind == "MONO" else "famille_couple", random())
    return laws.draw(
        "famille_seul_jeune" if age < 35 else "famille_seul_mur" if age < 65 else "famille_seul_age", random()
    )


def _band(laws: Laws, age: float) -> str:
    return next(band for band in laws.figures["age"].values if age < int(band.split("-")[1]) + 1)


def _children(laws: Laws, random: Random, number: int, age: float) -> list[float]:
    """Ages of children, oldest last: born when the applicant was 17 to 46, and at least nine months apart."""
    adult = age >= 53 and random() < laws.value("enfant_majeur")
    low, high = int(max(0.0, min(age - 45, 15.0))), int(max(0.0, min(35 if adult else 23.5, age - 18)))
    years = list(range(low, high + 1))
    picked = sorted(
        years.pop(int(random() * len(years))) for _ in range(min(number, len(years), 1 + int(age - 18) // 2))
    )
    start = 0.8 * random()
    return [year + start + 0.2 * random() for year in picked]
