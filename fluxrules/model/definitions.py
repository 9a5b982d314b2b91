"""Named definitions: lowered when first used, each after those it uses; cycles found on the way."""

from __future__ import annotations

from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Choice, Number, Type
from fluxrules.language import syntax as s
from fluxrules.model.lower import Lower, lower_condition, parse
from fluxrules.model.names import Env, type_label

DIVISION = "si dénominateur nul ou négatif"


def define(env: Env, name: str, entity: str) -> n.Expr | None:
    """The node of a definition, computed once. ``None`` when it has an error (already reported)."""
    key = f"{entity}.{name}"
    if key in env.done:
        return env.done[key]
    source = env.definition(name, entity)
    assert source is not None
    env.stack.append(key)
    node = _body(env, source.body, source.entity)
    env.stack.pop()
    env.done[key] = node
    if node is not None and entity == env.vocabulary.principal and not isinstance(node, n.Elapsed | n.Field):
        env.order.append(name)
    return node


def _body(env: Env, body: Scalar | Mapping, entity: str) -> n.Expr | None:
    if isinstance(body, Scalar):
        return _formula(env, body, entity, division=False)
    formula = body.get("formule")
    if isinstance(formula, Scalar):
        return _formula(env, formula, entity, division=body.get(DIVISION) is not None)
    if body.get("barème") is not None:
        from fluxrules.model.baremes import look_up

        return look_up(env, body, entity)
    return _cases(env, body, entity)


def _formula(env: Env, scalar: Scalar, entity: str, *, division: bool) -> n.Expr | None:
    parsed = parse(env, scalar)
    return None if parsed is None else Lower(env, scalar, entity, division).expr(parsed)


def _cases(env: Env, body: Mapping, entity: str) -> n.Expr | None:
    cases, otherwise = body.get("cas"), body.get("sinon")
    if not isinstance(cases, Sequence) or otherwise is None:
        return None  # the shape of the document was reported
    branches: list[tuple[n.Expr, n.Expr]] = []
    complete = True
    wanted: Type | None = _choice(env, body)
    for case in cases:
        if not isinstance(case, Mapping):
            return None
        condition, value = case.get("si"), case.get("valeur")
        if not isinstance(condition, Scalar) or not isinstance(value, Scalar):
            return None
        test = lower_condition(env, condition, entity)
        node = _value(env, value, entity, wanted)
        complete &= test is not None and node is not None
        if test is not None and node is not None:
            wanted = wanted or node.type
            branches.append((test, node))
    last = _value(env, otherwise, entity, wanted)
    if not complete or last is None or wanted is None:
        return None
    return n.Case(tuple(branches), last, wanted)


def _choice(env: Env, body: Mapping) -> Choice | None:
    """The list that a derived field takes its values from; the shape of a grid has no such key."""
    name = body.get("nomenclature")
    if not isinstance(name, Scalar):
        return None
    return Choice(name.text, tuple(env.vocabulary.nomenclatures[name.text].labels))


def _value(env: Env, node: Node, entity: str, wanted: Type | None) -> n.Expr | None:
    """A value of a case: a number; all cases have the same unit. A derived field may give values of a list."""
    if not isinstance(node, Scalar):
        return None
    parsed = parse(env, node)
    if parsed is None:
        return None
    if isinstance(wanted, Choice):
        code = Lower(env, node, entity).code(wanted, parsed.value, parsed.at) if isinstance(parsed, s.Text) else None
        return None if code is None else n.Pick(code, wanted)
    value = Lower(env, node, entity).expr(parsed)
    if value is None:
        return None
    if not isinstance(value.type, Number):
        env.bag.add(
            "FX2004", f"Un cas donne un nombre ; ceci est {type_label(value.type)}.", node.span, "Écrivez un nombre."
        )
        return None
    if wanted is not None and value.type != wanted:
        env.bag.add("FX2005", f"Les cas mêlent {type_label(wanted)} et {type_label(value.type)}.", node.span,
                    "Donnez la même unité à tous les cas.")  # fmt: skip
        return None
    return value
