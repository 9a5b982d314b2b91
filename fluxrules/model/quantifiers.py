"""« au moins un membre où (…) » and the like → nodes over rows."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from fluxrules.ir import nodes as n
from fluxrules.ir.types import Number
from fluxrules.language import syntax as s
from fluxrules.text.near import nearest

if TYPE_CHECKING:
    from fluxrules.model.lower import Lower


def lower(lower: Lower, e: s.Quantifier) -> n.Expr | None:
    """The node of a quantifier; a scope or a field that is not known is reported."""
    vocabulary = lower.env.vocabulary
    if lower.entity != vocabulary.principal:
        lower.report("FX2010", "Un filtre sur les personnes ne peut pas contenir un autre filtre.", e.at,
                     "Séparez les deux conditions par « et », hors de la parenthèse.")  # fmt: skip
        return None
    scope = vocabulary.scope(e.scope.name)
    if scope is None:
        near = nearest(e.scope.name, vocabulary.scope_words())
        known = ", ".join(sorted(vocabulary.scope_words()))
        lower.report("FX2010", f"« {e.scope.name} » ne désigne personne.", e.scope.at,
                     f"Vouliez-vous écrire « {near} » ?" if near else f"Possibles : {known}.")  # fmt: skip
        return None
    rows = scope_rows(lower, scope.name)
    inner = replace(lower, entity=scope.entity)
    where = inner.condition(e.where) if e.where is not None else None
    if rows is None or (e.where is not None and where is None):
        return None
    match e.kind:
        case "nombre":
            return n.Count(rows, where)
        case "tous":
            assert where is not None
            return n.ForAll(rows, where)
        case "aucun":
            return n.Not(n.Exists(rows, where))
        case _ if e.count == 1:
            return n.Exists(rows, where)
        case _:
            return n.Compare(">=", n.Count(rows, where), n.Const(Fraction(e.count), Number().unit))


def scope_rows(lower: Lower, name: str) -> n.Rows | None:
    """The rows of a scope; its condition is written in the vocabulary, in the language itself."""
    from fluxrules.model.lower import Lower as Lowerer
    from fluxrules.model.lower import parse

    vocabulary = lower.env.vocabulary
    scope = vocabulary.scope(name)
    assert scope is not None
    entity = vocabulary.entities[scope.entity]
    condition = None
    if scope.condition is not None:
        parsed = parse(lower.env, scope.condition)
        condition = Lowerer(lower.env, scope.condition, scope.entity).condition(parsed) if parsed is not None else None
        if condition is None:
            return None
    return n.Rows(entity.name, entity.table, condition, entity.at_least_one, entity.most)
