"""Structure: the shape of a block is chosen by its keys, then the block is held against that shape alone.

The shapes are the JSON Schemas of ``grammar/schemas/``, so an editor and ``check`` say the same thing.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence, kind, plain
from fluxrules.model.quick_shapes import Fits, fitting
from fluxrules.text.near import fold, nearest
from fluxrules.text.resources import resource

if TYPE_CHECKING:
    from jsonschema import Draft7Validator


@cache
def schema(name: str) -> dict[str, Any]:
    """A schema of ``grammar/schemas/``."""
    loaded: dict[str, Any] = json.loads(resource(f"grammar/schemas/{name}.schema.json").read_text("utf-8"))
    return loaded


@cache
def _part(name: str, shape: str) -> dict[str, Any]:
    whole = schema(name)
    part: dict[str, Any] = _shallow(
        whole["definitions"][shape] if shape else {k: v for k, v in whole.items() if k != "definitions"}
    )
    return part


@cache
def _quick_part(name: str, shape: str) -> Fits:
    return fitting(_part(name, shape))


@cache
def _validator(name: str, shape: str) -> Draft7Validator:
    return _explaining(_part(name, shape))


def _explaining(part: dict[str, Any]) -> Draft7Validator:
    """Loaded for a document that does not fit: a good one waits for nothing."""
    from jsonschema import Draft7Validator

    return Draft7Validator(part)


def _shallow(part: Any) -> Any:
    """Cut at references: what stands behind one is validated on its own, when its turn comes."""
    if isinstance(part, dict):
        if "$ref" in part:
            return {}
        return {k: _shallow(v) for k, v in part.items()}
    if isinstance(part, list):
        return [_shallow(v) for v in part]
    return part


def validate(node: Node, bag: Bag, what: str, shape: str = "", name: str = "cotation") -> bool:
    """Hold a node against a shape. ``what`` names it in messages: « la grille », « le critère « DALO » »."""
    value = plain(node)
    if _quick_part(name, shape)(value):
        return True
    count = len(bag.items)
    for error in _validator(name, shape).iter_errors(value):
        _report(node, error, bag, what)
    return len(bag.items) == count


def validate_whole(node: Node, bag: Bag, what: str, name: str) -> bool:
    """Hold a document against its whole schema at once, references followed: for one whose blocks are all known by their key."""
    value = plain(node)
    if _quick(name)(value):
        return True
    count = len(bag.items)
    for error in _whole_validator(name).iter_errors(value):
        _report(node, error, bag, what)
    return len(bag.items) == count


def broken_paths(node: Node, name: str) -> list[tuple[str | int, ...]]:
    """Where a document does not have the shape of its schema: the steps from its root to each place."""
    return [tuple(error.absolute_path) for error in _whole_validator(name).iter_errors(plain(node))]


@cache
def _quick(name: str) -> Fits:
    return fitting(schema(name))


@cache
def _whole_validator(name: str) -> Draft7Validator:
    return _explaining(schema(name))


def _report(node: Node, error: Any, bag: Bag, what: str) -> None:
    path = list(error.absolute_path)
    at = _find(node, path)
    named = next((step for step in reversed(path) if isinstance(step, str)), None)
    message = error.schema.get("errorMessage", "Cette valeur n'a pas la forme attendue.")
    inside = f"« {named} »" if named else what
    if path and isinstance(path[-1], int):
        inside = f"l'élément {path[-1] + 1} {_of(inside)}"
    match error.validator:
        case "required":
            assert isinstance(at, Mapping)
            missing = next(k for k in error.validator_value if k not in at.names() and repr(k) in error.message)
            known = list(error.schema["properties"])
            if any(nearest(k, known) == missing for k in at.names() if k not in known):
                return  # misspelled: the unknown key is reported, with this one as its remedy
            bag.add(
                "FX3003",
                f"Il manque la clé « {missing} » dans {inside}.",
                _head(at),
                f"Ajoutez « {missing}: … ». {message}",
            )
        case "additionalProperties":
            assert isinstance(at, Mapping)
            _unknown_keys(at, list(error.schema["properties"]), bag, inside)
        case "type" | "pattern" | "enum" if isinstance(at, Scalar) and at.empty:
            bag.add("FX3004", f"La valeur {_of(inside)} est vide.", at.span, message)
        case "type":
            bag.add(
                "FX3004",
                f"La valeur {_of(inside)} a la forme d'{kind(at)}, ce qui n'est pas attendu ici.",
                _head(at),
                message,
            )
        case "minProperties" | "minItems":
            bag.add("FX3004", f"{inside[0].upper()}{inside[1:]} ne contient rien.", _head(at), message)
        case _ if isinstance(at, Mapping) and isinstance(error.instance, str):  # the name of a key
            key = at.key(error.instance)
            bag.add(
                "FX3004",
                f"La clé « {error.instance} » n'a pas la forme attendue dans {inside}.",
                key.span if key else _head(at),
                message,
            )
        case _:
            bag.add(
                "FX3004",
                f"La valeur {_of(inside)} n'a pas la forme attendue.",
                _head(at),
                _enum_help(at, error, message),
            )


def _of(what: str) -> str:
    """« de » and what follows, contracted as French does."""
    for article, contracted in (("le ", "du "), ("un ", "d'un "), ("une ", "d'une ")):
        if what.startswith(article):
            return contracted + what.removeprefix(article)
    return f"de {what}"


def _enum_help(at: Node, error: Any, message: str) -> str:
    if error.validator == "enum" and isinstance(at, Scalar):
        near = nearest(at.text, [str(v) for v in error.validator_value])
        if near:
            return f"Vouliez-vous écrire « {near} » ? {message}"
    return str(message)


def _unknown_keys(at: Mapping, known: list[str], bag: Bag, inside: str) -> None:
    for entry in at:
        if entry.key.text in known:
            continue
        same = next((k for k in known if fold(k) == fold(entry.key.text)), None)
        near = same or nearest(entry.key.text, known)
        help_text = f"Vouliez-vous écrire « {near} » ?" if near else f"Clés possibles : {', '.join(known)}."
        bag.add("FX3002", f"La clé « {entry.key.text} » est inconnue dans {inside}.", entry.key.span, help_text)


def _find(node: Node, path: list[str | int]) -> Node:
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str):
            node = node.get(step) or node
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
    return node


def _head(node: Node) -> Any:
    """The start of a block is enough to find it; a whole grid underlined says nothing."""
    if isinstance(node, Mapping) and node.entries:
        return node.entries[0].key.span
    return node.span
