"""What can still be read of a document whose structure has defects: the blocks that have their shape. One defect must not hide the others."""

from __future__ import annotations

from fluxrules.document.nodes import Entry, Mapping, Node, Sequence
from fluxrules.model.shapes import broken_paths


def readable(tree: Mapping, name: str) -> Mapping:
    """The document without the blocks, or the items of a list, where something has not the expected form."""
    keys: set[str] = set()
    items: dict[str, set[int]] = {}
    for path in broken_paths(tree, name):
        if not path:
            continue  # a key that is missing, or that nobody knows: the others stay
        first = str(path[0])
        if len(path) > 1 and isinstance(path[1], int):
            items.setdefault(first, set()).add(path[1])
        else:
            keys.add(first)
    kept = tuple(Entry(e.key, _without(e.value, items.get(e.key.text, set()))) for e in tree if e.key.text not in keys)
    return Mapping(tuple(e for e in kept if not (isinstance(e.value, Sequence) and not e.value.items)), tree.span)


def _without(node: Node, left_out: set[int]) -> Node:
    if not left_out or not isinstance(node, Sequence):
        return node
    return Sequence(tuple(item for at, item in enumerate(node.items) if at not in left_out), node.span)
