"""Everything that can be said of a rule file before it is used: its own defects, its examples, and the law."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from fluxrules.diagnostics.diagnostic import Bag, Severity
from fluxrules.law.judge import Verdict, judge
from fluxrules.law.prove.effort import certificate_of
from fluxrules.law.rules import Code
from fluxrules.model import check as model
from fluxrules.model.check import Checked
from fluxrules.text.source import Source, read_source
from fluxrules.vocabulary.fields import Vocabulary

if TYPE_CHECKING:
    from fluxrules.law.held import Held

_PROPERTIES = re.compile(r"^propriétés[ \t]*:", re.MULTILINE)
_LAW = re.compile(r"\A(?!(?s:.*)^cotation[ \t]*:)(?s:.*)^loi[ \t]*:", re.MULTILINE)


@dataclass(frozen=True)
class Judged(Checked):
    """``verdict`` is ``None`` when the file has errors of its own: the law is asked of what can be understood."""

    verdict: Verdict | None = None


def check(
    path: str | Path, vocabulary: Vocabulary | None = None, day: date | None = None, code: Code | None = None
) -> Judged:
    """Read a rule file, run its examples, hold it against the law of the day (today), with the proofs left beside it (without a day, those of the day that ``prove`` takes); a file of properties or of rules of law is read too. Never raises for what the file holds."""
    source = read_source(Path(path))
    if isinstance(source, Source) and _PROPERTIES.search(source.text):
        return _properties(Path(path), source)
    if isinstance(source, Source) and _LAW.search(source.text):
        return _law(Path(path), source)
    checked = model.check(path, vocabulary)
    return _judged(checked, day, code, _proofs(Path(path), checked, day))


def _properties(path: Path, source: Source) -> Judged:
    from fluxrules.law.prove.properties import names_beside, read_properties

    bag = Bag()
    read_properties(source, bag, names_beside(path))
    return Judged(None, tuple(bag.sorted()), ())


def _law(path: Path, source: Source) -> Judged:
    from fluxrules.law.load import read_law

    bag = Bag()
    read_law(path, source, bag)
    return Judged(None, tuple(bag.sorted()), ())


def _proofs(path: Path, checked: Checked, day: date | None) -> Held | None:
    """Looked for beside the file first: most grids have none, and wait for nothing."""
    if checked.grid is None or not certificate_of(path).exists():
        return None
    from fluxrules.law.held import held

    return held(path, checked.grid, day)


def check_source(source: Source, vocabulary: Vocabulary, day: date | None = None, code: Code | None = None) -> Judged:
    """The same for a text already read."""
    return _judged(model.check_source(source, vocabulary), day, code)


def _judged(checked: Checked, day: date | None, code: Code | None, proofs: Held | None = None) -> Judged:
    if checked.grid is None or any(d.severity is Severity.ERREUR for d in checked.diagnostics):
        return Judged(checked.grid, checked.diagnostics, checked.outcomes)
    verdict = judge(checked.grid, day or date.today(), code, proofs)
    both = Bag([*checked.diagnostics, *verdict.diagnostics]).sorted()
    return Judged(checked.grid, tuple(both), checked.outcomes, verdict)
