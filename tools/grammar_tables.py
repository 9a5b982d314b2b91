"""Writes the tables of the parser of expressions. Run it after a change of grammar/expression.lark or of Lark; a test fails until then."""

from __future__ import annotations

from fluxrules.language.tables import GRAMMAR, TABLES, tables
from fluxrules.text.resources import resource

if __name__ == "__main__":
    file = resource(GRAMMAR)
    file.with_name(TABLES.rpartition("/")[2]).write_text(tables(file.read_text("utf-8")), "utf-8")
