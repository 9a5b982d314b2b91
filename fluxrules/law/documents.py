"""A grid held against the orientations of its EPCI: a line that says which objective it serves names one that is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from fluxrules.diagnostics.diagnostic import Diagnostic, Label, Severity
from fluxrules.law.case import Case, Found
from fluxrules.law.judge import settle, within
from fluxrules.law.load import standard_code
from fluxrules.law.rules import Code
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.grid import Grid
from fluxrules.text.near import fold, nearest


def judge_orientations(
    grids: Sequence[Grid], documents: Sequence[Orientations], day: date, code: Code | None = None
) -> tuple[Diagnostic, ...]:
    """What the grids of a territory say of orientations that its own document does not."""
    code = code or standard_code()
    out: list[Diagnostic] = []
    for grid in grids:
        law = code.at(within(grid, day))
        for document in documents:
            if document.territory in grid.header.territories:
                found = list(_against(Case(grid, law), document))
                out += [d for d in settle(grid, law, found, code).diagnostics if d.code in _CODES]
    return tuple(out)


_CODES = ("FX7040", "FX7041")


def _against(case: Case, document: Orientations) -> Iterator[Found]:
    written = {o.source for o in document.objectives if o.source}
    known = {_plain(s): s for s in written}
    label = (Label(document.place, "les orientations de l'EPCI"),)
    for placed in case.lines:
        said = placed.written("orientation")
        if said is not None and _plain(said.text) not in known:
            near = nearest(_plain(said.text), known)
            yield Found("ATTR-CIA", "FX7040", f"« {placed.name} » sert « {said.text} », que les orientations « {document.name} » n'écrivent pas.",
                        said.span, f"Vouliez-vous écrire « {known[near]} » ?" if near else f"Objectifs écrits : {', '.join(sorted(written))}.",
                        label, most=Severity.AVERTISSEMENT)  # fmt: skip
        essential = case.law.get("ATTR-ESSENTIAL")
        if (
            essential is not None
            and document.essential is None
            and case.fields(placed.line) & set(essential.words("champs"))
        ):
            yield Found(essential.id, "FX7041", f"« {placed.name} » vise les travailleurs essentiels, et les orientations n'ont pas d'objectif pour eux.",
                        placed.where, "Ajoutez l'objectif aux orientations, ou retirez le critère.", label, most=Severity.CONSEIL)  # fmt: skip


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))
