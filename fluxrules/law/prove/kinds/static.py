"""What needs no solver: bands that cover everything once, keys that leave no tie, fields that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from fluxrules.engines.interpreter import Facts
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Day
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import Case, find
from fluxrules.law.prove.points import disjoint
from fluxrules.law.prove.verdict import Finding, Verdict


def bands(case: Case) -> Iterator[Finding]:
    """An unknown meets every band and a quotient sans objet none, by the calculus: what is left to prove is about known values."""
    wrong = 0
    banded = [line for line in case.problem.lines if isinstance(line.points, n.Bands)]
    for line in banded:
        assert isinstance(line.points, n.Bands)
        own = line.points.bands
        name = line.path[-1] if line.path else "ligne"
        open_ends = own[0].low is None and own[-1].high is None
        joined = all(a.high == b.low and (a.high_in or b.low_in) for a, b in pairwise(own))
        if open_ends and joined and disjoint(own):
            continue
        span = case.problem.enc.span(line.points.item) if not isinstance(line.points.item, n.Elapsed) else None
        inside = (
            span is not None
            and (own[0].low is None or own[0].low < span[0] or (own[0].low == span[0] and own[0].low_in))
            and (own[-1].high is None or own[-1].high > span[1] or (own[-1].high == span[1] and own[-1].high_in))
        )
        if joined and disjoint(own) and inside:
            continue
        wrong += 1
        what = "se chevauchent" if not disjoint(own) else "ne couvrent pas toutes les valeurs"
        yield case.finding(Verdict.REFUTED, name, f"Les tranches de « {line.label or name} » {what}.")
    if banded and not wrong:
        sentence = "Les tranches couvrent toutes les valeurs connues, sans chevauchement ; une valeur inconnue les laisse toutes possibles."
        yield case.finding(Verdict.PROVED, "tranches", sentence)


def total_order(case: Case) -> Iterator[Finding]:
    keys = case.grid.program.ties
    days = [k.item for k in keys if isinstance(k.item.type, Day)]
    after = f", même départagées ({' ; '.join(k.said or 'clé' for k in keys)})," if keys else ""
    same = ", par exemple quand elles ont la même date" if days else ""
    sentence = (
        f"Deux demandes de même note{after} peuvent rester à égalité{same} : elles partagent alors leur position."
    )
    yield case.finding(Verdict.REFUTED, "ordre", sentence)


def no_influence(case: Case) -> Iterator[Finding]:
    """A field that the note does not read, even through a definition, cannot change it; one that it reads goes to the solver."""
    problem, principal = case.problem, case.vocabulary.principal
    read = {(f.entity, f.name) for f in problem.domain.fields}
    for written in case.asked.fields:
        entity, _, name = written.rpartition(".")
        entity = entity or principal
        f = case.vocabulary.field_def(entity, name)
        label = f.label if f is not None else written
        if (moved := case.beyond(written)) is not None:
            yield moved
            continue
        if (entity, name) not in read:
            yield case.finding(Verdict.PROVED, written, f"« {label} » ne change rien à la note : rien ne le lit, même à travers une définition.")  # fmt: skip
            continue
        start = problem.household
        if entity == principal:
            other = start.changed((name,), problem.domain)
        else:
            other = start.changed_in_rows(entity, (name,), problem.domain)
        note = problem.changed(other, {(entity, name)})
        solver = problem.solver(*problem.possible(note.enc), t.neg(t.equal(note.now(), problem.note.now())))

        def replay(a: Facts, b: Facts) -> bool:
            return problem.result(a).note != problem.result(b).note

        found = find(case, solver, [start, other], replay)
        if found.answer is False:
            yield case.finding(Verdict.PROVED, written, f"« {label} » est lu, mais ne change la note d'aucun ménage.")
        elif found.answer is None:
            yield case.undecided(written, found.reason)
        else:
            notes = [case.points(problem.result(f).note) for f in found.facts]
            titles = (f"sans changer {written}", f"en changeant seulement {written}")
            yield case.finding(
                Verdict.REFUTED, written, f"« {label} » change la note : {notes[0]} ou {notes[1]} pour deux ménages que rien d'autre ne distingue.",
                *(case.witness(x, f) for x, f in zip(titles, found.facts, strict=True)),
            )  # fmt: skip
