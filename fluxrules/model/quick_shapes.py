"""Whether a document fits its schema, fast: the schema is made into functions once. What does not fit is then explained by jsonschema.

jsonschema takes most of a millisecond for a convention; 50,000 of them are read at once. Only the keywords that our schemas use are
known here: another one is a bug, raised when the schema is made into functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Fits = Callable[[Any], bool]
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "number": (int, float), "integer": int, "null": type(None),
}  # fmt: skip
_SAID = {
    "errorMessage",
    "$schema",
    "$id",
    "title",
    "description",
    "definitions",
    "then",
    "else",
    "additionalProperties",
    "default",
}


def fitting(schema: Mapping[str, Any]) -> Fits:
    """A function that says whether a plain value (texts, lists and blocks: a tree holds nothing else) fits the schema. Raises ``ValueError`` for a keyword that is not known here."""
    made: dict[str, Fits] = {}
    definitions: Mapping[str, Any] = schema.get("definitions", {})

    def of(part: Mapping[str, Any]) -> Fits:
        if "$ref" in part:
            name = part["$ref"].removeprefix("#/definitions/")
            if name not in made:
                made[name] = lambda value: made[name](value)  # for a definition that holds itself
                made[name] = of(definitions[name])
            return lambda value: made[name](value)
        tests = [test for key, value in part.items() if key not in _SAID for test in (_keyword(key, value, part, of),)]
        if "additionalProperties" in part and "properties" not in part:
            tests.append(_every_value(part["additionalProperties"], of))
        return lambda value: all(test(value) for test in tests)

    return of(schema)


def _keyword(key: str, wanted: Any, part: Mapping[str, Any], of: Callable[[Mapping[str, Any]], Fits]) -> Fits:
    match key:
        case "type":
            kinds = tuple(_TYPES[k] for k in ([wanted] if isinstance(wanted, str) else wanted))
            flat = tuple(t for k in kinds for t in (k if isinstance(k, tuple) else (k,)))
            return lambda v: isinstance(v, flat)
        case "enum":
            return lambda v: v in wanted
        case "pattern":
            search = re.compile(wanted).search
            return lambda v: not isinstance(v, str) or search(v) is not None
        case "minLength":
            return lambda v: not isinstance(v, str) or len(v) >= wanted
        case "required":
            return lambda v: not isinstance(v, dict) or all(k in v for k in wanted)
        case "minProperties" | "minItems":
            kind = dict if key == "minProperties" else list
            return lambda v: not isinstance(v, kind) or len(v) >= wanted
        case "maxProperties" | "maxItems":
            kind = dict if key == "maxProperties" else list
            return lambda v: not isinstance(v, kind) or len(v) <= wanted
        case "items":
            item = of(wanted)
            return lambda v: not isinstance(v, list) or all(item(i) for i in v)
        case "propertyNames":
            name = of(wanted)
            return lambda v: not isinstance(v, dict) or all(name(k) for k in v)
        case "anyOf" | "oneOf":
            ways, one = [of(p) for p in wanted], key == "oneOf"
            return lambda v: (count := sum(way(v) for way in ways)) == 1 or (count > 1 and not one)
        case "properties":
            return _properties(wanted, part.get("additionalProperties", True), of)
        case "if":
            when, then, other = of(wanted), of(part.get("then", {})), of(part.get("else", {}))
            return lambda v: then(v) if when(v) else other(v)
        case _:
            raise ValueError(f"keyword {key}")


def _properties(wanted: Mapping[str, Any], extra: Any, of: Callable[[Mapping[str, Any]], Fits]) -> Fits:
    by_name = {k: of(v) for k, v in wanted.items()}
    other: Fits = of(extra) if isinstance(extra, dict) else (lambda _: bool(extra))

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        return all(by_name[k](v) if k in by_name else other(v) for k, v in value.items())

    return fits


def _every_value(extra: Any, of: Callable[[Mapping[str, Any]], Fits]) -> Fits:
    test: Fits = of(extra) if isinstance(extra, dict) else (lambda _: bool(extra))
    return lambda v: not isinstance(v, dict) or all(test(x) for x in v.values())
