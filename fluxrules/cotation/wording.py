"""A condition read aloud: « motifs de la demande contient « violences familiales » », from the labels of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Scalar
from fluxrules.ir import nodes as n
from fluxrules.ir.proportion import is_share
from fluxrules.ir.types import Choice, Many
from fluxrules.language.numbers import show_date, show_number
from fluxrules.language.units import DAYS
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.vocabulary.fields import Vocabulary
from fluxrules.vocabulary.territoires import known_communes

_THAN = {">": "plus de ", ">=": "au moins ", "<": "moins de ", "<=": "au plus ", "=": "", "≠": "autre que "}
_DAYS = {"<": "avant le ", "<=": "au plus tard le ", "=": "le "}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "=", "≠": "≠"}
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "≠", "≠": "="}
_YEARS_FROM = 60


@dataclass(frozen=True)
class Wording:
    """The names that a program uses: ``labels`` are those of its author, by name of definition or parameter."""

    program: n.Program
    labels: Mapping[str, str]
    reference: date
    vocabulary: Vocabulary

    def condition(self, e: n.Expr, *, inner: bool = False) -> str:
        """What would have to hold. ``inner`` sets apart a part with several terms."""
        match e:
            case n.And(items=items) | n.Or(items=items):
                word = " et " if isinstance(e, n.And) else " ou "
                text = word.join(self.condition(i, inner=True) for i in items)
                return f"({text})" if inner else text
            case n.Not(item=item):
                text = self._opposite(item)
                return f"({text})" if inner and isinstance(item, n.And | n.Or) else text
            case n.Field() | n.Ref():
                return f"{self.name(e)} : oui"
            case n.Compare(op=op, left=left, right=right):
                return self._compare(op, left, right)
            case n.CompareElapsed(op=op, elapsed=elapsed, length=length):
                return f"{self.name(elapsed)} : {_THAN[op]}{self._length(length)}"
            case n.CompareDay(op=op, left=left, right=right):
                return self._days(op, left, right)
            case n.IsOneOf(item=item, codes=codes):
                return f"{self.name(item)} : {self._values(item, codes)}"
            case n.ContainsAny(item=item, codes=codes):
                return f"{self.name(item)} contient {self._values(item, codes)}"
            case n.Exists(rows=rows, where=where):
                return f"au moins une fois parmi les {self._rows(rows, where)}"
            case n.ForAll(rows=rows, where=where):
                return f"sans exception, parmi les {self._rows(rows, None)} : {self.condition(where, inner=True)}"
            case n.Evidence(document=document):
                return f"la pièce « {document} »"
            case _:
                return self.number(e)

    def _opposite(self, e: n.Expr) -> str:
        match e:
            case n.Field() | n.Ref():
                return f"{self.name(e)} : non"
            case n.Not(item=item):
                return self.condition(item, inner=True)
            case n.Compare(op=op, left=left, right=right):
                return self._compare(_OPPOSITE[op], left, right)
            case n.CompareElapsed(op=op):
                return self.condition(n.CompareElapsed(_OPPOSITE[op], e.elapsed, e.length))
            case n.IsOneOf(item=item, codes=codes):
                return f"{self.name(item)} : autre que {self._values(item, codes)}"
            case n.ContainsAny(item=item, codes=codes):
                return f"{self.name(item)} ne contient pas {self._values(item, codes)}"
            case n.Exists(rows=rows, where=where):
                return f"aucune fois parmi les {self._rows(rows, where)}"
            case n.And(items=items):
                return " ou ".join(self.condition(n.Not(i), inner=True) for i in items)
            case n.Or(items=items):
                return " et ".join(self.condition(n.Not(i), inner=True) for i in items)
            case _:
                return f"le contraire de ({self.condition(e)})"

    def _rows(self, rows: n.Rows, where: n.Expr | None) -> str:
        label = self._scope(rows)
        wanted = [where] if where is not None else []
        if label is None:
            label = self.vocabulary.entities[rows.entity].plural_label
            wanted = [x for x in (rows.scope, where) if x is not None]
        text = " et ".join(self.condition(x, inner=len(wanted) > 1) for x in wanted)
        return f"{label} ({text})" if text else label

    def _scope(self, rows: n.Rows) -> str | None:
        """The word of the vocabulary for these rows, « membres »."""
        env = Env(self.vocabulary, Bag())
        for scope in self.vocabulary.entities[rows.entity].scopes.values():
            condition = scope.condition and lower_condition(env, scope.condition, scope.entity)
            if condition == rows.scope:
                return scope.plural.replace("_", " ")
        return None

    def _compare(self, op: str, left: n.Expr, right: n.Expr) -> str:
        if isinstance(left, n.Const) and not isinstance(right, n.Const):
            left, right, op = right, left, _TURNED[op]
        return f"{self.name(left)} : {_THAN[op]}{self.number(right, beside=left)}"

    def _days(self, op: str, left: n.Expr, right: n.Expr) -> str:
        if isinstance(left, n.DayConst) and not isinstance(right, n.DayConst):
            word = {"<": "après le ", "<=": "à partir du ", "=": "le "}[op]
            return f"{self.name(right)} : {word}{show_date(left.value)}"
        day = show_date(right.value) if isinstance(right, n.DayConst) else f"jour « {self.name(right)} »"
        return f"{self.name(left)} : {_DAYS[op]}{day}"

    def name(self, e: n.Expr) -> str:
        """What a person calls a field, a definition or a calculation."""
        match e:
            case n.Field(entity=entity, name=name):
                f = self.vocabulary.field_def(entity, name)
                return f.label if f is not None else name
            case n.Ref(name=name) | n.Param(name=name):
                derived = self.vocabulary.derived.get((self.vocabulary.principal, name))
                return self.labels.get(name) or (derived.label if derived else name.replace("_", " "))
            case n.Elapsed(since=since):
                return self._elapsed(since)
            case _:
                return self.number(e)

    def _elapsed(self, since: n.Field) -> str:
        formula = f"temps écoulé depuis {since.name}"
        for (entity, _), d in self.vocabulary.derived.items():
            body = d.body.get("formule")
            if entity == since.entity and isinstance(body, Scalar) and body.text == formula:
                return d.label
        return f"temps écoulé depuis « {self.name(since)} »"

    def number(self, e: n.Expr, *, beside: n.Expr | None = None) -> str:
        """A number; a constant in the unit of what it is compared with."""
        match e:
            case n.Const(value=value):
                return self._constant(value, e, beside)
            case n.Param(name=name):
                held = dict(self.program.parameters)[name].at(self.reference)
                shown = "inconnu" if held is None else self._constant(held, e, beside)
                return f"{self.name(e)} ({shown})"
            case n.Count(rows=rows, where=where):
                return f"nombre de {self._rows(rows, where)}"
            case n.Add(items=items):
                return self._terms(items, lambda x: isinstance(x, n.Mul) and x.left == n.Const(Fraction(-1)))
            case n.Mul(left=left, right=right):
                return f"{self._factor(left)} × {self._factor(right)}"
            case n.Div(left=left, right=right):
                return f"{self._factor(left)} ÷ {self._factor(right)}"
            case n.Case():
                return "le montant de son cas"
            case _:
                return self.name(e)

    def _terms(self, items: tuple[n.Expr, ...], negative: Callable[[n.Expr], bool]) -> str:
        text = self.number(items[0])
        for x in items[1:]:
            text += f" − {self._factor(x.right)}" if negative(x) and isinstance(x, n.Mul) else f" + {self.number(x)}"
        return text

    def _factor(self, e: n.Expr) -> str:
        return f"({self.number(e)})" if isinstance(e, n.Add | n.Div) else self.number(e)

    def _constant(self, value: Fraction, e: n.Const | n.Param, beside: n.Expr | None) -> str:
        if beside is not None and is_share(beside, dict(self.program.definitions)):
            return f"{show_number(value * 100)} %"
        if isinstance(beside, n.Field) and beside.factor != 1:
            f = self.vocabulary.field_def(beside.entity, beside.name)
            return f"{show_number(value / beside.factor)} {f.unit if f is not None else ''}".strip()
        unit = e.type.unit
        return f"{show_number(value)} {unit.label}" if unit.powers else show_number(value)

    def _length(self, e: n.Const | n.Param) -> str:
        value = e.value if isinstance(e, n.Const) else dict(self.program.parameters)[e.name].at(self.reference)
        if value is None:
            return self.name(e)
        years = e.type.unit != DAYS and value >= _YEARS_FROM and value % 12 == 0
        word = "ans" if years else "mois" if e.type.unit != DAYS else "jours" if value > 1 else "jour"
        shown = f"{show_number(value / 12 if years else value)} {word}"
        return f"{self.name(e)} ({shown})" if isinstance(e, n.Param) else shown

    def _values(self, item: n.Expr, codes: tuple[str, ...]) -> str:
        of = item.type.of if isinstance(item.type, Many) else item.type
        nomenclature = self.vocabulary.nomenclatures.get(of.nomenclature) if isinstance(of, Choice) else None
        if nomenclature is not None:
            shown = [nomenclature.labels.get(c, c) for c in codes]
        else:  # a commune is written once, not with each code inside it
            shown = [c for c in codes if known_communes().get(c, c) not in set(codes) - {c}]
        return " ou ".join(f"« {x} »" for x in shown)
