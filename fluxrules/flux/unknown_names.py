"""Names that a document cites and that nothing else in the folder holds: written wrong, they would act on nobody, without a word."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import fluxrules.model.flux.values as v
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.parties import BAILLEUR, DEFAULT
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.flux.year import FluxYear
from fluxrules.text.near import nearest
from fluxrules.text.source import Span

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables

Cited = tuple[str, str, Span]
"""What is cited (« le réservataire »), its name, and where."""


def report_unknown_names(dossier: Dossier, tables: FluxTables | None, bag: Bag) -> None:
    """FX8011: réservataires and orientations against the folder, loans, dwellings and programmes against the tables, where they were given."""
    known = _known(dossier, tables)
    documents: list[v.Convention | FluxYear | Orientations] = [
        *dossier.conventions,
        *dossier.years,
        *dossier.orientations,
    ]
    for document in documents:
        for kind, name, place in _cited(document):
            names = known.get(kind)
            if names is None or name in names:
                continue
            near = nearest(name, sorted(names))
            bag.add("FX8011", f"« {document.name} » cite {kind} « {name} », que ce dossier ne connaît pas.", place,
                    f"Vouliez-vous écrire « {near} » ?" if near else "Vérifiez ce nom : écrit ainsi, il n'a aucun effet.")  # fmt: skip


HOLDER, LOAN, PROGRAMME, HOME, ORIENTATIONS = (
    "le réservataire",
    "le prêt",
    "le programme",
    "le logement ou le programme",
    "les orientations",
)


def _cited(document: v.Convention | FluxYear | Orientations) -> Iterator[Cited]:
    if isinstance(document, FluxYear):
        at = document.tree.key("égalités")
        for code in document.order:
            yield HOLDER, code, at.span if at else document.place
        at = document.tree.key("pools")
        for code in (c for codes in document.pools.values() for c in codes):
            yield HOLDER, code, at.span if at else document.place
    elif isinstance(document, Orientations):
        for objective in document.objectives:
            if objective.reservataire is not None:
                yield HOLDER, objective.reservataire, objective.place
        at = document.tree.key("résidences")
        for programme in document.residences:
            yield PROGRAMME, programme, at.span if at else document.place
    else:
        yield from _of_convention(document)


def _of_convention(convention: v.Convention) -> Iterator[Cited]:
    def at(key: str) -> Span:
        found = convention.tree.key(key)
        return found.span if found else convention.place

    for terms in (convention.terms, *(a.terms for a in convention.amendments)):
        for right in terms.reservations:
            for loan in right.loans:
                yield LOAN, loan, right.place
            for programme in right.programmes:
                yield PROGRAMME, programme, right.place
        if terms.coherent_with is not None:
            yield ORIENTATIONS, terms.coherent_with, at("cohérence")
    for home in convention.designated:
        yield HOME, home, at("logements désignés")
    if convention.delegation is not None:
        yield HOLDER, convention.delegation.to, convention.delegation.place


def _known(dossier: Dossier, tables: FluxTables | None) -> dict[str, Collection[str]]:
    """Nothing is said of a kind that nobody gave."""
    codes = {c.reservataire.code for c in dossier.conventions}
    found: dict[str, Collection[str]] = {}
    if dossier.orientations:
        found[ORIENTATIONS] = {o.name for o in dossier.orientations}
    if tables is not None:
        if tables.reservataires is not None:
            codes |= set(tables.reservataires["code"].drop_nulls())
        if tables.prets is not None:
            found[LOAN] = set(tables.prets["id_pret"].drop_nulls())
        programmes: set[str] = set()
        for table in (tables.logements, tables.programmes, tables.droits):
            if table is not None:
                programmes |= set(table["programme"].drop_nulls().unique())
        if programmes:
            found[PROGRAMME] = programmes
        if tables.logements is not None:
            found[HOME] = programmes | set(tables.logements["id_logement"].drop_nulls())
    if dossier.conventions:
        found[HOLDER] = codes | {BAILLEUR, DEFAULT}
    return found
