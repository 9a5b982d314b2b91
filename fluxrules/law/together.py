"""Grids held against each other: how many a territory has, and whether each version has its own act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from fluxrules.diagnostics.diagnostic import Diagnostic, Label, Severity
from fluxrules.law.case import WHOLE, Found
from fluxrules.law.judge import settle, within
from fluxrules.law.load import standard_code
from fluxrules.law.rules import Code
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.territoires import nom_territoire


def judge_together(grids: Sequence[Grid], day: date, code: Code | None = None) -> tuple[Diagnostic, ...]:
    """What no grid shows alone. Grids of one territory are compared with those of the same nature."""
    code = code or standard_code()
    whole = [g for g in grids if g.header.nature in WHOLE]
    out: list[Diagnostic] = []
    for grid, found in (*_too_many(whole, day, code), *_same_act(whole)):
        law = code.at(within(grid, day))
        out += [d for d in settle(grid, law, [found], code).diagnostics if d.code == found.code]
    return tuple(out)


def refused_together(grids: Sequence[Grid], day: date) -> tuple[Diagnostic, ...]:
    """The errors of law of the grids in force taken together: with one of them nothing is scored."""
    found = judge_together([g for g in grids if g.header.nature == "en vigueur"], day)
    return tuple(d for d in found if d.severity is Severity.ERREUR)


def _too_many(grids: Sequence[Grid], day: date, code: Code) -> Iterator[tuple[Grid, Found]]:
    rule = code.at(day).get("COT-MUTATION-OPT")
    if rule is None:
        return
    groups: dict[tuple[str, str], list[Grid]] = {}
    for g in (g for g in grids if g.header.applies(day)):
        for territory in g.header.territories:
            groups.setdefault((territory, g.header.nature), []).append(g)
    most = int(rule.share("grilles au plus"))
    for (territory, _), own in groups.items():
        if len(own) > most:
            yield own[most], Found(
                rule.id, "FX7012", f"{nom_territoire(territory) or territory} a {len(own)} grilles à la même date ; le droit en permet {most}.",
                own[most].place, "Réunissez les grilles : seules les mutations peuvent avoir la leur.",
                tuple(Label(g.place, "une autre grille") for g in own[:most]),
            )  # fmt: skip


def _same_act(grids: Sequence[Grid]) -> Iterator[tuple[Grid, Found]]:
    """Two versions of one grid, one after the other, that one deliberation is said to adopt."""
    acts: dict[tuple[str, date | None], list[Grid]] = {}
    for g in grids:
        if g.header.deliberation is not None:
            acts.setdefault((g.header.deliberation, g.header.deliberation_date), []).append(g)
    for first, second in (pair for own in acts.values() for pair in combinations(own, 2)):
        a, b = first.header, second.header
        after = second if (b.since or date.min) > (a.since or date.min) else first
        apart = (a.until is not None and b.since is not None and a.until < b.since) or (
            b.until is not None and a.since is not None and b.until < a.since
        )  # fmt: skip
        if apart and set(a.territories) & set(b.territories) and first.hash != second.hash:
            other = first if after is second else second
            yield after, Found(
                "COT-PPGDID-PROC", "FX7019", f"Deux versions de la grille nomment la même délibération n° {a.deliberation}.", after.place,
                "Nommez la délibération qui adopte cette version.", (Label(other.place, "l'autre version"),),
            )  # fmt: skip
