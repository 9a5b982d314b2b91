"""Well-typed programs and rows drawn from a source of randomness, over a small vocabulary of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import polars as pl

from fluxrules.engines.interpreter import Facts
from fluxrules.engines.interpreter.facts import Value
from fluxrules.ir import nodes as n
from fluxrules.ir.ranges import points_range
from fluxrules.ir.types import Bool, Choice, Day, Many, Number, Range
from fluxrules.language.units import DAYS, MONTHS

COLOURS = Choice("couleur", ("R", "V", "B", "J"))
KEY = "cle"
MONEY = Number()


def _field(
    name: str, type_, low: int | None = None, high: int | None = None, factor: Fraction = Fraction(1), entity="demande"
):  # type: ignore[no-untyped-def]
    return n.Field(
        entity, name, name, type_, Range(Fraction(low), Fraction(high or 0)) if low is not None else None, factor
    )


BOOLS = [_field(x, Bool()) for x in "abc"]
NUMBERS = [
    _field("n", Number(), 0, 10),
    _field("m", Number(), -5, 100),
    _field("k", Number(), 0, 6),
    _field("annuel", Number(), -1200, 12000, Fraction(1, 12)),
]
DAYS_ = [_field("d", Day()), _field("e", Day())]
CODES = [_field("couleur", COLOURS), _field("teinte", COLOURS)]
LISTS = [_field("couleurs", Many(COLOURS))]
DOCUMENTS = _field("pieces", Many(Choice("texte libre")))
MEMBER = {
    "bools": [_field("p", Bool(), entity="membre"), _field("q", Bool(), entity="membre")],
    "numbers": [_field("poids", Number(), 0, 9, entity="membre")],
    "days": [_field("naissance", Day(), entity="membre")],
    "codes": [_field("role", COLOURS, entity="membre")],
}
EVENT = {
    "bools": [_field("adapte", Bool(), entity="evenement")],
    "numbers": [],
    "days": [_field("jour", Day(), entity="evenement")],
    "codes": [_field("motif", COLOURS, entity="evenement")],
}
PLACE: dict[str, list[n.Field]] = {
    "bools": [_field("habite", Bool(), entity="choix"), _field("travaille", Bool(), entity="choix")],
    "numbers": [],
    "days": [],
    "codes": [],
}
TABLES = (
    ("membre", MEMBER, "membres", True),
    ("evenement", EVENT, "evenements", False),
    ("choix", PLACE, "choix", True),
)
PRINCIPAL = {"bools": BOOLS, "numbers": NUMBERS, "days": DAYS_, "codes": CODES}
# A published table: no value in 2024, on three of the days that are drawn.
PUBLISHED = n.Dated(
    (
        (date(2023, 1, 1), Fraction(3)),
        (date(2024, 1, 1), None),
        (date(2025, 1, 1), Fraction(5, 2)),
        (date(2026, 1, 1), Fraction(4)),
    ),
    table="table",
    range=Range(Fraction(0), Fraction(9)),
)
OPS = ["<", "<=", ">", ">=", "=", "≠"]


@dataclass
class Draw:
    """Draws one program; ``r`` decides everything."""

    r: Random

    def program(self) -> n.Program:
        self.definitions: list[tuple[str, n.Expr]] = []
        self.parameters = (("duree", n.Dated(((date(2020, 1, 1), Fraction(12)), (date(2024, 5, 31), Fraction(30))))), ("seuil", n.Dated(((date(2000, 1, 1), Fraction(7, 2)),))), ("publié", PUBLISHED))  # fmt: skip
        for i in range(self.r.randint(0, 4)):
            self.definitions.append(
                (f"x{i}", self.r.choice([self.condition, self.number, self.ratio, self.case, self.code_case])())
            )
        root = self.family(3)
        ties = tuple(n.TieKey(t) for t in self.r.sample([DAYS_[0], NUMBERS[0]], self.r.randint(0, 2)))
        return n.Program(root, tuple(self.definitions), self.parameters, ties, DOCUMENTS, 1)

    # --- expressions

    def _defined(self, kind: type) -> n.Expr | None:
        found = [n.Ref(name, e.type) for name, e in self.definitions if isinstance(e.type, kind)]
        return self.r.choice(found) if found and self.r.random() < 0.4 else None

    def number(self, depth: int = 2) -> n.Expr:
        r = self.r
        ref = self._defined(Number)
        if ref is not None:
            return ref
        pick = r.randint(0, 7 if depth else 2)
        if pick <= 1:
            return r.choice(NUMBERS)
        if pick == 2:
            return n.Const(Fraction(r.randint(-4, 12), r.choice([1, 1, 2, 10])))
        if pick == 3:
            return n.Add(tuple(self.number(depth - 1) for _ in range(r.randint(2, 3))), MONEY)
        if pick == 4:
            return n.Mul(n.Const(Fraction(r.choice([-1, 2, 3]), r.choice([1, 2]))), self.number(depth - 1), MONEY)
        if pick == 5:
            return n.Mul(self.number(0), self.number(0), MONEY) if not self._voidable_defined() else r.choice(NUMBERS)
        if pick == 6:
            return self.over_rows("count")
        return n.Param(r.choice(["seuil", "publié"]), Number())

    def _voidable_defined(self) -> bool:
        return bool(self.definitions)

    def ratio(self) -> n.Expr:
        return n.Div(self.number(1), self.r.choice([*NUMBERS, self.over_rows("count")]), MONEY)

    def case(self) -> n.Expr:
        r = self.r
        value = (lambda: self.number(1)) if r.random() < 0.8 else self.ratio
        return n.Case(tuple((self.condition(1), value()) for _ in range(r.randint(1, 3))), value(), MONEY)

    def code_case(self) -> n.Expr:
        r = self.r

        def value() -> n.Expr:
            return n.Pick(r.choice(COLOURS.codes), COLOURS) if r.random() < 0.6 else r.choice(CODES)

        return n.Case(tuple((self.condition(1), value()) for _ in range(r.randint(1, 2))), value(), COLOURS)

    def condition(self, depth: int = 2) -> n.Expr:
        r = self.r
        ref = self._defined(Bool)
        if ref is not None:
            return n.Not(ref) if r.random() < 0.4 else ref
        if depth and r.random() < 0.45:
            items = tuple(self.condition(depth - 1) for _ in range(r.randint(2, 3)))
            return r.choice([n.And(items), n.Or(items), n.Not(items[0])])
        pick = r.randint(0, 8)
        if pick == 0:
            return n.ContainsAny(LISTS[0], tuple(r.sample(COLOURS.codes, r.randint(1, 2))))
        if pick == 1:
            return n.IsOneOf(self._defined(Choice) or r.choice(CODES), tuple(r.sample(COLOURS.codes, r.randint(1, 2))))
        if pick == 2:
            return self.over_rows("test")
        if pick in (3, 4):
            left = self.ratio() if r.random() < 0.5 else self.number(1)
            return n.Compare(r.choice(OPS), left, self.number(1))
        return self.leaf(PRINCIPAL)

    def leaf(self, fields: dict[str, list[n.Field]]) -> n.Expr:
        r = self.r
        kinds = [k for k, v in fields.items() if v]
        match r.choice(kinds):
            case "bools":
                return r.choice(fields["bools"])
            case "numbers":
                return n.Compare(r.choice(OPS), r.choice(fields["numbers"]), n.Const(Fraction(r.randint(0, 8))))
            case "days":
                day = r.choice(fields["days"])
                if r.random() < 0.25:
                    return n.CompareDay(r.choice(["<", "<=", "="]), day, n.DayConst(date(2024, r.randint(1, 12), 28)))
                length = r.choice(
                    [
                        n.Const(Fraction(r.randint(0, 40)), MONTHS),
                        n.Const(Fraction(r.randint(0, 500)), DAYS),
                        n.Param("duree", Number(MONTHS)),
                    ]
                )
                return n.CompareElapsed(r.choice(OPS), n.Elapsed(day), length)
            case _:
                return n.IsOneOf(r.choice(fields["codes"]), tuple(r.sample(COLOURS.codes, r.randint(1, 2))))

    def over_rows(self, node: str) -> n.Expr:
        """A count or a test over the rows of one entity; everything inside reads that entity alone."""
        r = self.r
        entity, fields, table, least = r.choice(TABLES)

        def test() -> n.Expr:
            one = self.leaf(fields)
            if r.random() < 0.4:
                pair = (one, self.leaf(fields))
                return r.choice([n.And(pair), n.Or(pair), n.Not(one)])
            return one

        rows = n.Rows(entity, table, test() if r.random() < 0.6 else None, least, 12)
        if node == "count":
            return n.Count(rows, test() if r.random() < 0.8 else None)
        return n.ForAll(rows, test()) if r.random() < 0.5 else n.Exists(rows, test() if r.random() < 0.9 else None)

    # --- points and families

    def points(self) -> n.Points:
        r = self.r

        def amount() -> int | None:
            return None if r.random() < 0.12 else r.randint(-8, 20)

        pick = r.randint(0, 5)
        if pick <= 1:
            return n.Fixed(r.randint(-8, 20) if r.random() < 0.95 else None)
        if pick == 2:
            return n.Table(self._defined(Choice) or r.choice(CODES), tuple((c, amount()) for c in COLOURS.codes))
        if pick == 3:
            unit = r.choice([MONTHS, DAYS])
            item: n.Expr = r.choice([self.ratio(), self.number(1), n.Elapsed(r.choice(DAYS_))])
            cuts = sorted(
                {
                    Fraction(r.randint(0, 30), 1 if isinstance(item, n.Elapsed) else r.choice([1, 2, 10]))
                    for _ in range(r.randint(1, 3))
                }
            )
            closed = [r.random() < 0.5 for _ in cuts]
            bands = [n.Band(None, False, cuts[0], closed[0], amount())]
            bands += [
                n.Band(a, not ca, b, cb, amount())
                for a, b, ca, cb in zip(cuts, cuts[1:], closed, closed[1:], strict=False)
            ]
            bands.append(n.Band(cuts[-1], not closed[-1], None, False, amount()))
            return n.Bands(item, tuple(bands[: r.randint(1, len(bands))]), unit)
        ends = sorted((r.randint(-20, 30), r.randint(-20, 30)))
        least, most = (ends[0] if r.random() < 0.4 else None), (ends[1] if r.random() < 0.6 else None)
        item = n.Elapsed(r.choice(DAYS_)) if r.random() < 0.4 else self._bounded()
        step = (
            Fraction(r.randint(1, 12)) if isinstance(item, n.Elapsed) else Fraction(r.randint(1, 5), r.choice([1, 2]))
        )
        return n.Steps(item, r.choice([-3, -1, 1, 2, 5]), step, least, most)

    def _bounded(self) -> n.Expr:
        """A number without a quotient below."""
        kept, self.definitions = (
            self.definitions,
            [d for d in self.definitions if not _has_div(d[1], dict(self.definitions))],
        )
        item = self.number(2)
        self.definitions = kept
        return item

    def line(self, path: tuple[str, ...]) -> n.Line:
        r = self.r
        points = self.points()
        condition = self.condition() if r.random() < 0.75 else None
        document = r.choice(["P1", "P2"]) if r.random() < 0.25 else None
        if document and r.random() < 0.5:
            proof = n.Evidence(document, DOCUMENTS)
            condition = proof if condition is None else n.And((condition, proof))
        span = points_range(points, dict(self.definitions), dict(self.parameters))
        default = r.randint(*span) if span and r.random() < 0.3 else 0
        return n.Line(points, condition, default, document, False, path)

    def family(self, depth: int, path: tuple[str, ...] = ()) -> n.Family:
        r = self.r
        items: list[n.Line | n.Family] = []
        for i in range(r.choice([0, 1, 2, 3, 4]) if depth < 3 else r.randint(1, 5)):
            inside = (*path, f"i{i}")
            items.append(self.family(depth - 1, inside) if depth > 1 and r.random() < 0.25 else self.line(inside))
        reducer = r.choice(list(n.Reducer))
        rounding = r.choice(list(n.Rounding)) if reducer is n.Reducer.MEAN else None
        floor = r.randint(-10, 5) if r.random() < 0.3 else None
        cap = r.randint(6, 40) if r.random() < 0.3 else None
        return n.Family(reducer, tuple(items), floor, cap, rounding, path)


def _has_div(e: n.Expr, definitions: dict[str, n.Expr]) -> bool:
    from fluxrules.ir.walk import descend

    return any(
        isinstance(x, n.Div) or (isinstance(x, n.Ref) and _has_div(definitions[x.name], definitions))
        for x in descend(e)
    )


# --- rows

Rows = list[dict[str, Value]]


def day(r: Random, reference: date) -> date:
    """Days near the reference, month ends and leap days more often than chance."""
    if r.random() < 0.4:
        return r.choice(
            [date(2024, 2, 29), date(2023, 2, 28), date(2024, 1, 31), date(2024, 8, 31), date(2020, 2, 29), reference]
        )
    return reference - timedelta(days=r.randint(0, 1300))


def value(r: Random, f: n.Field, reference: date) -> Value:
    if r.random() < 0.25:
        return None
    match f.type:
        case Bool():
            return r.random() < 0.5
        case Number():
            assert f.range is not None
            low, high = int(f.range.low), int(f.range.high)
            return r.choice([0, low, high, r.randint(low, high), r.randint(max(low, -3), min(high, 6))])
        case Day():
            return day(r, reference)
        case Choice(codes=codes):
            return r.choice(codes)
        case _:
            held = (
                r.sample([*COLOURS.codes, None], r.randint(0, 3))
                if f is not DOCUMENTS
                else r.sample(["P1", "P2", "P3"], r.randint(0, 2))
            )
            return frozenset(held)


def population(r: Random, size: int, reference: date) -> tuple[list[Facts], dict[str, pl.DataFrame | None]]:
    """The same demandes for both engines: facts, and tables."""
    given = {entity: r.random() < 0.85 for entity, _, _, _ in TABLES}
    fields = [*BOOLS, *NUMBERS, *DAYS_, *CODES, *LISTS, DOCUMENTS]
    facts, main, tables = [], [], {entity: [] for entity, _, _, _ in TABLES}  # type: ignore[var-annotated]
    for i in range(size):
        key = f"k{i}"
        values = {f.name: value(r, f, reference) for f in fields}
        rows: dict[str, tuple[dict[str, Value], ...] | None] = {}
        for entity, kinds, _, _ in TABLES:
            count = r.choice([0, 1, 1, 2, 3])
            found = tuple({f.name: value(r, f, reference) for fs in kinds.values() for f in fs} for _ in range(count))
            rows[entity] = found if given[entity] else None
            tables[entity] += [{KEY: key, **row} for row in found]
        facts.append(Facts(values, rows))
        main.append({KEY: key, **{k: sorted(v, key=str) if isinstance(v, frozenset) else v for k, v in values.items()}})
    frames: dict[str, pl.DataFrame | None] = {"demandes": pl.DataFrame(main, schema=_schema(fields), orient="row")}
    for entity, kinds, table, _ in TABLES:
        of = [f for fs in kinds.values() for f in fs]
        shuffled = tables[entity]
        r.shuffle(shuffled)
        frames[table] = pl.DataFrame(shuffled, schema=_schema(of), orient="row") if given[entity] else None
    return facts, frames


def _schema(fields: list[n.Field]) -> dict[str, pl.DataType]:
    kinds = {Bool: pl.Boolean(), Number: pl.Int64(), Day: pl.Date(), Choice: pl.String(), Many: pl.List(pl.String)}
    return {KEY: pl.String(), **{f.column: kinds[type(f.type)] for f in fields}}
