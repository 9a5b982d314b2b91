"""Formulas and integers of the solver, folded where they are constant. The only file that knows Z3.

A formula is a ``bool`` or a term of the solver; an integer is an ``int`` or a term. Everything is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fluxrules.law.prove.effort import MOST_EFFORT

try:
    import z3
except ImportError:  # an optional part: the verb says how to install it
    z3 = None

Formula = Any
Integer = Any

MISSING = (
    "Les preuves demandent le solveur Z3, qui n'est pas installé. Installez-le : pip install 'fluxrules[preuves]'."
)


class UnsupportedError(Exception):
    """What a rule says cannot be put to the solver; the message says what, in French."""


def available() -> bool:
    """Whether the solver is installed."""
    return z3 is not None


_context: Any = z3.Context() if z3 is not None else None


def begin() -> None:
    """Start with an empty solver: what it answers then depends on what it is asked from here on, and on nothing before.

    Terms of before are not to be mixed with those of after.
    """
    global _context
    _context = z3.Context()


def boolean(name: str) -> Formula:
    return z3.Bool(name, _context)


def integer(name: str) -> Integer:
    return z3.Int(name, _context)


def _term(make: Any, *terms: Any) -> Formula:
    """A formula built without the checks of Z3's own operators, which cost more than the rest of a proof."""
    return z3.BoolRef(make(_context.ref(), *(x.as_ast() for x in terms)), _context)


def _several(make: Any, terms: Sequence[Any]) -> Any:
    return make(_context.ref(), len(terms), (z3.Ast * len(terms))(*(x.as_ast() for x in terms)))


def neg(a: Formula) -> Formula:
    return (not a) if isinstance(a, bool) else a.arg(0) if z3.is_not(a) else _term(z3.Z3_mk_not, a)


def both(*items: Formula) -> Formula:
    return conj(items)


def either(*items: Formula) -> Formula:
    return disj(items)


def conj(items: Iterable[Formula]) -> Formula:
    kept = _distinct(items, True)
    if kept is None:
        return False
    return True if not kept else kept[0] if len(kept) == 1 else z3.BoolRef(_several(z3.Z3_mk_and, kept), _context)


def disj(items: Iterable[Formula]) -> Formula:
    kept = _distinct(items, False)
    if kept is None:
        return True
    return False if not kept else kept[0] if len(kept) == 1 else z3.BoolRef(_several(z3.Z3_mk_or, kept), _context)


def _distinct(items: Iterable[Formula], idle: bool) -> list[Formula] | None:
    """The terms, each once; ``None`` when one is the constant that decides (the other than ``idle``)."""
    found: dict[int, Formula] = {}
    for item in items:
        if isinstance(item, bool):
            if item is not idle:
                return None
        else:
            found.setdefault(item.get_id(), item)
    return list(found.values())


def implies(a: Formula, b: Formula) -> Formula:
    return either(neg(a), b)


def same(a: Formula, b: Formula) -> Formula:
    """Both true or both false."""
    if isinstance(a, bool):
        return b if a else neg(b)
    return same(b, a) if isinstance(b, bool) else _term(z3.Z3_mk_eq, a, b)


def choose(test: Formula, a: Integer, b: Integer) -> Integer:
    """``a`` where the test holds, else ``b`` (integers)."""
    if isinstance(test, bool):
        return a if test else b
    if a is b or (isinstance(a, int) and isinstance(b, int) and a == b):
        return a
    one, other = _int(a), _int(b)  # held: a term that nothing holds is freed before it is used
    return z3.ArithRef(z3.Z3_mk_ite(_context.ref(), test.as_ast(), one.as_ast(), other.as_ast()), _context)


def _int(value: Integer) -> Integer:
    if not isinstance(value, int):
        return value
    sort = z3.Z3_mk_int_sort(_context.ref())
    return z3.IntNumRef(z3.Z3_mk_numeral(_context.ref(), str(value), sort), _context)


def total(items: Sequence[Integer]) -> Integer:
    constant = sum(i for i in items if isinstance(i, int))
    terms = [i for i in items if not isinstance(i, int)]
    if not terms:
        return constant
    if constant:
        terms.append(_int(constant))
    return terms[0] if len(terms) == 1 else z3.ArithRef(_several(z3.Z3_mk_add, terms), _context)


def times(a: Integer, b: Integer) -> Integer:
    if isinstance(b, int):
        a, b = b, a
    if isinstance(a, int):
        if a in (0, 1):
            return b if a else 0
        if isinstance(b, int):
            return a * b
    return z3.ArithRef(_several(z3.Z3_mk_mul, [_int(a), b]), _context)


def floor_div(a: Integer, by: int) -> Integer:
    """``⌊a / by⌋`` for ``by`` > 0 (the solver's division rounds down there)."""
    return a // by if isinstance(a, int) else a if by == 1 else a / by


def smaller(a: Integer, b: Integer) -> Integer:
    return min(a, b) if isinstance(a, int) and isinstance(b, int) else choose(at_most(a, b), a, b)


def greater(a: Integer, b: Integer) -> Integer:
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else choose(at_most(a, b), b, a)


def limit(value: Integer, least: int | None, most: int | None) -> Integer:
    """``clamp`` over terms."""
    if most is not None:
        value = smaller(value, most)
    return value if least is None else greater(value, least)


def at_most(a: Integer, b: Integer) -> Formula:
    return a <= b if isinstance(a, int) and isinstance(b, int) else _term(z3.Z3_mk_le, _int(a), _int(b))


def below(a: Integer, b: Integer) -> Formula:
    return a < b if isinstance(a, int) and isinstance(b, int) else _term(z3.Z3_mk_lt, _int(a), _int(b))


def equal(a: Integer, b: Integer) -> Formula:
    return a == b if isinstance(a, int) and isinstance(b, int) else _term(z3.Z3_mk_eq, _int(a), _int(b))


# --- the solver


class Solver:
    """Assertions with push and pop; effort is counted in steps of the solver, never in time, so that verdicts do not depend on load."""

    def __init__(self, formulas: Iterable[Formula] = (), effort: int = MOST_EFFORT) -> None:
        self.inner = z3.SimpleSolver(_context)
        self.inner.set("random_seed", 0)
        self.effort = effort
        self.model: Any = None
        self.calls = 0
        for formula in formulas:
            self.add(formula)

    def add(self, formula: Formula) -> None:
        if formula is not True:
            self.inner.add(formula)

    def push(self) -> None:
        self.inner.push()

    def pop(self) -> None:
        self.inner.pop()

    def check(self, *more: Formula) -> bool | None:
        """Whether a household satisfies everything; ``None`` when the effort was spent. ``model`` is then the household.

        Raises ``KeyboardInterrupt``: the solver takes Ctrl-C for itself while it works, and answers as if its effort were spent.
        """
        self.calls += 1
        self.inner.set("rlimit", self.effort)
        if any(m is False for m in more):
            return False
        self.inner.push()
        for m in more:
            self.add(m)
        before = self._steps()
        answer = self.inner.check()
        if answer == z3.unknown and "cancel" in self.inner.reason_unknown() and self._steps() - before < self.effort:
            raise KeyboardInterrupt
        self.model = self.inner.model() if answer == z3.sat else None
        self.inner.pop()
        return True if answer == z3.sat else False if answer == z3.unsat else None

    def _steps(self) -> int:
        """What every solver of the context has spent so far."""
        counted = self.inner.statistics()
        return int(counted.get_key_value("rlimit count")) if "rlimit count" in counted.keys() else 0  # noqa: SIM118


def holds(model: Any, formula: Formula) -> bool:
    """A formula in a model; what the model leaves open is false."""
    return formula if isinstance(formula, bool) else z3.is_true(model.eval(formula, model_completion=True))


def value_in(model: Any, term: Integer) -> int:
    """An integer in a model."""
    return term if isinstance(term, int) else int(model.eval(term, model_completion=True).as_long())
