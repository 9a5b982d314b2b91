"""Expressions of one household as formulas; the interpreter's ``values.py`` says what each means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import elapsed_bound
from fluxrules.ir.ranges import number_range
from fluxrules.ir.types import Number
from fluxrules.language.units import DAYS
from fluxrules.law.prove import grades as g
from fluxrules.law.prove import numbers as q
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.specialise import Reads
from fluxrules.law.prove.terms import Formula
from fluxrules.law.prove.variables import Domain, Household, Slot, Table, Var


class Encoder:
    """``base`` is the encoder of another household of the same program: what reads none of ``changed`` is its formula too."""

    def __init__(
        self,
        program: n.Program,
        household: Household,
        domain: Domain,
        base: Encoder | None = None,
        changed: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.program, self.household, self.domain = program, household, domain
        self.definitions = dict(program.definitions)
        self.parameters = dict(program.parameters)
        self.reads: Reads = base.reads if base is not None else Reads(program)
        self.base, self.changed = base, changed
        self.slot: tuple[str, int, Slot] | None = None
        self._memo: dict[tuple[str, int, str, int], tuple[Any, n.Expr]] = {}
        self._ranges: dict[str, tuple[Fraction, Fraction] | None] = {}

    def untouched(self, read: frozenset[tuple[str, str]]) -> bool:
        """Whether something is the same in the base household: it reads no changed field."""
        return self.base is not None and not (read & self.changed)

    def _once(self, kind: str, e: n.Expr, compute: Callable[[], Any]) -> Any:
        if self.untouched(self.reads.of(e)):
            assert self.base is not None
            self.base.slot, kept = self.slot, self.base.slot
            found = getattr(self.base, kind)(e)
            self.base.slot = kept
            return found
        entity, index = (self.slot[0], self.slot[1]) if self.slot is not None else ("", -1)
        key = (kind, id(e), entity, index)
        if key not in self._memo:
            self._memo[key] = (compute(), e)
        return self._memo[key][0]

    def var(self, f: n.Field) -> Var:
        """The variable of a field, of the demande or of the row that is looked at."""
        fields: Mapping[str, Var] = self.household.fields
        if self.slot is not None and f.entity == self.slot[0]:
            fields = self.slot[2].fields
        return fields[f.name]

    # --- conditions

    def truth(self, e: n.Expr) -> g.Truth:
        if isinstance(e, n.Ref):
            slot, self.slot = self.slot, None
            found = self.truth(self.definitions[e.name])
            self.slot = slot
            return found
        result: g.Truth = self._once("truth", e, lambda: self._truth(e))
        return result

    def _truth(self, e: n.Expr) -> g.Truth:
        match e:
            case n.Field():
                v = self.var(e)
                return g.plain(v.known, v.value)
            case n.Not(item=item):
                return g.negate(self.truth(item))
            case n.And(items=items):
                return g.all_of(self.truth(i) for i in items)
            case n.Or(items=items):
                return g.any_of(self.truth(i) for i in items)
            case n.Compare(op=op, left=a, right=b):
                return q.compare(op, self.number(a), self.number(b))
            case n.CompareDay(op=op, left=a, right=b):
                return self._days(op, a, b)
            case n.CompareElapsed(op=op, elapsed=elapsed, length=length):
                if isinstance(length, n.Param):
                    raise t.UnsupportedError(f"la durée « {length.name} » n'a pas de valeur ce jour-là")
                v = self.var(elapsed.since)
                return g.plain(v.known, self.elapsed(v, op, length.value, days=length.type.unit == DAYS))
            case n.IsOneOf(item=item, codes=codes):
                held = self.code(item)
                return g.plain(held.known, held.among(codes))
            case n.ContainsAny(item=item, codes=codes):
                v = self.var(item)
                some = v.among(codes)
                certain, possible = t.both(v.known, some), t.disj([t.neg(v.known), some, v.blank])
                return g.Truth(certain, certain, possible, possible)
            case n.Exists(rows=rows, where=where):
                return self._over(rows, lambda: self._row_truth(rows, where), every=False)
            case n.ForAll(rows=rows, where=where):
                return self._over(rows, lambda: self._row_demand(rows, where), every=True)
            case n.Evidence(document=document, verified=verified):
                seen = self.var(verified).among((document,))
                return g.Truth(seen, seen, True, True)
            case _:
                raise TypeError(f"not a condition: {e}")

    def _days(self, op: str, a: n.Expr, b: n.Expr) -> g.Truth:
        ends, known = [], []
        for side in (a, b):
            if isinstance(side, n.DayConst):
                ends.append(side.value.toordinal())
            else:
                assert isinstance(side, n.Field)
                v = self.var(side)
                known.append(v.known)
                ends.append(v.value)
        test = {"<": t.below, "<=": t.at_most, "=": t.equal}[op](ends[0], ends[1])
        return g.plain(t.conj(known), test)

    def elapsed(self, v: Var, op: str, length: Fraction, *, days: bool) -> Formula:
        """Whether the time elapsed since a known day compares so with a length."""
        if op == "≠":
            return t.neg(self.elapsed(v, "=", length, days=days))
        if v.daily:
            months, extra = (0, int(length)) if days else (int(length), 0)
            first, last = elapsed_bound(op, months, extra, self.domain.reference)
            return t.both(t.at_most(first.toordinal(), v.value), t.at_most(v.value, last.toordinal()))
        half = 2 * int(length)
        return {
            "<": lambda: t.below(v.value, half),
            "<=": lambda: t.at_most(v.value, half),
            ">": lambda: t.below(half, v.value),
            ">=": lambda: t.at_most(half, v.value),
            "=": lambda: t.equal(v.value, half),
        }[op]()

    # --- rows

    def each(self, rows: n.Rows, of: Callable[[], g.Truth]) -> list[tuple[Formula, g.Truth]]:
        """The truth of something of each row, with whether the row is there."""
        assert self.slot is None
        found = []
        for i, slot in enumerate(self.table(rows).slots):
            self.slot = (rows.entity, i, slot)
            found.append((slot.present, of()))
            self.slot = None
        return found

    def table(self, rows: n.Rows) -> Table:
        return self.household.tables[rows.entity]

    def _row_truth(self, rows: n.Rows, where: n.Expr | None) -> g.Truth:
        return g.all_of(self.truth(e) for e in (rows.scope, where) if e is not None)

    def _row_demand(self, rows: n.Rows, where: n.Expr) -> g.Truth:
        out = g.negate(self.truth(rows.scope)) if rows.scope is not None else g.NO
        return g.any_of([out, self.truth(where)])

    def _over(self, rows: n.Rows, of: Callable[[], g.Truth], *, every: bool) -> g.Truth:
        here = [(g.plain(True, present), truth) for present, truth in self.each(rows, of)]
        if every:
            inner = g.all_of(g.any_of([g.negate(present), truth]) for present, truth in here)
        else:
            inner = g.any_of(g.all_of([present, truth]) for present, truth in here)
        return g.when(self.table(rows).known, inner)

    # --- numbers

    def number(self, e: n.Expr) -> q.Num:
        if isinstance(e, n.Ref):
            slot, self.slot = self.slot, None
            found = self.number(self.definitions[e.name])
            self.slot = slot
            return found
        result: q.Num = self._once("number", e, lambda: self._number(e))
        return result

    def _number(self, e: n.Expr) -> q.Num:
        match e:
            case n.Const(value=value):
                return q.constant(value)
            case n.Field(factor=factor):
                v = self.var(e)
                ratio = q.Ratio(t.times(v.value, factor.numerator), factor.denominator)
                return q.Num(False, t.neg(v.known), ratio, ratio)
            case n.Param():
                return q.Num(False, True, q.Ratio(0), q.Ratio(0))
            case n.Add(items=items):
                return q.add([self.number(i) for i in items])
            case n.Mul(left=a, right=b):
                return q.multiply(self.number(a), self.number(b), (self.span(a), self.span(b)))
            case n.Div(left=a, right=b):
                return q.divide(self.number(a), self.number(b))
            case n.Count(rows=rows, where=where):
                return self._count(rows, where)
            case n.Case():
                return q.case(self.reach(e), [self.number(v) for v in values(e)])
            case _:
                raise TypeError(f"not a number: {e}")

    def _count(self, rows: n.Rows, where: n.Expr | None) -> q.Num:
        here = self.each(rows, lambda: self._row_truth(rows, where))
        low = q.Ratio(t.total([t.choose(t.both(p, x.certain), 1, 0) for p, x in here]))
        high = q.Ratio(t.total([t.choose(t.both(p, x.possible), 1, 0) for p, x in here]))
        return q.Num(False, t.neg(self.table(rows).known), low, high)

    def span(self, e: n.Expr) -> tuple[Fraction, Fraction] | None:
        return number_range(e, self.definitions, self.parameters, self._ranges)

    def reach(self, e: n.Case) -> list[Formula]:
        """For each value of a ``Case``, whether it may be the one."""
        found: list[Formula] = []
        before: Formula = True
        for condition, _ in e.branches:
            x = self.truth(condition)
            found.append(t.both(before, x.possible))
            before = t.both(before, t.neg(x.certain))
        return [*found, before]

    # --- codes

    def code(self, e: n.Expr) -> Var:
        """An enumeration as a variable: known, and which of the classes of codes."""
        match e:
            case n.Field():
                return self.var(e)
            case n.Ref(name=name):
                return self.code(self.definitions[name])
            case n.Pick(code=picked):
                return Var(_CODE, True, None, {(picked,): True})
            case n.Case():
                reach, held = self.reach(e), [self.code(v) for v in values(e)]
                groups = dict.fromkeys(group for v in held for group in v.bits)
                bits = {
                    x: t.conj(t.implies(r, v.bits.get(x, False)) for r, v in zip(reach, held, strict=True))
                    for x in groups
                }
                return Var(_CODE, t.disj(bits.values()), None, bits)
            case _:
                raise TypeError(f"not an enumeration: {e}")


_CODE = n.Field("", "", "", Number())


def values(e: n.Case) -> list[n.Expr]:
    """The values of a ``Case``, the last one included."""
    return [*(v for _, v in e.branches), e.otherwise]
