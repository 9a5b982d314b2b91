"""The serialised form of a program (JSON) and its fingerprint.

The form is derived from the node classes themselves, so a new node needs no code here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any, cast

from fluxrules.ir import nodes, types
from fluxrules.language.units import Unit

_CLASSES: dict[str, type[Any]] = {
    c.__name__: c for module in (nodes, types) for c in vars(module).values() if isinstance(c, type) and dataclasses.is_dataclass(c)
} | {"Unit": Unit}  # fmt: skip
_ENUMS: dict[str, type[Enum]] = {"Reducer": nodes.Reducer, "Rounding": nodes.Rounding}


def to_json(program: nodes.Program) -> str:
    """The whole program, presentation included; ``from_json`` gives an equal program back."""
    return json.dumps(_encode(program, presentation=True), ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> nodes.Program:
    """Read ``to_json`` back. Raises ``ValueError`` for a text that is not one."""
    try:
        program = _decode(json.loads(text))
    except (KeyError, TypeError) as error:
        raise ValueError("not a serialised program") from error
    if not isinstance(program, nodes.Program):
        raise ValueError("not a serialised program")
    return program


def fingerprint(program: nodes.Program) -> str:
    """A hash of what the program means: names of lines, definitions and parameters, labels and words do not change it."""
    return hashlib.sha256(
        json.dumps(_encode(_Anonymous(program).program(), presentation=False), sort_keys=True).encode()
    ).hexdigest()


def _encode(value: object, presentation: bool) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = [f for f in dataclasses.fields(value) if f.init and (presentation or f.compare)]
        return {"node": type(value).__name__} | {f.name: _encode(getattr(value, f.name), presentation) for f in kept}
    if isinstance(value, tuple):
        return [_encode(v, presentation) for v in value]
    if isinstance(value, Fraction):
        return {"ratio": [str(value.numerator), str(value.denominator)]}
    if isinstance(value, Enum):
        return {"enum": type(value).__name__, "name": value.name}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def _decode(raw: Any) -> Any:
    if isinstance(raw, list):
        return tuple(_decode(v) for v in raw)
    if not isinstance(raw, dict):
        return raw
    if "ratio" in raw:
        return Fraction(int(raw["ratio"][0]), int(raw["ratio"][1]))
    if "enum" in raw:
        return _ENUMS[raw["enum"]][raw["name"]]
    if "day" in raw:
        return date.fromisoformat(raw["day"])
    return _CLASSES[raw["node"]](**{k: _decode(v) for k, v in raw.items() if k != "node"})


class _Anonymous:
    """Renames definitions and parameters by the order in which the note meets them; drops those it never meets."""

    def __init__(self, program: nodes.Program) -> None:
        self.source = program
        self.definitions, self.parameters = dict(program.definitions), dict(program.parameters)
        self.names: dict[str, str] = {}
        self.kept: list[tuple[str, nodes.Expr]] = []
        self.dated: list[tuple[str, nodes.Dated]] = []

    def program(self) -> nodes.Program:
        root = cast("nodes.Family", self._rename(self.source.root))
        ties = cast("tuple[nodes.TieKey, ...]", self._rename(self.source.ties))
        classes = cast("tuple[nodes.Expr, ...]", self._rename(self.source.classes))
        gate = cast("nodes.Gate | None", self._rename(self.source.gate))
        return dataclasses.replace(
            self.source, root=root, ties=ties, classes=classes, gate=gate,
            definitions=tuple(self.kept), parameters=tuple(self.dated),
        )  # fmt: skip

    def _rename(self, value: object) -> object:
        if isinstance(value, nodes.Ref):
            return dataclasses.replace(value, name=self._definition(value.name))
        if isinstance(value, nodes.Param):
            return dataclasses.replace(value, name=self._parameter(value.name))
        if isinstance(value, tuple):
            return tuple(self._rename(v) for v in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            changed = {f.name: self._rename(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
            return dataclasses.replace(value, **changed)
        return value

    def _definition(self, name: str) -> str:
        key = f"d:{name}"
        if key not in self.names:
            expr = cast("nodes.Expr", self._rename(self.definitions[name]))
            self.names[key] = f"d{len(self.kept)}"
            self.kept.append((self.names[key], expr))
        return self.names[key]

    def _parameter(self, name: str) -> str:
        key = f"p:{name}"
        if key not in self.names:
            self.names[key] = f"p{len(self.dated)}"
            self.dated.append((self.names[key], self.parameters[name]))
        return self.names[key]
