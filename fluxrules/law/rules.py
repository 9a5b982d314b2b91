"""The rules of law as values, and the law of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.language.numbers import show_date
from fluxrules.law.confidence import READ, table
from fluxrules.text.source import Span

Parameter = Fraction | date | str | tuple[str, ...]


@dataclass(frozen=True)
class Verification:
    """A jurist read the text: from then on the rule counts as read."""

    by: str
    day: date
    text: str


@dataclass(frozen=True)
class Rule:
    """One version of a rule, in force from ``since`` (``None``: before all we know) to ``until``, both inclusive.

    ``category`` is what the public of a priority is called.
    ``checked_by`` are the codes of the diagnostics that hold a grid against it; ``unchecked`` says why there is none.
    """

    id: str
    article: str
    kind: str
    confidence: str
    sentence: str
    todo: str
    place: Span = field(compare=False, repr=False)
    chapter: str = ""
    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    verified: Verification | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    category: str | None = None
    note: str | None = None
    checked_by: tuple[str, ...] = ()
    unchecked: str | None = None

    @property
    def severity(self) -> Severity | None:
        """What breaking it is worth; ``None`` for what is only said."""
        return table().severity(self.kind, READ if self.verified else self.confidence)

    @property
    def reference(self) -> str:
        """The article and how it is known, as a diagnostic cites them."""
        noted = f" ({self.note})" if self.note and not self.verified else ""
        return f"{self.article} ({self.id}) : {self.known}{noted}"

    @property
    def known(self) -> str:
        """How the rule is known, with its source where it was not read in the text in force."""
        if self.verified:
            return f"vérifié par {self.verified.by} le {show_date(self.verified.day)} ({self.verified.text})"
        said = self.confidence
        names = [table().sources[code].name for code in self.sources]
        return said if said == READ or not names else f"{said} : {' ; '.join(names)}"

    def share(self, name: str = "part") -> Fraction:
        """An exact number among the parameters. Raises ``KeyError``."""
        value = self.parameters[name]
        if not isinstance(value, Fraction):
            raise KeyError(f"{self.id}: {name}")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """A list among the parameters, empty where there is none."""
        value = self.parameters.get(name, ())
        return value if isinstance(value, tuple) else ()

    def in_force(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Law:
    """The rules of one day, by id."""

    day: date
    rules: Mapping[str, Rule]

    def get(self, rule_id: str) -> Rule | None:
        return self.rules.get(rule_id)

    @property
    def priorities(self) -> tuple[Rule, ...]:
        """DALO and the categories of L. 441-1, in written order."""
        return tuple(r for r in self.rules.values() if r.category is not None)


@dataclass(frozen=True)
class Code:
    """Every version of every rule: versions of one rule follow each other by ``since``, and do not overlap."""

    versions: tuple[Rule, ...]

    def at(self, day: date) -> Law:
        """The law in force on a day."""
        return Law(day, {r.id: r for r in self.versions if r.in_force(day)})

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(r.id for r in self.versions))

    def verified(self, rule_id: str, by: Verification) -> Code:
        """The same code with a jurist's word on a rule."""
        return Code(tuple(replace(r, verified=by) if r.id == rule_id else r for r in self.versions))


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Versions of one rule brought together, the first at its place and in its chapter: a later one ends those before it."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.id, []).append(rule)
    found: list[Rule] = []
    for versions in groups.values():
        ordered = sorted(versions, key=lambda r: r.since or date.min)
        for rule, after in zip(ordered, [*ordered[1:], None], strict=True):
            end = date.fromordinal(after.since.toordinal() - 1) if after is not None and after.since else None
            found.append(
                replace(
                    rule,
                    chapter=versions[0].chapter,
                    until=min(d for d in (rule.until, end) if d) if rule.until or end else None,
                )
            )
    return tuple(found)
