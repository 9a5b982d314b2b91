"""The two readings of a grid: as declared, where only « sur pièce » lines wait for a document, and as verified, where all do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fluxrules.ir import nodes as n


def declared(program: n.Program) -> n.Program:
    """Lines with « compte: sur pièce » wait for their document."""
    return _with_evidence(program, lambda line: line.on_evidence)


def verified(program: n.Program) -> n.Program:
    """Every line with a document waits for it."""
    return _with_evidence(program, lambda line: line.evidence is not None)


def _with_evidence(program: n.Program, waits: Callable[[n.Line], bool]) -> n.Program:
    def item(x: n.Line | n.Family) -> n.Line | n.Family:
        if isinstance(x, n.Family):
            return replace(x, items=tuple(item(i) for i in x.items))
        if x.evidence is None or not waits(x):
            return x
        assert program.verified is not None
        proof = n.Evidence(x.evidence, program.verified)
        return replace(x, condition=proof if x.condition is None else n.And((x.condition, proof)))

    root = item(program.root)
    assert isinstance(root, n.Family)
    return replace(program, root=root)
