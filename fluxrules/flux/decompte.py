"""What counts in the share of each réservataire: one row a libération and réservataire, whatever the number of proposals and decisions.

A dwelling counts on the day of the event that the convention names (« compté ») : à la mise à disposition, à la décision de la commission,
au bail. A dwelling that came back counts or not by its motive (« décompte »). Two decisions of the commission for one dwelling count once.
What neither the convention nor the tables say is unknown (``counts`` is ``None``), never zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from fluxrules.flux.ledger import IN_FLUX, Entry, standing
from fluxrules.flux.parties import BAILLEUR, DEFAULT
from fluxrules.model.flux.values import Convention, Terms
from fluxrules.model.flux.versions import terms_at

AVAILABLE, DECIDED, LEASED = "à la mise à disposition", "à la décision de la commission", "au bail"
_GIVEN = ("ATTR", "ATTR_COND", "ATTR_RANG")
_FALLEN = ("REFUS", "SANS_REPONSE", "CADUQUE")
_REFUSED = ("NON_ATTR", "IRREC")


@dataclass(frozen=True)
class Counted:
    """``proposed`` comes from the journal or, for years without one, from the designation (``source`` says so). ``attributed``: the decision
    that stands; ``refused``: the last refusal of a candidate; ``returned``, ``motive``: the dwelling came back. ``pending``: it may still count.
    ``again``: the last refusal, of a candidate or of the commission, where nobody was designated since.
    """

    release: str
    dwelling: str | None
    holder: str
    reservation: str | None
    act: str
    source: str
    proposed: date | None
    designated: date | None = None
    commission: date | None = None
    attributed: date | None = None
    lease: date | None = None
    refused: date | None = None
    returned: date | None = None
    motive: str | None = None
    counts: bool | None = False
    counted_on: date | None = None
    pending: bool = False
    again: date | None = None

    @property
    def year(self) -> int | None:
        """The year in which it counts."""
        return self.counted_on.year if self.counts and self.counted_on is not None else None


_NAMES = {
    "release": "id_liberation", "dwelling": "id_logement", "holder": "reservataire", "reservation": "reservation", "act": "acte",
    "source": "source", "proposed": "propose", "designated": "designe", "commission": "commission", "attributed": "attribue",
    "lease": "bail", "refused": "refus", "returned": "rendu", "motive": "motif_retour", "counts": "compte", "counted_on": "date_comptee",
    "pending": "en_cours",
}  # fmt: skip


@dataclass
class _Seen:
    """What attributions say of one libération and réservataire."""

    designated: date | None = None
    decided: date | None = None
    first_given: date | None = None
    given: date | None = None
    lease: date | None = None
    refused: date | None = None
    last_designated: date | None = None
    last_refused: date | None = None

    @property
    def again(self) -> date | None:
        """The last refusal, of a candidate or of the commission, while nobody else was designated."""
        over = self.given is not None or self.lease is not None or self.last_refused is None
        later = (
            self.last_designated is not None
            and self.last_refused is not None
            and self.last_designated > self.last_refused
        )
        return None if over or later else self.last_refused


def count(
    entries: Sequence[Entry], releases: pl.DataFrame | None, attributions: pl.DataFrame | None, conventions: Sequence[Convention],
    bailleur_of: Mapping[str, str],
) -> tuple[Counted, ...]:  # fmt: skip
    """Rows in the order of proposals, then of attributions that no entry of the journal announced.

    ``bailleur_of``: the SIREN of each dwelling's bailleur; it says which convention of a réservataire applies.
    """
    dwelling_of: dict[str, str] = (
        dict(releases.select("id_liberation", "id_logement").iter_rows()) if releases is not None else {}
    )
    seen = _seen(attributions)
    by_party: dict[tuple[str, str], list[Convention]] = {}
    for c in conventions:
        by_party.setdefault((c.bailleur.code, c.reservataire.code), []).append(c)
        if not c.fully_signed:
            by_party.setdefault((c.bailleur.code, DEFAULT), []).append(c)
    found: dict[tuple[str, str], Counted] = {}
    for e in standing(entries):
        if e.release is None or e.holder is None:
            continue
        key = (e.release, e.holder)
        if e.act in IN_FLUX or e.act in ("STOCK", "LIVRAISON"):
            old = found.get(key)
            home = e.dwelling or dwelling_of.get(e.release)
            found[key] = Counted(
                e.release, home, e.holder, e.reservation, e.act, "journal", old.proposed if old else e.day
            )
        elif e.act == "RETOUR" and key in found:
            found[key] = replace(found[key], returned=e.day, motive=e.reason)
    for key, s in seen.items():
        if key not in found:
            release, holder = key
            found[key] = Counted(
                release, dwelling_of.get(release), holder, None, "ORIENTATION", "attribution", s.designated
            )
    return tuple(
        _judged(row, s := seen.get(key, _Seen()), _terms(row, s, by_party, bailleur_of)) for key, row in found.items()
    )


def frame_of(rows: Sequence[Counted]) -> pl.DataFrame:
    """As a table, with ``annee_comptee``."""
    days = ("proposed", "designated", "commission", "attributed", "lease", "refused", "returned", "counted_on")
    kinds = {
        name: pl.Date if f in days else pl.Boolean if f in ("counts", "pending") else pl.String for f, name in _NAMES.items()
    }  # fmt: skip
    data = [tuple(getattr(r, f) for f in _NAMES) for r in rows]
    return pl.DataFrame(data, schema=kinds, orient="row").with_columns(
        pl.when(pl.col("compte")).then(pl.col("date_comptee").dt.year()).alias("annee_comptee")
    )


def _seen(attributions: pl.DataFrame | None) -> dict[tuple[str, str], _Seen]:
    found: dict[tuple[str, str], _Seen] = {}
    if attributions is None:
        return found
    columns = ("id_liberation", "reservataire", "date_designation", "date_commission", "decision", "issue", "date_bail")
    rows = attributions.select(pl.col(c).cast(pl.String) if c in ("decision", "issue") else pl.col(c) for c in columns)
    for release, holder, designated, decided, decision, issue, lease in rows.iter_rows():
        if release is None or holder is None:
            continue
        s = found.setdefault((release, holder), _Seen())
        s.designated = _least(s.designated, designated)
        s.decided = _least(s.decided, decided)
        fell = issue in _FALLEN
        if decision in _GIVEN and decided is not None:
            s.first_given = _least(s.first_given, decided)
            if not fell and (decision != "ATTR_RANG" or lease is not None or s.given is None):
                s.given = decided if lease is not None else (s.given or decided)
        if lease is not None and not fell:
            s.lease = lease
        if fell:
            s.refused = max(filter(None, (s.refused, decided or designated)), default=None)
        if fell or decision in _REFUSED:
            s.last_refused = max(filter(None, (s.last_refused, decided or designated)), default=None)
        s.last_designated = max(filter(None, (s.last_designated, designated)), default=None)
    return found


def _least(a: date | None, b: date | None) -> date | None:
    return min((d for d in (a, b) if d is not None), default=None)


def _terms(
    row: Counted, s: _Seen, by_party: Mapping[tuple[str, str], Sequence[Convention]], bailleur_of: Mapping[str, str]
) -> Terms | None:
    """The terms of the convention on the day of the proposal; ``None`` where there is none. What the préfet exercises for want of a signature
    follows the terms of the convention that its reservation names."""
    bailleur = bailleur_of.get(row.dwelling or "")
    day = row.proposed or s.decided or s.lease
    if bailleur is None or day is None:
        return None
    label = row.reservation or ""
    found = [c for c in by_party.get((bailleur, row.holder), ()) if c.applies(day)]
    named = [c for c in found if f"({c.name})" in label]
    near = [c for c in found if label and any(label.startswith(r.name) for r in terms_at(c, day).reservations)]
    best = named if row.holder == DEFAULT else (named or near or found)
    return terms_at(best[0], day) if best else None


def _judged(row: Counted, s: _Seen, terms: Terms | None) -> Counted:
    counts, day, pending = (False, None, False) if row.act in ("STOCK", "LIVRAISON") else _counts(row, s, terms)
    return Counted(
        row.release, row.dwelling, row.holder, row.reservation, row.act, row.source, row.proposed, s.designated, s.decided, s.given,
        s.lease, s.refused, row.returned, row.motive, counts, day, pending,
        s.again if row.returned is None else None,
    )  # fmt: skip


def _counts(row: Counted, s: _Seen, terms: Terms | None) -> tuple[bool | None, date | None, bool]:
    """Whether it counts, on which day, and whether it still may."""
    own = row.holder == BAILLEUR
    event = AVAILABLE if own else terms.counted if terms is not None else None
    if event is None:
        return None, None, False
    rule: Mapping[str, bool] = terms.counts if terms is not None else {}
    day = _event(event, row, s, rule)
    if s.lease is None and row.returned is not None:
        answer = False if own else rule.get(row.motive or "")
        return answer, (day or row.returned) if answer else None, False
    if day is not None:
        return True, day, False
    # A lease whose counting event has no date is a missing event, not a dwelling that does not count.
    return (None, None, False) if s.lease is not None else (False, None, True)


def _event(event: str, row: Counted, s: _Seen, rule: Mapping[str, bool]) -> date | None:
    """The day of the counting event; ``None`` while it has not come. A decision that the candidate refused counts only where it is agreed."""
    if event == AVAILABLE:
        return row.proposed
    if event == LEASED:
        return s.lease
    return s.first_given if rule.get("candidat refuse") else s.given
