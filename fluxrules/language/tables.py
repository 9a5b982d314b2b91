"""The parser of expressions. Its tables travel with the grammar: working them out takes longer than reading a grid.

They are those of one text and one version of Lark, or they are not read: ``tools/grammar_tables.py`` writes them, a test parses with both.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from fluxrules.text.resources import resource

GRAMMAR = "grammar/expression.lark"
TABLES = "grammar/expression.json"


def parser() -> Lark:
    """The parser of expressions, points and bands: read, or worked out when the tables are not those of the grammar."""
    grammar = resource(GRAMMAR).read_text("utf-8")
    file = resource(TABLES)
    held = json.loads(file.read_text("utf-8"), object_hook=_with_numbers) if file.exists() else {}
    if held.get("of") != _mark(grammar):
        return built(grammar)
    read: Lark = Lark.load(held)
    return read


def built(grammar: str) -> Lark:
    """The parser worked out of the grammar."""
    starts = ["expression", "montant", "tranche"]
    return Lark(grammar, parser="lalr", lexer="basic", start=starts, propagate_positions=True)


def tables(grammar: str) -> str:
    """What ``parser`` reads, as JSON. Lark numbers states in the order of sets: two writings may differ, and mean the same."""
    data, memo = built(grammar).memo_serialize([TerminalDef, Rule])
    return json.dumps({"of": _mark(grammar), "data": data, "memo": memo}, ensure_ascii=False) + "\n"


def _mark(grammar: str) -> str:
    return hashlib.sha256(f"{lark.__version__}\n{grammar}".encode()).hexdigest()


def _with_numbers(held: dict[str, Any]) -> dict[Any, Any]:
    """JSON has only texts for keys; those of the tables are numbers of states, tokens and rules."""
    return {int(key) if key.isdigit() else key: value for key, value in held.items()}
