"""What a synthetic form says beyond the household and its dwelling, what it leaves blank, and the documents that were checked."""

from __future__ import annotations

import numpy as np

from fluxrules.data.population import dwelling
from fluxrules.data.population.figures import Laws
from fluxrules.data.population.household import NULL, Households, days_before
from fluxrules.data.population.laws import Bools, Draws, Ints
from fluxrules.data.population.places import Places


def workplaces(laws: Laws, places: Places, draws: Draws, place: Ints, home: Households) -> dict[str, Ints]:
    """Where those who work do so."""
    columns, n = {}, len(place)
    for who, occupation in (("demandeur", home.occupation), ("codemandeur", home.partner_occupation)):
        works = (occupation != NULL) & (laws.working[np.maximum(occupation, 0)] > 0)
        relation = laws.plain["relation_travail"].draw(draws(n))
        there = places.written(places.near(place, relation, draws(n), draws(n)), draws(n))
        columns[f"code_commune_travail_{who}"] = np.where(works, there, NULL)
    return columns


def form(
    laws: Laws, draws: Draws, home: Households, day: Ints, mode: Ints, motive: Ints, monthly: Ints, taxed: Ints,
    online: Bools,
) -> dict[str, Ints]:  # fmt: skip
    """The rest of what the form says, and the fields drawn on their own."""
    n = len(mode)
    evicted, razed = ((motive == laws.motive.rank(code)).any(axis=1) for code in ("05", "02"))
    dated = dwelling.among(laws, mode, dwelling.DATED)
    lodged, judged = days_before(day, np.minimum(home.age, 8) * draws(n) ** 2), days_before(day, 2 * draws(n))
    pension = 10 * np.rint(8 + 17 * draws(n))
    pays = home.visited & (draws(n) < laws.value("pension_versee"))
    afforded = np.clip(0.33 * monthly * (0.8 + 0.5 * draws(n)), 250, 1300)
    unknown = draws(n) < np.where(online, laws.value("rfr_absent_portail"), laws.value("rfr_absent_guichet"))
    recent = np.rint(taxed * np.exp(0.02 + 0.15 * draws.normal(n)))
    base = len(laws.motive.values) + 1
    listed = np.maximum(motive, -1) + 1
    columns = {
        "date_entree_hebergement": np.where(dated, lodged, NULL),
        "date_jugement_expulsion": np.where(evicted, judged, NULL),
        "est_proprietaire": dwelling.among(laws, mode, ("POCC",)) | (draws(n) < laws.value("proprietaire_ailleurs")),
        "pension_versee_mensuelle": np.where(pays, pension, NULL),
        "loyer_maximum_souhaite": 10 * np.rint(afforded / 10),
        "rfr_n2": np.where(unknown, NULL, taxed),
        "rfr_n1": np.where(unknown, NULL, recent),
        "motifs": np.where(
            draws(n) < laws.value("motif_absent"), NULL, (listed[:, 0] * base + listed[:, 1]) * base + listed[:, 2]
        ),
    }
    for field, law in laws.free.items():
        drawn = law.draw(draws(n))
        codes = {"oui": 1, "non": 0} if "oui" in law.values else {value: i for i, value in enumerate(law.values)}
        columns[field] = np.array([NULL if v == "inconnu" else codes[v] for v in law.values])[drawn]
    idle = laws.working[home.occupation] == 0
    columns["travailleur_essentiel"][idle & (columns["travailleur_essentiel"] == 1)] = 0
    known = columns["motifs"] != NULL
    columns["relogement_operationnel"] = np.where(
        razed & known & dwelling.among(laws, mode, ("HLM",)),
        laws.free["relogement_operationnel"].rank("inconnu"),  # one more than the last of the words drawn: « anru »
        columns["relogement_operationnel"],
    )
    return columns


def leave_blanks(laws: Laws, draws: Draws, columns: dict[str, Ints], mode: Ints) -> None:
    """Takes out what applicants did not fill in, then writes the boxes ticked for the present housing."""
    n = len(mode)
    for field, rate in laws.blanks.items():
        if field in columns:
            blank = draws(n) < rate
            if field == "mode_logement_actuel":  # social tenancy stays known: transfers are counted from it
                blank &= ~dwelling.among(laws, mode, ("HLM",))
            columns[field][blank] = NULL
    ticked = dwelling.ticked_modes(laws, draws, mode)
    columns["modes_logement_actuel"] = np.where(columns["mode_logement_actuel"] != NULL, ticked, NULL)


def checked(laws: Laws, draws: Draws, columns: dict[str, Ints], instructed: Bools) -> Ints:
    """The documents that were checked, as bits in the order of the file; nothing where there is none."""
    n = len(instructed)
    bits = np.zeros(n, dtype=np.int32)
    for rank, proved in enumerate(laws.documents.values()):
        shown = columns[proved] != NULL if proved in columns else np.full(n, True)
        bits |= (shown & (draws(n) < laws.value("piece_verifiee"))).astype(np.int32) << rank
    return np.where(instructed & (bits > 0), bits, NULL)
