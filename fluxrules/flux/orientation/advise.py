"""From decisions to lines of the journal, and the acts that a person writes: a choice, a return, a credit, an annulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.flux.deadlines import answer_by, delegated
from fluxrules.flux.ledger import RETURNS, Entry, standing
from fluxrules.flux.orientation.quick import Running, orient
from fluxrules.flux.orientation.situation import Situation, first_key
from fluxrules.flux.orientation.values import Decision, Effect, Freed
from fluxrules.flux.parties import BAILLEUR, DEFAULT
from fluxrules.model.flux.orientations import Orientations
from fluxrules.model.flux.values import Convention
from fluxrules.model.flux.versions import terms_at
from fluxrules.vocabulary.flux import flux_vocabulary


@dataclass(frozen=True)
class Advice:
    """A decision, with the dwelling it is about, and the last day for the réservataire to designate, where its convention gives one.

    ``by_bailleur``: its convention leaves the designation to the bailleur. ``residence``: what the EPCI's orientations say of the programme.
    ``delegate``: who exercises the préfet's contingent, where he delegated it.
    """

    freed: Freed
    decision: Decision
    answer_by: date | None = None
    by_bailleur: bool = False
    residence: str | None = None
    delegate: str | None = None


@dataclass(frozen=True)
class Home:
    """What a person looks at first of a dwelling; ``None`` where the table does not say."""

    kind: str | None
    funding: str | None
    in_qpv: bool | None


def homes_of(found: Situation) -> dict[str, Home]:
    """The dwellings of a situation, by their identifier, in the words of the vocabulary."""
    words = flux_vocabulary().nomenclatures
    rows = found.world.dwellings.select("id_logement", "typologie", "financement", "en_qpv").iter_rows()
    kinds, fundings = words["typologie"].labels, words["financement"].labels
    return {
        name: Home(kinds.get(kind) if kind else None, fundings.get(funding) if funding else None, in_qpv)
        for name, kind, funding, in_qpv in rows
    }


def advised(
    found: Situation, decisions: Sequence[Decision], day: date | None = None, orientations: Sequence[Orientations] = ()
) -> tuple[Advice, ...]:
    """``day``: that of the information; by default that of the release, or of its last return."""
    conventions = found.world.parties.conventions
    return tuple(
        _advice(f, d, day or f.told, conventions, orientations) for f, d in zip(found.queue, decisions, strict=True)
    )


def _advice(
    f: Freed, d: Decision, told: date, conventions: Sequence[Convention], orientations: Sequence[Orientations]
) -> Advice:
    here = (o for o in orientations if o.since <= f.day and (o.until is None or f.day <= o.until))
    classed = next(
        (o.residences[f.programme] for o in here if f.programme is not None and f.programme in o.residences), None
    )
    convention = next((c for c in conventions if c.reservataire.code == d.holder and c.applies(told)), None)
    if convention is None:
        return Advice(f, d, residence=classed)
    terms = terms_at(convention, told)
    to = convention.delegation.to if convention.delegation is not None else None
    return Advice(f, d, answer_by(terms, told, f.ready), delegated(terms), classed, to)


def entry(advice: Advice, day: date | None) -> Entry:
    """The line of the journal. Its day is that of the information of the réservataire: that of the release, or of its last return, unless another is given."""
    f, d = advice.freed, advice.decision
    return Entry(0, day or f.told, d.act, f.release, f.dwelling, d.holder, d.reservation, d.rule, d.runner_up, f.motive if d.act == "HORS_FLUX" else None)  # fmt: skip


def chosen(
    choices: Mapping[str, str], motive: str, day: date | None, advice: Sequence[Advice], found: Situation, holders: set[str], bag: Bag
) -> list[Entry]:  # fmt: skip
    """Manual choices. The line keeps what the rule would have done."""
    by_release = {a.freed.release: a for a in advice}
    every = {f.release for f in found.freed}
    lines = []
    for release, holder in choices.items():
        place = Cell("--choisir")
        if not motive.strip():
            bag.add(
                "FX8404",
                f"Le choix de « {holder} » pour « {release} » n'a pas de motif.",
                place,
                'Ajoutez « --motif "…" ».',
            )
        elif holder not in holders:
            bag.add(
                "FX8402",
                f"Aucun réservataire ne s'appelle « {holder} ».",
                place,
                f"Donnez un de ces codes : {', '.join(sorted(holders))}.",
            )
        elif release not in every:
            bag.add(
                "FX8403",
                f"Aucune libération de cette année ne s'appelle « {release} ».",
                place,
                "Vérifiez l'identifiant.",
            )
        elif release not in by_release:
            bag.add(
                "FX8411",
                f"« {release} » a déjà un réservataire.",
                place,
                "Écrivez d'abord son retour, ou annulez son orientation.",
            )
        elif not _may_hold(holder, day or by_release[release].freed.told, found):
            bag.add("FX8413", f"« {holder} » n'a pas de convention en vigueur et signée avec ce bailleur : rien ne peut lui revenir.", place,
                    "Choisissez un autre réservataire, ou ajoutez sa convention au dossier.")  # fmt: skip
        else:
            f, d = by_release[release].freed, by_release[release].decision
            key = first_key(holder, None, f.day, found.world.parties.conventions)
            rule = f"choix manuel ; la règle : {d.rule}" + (f", {d.holder}" if d.holder else "")
            lines.append(
                Entry(
                    0,
                    day or f.told,
                    "CHOIX",
                    release,
                    f.dwelling,
                    holder,
                    key[1] or None,
                    rule,
                    d.holder,
                    motive.strip(),
                )
            )
    return lines


def weighed(release: str, holder: str, found: Situation) -> tuple[Effect, ...]:
    """What a manual choice does: the balance of the one chosen and of the one that the rule names, before and after, as advice shows them."""
    running = Running(found.world)
    for f in found.queue:
        if f.release != release:
            running.orient([f])
            continue
        key = first_key(holder, None, f.day, found.world.parties.conventions)
        running.see(f)
        before = running.balance(key)
        (instead,) = orient(found.world, found.queue[: found.queue.index(f) + 1])[-1:]
        rest = tuple(Effect(e.key, e.before, e.before) for e in instead.effects[:1] if e.key != key)
        return (Effect(key, before, before - 1), *rest)
    return ()


def _may_hold(holder: str, day: date, found: Situation) -> bool:
    """No convention, no right (CCH R. 441-5, I); the bailleur and the préfet for want of a convention need none."""
    conventions = found.world.parties.conventions
    return holder in (BAILLEUR, DEFAULT) or any(
        c.reservataire.code == holder and c.fully_signed and c.applies(day) for c in conventions
    )


def undone(number: int, motive: str, day: date | None, entries: Sequence[Entry]) -> Entry:
    """The annulation of an entry: an error is undone from the day that it was written for, unless another day is given."""
    aim = next((e for e in entries if e.number == number), None)
    return Entry(
        0, day or (aim.day if aim is not None else date.today()), "ANNULATION", reason=motive or None, cancels=number
    )


def returned(release: str, motive: str, day: date, entries: Sequence[Entry], bag: Bag) -> list[Entry]:
    """The return of a dwelling by the one who has it."""
    last = next((e for e in reversed(standing(entries)) if e.release == release), None)
    if last is None or last.act == "RETOUR" or last.holder is None or motive not in RETURNS:
        bag.add("FX8406", f"Le retour de « {release} » ne se comprend pas.", Cell("--retour"),
                f"Le journal doit dire qui a ce logement ; le motif est : {', '.join(RETURNS)}.")  # fmt: skip
        return []
    return [Entry(0, day, "RETOUR", release, last.dwelling, last.holder, last.reservation, None, None, motive)]
