"""Lines that can never change the note."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import SPENT, Case
from fluxrules.law.prove.verdict import Finding, Verdict


def dead(case: Case) -> Iterator[Finding]:
    problem = case.problem
    solver = problem.solver()
    note, alive = problem.note.now(), 0
    for line in problem.lines:
        name = line.path[-1] if line.path else "ligne"
        changes = t.neg(t.equal(note, problem.note.without(line.path).now()))
        answer = solver.check(problem.line(line).counts, changes)
        if answer is None:
            yield case.undecided(name, SPENT)
        elif answer is False:
            sentence = f"« {line.label or name} » ne change la note d'aucun ménage : retirez-le, ou changez ses points, sa condition ou le plafond."
            yield case.finding(Verdict.REFUTED, name, sentence)
        else:
            alive += 1
    if alive:
        of_all = "Chacun des" if alive == len(problem.lines) else f"Sur {len(problem.lines)} critères,"
        sentence = f"{of_all} {alive} critères change la note d'au moins un ménage." if alive == len(problem.lines) else f"{of_all} {alive} changent la note d'au moins un ménage."  # fmt: skip
        yield case.finding(Verdict.PROVED, "note", sentence)
