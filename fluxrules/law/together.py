"""Grids held against each other: how many a territory has, and whether each version has its own act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from fluxrules.diagnostics.diagnostic import Diagnostic, Label
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


def _too_many(grids: Sequence[Grid], day: date, code: Code) -> Iterator[tuple[Grid, Found]]:
    for territory in dict.fromkeys(t for g in grids for t in g.header.territories):
        for nature in WHOLE:
            own = [
                g
                for g in grids
                if g.header.nature == nature and territory in g.header.territories and g.header.applies(day)
            ]
            rule = code.at(day).get("COT-MUTATION-OPT")
            if rule is None or len(own) <= (most := int(rule.share("grilles au plus"))):
                continue
            yield own[most], Found(
                rule.id, "FX7012", f"{nom_territoire(territory) or territory} a {len(own)} grilles à la même date ; le droit en permet {most}.",
                own[most].place, "Réunissez les grilles : seules les mutations peuvent avoir la leur.",
                tuple(Label(g.place, "une autre grille") for g in own[:most]),
            )  # fmt: skip


def _same_act(grids: Sequence[Grid]) -> Iterator[tuple[Grid, Found]]:
    """Two versions of one grid, one after the other, that one deliberation is said to adopt."""
    for first, second in combinations(grids, 2):
        a, b = first.header, second.header
        after = second if (b.since or date.min) > (a.since or date.min) else first
        apart = (a.until is not None and b.since is not None and a.until < b.since) or (
            b.until is not None and a.since is not None and b.until < a.since
        )  # fmt: skip
        same = a.deliberation is not None and (a.deliberation, a.deliberation_date) == (
            b.deliberation,
            b.deliberation_date,
        )
        if apart and same and set(a.territories) & set(b.territories) and first.hash != second.hash:
            other = first if after is second else second
            yield after, Found(
                "COT-PPGDID-PROC", "FX7019", f"Deux versions de la grille nomment la même délibération n° {a.deliberation}.", after.place,
                "Nommez la délibération qui adopte cette version.", (Label(other.place, "l'autre version"),),
            )  # fmt: skip
