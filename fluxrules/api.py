"""The Python API. It takes and gives Polars frames; nothing here prints or exits.

>>> import fluxrules
>>> grid = fluxrules.load("grille.yaml")                       # raises RuleError when the file has errors
>>> fluxrules.score(grid, tables, date(2026, 9, 1)).results     # one row a demande and territory
>>> fluxrules.explain(grid, tables, "…", date(2026, 9, 1))      # French text
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from fluxrules.cotation.explain import Explanation, explain_facts
from fluxrules.cotation.run import Scores, score_tables
from fluxrules.cotation.sentences import as_json, text
from fluxrules.data.facts import facts_of
from fluxrules.data.tables import Tables
from fluxrules.diagnostics.diagnostic import Bag, Diagnostic
from fluxrules.engines.polars import check_widths
from fluxrules.ir.nodes import Program
from fluxrules.ir.printer import expr as show_expr
from fluxrules.model.examples import Outcome, check_examples
from fluxrules.model.grid import Grid, read_grid
from fluxrules.text.source import Source, Unreadable, read_source
from fluxrules.vocabulary.fields import Vocabulary
from fluxrules.vocabulary.load import standard_vocabulary


class RuleError(ValueError):
    """A rule file with errors; ``diagnostics`` says which."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(f"{d.place} {d.code} {d.message}" for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


@dataclass(frozen=True)
class Checked:
    """The outcome of a check: ``grid`` is ``None`` when a diagnostic is an error that leaves nothing to run."""

    grid: Grid | None
    diagnostics: tuple[Diagnostic, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def ok(self) -> bool:
        """No error (warnings and advice do not count)."""
        return self.grid is not None and not any(d.severity.label == "erreur" for d in self.diagnostics)


@dataclass(frozen=True)
class Compiled:
    """The IR of a grid: ``program`` is what engines read, ``hash`` that of its meaning."""

    program: Program
    hash: str


def check(path: str | Path, vocabulary: Vocabulary | None = None) -> Checked:
    """Read a rule file and run its examples. Never raises for what the file holds."""
    source = read_source(Path(path))
    if isinstance(source, Unreadable):
        bag = Bag()
        where = Source(source.name, "").span(0, 0)
        bag.add(
            "FX0001",
            f"Le fichier ne peut pas être lu : {source.reason}.",
            where,
            "Donnez un fichier YAML enregistré en UTF-8.",
        )
        return Checked(None, tuple(bag.items), ())
    return check_source(source, vocabulary or standard_vocabulary())


def check_source(source: Source, vocabulary: Vocabulary) -> Checked:
    """The same for a text already read."""
    bag = Bag()
    grid = read_grid(source, vocabulary, bag)
    outcomes: tuple[Outcome, ...] = ()
    if grid is not None:
        outcomes = check_examples(grid.examples, grid.program, bag)
        for wide in check_widths(grid.program)[:3]:
            bag.add(
                "FX6005",
                f"Le calcul « {show_expr(wide)[:120]} » peut dépasser 64 bits.",
                source.span(0, 0),
                "Simplifiez la formule.",
            )
    return Checked(grid, tuple(bag.sorted()), outcomes)


def load(path: str | Path) -> Grid:
    """Read a grid without error. Raises ``RuleError``."""
    checked = check(path)
    if checked.grid is None or not checked.ok:
        raise RuleError([d for d in checked.diagnostics if d.severity.label == "erreur"])
    return checked.grid


def compile(grid: Grid) -> Compiled:
    """The IR of a grid."""
    return Compiled(grid.program, grid.hash)


def score(
    grids: Grid | Sequence[Grid],
    tables: Tables | Mapping[str, pl.DataFrame],
    reference: date,
    *,
    everyone: bool = False,
) -> Scores:
    """Score tables (``Tables``, or a mapping demandes, membres, choix, evenements → canonical frames).

    Defects of the run (no choix, a grid out of its validity) are in ``diagnostics`` of the result, which is then empty.
    """
    given = tables if isinstance(tables, Tables) else Tables(
        tables["demandes"], tables.get("membres"), tables.get("choix"), tables.get("evenements")
    )  # fmt: skip
    return score_tables([grids] if isinstance(grids, Grid) else list(grids), given, reference, everyone=everyone)


def explain(grid: Grid, tables: Tables, number: str, reference: date) -> str:
    """The French explanation of one demande. Raises ``KeyError`` when no demande carries the number."""
    return text(explanation(grid, tables, number, reference), number, grid.header.territory_name)


def explanation(grid: Grid, tables: Tables, number: str, reference: date) -> Explanation:
    """The same as values. Raises ``KeyError``."""
    facts = facts_of(tables, number, standard_vocabulary())
    if facts is None:
        raise KeyError(number)
    return explain_facts(grid, facts, reference, standard_vocabulary())


__all__ = [
    "Checked",
    "Compiled",
    "RuleError",
    "as_json",
    "check",
    "check_source",
    "compile",
    "explain",
    "explanation",
    "load",
    "score",
]
