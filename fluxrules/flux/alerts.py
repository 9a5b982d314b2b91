"""What a follow-up calls attention to, each alert with its name, the one concerned, and a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from fluxrules.data.flux.tables import FluxTables
from fluxrules.flux.bilan.outside_qpv import Floor
from fluxrules.flux.deadlines import again_by, answer_by
from fluxrules.flux.decompte import Counted
from fluxrules.flux.extinction import last_day
from fluxrules.flux.ledger import IN_FLUX
from fluxrules.flux.observed import OUTSIDE
from fluxrules.flux.orientation.lines import OWN
from fluxrules.flux.parties import BAILLEUR
from fluxrules.flux.perimeter import holds
from fluxrules.flux.suivi import Follow, waiting
from fluxrules.ir.calendar import add_months
from fluxrules.language.numbers import show_number
from fluxrules.model.flux.versions import terms_at


@dataclass(frozen=True)
class Limits:
    """From when to alert. ``floor``: that of the law on the State's part outside QPV, where its convention gives none."""

    points: Fraction = Fraction(5)
    returns: Fraction = Fraction(20, 100)
    floor: Floor | None = None


@dataclass(frozen=True)
class Alert:
    name: str
    code: str
    message: str


def alerts(f: Follow, tables: FluxTables, limits: Limits) -> tuple[Alert, ...]:
    """In the order of flux.md, section 4."""
    return (
        *_pace(f, limits),
        *_state(f, limits),
        *_rights(f),
        *_delays(f, tables),
        *_flux(f),
        *_documents(f),
        *_returns(f, limits),
    )


def _who(f: Follow, code: str) -> str:
    """A réservataire by its name; the code where no convention gives it one."""
    held = {c.reservataire.code: c.reservataire.name for c in f.found.world.parties.conventions}
    return held.get(code) or next((s.name for s in f.standings if s.code == code), code)


def _pace(f: Follow, limits: Limits) -> Iterator[Alert]:
    first, last = date(f.year.year, 1, 1), date(f.year.year, 12, 31)
    until = min(f.known or f.day, last)  # what happened after the tables stop is not known: it is not a slow month
    days, whole = (until - first).days + 1, (last - first).days + 1
    for s in f.standings:
        points = s.balance * 100 / f.base if f.base else Fraction(0)
        if abs(points) > limits.points:
            late = "retard" if points > 0 else "avance"
            yield Alert(
                "rythme", s.code, f"{s.name} : {late} de {show_number(abs(points), 1)} points sur le rythme de l'année."
            )
        projected = Fraction(s.held * whole, days)
        if s.target is not None and s.code != BAILLEUR and s.target - projected >= 1:
            stop = f", d'après les tables, qui s'arrêtent au {until:%d/%m/%Y}" if f.known else ""
            yield Alert("fin d'année", s.code, f"{s.name} : à ce rythme, {show_number(projected, 1)} logements fin décembre "
                                               f"pour une cible de {show_number(s.target, 1)}{stop}.")  # fmt: skip


def _state(f: Follow, limits: Limits) -> Iterator[Alert]:
    parties = f.found.world.parties
    for c in (c for c in parties.conventions if c.reservataire.kind == "état" and c.applies(f.day)):
        code = c.reservataire.code
        in_qpv = dict(f.found.world.dwellings.select("id_logement", "en_qpv").iter_rows())
        place = {x.release: x for x in f.found.freed}
        given = [
            r
            for r in f.found.rows
            if r.act in IN_FLUX and r.release in place and r.returned is None and place[r.release].outside is None
        ]
        outside = [r for r in given if in_qpv.get(r.dwelling or "") is False]
        terms = terms_at(c, f.day)
        floor = Floor(terms.outside_qpv, "sa convention") if terms.outside_qpv is not None else limits.floor
        part = Fraction(sum(r.holder == code for r in outside), len(outside)) if outside else None
        if part is not None and floor is not None and part < floor.share:
            yield Alert("hors QPV", code, f"{c.reservataire.name} : {show_number(part * 100, 1)} % des logements hors QPV, "
                                          f"pour {show_number(floor.share * 100, 1)} % ({floor.source}).")  # fmt: skip
        seen = Counter(place[r.release].commune for r in given)
        without = sorted(set(seen) - {place[r.release].commune for r in given if r.holder == code})
        if without:
            yield Alert("communes", code, f"{c.reservataire.name} : aucune orientation dans {', '.join(without)}.")


def _rights(f: Follow) -> Iterator[Alert]:
    parties, start = f.found.world.parties, f.found.world.start
    lines = parties.lines(f.day)
    wide = {x.key: frozenset[str]().union(*(y.communes for y in lines if y.key == x.key)) for x in lines}
    # A commune at its own rate has a line of its own: the reservation is told once, wherever it may be exercised.
    for line in {x.key: replace(x, communes=wide[x.key]) for x in lines}.values():
        if line.used_up(start.used.get(line.key, 0), start.held.get(line.key, 0)):
            yield Alert(
                "droits épuisés",
                line.key[0],
                f"{_who(f, line.key[0])}, « {line.key[1]} » : les {line.rights} droits uniques sont consommés.",
            )
        suits = [
            x
            for x in f.found.freed
            if x.commune in line.communes and (not line.programmes or x.programme in line.programmes)
        ]
        if line.condition is not None and suits:
            frame = f.found.world.dwellings
            good = dict(zip(frame["id_logement"], holds(line.condition, frame, f.day), strict=True))
            suits = [x for x in suits if good.get(x.dwelling) is True]
        if f.found.freed and not suits:
            yield Alert(
                "profil vide",
                line.key[0],
                f"{_who(f, line.key[0])}, « {line.key[1]} » : aucun logement libéré cette année ne lui convient.",
            )
    for c in parties.conventions:
        for r in terms_at(c, f.day).reservations if c.applies(f.day) else ():
            ends = [
                d
                for d in (
                    last_day(r, parties.repaid),
                    c.last,
                )
                if d is not None
            ]
            if ends and f.day <= min(ends) <= add_months(f.day, 6):
                yield Alert(
                    "échéance d'un droit",
                    c.reservataire.code,
                    f"« {r.name} » ({c.name}) prend fin le {min(ends):%d/%m/%Y}{', avec la convention' if min(ends) == c.last else ''}.",
                )


def _delays(f: Follow, tables: FluxTables) -> Iterator[Alert]:
    ready: dict[str, date | None] = {}
    if tables.liberations is not None:
        ready = dict(tables.liberations.select("id_liberation", "date_disponible").iter_rows())
    last = {r.release: r for r in f.found.rows}  # who had it last: in the order of proposals
    over = {r.release for r in f.found.rows if r.attributed is not None or r.lease is not None}
    for r in f.found.rows:
        if r.again is not None and r.holder != BAILLEUR and r.release not in over and last[r.release] is r:
            yield from _again(f, r, r.again)
        if r.act == "LIVRAISON" or r.proposed is None or not waiting(r):
            continue
        c = next(
            (c for c in f.found.world.parties.conventions if c.reservataire.code == r.holder and c.applies(r.proposed)),
            None,
        )
        terms = terms_at(c, r.proposed) if c is not None else None
        if (
            terms is not None
            and (end := answer_by(terms, r.proposed, ready.get(r.release))) is not None
            and end < f.day
        ):
            after = "le silence vaut renonciation" if terms.silence == "renonciation" else "relancez"
            yield Alert(
                "délai dépassé",
                r.holder,
                f"{_who(f, r.holder)}, « {r.release} » : désignation attendue au plus tard le {end:%d/%m/%Y} ; {after}.",
            )


def _again(f: Follow, r: Counted, refused: date) -> Iterator[Alert]:
    """New candidates after a refusal, where the convention gives a delay for them."""
    conventions = f.found.world.parties.conventions
    c = next((c for c in conventions if c.reservataire.code == r.holder and c.applies(refused)), None)
    end = again_by(terms_at(c, refused), refused) if c is not None else None
    if end is not None and end < f.day:
        yield Alert("délai dépassé", r.holder, f"{_who(f, r.holder)}, « {r.release} » : refus du {refused:%d/%m/%Y}, nouveaux candidats attendus au plus tard le {end:%d/%m/%Y}.")  # fmt: skip


def _flux(f: Follow) -> Iterator[Alert]:
    used = Counter(OUTSIDE[x.outside] for x in f.found.freed if x.outside in OUTSIDE)
    for figure in f.found.assiette.subtracted.inputs:
        if figure.value is not None and used[figure.name] > figure.value:
            yield Alert(
                "soustractions",
                BAILLEUR,
                f"{figure.name} : {used[figure.name]} logements utilisés, {show_number(figure.value, 1)} prévus.",
            )
    orphans = [x.release for x in f.found.queue]
    if orphans:
        shown = ", ".join(orphans[:5]) + (", …" if len(orphans) > 5 else "")
        yield Alert(
            "logements sans orientation",
            BAILLEUR,
            f"{len(orphans)} logement(s) libéré(s) que le journal n'oriente pas : {shown}.",
        )
    for s in f.standings:
        if s.unknown:
            yield Alert(
                "décompte inconnu",
                s.code,
                f"{s.name} : {s.unknown} logement(s) dont rien ne dit s'ils comptent (événement ou clause manquants).",
            )


def _documents(f: Follow) -> Iterator[Alert]:
    due = date(f.day.year + (f.day > date(f.day.year, 2, 28)), 2, 28)
    left = (due - f.day).days
    step = next((n for n in (7, 30, 60) if left <= n), None)
    if step is not None:
        yield Alert(
            "bilan",
            BAILLEUR,
            f"Le bilan de {due.year - 1} est dû avant le {due:%d/%m/%Y} : il reste {left} jour(s) (CCH R. 441-5-1).",
        )
    for c in f.found.world.parties.conventions:
        if c.applies(f.day) and not c.fully_signed:
            yield Alert(
                "convention non signée",
                c.reservataire.code,
                f"« {c.name} » n'est pas signée : son flux est exercé par le préfet.",
            )


def _returns(f: Follow, limits: Limits) -> Iterator[Alert]:
    for s in f.standings:
        if s.code != OWN[0] and s.proposed and Fraction(s.returned, s.proposed) > limits.returns:
            yield Alert("retours", s.code, f"{s.name} : {s.returned} logement(s) rendu(s) sur {s.proposed} proposés.")
