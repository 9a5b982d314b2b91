"""The Python API. It takes and gives Polars frames; nothing here prints or exits.

>>> import fluxrules
>>> grid = fluxrules.load("grille.yaml")                       # raises RuleError when the file has errors
>>> fluxrules.score(grid, tables, date(2026, 9, 1)).results     # one row a demande and territory
>>> fluxrules.explain(grid, tables, "…", date(2026, 9, 1))      # French text
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from fluxrules.cotation.explain import Explanation, explain_facts
from fluxrules.cotation.run import Scores, score_tables
from fluxrules.cotation.sentences import as_json, text
from fluxrules.data.facts import facts_of
from fluxrules.data.given import TableError, canonical
from fluxrules.data.tables import Tables
from fluxrules.diagnostics.diagnostic import Diagnostic
from fluxrules.ir.nodes import Program
from fluxrules.language.numbers import show_date
from fluxrules.law.check import Judged, check, check_source
from fluxrules.model.check import Checked
from fluxrules.model.check import check as read_file
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.load import standard_vocabulary
from fluxrules.vocabulary.territoires import nom_territoire

Given = Tables | Mapping[str, pl.DataFrame | None]
"""Tables, or a mapping from demandes, membres, choix, evenements to frames."""


class RuleError(ValueError):
    """A rule file with errors; ``diagnostics`` says which."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(f"{d.place} {d.code} {d.message}" for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


@dataclass(frozen=True)
class Compiled:
    """The IR of a grid: ``program`` is what engines read, ``hash`` that of its meaning."""

    program: Program
    hash: str


def load(path: str | Path) -> Grid:
    """Read a grid without error. Raises ``RuleError``. The law is asked by ``check``, and by ``score`` of a grid in force."""
    checked = read_file(path)
    if checked.grid is None or not checked.ok:
        raise RuleError([d for d in checked.diagnostics if d.severity.label == "erreur"])
    return checked.grid


def compile(grid: Grid) -> Compiled:
    """The IR of a grid."""
    return Compiled(grid.program, grid.hash)


def score(
    grids: Grid | Sequence[Grid],
    tables: Given,
    reference: date,
    *,
    everyone: bool = False,
) -> Scores:
    """Score tables: ``results`` and ``positions`` are frames (docs/python.md has their columns, types and units).

    Raises ``TableError`` for frames that are not canonical tables. Values read as unknown are in ``diagnostics`` of the result, as
    are the defects of the run (no choix, a grid out of its validity), with which it is empty.
    """
    given, found = canonical(tables, standard_vocabulary(), reference)
    scores = score_tables([grids] if isinstance(grids, Grid) else list(grids), given, reference, everyone=everyone)
    return replace(scores, diagnostics=(*found, *scores.diagnostics))


def tables(given: Given, reference: date) -> Tables:
    """Frames checked once, for a reference date: ``score`` and ``explain`` then take them as they are. Raises ``TableError``."""
    return canonical(given, standard_vocabulary(), reference)[0]


def explain(grid: Grid, tables: Given, number: str, reference: date, territory: str | None = None) -> str:
    """The French explanation of one demande on a territory of the grid (its first one by default).

    Raises ``KeyError`` when no demande carries the number, ``TableError``.
    """
    name = nom_territoire(territory) if territory else grid.header.territory_name
    return text(explanation(grid, tables, number, reference, territory), number, name)


def explanation(grid: Grid, tables: Given, number: str, reference: date, territory: str | None = None) -> Explanation:
    """The same as values. Raises ``KeyError``, ``TableError``, and ``ValueError`` for a day out of the validity of the grid."""
    if not grid.header.applies(reference):
        raise ValueError(f"La grille « {grid.header.name} » ne vaut pas à la date du {show_date(reference)}.")
    territory = territory or next(iter(grid.header.territories), None)
    given, _ = canonical(tables, standard_vocabulary(), reference)
    facts = facts_of(given, number, standard_vocabulary(), territory, reference, grid.program)
    if facts is None:
        raise KeyError(number)
    return explain_facts(grid, facts, reference, standard_vocabulary())


__all__ = [
    "Checked",
    "Compiled",
    "Judged",
    "RuleError",
    "TableError",
    "as_json",
    "check",
    "check_source",
    "compile",
    "explain",
    "explanation",
    "load",
    "score",
    "tables",
]
