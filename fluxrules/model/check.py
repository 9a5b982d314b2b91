"""Everything that ``check`` says of a rule file: its defects, and its examples run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fluxrules.diagnostics.diagnostic import Bag, Diagnostic, Severity
from fluxrules.ir.printer import expr as show_expr
from fluxrules.ir.widths import check_widths
from fluxrules.model.examples import Outcome, check_examples
from fluxrules.model.grid import Grid, read_grid
from fluxrules.text.source import Source, Unreadable, read_source
from fluxrules.vocabulary.fields import Vocabulary
from fluxrules.vocabulary.load import standard_vocabulary


@dataclass(frozen=True)
class Checked:
    """The outcome of a check: ``grid`` is ``None`` when a diagnostic is an error that leaves nothing to run."""

    grid: Grid | None
    diagnostics: tuple[Diagnostic, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def ok(self) -> bool:
        """No error (warnings and advice do not count)."""
        return self.grid is not None and not any(d.severity is Severity.ERREUR for d in self.diagnostics)


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
        wide = check_widths(grid.program)
        for e in wide[:3]:
            bag.add(
                "FX6005",
                f"Le calcul « {show_expr(e)[:120]} » peut dépasser 64 bits.",
                source.span(0, 0),
                "Simplifiez la formule.",
            )
        if not wide:  # exact numbers without end would keep the examples running for ever
            outcomes = check_examples(grid.examples, grid.program, bag)
    return Checked(grid, tuple(bag.sorted()), outcomes)
