"""PRIO-COVER: the lines that claim a priority are acquired by whom the library calls certain, and pay whoever has nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fluxrules.engines.interpreter import Facts, FamilyResult, LineResult, Result, State, combine
from fluxrules.engines.interpreter.values import Scope, truth
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import descend
from fluxrules.law.marginal import pays
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.ask import Case, find
from fluxrules.law.prove.categories import Claim, canonical, claims
from fluxrules.law.prove.encode import Encoder
from fluxrules.law.prove.terms import Formula
from fluxrules.law.prove.verdict import Finding, Verdict

_PAID = "« {} » rapporte des points à tout ménage dont c'est la seule priorité légale."


def cover(case: Case) -> Iterator[Finding]:
    problem = case.problem
    here = {line.path: line for line in problem.lines}
    held = claims(case.grid)
    merged = replace(problem.merged, definitions=(*canonical()[1].definitions, *problem.merged.definitions))
    enc = Encoder(merged, problem.household, problem.domain)
    paid: set[frozenset[tuple[str, ...]]] = set()
    for claim in held:
        own = [here[x.path] for x in claim.lines]
        certain = enc.truth(claim.least).certain if claim.least is not None else True
        if claim.least is not None:
            yield _reached(case, claim, own, certain)
        if claim.paths not in paid:
            paid.add(claim.paths)
            others = [here[x.path] for c in held for x in c.lines if x.path not in claim.paths]
            yield _pays(case, claim, own, others, certain)


def _reached(case: Case, claim: Claim, own: Sequence[n.Line], certain: Formula) -> Finding:
    """Whether every household in the library's certain case, documents verified, has one of the lines."""
    problem = case.problem
    proofs = [e for x in own if x.condition is not None for e in descend(x.condition) if isinstance(e, n.Evidence)]
    solver = problem.solver(
        certain,
        *(problem.enc.truth(e).certain for e in proofs),
        *(t.neg(problem.line(x).acquired) for x in own),
    )

    def replay(facts: Facts) -> bool:
        return _certain(case, claim, facts) and not _acquired(problem.result(facts), claim)

    found = find(case, solver, [problem.household], replay)
    name, label = claim.name, claim.label
    return case.told(
        found, claim.subject,
        f"Tout ménage qui relève avec certitude de la priorité « {name} » a « {label} ».",
        f"Ce ménage relève de la priorité « {name} », et « {label} » ne lui est pas acquis.",
        f"{claim.subject}, non couverte",
    )  # fmt: skip


def _pays(case: Case, claim: Claim, own: Sequence[n.Line], others: Sequence[n.Line], certain: Formula) -> Finding:
    """Marginal points: the note against the note without the lines, for a household without any other priority. Ranges first."""
    problem = case.problem
    paths = [x.path for x in own]
    if len(own) == 1 and pays(problem.program, own[0], frozenset(x.path for x in others)):
        return case.finding(Verdict.PROVED, claim.subject, _PAID.format(claim.label))
    solver = problem.solver(
        certain,
        t.disj(problem.line(x).acquired for x in own),
        *(t.neg(problem.line(x).counts) for x in others),
    )
    idle = t.at_most(problem.note.now(), problem.note.without(*paths).now())

    def replay(facts: Facts) -> bool:
        result = problem.result(facts)
        return _certain(case, claim, facts) and _acquired(result, claim) and result.note <= without(result, *paths)

    found = find(case, solver, [problem.household], replay, idle)
    if found.answer is False and solver.check() is False:
        alone = (
            f"« {claim.label} » ne vient jamais seule : qui l'a relève aussi d'une autre priorité légale de la grille."
        )
        return case.finding(Verdict.PROVED, claim.subject, alone)
    return case.told(
        found, claim.subject,
        _PAID.format(claim.label),
        f"« {claim.label} » ne rapporte rien à ce ménage, dont c'est pourtant la seule priorité légale.",
        f"{claim.subject}, sans effet",
    )  # fmt: skip


def _certain(case: Case, claim: Claim, facts: Facts) -> bool:
    return claim.least is None or truth(claim.least, Scope.of(canonical()[1], facts, case.problem.day)).certain


def _acquired(result: Result, claim: Claim) -> bool:
    return any(x.state is State.ACQUIRED for x in result.lines() if x.line.path in claim.paths)


def without(result: Result, *paths: tuple[str, ...]) -> int:
    """The note that the interpreter gives when some lines are absent."""

    def again(item: LineResult | FamilyResult) -> LineResult | FamilyResult:
        if isinstance(item, FamilyResult):
            return combine(item.family, tuple(again(i) for i in item.items))
        return replace(item, state=State.ABSENT, points=0) if item.line.path in paths else item

    root = again(result.root)
    assert isinstance(root, FamilyResult)
    return root.points
