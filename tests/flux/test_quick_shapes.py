"""The quick check of a shape says what jsonschema says, on documents put out of shape at random."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import plain
from fluxrules.document.tree import parse_tree
from fluxrules.model.flux.folder import flux_files
from fluxrules.model.quick_shapes import fitting
from fluxrules.model.shapes import schema
from fluxrules.text.source import Source
from tests.flux.test_assiette import MARNE

ODD: list[Any] = ["", "oui", "30 %", "31/12/2026", "x", [], {}, ["a"], {"a": "b"}, "51", "état", "-3"]


def mutated(value: Any, chance: random.Random) -> Any:
    """One place of a document changed, removed or added."""
    value = copy.deepcopy(value)
    spots: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        here = stack.pop()
        inside = (
            list(here.items()) if isinstance(here, dict) else list(enumerate(here)) if isinstance(here, list) else []
        )
        spots += [(here, key) for key, _ in inside]
        stack += [x for _, x in inside]
    where, key = chance.choice(spots)
    match chance.randrange(3):
        case 0:
            where[key] = chance.choice(ODD)
        case 1:
            del where[key]
        case _ if isinstance(where, dict):
            where[chance.choice(["inconnu", "taux", "du", "part", "51454"])] = chance.choice(ODD)
        case _:
            where.append(chance.choice(ODD))
    return value


@pytest.mark.parametrize("file", flux_files(MARNE), ids=lambda p: p.name)
def test_the_quick_check_agrees_with_jsonschema(file: Path) -> None:
    tree = parse_tree(Source(file.name, file.read_text("utf-8")), Bag())
    assert tree is not None
    document = plain(tree)
    assert isinstance(document, dict)
    name = next(k for k in ("convention", "flux", "orientations") if k in document)
    quick, slow = fitting(schema(name)), Draft7Validator(schema(name))
    assert quick(document) and slow.is_valid(document)
    chance = random.Random(file.name)
    wrong = 0
    for _ in range(300):
        changed = mutated(document, chance)
        assert quick(changed) == slow.is_valid(changed), json.dumps(changed, ensure_ascii=False)
        wrong += not quick(changed)
    assert wrong > 100
