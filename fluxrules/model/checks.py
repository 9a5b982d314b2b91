"""Checks written as conditions (``rulesets/contrôles/``) → one program, a line a check: what an engine says of lines, it says of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Scalar
from fluxrules.ir import nodes as n
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.text.resources import resource
from fluxrules.vocabulary.blocks import blocks, text, tree
from fluxrules.vocabulary.load import standard_vocabulary


@dataclass(frozen=True)
class Check:
    """``name`` in a word, ``label`` in a sentence."""

    name: str
    label: str
    source: str


@cache
def quality_checks() -> tuple[tuple[Check, ...], n.Program]:
    """The checks, and the program whose i-th line is acquired where the i-th check finds. Raises ``ValueError``: they are ours."""
    vocabulary = standard_vocabulary()
    env = Env(vocabulary, Bag())
    checks: list[Check] = []
    lines: list[n.Line | n.Family] = []
    for name, block in blocks(tree(resource("rulesets/contrôles/qualité.yaml")).get("contrôles")):
        condition = block.get("si")
        node = lower_condition(env, condition, vocabulary.principal) if isinstance(condition, Scalar) else None
        if node is None:
            raise ValueError(f"{block.span.place}: {[d.message for d in env.bag.items]}")
        checks.append(Check(name, text(block, "libellé"), text(block, "source")))
        lines.append(n.Line(n.Fixed(1), node, path=(name,)))
    definitions = tuple((x, e) for x in env.order if (e := env.done[f"{vocabulary.principal}.{x}"]) is not None)
    return tuple(checks), n.Program(n.Family(n.Reducer.SUM, tuple(lines)), definitions, tuple(env.published.items()))
