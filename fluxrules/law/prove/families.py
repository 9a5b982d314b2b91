"""Families of a household as terms: what counts now, and the least and greatest once everything is settled (docs/calculus.md §5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from fluxrules.ir import nodes as n
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.encode import Encoder
from fluxrules.law.prove.points import ABSENT, LineTerms, line_terms
from fluxrules.law.prove.terms import Formula, Integer

MOST_IN_A_MEAN = 4


@dataclass(frozen=True)
class Item:
    """Takes part where ``counts``, with ``value``."""

    counts: Formula
    value: Integer


class Note:
    """The terms of one household's note. ``instead`` replaces some lines, by path: a line taken out, or taken as acquired.

    ``base`` is the note of the household that the encoder's is a change of: what reads nothing changed is the same term.
    """

    def __init__(
        self, enc: Encoder, instead: Mapping[tuple[str, ...], LineTerms] | None = None, base: Note | None = None
    ) -> None:
        self.enc, self.instead, self.base = enc, dict(instead or {}), base
        self._lines: dict[tuple[str, ...], LineTerms] = {}
        self._now: dict[tuple[str, ...], Integer] = {}

    def line(self, line: n.Line) -> LineTerms:
        if line.path in self.instead:
            return self.instead[line.path]
        if self.base is not None and self.enc.untouched(self.enc.reads.of_line(line)):
            return self.base.line(line)
        if line.path not in self._lines:
            self._lines[line.path] = line_terms(line, self.enc)
        return self._lines[line.path]

    def without(self, *paths: tuple[str, ...]) -> Note:
        """The note when some lines are absent; the other lines are the same terms."""
        other = Note(self.enc, {**self.instead, **dict.fromkeys(paths, ABSENT)}, self.base)
        other._lines = self._lines
        return other

    def now(self, family: n.Family | None = None) -> Integer:
        """The note, or what a family is worth now."""
        family = family or self.enc.program.root
        if self.base is not None and not self.instead and self.enc.untouched(self.enc.reads.of_item(family)):
            return self.base.now(family)
        if family.path not in self._now:
            items = [self._item(i) for i in family.items]
            self._now[family.path] = t.limit(reduced(family, items), family.floor, family.cap)
        return self._now[family.path]

    def _item(self, item: n.Line | n.Family) -> Item:
        if isinstance(item, n.Family):
            return Item(True, self.now(item))
        x = self.line(item)
        return Item(x.counts, x.now)

    def settled(self, family: n.Family | None = None) -> tuple[Integer, Integer]:
        """Least and greatest note over all ways of settling lines en suspens, each on its own."""
        family = family or self.enc.program.root
        parts: list[Settling] = []
        for i in family.items:
            if isinstance(i, n.Family):
                parts.append(Settling(True, False, *self.settled(i)))
            else:
                x = self.line(i)
                parts.append(Settling(x.acquired, x.pending, x.low, x.high))
        low, high = (_settled(family, parts, least=least) for least in (True, False))
        return t.limit(low, family.floor, family.cap), t.limit(high, family.floor, family.cap)


@dataclass(frozen=True)
class Settling:
    present: Formula
    maybe: Formula
    low: Integer
    high: Integer


def reduced(family: n.Family, items: Sequence[Item]) -> Integer:
    """The items that count, reduced; 0 when none does."""
    match family.reducer:
        case n.Reducer.SUM:
            return t.total([t.choose(i.counts, i.value, 0) for i in items])
        case n.Reducer.MAX:
            return _best(items, lambda a, b: t.below(b, a), down=True)
        case n.Reducer.MIN:
            return _best(items, t.below, down=False)
        case n.Reducer.FIRST:
            value: Integer = 0
            for i in reversed(items):
                value = t.choose(i.counts, i.value, value)
            return value
        case n.Reducer.MEAN:
            count = t.total([t.choose(i.counts, 1, 0) for i in items])
            return _mean(t.total([t.choose(i.counts, i.value, 0) for i in items]), count, len(items), family.rounding)


def _best(items: Sequence[Item], better: Callable[[Integer, Integer], Formula], *, down: bool) -> Integer:
    if all(isinstance(i.value, int) for i in items):
        value: Integer = 0
        for i in sorted(items, key=lambda i: i.value, reverse=not down):
            value = t.choose(i.counts, i.value, value)
        return value
    value, some = 0, False
    for i in items:
        value = t.choose(t.both(i.counts, t.either(t.neg(some), better(i.value, value))), i.value, value)
        some = t.either(some, i.counts)
    return value


def _mean(sum_: Integer, count: Integer, most: int, rounding: n.Rounding | None) -> Integer:
    value: Integer = 0
    for k in range(1, most + 1):
        value = t.choose(t.equal(count, k), rounded(sum_, k, rounding), value)
    return value


def rounded(sum_: Integer, by: int, rounding: n.Rounding | None) -> Integer:
    """``sum_ / by`` as a whole number; a half goes up."""
    match rounding:
        case n.Rounding.DOWN:
            return t.floor_div(sum_, by)
        case n.Rounding.UP:
            return t.floor_div(t.total([sum_, by - 1]), by)
        case _:
            return t.floor_div(t.total([t.times(sum_, 2), by]), 2 * by)


def _settled(family: n.Family, items: Sequence[Settling], *, least: bool) -> Integer:
    def end(i: Settling) -> Integer:
        return i.low if least else i.high

    closer = t.smaller if least else t.greater
    match family.reducer:
        case n.Reducer.SUM:
            return t.total(
                [t.choose(i.present, end(i), t.choose(i.maybe, closer(end(i), 0), 0)) for i in items]
            )  # fmt: skip
        case n.Reducer.FIRST:
            return _first(items, end, closer)
        case n.Reducer.MEAN:
            return _mean_end(family, items, end, least=least)
        case reducer:
            sure = t.disj(i.present for i in items)
            # Where the extreme is the side that a present item bounds, the maybe items only count when nothing is present.
            bounding = (reducer is n.Reducer.MAX) == least
            value: Integer = 0
            some: Formula = False
            for i in items:
                takes = t.either(i.present, t.both(i.maybe, t.neg(sure)) if bounding else i.maybe)
                first = t.both(sure, t.neg(some))  # with nothing present, 0 takes part
                nearer = t.below(end(i), value) if (reducer is n.Reducer.MIN) else t.below(value, end(i))
                if bounding:
                    inside = nearer_of(reducer, end(i), value, sure, least)
                    value = t.choose(t.both(takes, t.either(first, inside)), end(i), value)
                else:
                    value = t.choose(t.both(takes, t.either(first, nearer)), end(i), value)
                some = t.either(some, takes)
            return value


def nearer_of(reducer: n.Reducer, end: Integer, value: Integer, sure: Formula, least: bool) -> Formula:
    """With something present the reducer's own order; with nothing present the extreme that is looked for."""
    own = t.below(value, end) if reducer is n.Reducer.MAX else t.below(end, value)
    wanted = t.below(end, value) if least else t.below(value, end)
    return t.either(t.both(sure, own), t.both(t.neg(sure), wanted))


def _first(
    items: Sequence[Settling],
    end: Callable[[Settling], Integer],
    closer: Callable[[Integer, Integer], Integer],
) -> Integer:
    value: Integer = 0
    for i in reversed(items):
        value = t.choose(i.present, end(i), t.choose(i.maybe, closer(end(i), value), value))
    return value


def _mean_end(
    family: n.Family, items: Sequence[Settling], end: Callable[[Settling], Integer], *, least: bool
) -> Integer:
    """Over every choice of the maybe items; a mean of many items is not put to the solver."""
    if len(items) > MOST_IN_A_MEAN and any(i.maybe is not False for i in items):
        raise t.UnsupportedError(f"les bornes d'une moyenne de plus de {MOST_IN_A_MEAN} critères en suspens")
    value: Integer = None
    size = len(items)
    for taken in (c for k in range(size + 1) for c in combinations(range(size), k)):
        count = len(taken)
        mean = 0 if not count else rounded(t.total([end(items[i]) for i in taken]), count, family.rounding)
        fits = t.conj(
            t.either(x.present, x.maybe) if i in taken else t.neg(x.present) for i, x in enumerate(items)
        )  # fmt: skip
        if value is None:
            value, some = mean, fits
            continue
        nearer = t.below(mean, value) if least else t.below(value, mean)
        value = t.choose(t.both(fits, t.either(t.neg(some), nearer)), mean, value)
        some = t.either(some, fits)
    return value
