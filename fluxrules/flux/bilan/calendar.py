"""To whom the bilan goes, and by when (CCH R. 441-5-1: before 28 February)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from fluxrules.flux.bilan.table import Table
from fluxrules.flux.territory import departements_of
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.flux.values import Party
from fluxrules.model.flux.year import FluxYear
from fluxrules.vocabulary.territoires import nom_territoire

ON_TIME, AMBIGUOUS, TOLERATED, LATE = (
    "à temps",
    "le 28 février : en retard si « avant » se lit au sens strict",
    "en retard, toléré",
    "en retard",
)
_PARIS_REGION = frozenset({"75", "77", "78", "91", "92", "93", "94", "95"})
_TOLERATED_YEAR, _TOLERATED_BEFORE = 2024, date(2025, 3, 31)


@dataclass(frozen=True)
class Sending:
    year: int
    deadline: date
    verdict: str


def sending(year: int, sent: date, *, paris_region: bool) -> Sending:
    """The bilan of a year sent on a day. The Île-de-France tolerance is known for the bilan of 2024 alone (DRIHL)."""
    deadline = date(year + 1, 2, 28)
    if sent < deadline:
        verdict = ON_TIME
    elif sent == deadline:
        verdict = AMBIGUOUS
    elif paris_region and year == _TOLERATED_YEAR and sent < _TOLERATED_BEFORE:
        verdict = TOLERATED
    else:
        verdict = LATE
    return Sending(year, deadline, verdict)


def in_paris_region(year: FluxYear) -> bool:
    places = departements_of(year.scale)
    return bool(places) and places <= _PARIS_REGION


def recipients(
    year: FluxYear, holders: Sequence[Party], orientations: Sequence[Orientations], territories: Sequence[str], sent: date | None
) -> Table:  # fmt: skip
    """Every réservataire, the préfet, and the EPCI of the dwellings: with a CIL when orientations say so, else « à vérifier »."""
    lines = [(h.name, "réservataire", "CCH R. 441-5-1") for h in holders]
    if not any(h.kind == "état" for h in holders):
        lines.append(("Préfet de département", "préfet", "arrêté du 28/11/2011"))
    held = {o.territory: o for o in orientations}
    named = {h.siren for h in holders}
    for siren in territories:
        if siren not in named:
            why = f"a une CIL (orientations « {held[siren].name} »)" if siren in held else "s'il a une CIL : à vérifier"
            lines.append((nom_territoire(siren) or siren, "EPCI", f"CCH R. 441-5-1 ; {why}"))
    frame = pl.DataFrame(list(dict.fromkeys(lines)), schema={"Destinataire": pl.String, "Qualité": pl.String, "Fondement": pl.String}, orient="row")  # fmt: skip
    limit = date(year.year + 1, 2, 28)
    notes = [f"Date limite : avant le {limit:%d/%m/%Y} (dernier jour sûr : le 27)."]
    if sent is not None:
        notes.append(
            f"Transmis le {sent:%d/%m/%Y} : {sending(year.year, sent, paris_region=in_paris_region(year)).verdict}."
        )
    else:
        notes.append("Le jour de l'envoi n'est pas donné (« --transmis »).")
    return Table("destinataires", "Destinataires et date limite", frame, tuple(notes))
