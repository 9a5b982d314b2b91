"""One household as variables: every field is known or not, and rows are there or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as default
from datetime import date

from fluxrules.ir import nodes as n
from fluxrules.ir.types import Bool, Choice, Day, Many, Number
from fluxrules.ir.walk import descend, line_exprs, lines
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.terms import Formula, Integer

OLDEST_MONTHS, NEXT_MONTHS = 1440, 12
"""A date lies between 120 years before the reference date and a year after it."""


@dataclass(frozen=True)
class Var:
    """A field: ``known``, and its value by kind. A date counts half months: 2n for exactly n months, 2n + 1 for some days more; or days,
    where the very day matters (``daily``)."""

    field: n.Field
    known: Formula
    value: Formula | Integer = None
    bits: Mapping[tuple[str, ...], Formula] = default(default_factory=dict)
    blank: Formula = False
    daily: bool = False
    reference: date = date.min

    def among(self, codes: Iterable[str]) -> Formula:
        """Whether a class of codes inside ``codes`` is held."""
        wanted = set(codes)
        return t.disj(b for group, b in self.bits.items() if group[0] in wanted)


@dataclass(frozen=True)
class Slot:
    """A row that may be there."""

    present: Formula
    fields: Mapping[str, Var]


@dataclass(frozen=True)
class Table:
    """The rows of an entity: whether the table was given, and a bounded number of rows."""

    rows: n.Rows
    given: Formula
    slots: tuple[Slot, ...]

    @property
    def known(self) -> Formula:
        """Rows that must be one at least are unknown when there is none."""
        first = self.slots[0].present if self.slots else False
        return t.both(self.given, first) if self.rows.at_least_one else self.given


@dataclass(frozen=True)
class Household:
    """``fields`` by name, ``tables`` by entity; ``well`` holds what makes the variables a household."""

    fields: Mapping[str, Var]
    tables: Mapping[str, Table]
    well: tuple[Formula, ...]

    def changed(self, names: Iterable[str], domain: Domain, mark: str = "'") -> Household:
        """The same household with other values for some fields."""
        well: list[Formula] = []
        own = {x: domain.variable(self.fields[x].field, mark, well) for x in names if x in self.fields}
        return replace(self, fields={**self.fields, **own}, well=(*self.well, *well))

    def changed_in_rows(self, entity: str, names: Iterable[str], domain: Domain, mark: str = "'") -> Household:
        """The same household with other values for some fields of its rows."""
        well: list[Formula] = []
        wanted, table = set(names), self.tables[entity]
        slots = tuple(
            replace(slot, fields={x: domain.variable(v.field, f"{mark}{i}.", well, slot.present) if x in wanted else v
                                  for x, v in slot.fields.items()})
            for i, slot in enumerate(table.slots)
        )  # fmt: skip
        tables = {**self.tables, entity: replace(table, slots=slots)}
        return replace(self, tables=tables, well=(*self.well, *well))

    def without_rows(self, entity: str) -> Household:
        """The same household, of which it is known that it has no row of an entity."""
        table = replace(self.tables[entity], given=True, slots=())
        return replace(self, tables={**self.tables, entity: table})


@dataclass(frozen=True)
class Domain:
    """What is common to all households of some programs: fields read, classes of codes that no rule tells apart, sizes."""

    fields: tuple[n.Field, ...]
    rows: tuple[n.Rows, ...]
    groups: Mapping[str, tuple[tuple[str, ...], ...]]
    daily: frozenset[tuple[str, str]]
    reference: date
    sizes: Mapping[str, int]

    def size(self, rows: n.Rows) -> int:
        return min(self.sizes.get(rows.entity, 4), rows.most)

    def household(self, mark: str = "") -> Household:
        well: list[Formula] = []
        principal = {f.name: self.variable(f, mark, well) for f in self._principal()}
        tables = {r.entity: self.table(r, mark, well) for r in self.rows}
        return Household(principal, tables, tuple(well))

    def _principal(self) -> Iterator[n.Field]:
        entities = {r.entity for r in self.rows}
        return (f for f in self.fields if f.entity not in entities)

    def table(self, rows: n.Rows, mark: str, well: list[Formula]) -> Table:
        given = t.boolean(f"{mark}{rows.entity}?")
        slots: list[Slot] = []
        for i in range(self.size(rows)):
            present = t.boolean(f"{mark}{rows.entity}.{i}?")
            before = slots[-1].present if slots else given
            well.append(t.implies(present, before))
            own = {
                f.name: self.variable(f, f"{mark}{i}.", well, present) for f in self.fields if f.entity == rows.entity
            }
            slots.append(Slot(present, own))
        return Table(rows, given, tuple(slots))

    def variable(self, f: n.Field, mark: str, well: list[Formula], within: Formula = True) -> Var:
        """A variable of its own for a field; what it must satisfy goes to ``well``. A row that is not there knows nothing."""
        name = f"{mark}{f.entity}.{f.name}"
        known = t.boolean(f"{name}?")
        well.append(t.implies(known, within))
        match f.type:
            case Bool():
                value = t.boolean(name)
                well.append(t.implies(value, known))
                return Var(f, known, value)
            case Number():
                assert f.range is not None
                value = t.integer(name)
                well += [t.at_most(int(f.range.low), value), t.at_most(value, int(f.range.high))]
                return Var(f, known, value)
            case Day():
                return self._day(f, name, known, well)
            case Choice() as choice:
                bits = {g: t.boolean(f"{name}={g[0]}") for g in self.groups.get(choice.nomenclature, ())}
                well.append(t.same(known, t.disj(bits.values())))
                held = list(bits.values())
                well += [t.neg(t.both(a, b)) for i, a in enumerate(held) for b in held[:i]]
                return Var(f, known, None, bits)
            case Many(of=choice):
                key = choice.nomenclature
                bits = {g: t.boolean(f"{name}={g[0]}") for g in self.groups.get(key, ())}
                blank = t.boolean(f"{name}~")
                well += [t.implies(b, known) for b in (*bits.values(), blank)]
                return Var(f, known, None, bits, blank)
            case _:
                raise t.UnsupportedError(f"« {f.name} » n'a pas de valeurs que le solveur sache parcourir")

    def _day(self, f: n.Field, name: str, known: Formula, well: list[Formula]) -> Var:
        value = t.integer(name)
        if (f.entity, f.name) in self.daily:
            last = self.reference.toordinal() + 31 * NEXT_MONTHS
            well += [t.at_most(self.reference.toordinal() - 365 * 120, value), t.at_most(value, last)]
            return Var(f, known, value, daily=True, reference=self.reference)
        well += [t.at_most(-2 * NEXT_MONTHS, value), t.at_most(value, 2 * OLDEST_MONTHS)]
        return Var(f, known, value)


def code_groups(programs: Iterable[n.Program], more: Iterable[n.Expr] = ()) -> dict[str, tuple[tuple[str, ...], ...]]:
    """By nomenclature, the codes that some rule tells apart from the others, in written order."""
    universe: dict[str, dict[str, None]] = {}
    tests: dict[str, list[frozenset[str]]] = {}
    whole: set[str] = set()

    def test(choice: Choice, codes: Iterable[str]) -> None:
        kept = universe.setdefault(choice.nomenclature, dict.fromkeys(choice.codes))
        if not choice.codes:
            kept.update(dict.fromkeys(codes))
        tests.setdefault(choice.nomenclature, []).append(frozenset(codes))

    def visit(e: n.Expr) -> None:
        for node in descend(e):
            match node:
                case n.Field(type=Choice() as choice) | n.Field(type=Many(of=choice)):
                    test(choice, ())
                case n.IsOneOf(item=item, codes=codes) if isinstance(item.type, Choice):
                    test(item.type, codes)
                case n.ContainsAny(item=n.Field(type=Many(of=choice)), codes=codes):
                    test(choice, codes)
                case n.Evidence(document=document, verified=n.Field(type=Many(of=choice))):
                    test(choice, (document,))
                case n.Case(type=Choice() as choice):
                    whole.add(choice.nomenclature)
                case _:
                    pass

    for program in programs:
        for line in lines(program.root):
            for e in line_exprs(line):
                visit(e)
            if isinstance(line.points, n.Table) and isinstance(line.points.item.type, Choice):
                by_points: dict[int | None, list[str]] = {}
                for code, p in line.points.entries:
                    by_points.setdefault(p, []).append(code)
                for codes in by_points.values():
                    test(line.points.item.type, codes)
        for _, e in program.definitions:
            visit(e)
    for e in more:
        visit(e)
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for name, held in universe.items():
        split: dict[tuple[bool, ...] | str, list[str]] = {}
        for code in held:
            split.setdefault(code if name in whole else tuple(code in x for x in tests[name]), []).append(code)
        found[name] = tuple(tuple(g) for g in split.values())
    return found
