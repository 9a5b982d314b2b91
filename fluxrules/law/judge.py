"""A grid against the law of a day: what was found, at its severity, and what a derogation lifts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from fluxrules.diagnostics.diagnostic import Bag, Diagnostic, Severity
from fluxrules.language.numbers import show_date
from fluxrules.law.case import WHOLE, Case, Found
from fluxrules.law.checks import CHECKS
from fluxrules.law.covered import Covered, covered
from fluxrules.law.load import standard_code
from fluxrules.law.rules import Code, Law, Rule
from fluxrules.model.derogations import Derogation
from fluxrules.model.grid import Grid
from fluxrules.text.near import nearest

if TYPE_CHECKING:
    from fluxrules.law.held import Held


@dataclass(frozen=True)
class Verdict:
    """``refused``: the rules that the grid breaks and that block; ``lifted``: the derogations that lift something that day.
    ``eased``: how many findings that is. ``covered``: what is proved of its priorities without a solver; ``proofs``: what « fluxrules prove » left beside the file."""

    grid: Grid
    law: Law
    diagnostics: tuple[Diagnostic, ...]
    refused: tuple[str, ...] = ()
    lifted: tuple[Derogation, ...] = ()
    eased: int = 0
    covered: Covered | None = None
    proofs: Held | None = None


def judge(grid: Grid, day: date, code: Code | None = None, proofs: Held | None = None) -> Verdict:
    """Hold a grid without error against the law of a day, brought inside the validity of the grid."""
    code = code or standard_code()
    law = code.at(within(grid, day))
    case = Case(grid, law)
    found = [f for check in CHECKS for f in check(case)]
    if proofs is not None:
        from fluxrules.law.held import refuted_claims

        found += refuted_claims(grid, proofs)
    return replace(settle(grid, law, found, code), covered=covered(case), proofs=proofs)


def within(grid: Grid, day: date) -> date:
    """The day, or the nearest one on which the grid applies."""
    since, until = grid.header.since, grid.header.until
    if since is not None and day < since:
        return since
    return until if until is not None and day > until else day


def settle(grid: Grid, law: Law, found: Sequence[Found], code: Code) -> Verdict:
    """Severities, references and derogations of what the checks found."""
    bag = Bag()
    refused: list[str] = []
    lifted: list[Derogation] = []
    for item in found:
        diagnostic = diagnostic_of(item, law, whole=grid.header.nature in WHOLE)
        if diagnostic is None:
            continue
        act = next((d for d in grid.header.derogations if d.rule == item.rule and d.applies(law.day)), None)
        if diagnostic.severity is Severity.ERREUR and act is not None:
            lifted.append(act)
            message = f"{diagnostic.message.removesuffix('.')} ; levé jusqu'au {show_date(act.until)} par dérogation ({act.act})."
            diagnostic = replace(diagnostic, message=message, severity=Severity.AVERTISSEMENT)
        elif diagnostic.severity is Severity.ERREUR:
            refused.append(item.rule)
        bag.items.append(diagnostic)
    _derogations(grid, law, code, lifted, bag)
    return Verdict(
        grid, law, tuple(bag.sorted()), tuple(dict.fromkeys(refused)), tuple(dict.fromkeys(lifted)), len(lifted)
    )


def diagnostic_of(found: Found, law: Law, *, whole: bool) -> Diagnostic | None:
    """A finding at the severity of its rule, advice at most where the document is not held whole against the law.

    ``None``: the rule is not in force that day, or is only said.
    """
    rule = law.get(found.rule)
    if rule is None or rule.severity is None:
        return None
    most = found.most if whole else Severity.CONSEIL
    cited = (rule, *(r for i in found.also if (r := law.get(i)) is not None))
    return Diagnostic(found.code, found.message, found.where, found.help, found.labels, tuple(r.reference for r in cited),
                      found.witness, min(rule.severity, most))  # fmt: skip


def _derogations(grid: Grid, law: Law, code: Code, lifted: Sequence[Derogation], bag: Bag) -> None:
    """Derogations of no known rule, and those that lift nothing."""
    for act in grid.header.derogations:
        if act.rule not in code.ids:
            near = nearest(act.rule, code.ids)
            bag.add("FX7050", f"Aucune règle de droit ne s'appelle « {act.rule} ».", act.place,
                    f"Vouliez-vous écrire « {near} » ?" if near else "Prenez un nom de la liste : fluxrules loi.")  # fmt: skip
        elif not act.applies(law.day):
            bag.add("FX7051", f"Cette dérogation vaut du {show_date(act.since)} au {show_date(act.until)} : elle ne lève rien au {show_date(law.day)}.", act.place,
                    "Retirez-la, ou corrigez ses dates.")  # fmt: skip
        elif act not in lifted:
            bag.add("FX7051", f"Cette dérogation ne lève rien : la grille ne contredit pas « {act.rule} ».", act.place, "Retirez-la.")  # fmt: skip


def refusals(grids: Sequence[Grid], day: date) -> Iterator[Diagnostic]:
    """The errors of law of the grids in force: with one of them nothing is scored."""
    for grid in grids:
        if grid.header.nature == "en vigueur":
            yield from (d for d in judge(grid, day).diagnostics if d.severity is Severity.ERREUR)


def broken(grid: Grid, day: date) -> tuple[Rule, ...]:
    """The rules that a grid in force breaks and that block it: read for each demande explained, found once a grid and day."""
    return _broken(_Same(grid), day) if grid.header.nature == "en vigueur" else ()


@dataclass(frozen=True, eq=False)
class _Same:
    """A grid as this very object, which is cheaper to tell apart than by what it says."""

    grid: Grid

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.grid is self.grid

    def __hash__(self) -> int:
        return id(self.grid)


@lru_cache(maxsize=1024)
def _broken(same: _Same, day: date) -> tuple[Rule, ...]:
    verdict = judge(same.grid, day)
    return tuple(verdict.law.rules[i] for i in verdict.refused)


def lifted_by(grid: Grid, day: date) -> tuple[Derogation, ...]:
    """The derogations of a grid that run on a day."""
    return tuple(d for d in grid.header.derogations if d.applies(within(grid, day)))
