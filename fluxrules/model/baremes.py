"""A look-up in a published table → cases over its keys, whose values are dated parameters: engines know nothing new of it.

Each row of a table, and each test of a number, is a definition of its own: engines compute a definition once.
"""

from __future__ import annotations

from fractions import Fraction

from fluxrules.document.nodes import Mapping, Scalar, Sequence
from fluxrules.ir import nodes as n
from fluxrules.ir.printer import expr
from fluxrules.ir.types import Choice, Number, Range
from fluxrules.language.units import WRITTEN
from fluxrules.model.lower import Lower, parse
from fluxrules.model.names import Env
from fluxrules.vocabulary.fields import PublishedTable

OUTSIDE = "hors du barème"


def look_up(env: Env, body: Mapping, entity: str) -> n.Expr:
    """The value of « barème » at the keys of « selon ». It is written in our own files: raises ``ValueError`` for a mistake."""
    name, keys = body.get("barème"), body.get("selon")
    if not isinstance(name, Scalar) or name.text not in env.vocabulary.tables or not isinstance(keys, Sequence):
        raise ValueError(f"{body.span.place}: a table and its keys are expected")
    table = env.vocabulary.tables[name.text]
    items = [_key(env, k, entity) for k in keys.items if isinstance(k, Scalar)]
    if len(items) != len(table.keys):
        raise ValueError(f"{body.span.place}: « {table.name} » has {len(table.keys)} keys")
    return _cases(env, table, items, ())


def _key(env: Env, scalar: Scalar, entity: str) -> n.Expr:
    parsed = parse(env, scalar)
    node = Lower(env, scalar, entity).expr(parsed) if parsed is not None else None
    if node is None or not isinstance(node.type, Choice | Number):
        raise ValueError(f"{scalar.span.place}: a key is a value of a list, or a whole number")
    return node


def _cases(env: Env, table: PublishedTable, items: list[n.Expr], place: tuple[str, ...]) -> n.Expr:
    if len(place) == len(items):
        return _cell(env, table, place)
    item, codes = items[len(place)], table.keys[len(place)]
    if isinstance(item.type, Choice) and set(codes) != set(item.type.codes):
        raise ValueError(f"{table.name}: its rows are not the values of « {item.type.nomenclature} »")
    branches = [(_is(env, item, code), _row(env, table, items, (*place, code))) for code in codes]
    # An enumeration has no other value; a number that is in no column has no value in the table.
    otherwise = branches.pop()[1] if isinstance(item.type, Choice) else _cell(env, table, (OUTSIDE,))
    return n.Case(tuple(branches), otherwise, _type(table))


def _row(env: Env, table: PublishedTable, items: list[n.Expr], place: tuple[str, ...]) -> n.Expr:
    row = _cases(env, table, items, place)
    return row if isinstance(row, n.Param) else _once(env, _named(table, place), row)


def _is(env: Env, item: n.Expr, code: str) -> n.Expr:
    if isinstance(item.type, Choice):
        return n.IsOneOf(item, (code,))
    return _once(env, f"{expr(item)} = {code}", n.Compare("=", item, n.Const(Fraction(code))))


def _once(env: Env, name: str, node: n.Expr) -> n.Expr:
    """The node as a definition under that name."""
    key = f"{env.vocabulary.principal}.{name}"
    if key not in env.done:
        env.done[key] = node
        env.order.append(name)
    return n.Ref(name, node.type)


def _named(table: PublishedTable, place: tuple[str, ...]) -> str:
    return f"{table.name}({', '.join(place)})"


def _cell(env: Env, table: PublishedTable, place: tuple[str, ...]) -> n.Param:
    name = _named(table, place)
    factor = WRITTEN[table.unit][1]
    values = tuple((day, None if v is None else v * factor) for day, v in table.cell(place))
    span = Range(table.low * factor, table.high * factor)
    env.published.setdefault(name, n.Dated(values, table=table.name, range=span))
    return n.Param(name, _type(table))


def _type(table: PublishedTable) -> Number:
    return Number(WRITTEN[table.unit][0])
