"""A condition on dwellings: a grid of one line, so that every engine runs it as it runs a grid."""

from __future__ import annotations

from dataclasses import dataclass, field

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Node, Scalar
from fluxrules.ir import nodes as n
from fluxrules.ir.serial import fingerprint
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.text.source import Span
from fluxrules.vocabulary.flux import PRINCIPAL, flux_vocabulary


@dataclass(frozen=True)
class Condition:
    """``program`` gives 1 where the condition holds, 0 where it does not, and the bounds 0 to 1 where it is unknown."""

    program: n.Program
    said: str = field(compare=False)
    place: Span = field(compare=False, repr=False)

    @property
    def hash(self) -> str:
        """That of the meaning: two ways of writing one condition are computed once."""
        return fingerprint(self.program)


def read_condition(node: Node | None, bag: Bag) -> Condition | None:
    """The condition of a « si »; ``None`` when there is none, or when it was reported."""
    if not isinstance(node, Scalar) or node.empty:
        return None
    env = Env(flux_vocabulary(), bag, defines=False)
    held = lower_condition(env, node, PRINCIPAL)
    if held is None:
        return None
    line = n.Line(n.Fixed(1), held, path=("condition",))
    return Condition(n.Program(n.Family(n.Reducer.SUM, (line,))), node.text, node.span)
