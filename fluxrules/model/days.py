"""Days written in a document."""

from __future__ import annotations

from datetime import date

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Node, Scalar
from fluxrules.language.numbers import has_date_form, read_date


def read_day(node: Node | None, bag: Bag) -> date | None:
    """A date of the document; a day that does not exist is reported (another form was, by the shape)."""
    if not isinstance(node, Scalar):
        return None
    day = read_date(node.text)
    if day is None and has_date_form(node.text):
        bag.add(
            "FX1003",
            f"Le jour {node.text} n'existe pas.",
            node.span,
            "Écrivez une date qui existe, comme 31/12/2026.",
        )
    return day
