"""The tables that go with a folder of documents, and what they say of one bailleur's year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from fluxrules.flux.observed import Observed
from fluxrules.model.flux.values import Convention
from fluxrules.model.flux.year import FluxYear

if TYPE_CHECKING:
    from fluxrules.data.flux.tables import FluxTables


def seen_of(year: FluxYear, tables: FluxTables | None, conventions: Sequence[Convention]) -> Observed | None:
    """``None`` where there are no dwellings to count: the file then states its numbers. ``conventions``: those that may name dwellings in stock."""
    from fluxrules.flux.observed import observe

    if tables is None or tables.logements is None:
        return None
    return observe(year, tables, [c for c in conventions if c.nature != "projet"])


def repayments(tables: FluxTables | None) -> Mapping[str, date | None]:
    """The day of full repayment of each loan of the table; ``None`` while it runs."""
    if tables is None or tables.prets is None:
        return {}
    return dict(tables.prets.select("id_pret", "date_remboursement_total").iter_rows())
