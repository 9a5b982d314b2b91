"""What a line reads of the demande, in the words of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from fluxrules.engines.interpreter.facts import Value
from fluxrules.engines.interpreter.values import Amount, SansObjet, Scope, number
from fluxrules.ir import nodes as n
from fluxrules.ir.calendar import whole_months
from fluxrules.ir.proportion import is_share
from fluxrules.ir.types import Bool, Number
from fluxrules.ir.walk import children
from fluxrules.language.numbers import show_date, show_number
from fluxrules.model.grid import Grid
from fluxrules.text.near import fold
from fluxrules.vocabulary.fields import FieldDef, Vocabulary

UNKNOWN = "non renseigné"
MOST_READ = 8
_YES_NO = {True: "oui", False: "non"}


def readings(grid: Grid, exprs: Iterable[n.Expr], scope: Scope, vocabulary: Vocabulary) -> tuple[tuple[str, str], ...]:
    """(what, value) for the fields, counts and named numbers that expressions read, in the order in which it meets them."""
    found: dict[str, str] = {}
    shares: set[str] = set()

    def visit(e: n.Expr) -> None:
        match e:
            case n.Elapsed(since=since):
                _elapsed(since)
            case n.Field():
                f = vocabulary.field_def(e.entity, e.name)
                if f is not None:
                    found.setdefault(f.label, show_value(f, scope.read(e), vocabulary))
            case n.Count(rows=rows) | n.Exists(rows=rows) | n.ForAll(rows=rows):
                given = scope.rows(rows)
                label = "nombre " + of(vocabulary.entities[rows.entity].plural_label)
                found.setdefault(label, UNKNOWN if given is None else str(len(given)))
                if isinstance(e, n.Count):
                    found.setdefault("compte obtenu", _number(e, scope))
            case n.Param(name=name):
                found.setdefault(_label(name), _number(e, scope, share=name in shares))
            case n.Compare(left=left, right=right):
                if _share(left) or _share(right):
                    shares.update(x.name for x in (left, right) if isinstance(x, n.Param))
                visit(left)
                visit(right)
            case n.CompareElapsed(elapsed=elapsed, length=length):
                visit(elapsed)
                visit(length)
            case n.Ref(name=name):
                stated = scope.facts.stated.get(name)
                if isinstance(e.type, Number):
                    found.setdefault(_label(name), _number(e, scope, share=_share(e)))
                elif stated is not None and isinstance(e.type, Bool):
                    found.setdefault(_label(name), _YES_NO[bool(stated)])
                if stated is None:
                    visit(scope.definitions[name])
            case n.Evidence():
                pass
            case _:
                for child in children(e):
                    visit(child)

    def _share(e: n.Expr) -> bool:
        return is_share(e, scope.definitions)

    def _elapsed(since: n.Field) -> None:
        f = vocabulary.field_def(since.entity, since.name)
        value = scope.read(since)
        if f is None:
            return
        shown = UNKNOWN
        if isinstance(value, date):
            shown = f"{show_date(value)} (il y a {_months(whole_months(value, scope.reference))})"
        found.setdefault(f.label, shown)

    def _label(name: str) -> str:
        derived = vocabulary.derived.get((vocabulary.principal, name))
        return grid.labels.get(name) or (derived.label if derived else name.replace("_", " "))

    for e in exprs:
        visit(e)
    return tuple(found.items())[:MOST_READ]


def _months(count: int) -> str:
    return f"{show_number(count)} mois {'entiers' if count > 1 else 'entier'}"


def _number(e: n.Expr, scope: Scope, *, share: bool = False) -> str:
    """The value of a number; a share in per cent."""
    value = number(e, scope)
    if isinstance(value, SansObjet):
        return "sans objet"
    if not isinstance(value, Amount):
        return UNKNOWN
    unit = e.type.unit.label if isinstance(e.type, Number) and e.type.unit.powers else ""
    if share:
        unit = "%"
    low, high = ((show_number(v * 100, 2) if share else show_number(v)) for v in (value.low, value.high))
    shown = low if value.exact else f"entre {low} et {high}"
    return f"{shown} {unit}".strip()


def of(words: str) -> str:
    """« de » or « d' » and what follows."""
    return f"d'{words}" if fold(words)[:1] in "aeiou" else f"de {words}"


def show_value(f: FieldDef, value: Value, vocabulary: Vocabulary) -> str:
    """A value of a field as a person reads it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, date):
        return show_date(value)
    if isinstance(value, int | Fraction):
        return f"{show_number(value)} {f.unit or ''}".strip()
    labels = vocabulary.nomenclature_of(f).labels if f.nomenclature else {}
    if isinstance(value, frozenset):
        shown = sorted(UNKNOWN if v is None else labels.get(v, v) for v in value)
        return " ; ".join(shown) or "aucun"
    return str(labels.get(str(value), str(value)))
