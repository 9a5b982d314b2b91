"""What follows from a synthetic demande: the places wanted, and the proposals of which none led to a lease."""

from __future__ import annotations

import numpy as np

from fluxrules.data.population.figures import Laws
from fluxrules.data.population.household import NULL, YEAR, Lines
from fluxrules.data.population.laws import Draws, Ints
from fluxrules.data.population.places import Places

EVENTS = ("proposition", "refus", "decision")
_PROPOSAL, _REFUSAL, _DECISION = range(3)
_MOST_PLACES = 10
_ROUNDS = 40


def choices(laws: Laws, places: Places, draws: Draws, home: Ints) -> Lines:
    """The places wanted, in order and without repeating one; fewer than drawn if there is nothing else around."""
    n = len(home)
    wanted = laws.plain["nb_communes_choisies"].draw(draws(n)) + 1
    found, count = np.full((n, _MOST_PLACES), NULL), np.zeros(n, dtype=np.int32)
    idf = places.idf[home]
    left = np.arange(n)
    for _ in range(_ROUNDS):
        here, size = home[left], len(left)
        inside = laws.plain["relation_choix_idf"].draw(draws(size))
        outside = laws.plain["relation_choix_hors_idf"].draw(draws(size))
        relation = np.where(idf[left], inside, outside)
        place = places.written(places.near(here, relation, draws(size), draws(size)), draws(size))
        new = (found[left] != place[:, None]).all(axis=1)
        kept = left[new]
        found[kept, count[kept]] = place[new]
        count[kept] += 1
        left = left[count[left] < wanted[left]]
    at, column = np.nonzero(found != NULL)
    return {"demande": at, "rang": column + 1, "code_commune": found[at, column]}


def events(laws: Laws, draws: Draws, filed: Ints, day: Ints) -> Lines:
    """Proposals, refusals and decisions between filing and that day, by demande and date."""
    n, waited = len(filed), day - filed
    met = draws(n) < 1 - np.exp(-laws.value("proposition_par_an") * waited / YEAR)
    again = 1 - 1 / laws.value("propositions_par_menage")
    number = 1 + (np.log(1 - draws(n)) / np.log(again)).astype(np.int32)
    at = np.repeat(np.arange(n), np.where(met & (waited >= 60), number, 0))
    size, span = len(at), waited[at] - 30

    law, motives = laws.plain["issue_proposition"], laws.plain["motif_refus"]
    outcome, motive = law.draw(draws(size)), motives.draw(draws(size))
    recent = np.where(outcome == law.rank("en_cours"), np.minimum(30, span), span)
    offered = day[at] - 1 - draws.whole(recent - 1, size)
    answered = np.minimum(offered + 2 + draws.whole(28, size), day[at])
    refused, silent = outcome == law.rank("refus"), outcome == law.rank("sans_reponse")
    unsuited = laws.table("logement_inadapte", motives.values, default=0.08)
    suits = draws(size) >= np.where(refused, unsuited[motive], 0.08)
    known = np.where(draws(size) >= laws.value("logement_adapte_inconnu"), suits, NULL)
    why = np.where(refused, motive, len(motives.values))

    declined, decided = refused | silent, outcome == law.rank("commission")
    groups = (
        (at, np.full(size, _PROPOSAL), offered, np.full(size, NULL), known),
        tuple(c[declined] for c in (at, np.full(size, _REFUSAL), answered, why, known)),
        tuple(c[decided] for c in (at, np.full(size, _DECISION), answered, np.full(size, NULL), np.full(size, NULL))),
    )
    columns = [np.concatenate(parts).astype(np.int32) for parts in zip(*groups, strict=True)]
    order = np.lexsort((columns[1] != _PROPOSAL, columns[2], columns[0]))
    names = ("demande", "type_evenement", "date_evenement", "motif_refus", "logement_adapte")
    return {name: column[order] for name, column in zip(names, columns, strict=True)}
