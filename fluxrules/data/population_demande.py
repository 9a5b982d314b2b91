"""One synthetic demande: its row, and what hangs on it in the other tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from math import exp

from fluxrules.data import population_draws as draws
from fluxrules.data.population_draws import Household, Random, Row
from fluxrules.data.population_figures import Laws, activity
from fluxrules.data.population_laws import Law, normal
from fluxrules.data.population_places import ILE_DE_FRANCE, Place, Places
from fluxrules.data.tables import KEY

_FIRST_DAY = date(1990, 1, 1)
_FIRST_DALO = date(2008, 1, 1)
_MONTH = draws.YEAR / 12
_WORDS = {"oui": True, "non": False, "inconnu": None}
_SECOND_MODES = ("CP", "HOT", "SLHT", "SD")


@dataclass(frozen=True)
class Demande:
    """The rows of one demande, table by table."""

    row: Row
    members: list[Row]
    choices: list[Row]
    events: list[Row]


def draw_demande(laws: Laws, places: Places, random: Random, index: int, place: Place, reference: date) -> Demande:
    """A demande of someone living in ``place``, as it stands on the reference date."""
    moving = random() < laws.value("mutation_idf" if place.region == ILE_DE_FRANCE else "mutation_hors_idf")
    home = draws.household(laws, random, "mutation" if moving else "primo", reference)
    monthly, taxed = draws.income(laws, random, home, place.region)
    mode = "HLM" if moving else laws.mode[home.kind, home.band, home.occupation].draw(random())
    motives = _motives(laws, random, laws.motive[mode, home.kind, activity(home.occupation), home.disability])
    dalo = _dalo(laws, random, places.dalo_by_zone[place.zone] * laws.dalo_by_mode[mode]) if home.age > 19 else "NON"
    # A recognised right takes months to obtain: such demandes are older by as much.
    delay = 0 if dalo == "NON" else int(laws.value("dalo_delai_jours"))
    years = draws.waited(laws, random, places.age_by_zone[place.zone], home.age - delay / draws.YEAR)
    filed = max(draws.days_before(reference, years) - timedelta(days=delay), _FIRST_DAY)
    online = random() < laws.online_share(filed.year)
    if not online and filed.weekday() > 4:
        filed -= timedelta(days=filed.weekday() - 4)
    days = (reference - filed).days
    office = "111" if place.region == ILE_DE_FRANCE else place.departement.zfill(3)
    key = f"{office}{filed.month:02}{filed.year % 100:02}{index:06}SYNTH"
    events = _events(laws, random, filed, reference)

    row: Row = {
        KEY: key,
        "type_demandeur": "personne_physique",
        "statut_demande": "active",
        "date_depot_initial": filed,
        "date_dernier_renouvellement": _renewal(random, days, reference),
        "delai_anormalement_long": days > laws.figures["delai_anormal_mois"].values[place.zone] * _MONTH,
        "civilite_demandeur": "2" if home.members[0]["sexe"] == "F" else "1",
        "situation_familiale": home.family,
        "code_commune_residence": places.written(place, random()),
        "lien_codemandeur": home.link,
        "situation_pro_demandeur": home.occupation,
        "situation_pro_codemandeur": home.partner_occupation,
        "ressources_mensuelles_totales": monthly,
        "mode_logement_actuel": mode,
        "motifs": None if random() < laws.value("motif_absent") else motives,
        "est_proprietaire": mode == "POCC" or random() < laws.value("proprietaire_ailleurs"),
        "statut_dalo": dalo,
        "loyer_maximum_souhaite": 10 * round(min(max(0.33 * monthly * (0.8 + 0.5 * random()), 250), 1300) / 10),
        "types_logement_recherches": _types(laws, random, home),
    }
    row |= _workplaces(laws, places, random, place, home)
    row |= draws.dwelling(laws, random, mode, motives, place.zone, home)
    if "loyer_mensuel" in row and mode != "FONC":
        row["aide_logement_mensuelle"] = draws.housing_aid(row["loyer_mensuel"], monthly, home.persons)
    if mode in draws.DATED:
        row["date_entree_hebergement"] = draws.days_before(reference, min(home.age, 8) * random() ** 2)
    if "05" in motives:
        row["date_jugement_expulsion"] = draws.days_before(reference, 2 * random())
    if delay:
        earliest = max(filed + timedelta(days=delay), min(_FIRST_DALO, reference))
        row["date_decision_dalo"] = reference - timedelta(days=int(((reference - earliest).days + 1) * random() ** 1.5))
    if any(member.get("coparentalite") == "D" for member in home.members) and random() < laws.value("pension_versee"):
        row["pension_versee_mensuelle"] = 10 * round(8 + 17 * random())
    if random() >= laws.value("rfr_absent_portail" if online else "rfr_absent_guichet"):
        row |= {"rfr_n2": taxed, "rfr_n1": round(taxed * exp(0.02 + 0.15 * normal(random())))}
    _complete(laws, random, row, mode)
    if events or random() < laws.value("dossier_instruit"):
        shown = [name for name, proved in laws.documents.items() if row.get(proved) is not None]
        row["pieces_verifiees"] = [name for name in shown if random() < laws.value("piece_verifiee")] or None
    choices = _choices(laws, places, random, place)
    return Demande(row, *([{KEY: key, **line} for line in table] for table in (home.members, choices, events)))


def _motives(laws: Laws, random: Random, law: Law) -> list[str]:
    found = [law.draw(random())]
    for _ in range(int(laws.draw("nb_motifs", random())) - 1):
        other = next((motive for motive in (law.draw(random()) for _ in range(8)) if motive not in found), None)
        found += [other] if other is not None else []
    return found


def _types(laws: Laws, random: Random, home: Household) -> list[str]:
    """The type that suits, then its neighbours, the larger one more often."""
    first = draws.TYPES.index(laws.dwelling[str(min(home.to_house, 6)),].draw(random()))
    step = 1 if random() < 0.7 else -1
    ticked = (first, first + step, first - step)[: int(laws.draw("nb_types", random()))]
    return [draws.TYPES[rank] for rank in ticked if 1 <= rank <= 6]


def _dalo(laws: Laws, random: Random, factor: float) -> str:
    u = random()
    for status, share in laws.figures["dalo"].values.items():
        u -= share * factor
        if u < 0:
            return status
    return "NON"


def _renewal(random: Random, days: int, reference: date) -> date | None:
    """The last yearly renewal: in the weeks before each anniversary, or some weeks late; never older than 13 months."""
    whole, since = divmod(days, 365)
    if since < 27 and random() < 0.3:
        return reference - timedelta(days=since + 365) if whole > 1 else None
    return reference - timedelta(days=since + int(min(40, 392 - since) * random())) if whole > 0 else None


def _workplaces(laws: Laws, places: Places, random: Random, place: Place, home: Household) -> Row:
    row: Row = {}
    for who, occupation in (("demandeur", home.occupation), ("codemandeur", home.partner_occupation)):
        if occupation is not None and activity(occupation) == "actif":
            workplace = places.near(place, laws.draw("relation_travail", random()), random)
            row[f"code_commune_travail_{who}"] = places.written(workplace, random())
    return row


def _complete(laws: Laws, random: Random, row: Row, mode: str) -> None:
    """The fields drawn on their own, then the blanks."""
    for field, law in laws.free.items():
        drawn = law.draw(random())
        row[field] = _WORDS.get(drawn, drawn)
    if row["travailleur_essentiel"] and activity(row["situation_pro_demandeur"]) != "actif":
        row["travailleur_essentiel"] = False
    if mode == "HLM" and row["motifs"] is not None and "02" in row["motifs"]:
        row["relogement_operationnel"] = "anru"
    for field, rate in laws.blanks.items():
        # Social tenancy stays known: transfers are counted from it.
        if row.get(field) is not None and random() < rate and not (field == "mode_logement_actuel" and mode == "HLM"):
            row[field] = None
    if row["mode_logement_actuel"] is not None:
        second = [other for other in _SECOND_MODES if mode not in ("HLM", other)]
        both = second and random() < laws.value("second_mode_coche")
        row["modes_logement_actuel"] = [mode, second[int(random() * len(second))]] if both else [mode]


def _choices(laws: Laws, places: Places, random: Random, place: Place) -> list[Row]:
    """The places wanted, in order and without repeating one; fewer than drawn if there is nothing else around."""
    law = laws.plain["relation_choix_idf" if place.region == ILE_DE_FRANCE else "relation_choix_hors_idf"]
    wanted, found = int(laws.draw("nb_communes_choisies", random())), list[str]()
    for _ in range(6 * wanted):
        code = places.written(places.near(place, law.draw(random()), random), random())
        if code not in found:
            found.append(code)
        if len(found) == wanted:
            break
    return [{"rang": rank, "code_commune": code} for rank, code in zip(count(1), found, strict=False)]


def _events(laws: Laws, random: Random, filed: date, reference: date) -> list[Row]:
    """Proposals of which none led to a lease, and what came of each."""
    days = (reference - filed).days
    if days < 60 or random() >= 1 - exp(-laws.value("proposition_par_an") * days / draws.YEAR):
        return []
    events: list[Row] = []
    for _ in range(draws.geometric(random(), laws.value("refus_par_menage"))):
        outcome = laws.draw("issue_proposition", random())
        recent = min(30, days - 30) if outcome == "en_cours" else days - 30
        offered = reference - timedelta(days=1 + int((recent - 1) * random()))
        answered = min(offered + timedelta(days=2 + int(28 * random())), reference)
        motive = laws.draw("motif_refus", random()) if outcome == "refus" else None
        suits = random() >= laws.figures["logement_inadapte"].values.get(motive or "", 0.08)
        known = suits if random() >= laws.value("logement_adapte_inconnu") else None
        events.append({"type_evenement": "proposition", "date_evenement": offered, "logement_adapte": known})
        if outcome in ("refus", "sans_reponse"):
            events.append({**events[-1], "type_evenement": "refus", "date_evenement": answered})
            events[-1]["motif_refus"] = motive or outcome
        elif outcome == "commission":
            events.append({"type_evenement": "decision", "date_evenement": answered})
    return sorted(events, key=lambda event: (event["date_evenement"], event["type_evenement"] != "proposition"))
