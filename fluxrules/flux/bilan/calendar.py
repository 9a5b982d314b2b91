"""To whom the bilan goes, and by when (CCH R. 441-5-1: before 28 February)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from fluxrules.flux.bilan.table import Table
from fluxrules.flux.territory import departements_of
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.flux.values import Party, Report
from fluxrules.model.flux.year import FluxYear
from fluxrules.text.near import fold
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


_SAID = ("tous les réservataires", "réservataires", "epci", "préfet")
"""What conventions call those whom the article names already."""


def recipients(
    year: FluxYear, holders: Sequence[Party], orientations: Sequence[Orientations], territories: Sequence[str], sent: date | None,
    agreed: Mapping[str, Report] = {},
) -> Table:  # fmt: skip
    """Every réservataire, the préfet, and the EPCI of the dwellings: with a CIL when orientations say so, else « à vérifier ».

    ``agreed``: by réservataire, what its convention says: an earlier day, and others to send it to.
    """
    limit = date(year.year + 1, 2, 28)

    def by(code: str) -> str:
        report = agreed.get(code)
        if report is None or report.before is None:
            return f"{limit:%d/%m/%Y}"
        day, month = report.before
        last = monthrange(limit.year, month)[1]
        return f"{min(limit, date(limit.year, month, min(day, last))):%d/%m/%Y}"

    usual = f"{limit:%d/%m/%Y}"
    lines = [(h.name, "réservataire", "CCH R. 441-5-1", by(h.code)) for h in holders]
    if not any(h.kind == "état" for h in holders):
        lines.append(("Préfet de département", "préfet", "arrêté du 28/11/2011", usual))
    others = {
        r: h for h in holders if h.code in agreed for r in agreed[h.code].recipients if fold(r) not in map(fold, _SAID)
    }
    lines += [(r, "nommé par une convention", f"convention avec {h.name}", by(h.code)) for r, h in others.items()]
    held = {o.territory: o for o in orientations}
    named = {h.siren for h in holders}
    for siren in territories:
        if siren not in named:
            why = f"a une CIL (orientations « {held[siren].name} »)" if siren in held else "s'il a une CIL : à vérifier"
            lines.append((nom_territoire(siren) or siren, "EPCI", f"CCH R. 441-5-1 ; {why}", usual))
    columns = dict.fromkeys(("Destinataire", "Qualité", "Fondement", "Avant le"), pl.String)
    frame = pl.DataFrame(list(dict.fromkeys(lines)), schema=columns, orient="row")
    notes = [f"Date limite : avant le {limit:%d/%m/%Y} (dernier jour sûr : le 27)."]
    if sent is not None:
        notes.append(
            f"Transmis le {sent:%d/%m/%Y} : {sending(year.year, sent, paris_region=in_paris_region(year)).verdict}."
        )
    else:
        notes.append("Le jour de l'envoi n'est pas donné (« --transmis »).")
    return Table("destinataires", "Destinataires et date limite", frame, tuple(notes))
