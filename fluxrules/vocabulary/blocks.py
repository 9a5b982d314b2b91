"""Our own YAML files as located blocks. A mistake in one raises ``OwnFileError``, with the place."""

from __future__ import annotations

from pathlib import Path

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.diagnostics.own import OwnFileError
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.document.tree import parse_tree
from fluxrules.text.source import Unreadable, read_source


def tree(path: Path) -> Mapping:
    """The whole file."""
    source = read_source(path, path.name)
    if isinstance(source, Unreadable):
        raise OwnFileError(f"  {path.name} : {source.reason}.")
    bag = Bag()
    found = parse_tree(source, bag)
    if bag.items or not isinstance(found, Mapping):
        raise OwnFileError.of(bag.sorted())
    return found


def blocks(node: Node | None) -> list[tuple[str, Mapping]]:
    """The named blocks of a mapping."""
    if node is None:
        return []
    assert isinstance(node, Mapping), node.span.place
    return [(e.key.text, e.value) for e in node if isinstance(e.value, Mapping)]


def text(block: Mapping, key: str, default: str | None = None) -> str:
    """The scalar of a key."""
    node = block.get(key)
    if isinstance(node, Scalar):
        return node.text
    if default is None:
        raise OwnFileError(f"  {block.span.place} : il manque « {key} ».")
    return default


def optional(block: Mapping, key: str) -> str | None:
    return text(block, key, "") or None


def texts(node: Node | None) -> list[str]:
    """The scalars of a sequence."""
    return [i.text for i in node.items if isinstance(i, Scalar)] if isinstance(node, Sequence) else []
