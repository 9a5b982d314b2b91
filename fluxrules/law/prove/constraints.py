"""The constraints of the vocabulary, as formulas for the solver and as a test for the interpreter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Scalar
from fluxrules.engines.interpreter import Facts
from fluxrules.engines.interpreter import grades as g
from fluxrules.engines.interpreter.values import Scope, truth
from fluxrules.ir import nodes as n
from fluxrules.law.prove import terms as t
from fluxrules.law.prove.encode import Encoder
from fluxrules.law.prove.specialise import Reads
from fluxrules.law.prove.terms import Formula
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.vocabulary.fields import Vocabulary
from fluxrules.vocabulary.load import standard_vocabulary


@dataclass(frozen=True)
class Constraint:
    """``reads`` are the fields it is about; it holds where ``formula`` does, and of facts where ``test`` says so."""

    label: str
    reads: frozenset[tuple[str, str]]
    exprs: tuple[n.Expr, ...]
    formula: Callable[[Encoder], Formula]
    test: Callable[[Facts, date], bool]


@cache
def standard_constraints() -> tuple[tuple[Constraint, ...], n.Program]:
    """Those that travel with fluxrules, and the program of the definitions that they read."""
    return constraints(standard_vocabulary())


def constraints(vocabulary: Vocabulary) -> tuple[tuple[Constraint, ...], n.Program]:
    """Raises ``ValueError`` for a condition that cannot be read: they are ours."""
    env = Env(vocabulary, Bag())
    principal = vocabulary.principal
    read: list[tuple[str, n.Expr | None, tuple[str, str] | str | None]] = []
    for c in vocabulary.constraints:
        scalar = c.always or c.when
        expr = lower_condition(env, scalar, principal) if isinstance(scalar, Scalar) else None
        if scalar is not None and expr is None:
            raise ValueError(f"{c.name}: {[d.message for d in env.bag.items]}")
        read.append((c.label, expr, c.first or c.known))
    definitions = tuple((x, e) for x in env.order if (e := env.done[f"{principal}.{x}"]) is not None)
    program = n.Program(n.Family(n.Reducer.SUM, ()), definitions, tuple(env.published.items()))
    reads = Reads(program)
    found: list[Constraint] = []
    for label, expr, names in read:
        if expr is not None and names is None:
            found.append(_always(label, expr, reads, program))
        elif expr is not None and isinstance(names, str):
            found.append(_known(label, expr, names, principal, reads, program))
        elif isinstance(names, tuple):
            found.append(_first(label, names, principal))
    return tuple(found), program


def _always(label: str, e: n.Expr, reads: Reads, program: n.Program) -> Constraint:
    def test(facts: Facts, day: date) -> bool:
        return truth(e, Scope.of(program, facts, day)).high != g.FALSE

    return Constraint(label, reads.of(e), (e,), lambda enc: enc.truth(e).high_above, test)


def _known(label: str, e: n.Expr, name: str, principal: str, reads: Reads, program: n.Program) -> Constraint:
    def test(facts: Facts, day: date) -> bool:
        return not truth(e, Scope.of(program, facts, day)).certain or facts.values.get(name) is not None

    def formula(enc: Encoder) -> Formula:
        return t.implies(enc.truth(e).certain, enc.household.fields[name].known)

    return Constraint(label, reads.of(e) | {(principal, name)}, (e,), formula, test)


def _first(label: str, names: tuple[str, str], principal: str) -> Constraint:
    one, many = names

    def test(facts: Facts, _: date) -> bool:
        value, held = facts.values.get(one), facts.values.get(many)
        if value is None:
            return not isinstance(held, frozenset) or not held or None in held
        return isinstance(held, frozenset) and value in held

    def formula(enc: Encoder) -> Formula:
        value, held = enc.household.fields[one], enc.household.fields[many]
        inside = [t.implies(bit, held.bits[group]) for group, bit in value.bits.items()]
        unread = t.conj([t.neg(value.known), held.known, t.neg(held.blank), t.disj(held.bits.values())])
        return t.conj([*inside, t.neg(unread)])

    return Constraint(label, frozenset({(principal, one), (principal, many)}), (), formula, test)
