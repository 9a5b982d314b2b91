"""A synthetic population: demandes that nobody filed, to try a grid without personal data.

Every number comes from published totals, or from an assumption marked so (``rulesets/référentiels/population.yaml``).

**What is promised.** The same arguments give the same bytes, whatever the number of processes and threads. A demande depends on the
seed, the reference date, the places kept, the share struck off, and its rank: asking for more of them leaves the first ones as they
were. It holds for one version of fluxrules and of NumPy, and for the bytes of Parquet of Polars, on one kind of processor (on
another, a logarithm may differ in its last bit).

Not drawn: nationality, for which no figure was found, and households that filed twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fluxrules.data.population.frames import LIMIT, schema
from fluxrules.data.population.parts import WATERMARK, Request, draw, write_population
from fluxrules.data.population.report import describe
from fluxrules.data.tables import Tables

__all__ = ["LIMIT", "WATERMARK", "Request", "describe", "generate", "schema", "write_population"]


def generate(
    demandes: int,
    seed: int,
    reference: date,
    epci: Sequence[str] = (),
    *,
    regions: Sequence[str] = (),
    struck_off: float = 0.0,
) -> Tables:
    """That many demandes as they stand on the reference date, in memory; ``write_population`` is for many.

    ``epci`` (SIREN) and ``regions`` (Insee codes) keep the homes within these places, the places wanted may be elsewhere; none is
    France. ``struck_off`` is the share of demandes that were struck off, in the two years before the reference date.
    """
    request = Request(demandes, seed, reference, tuple(epci), tuple(regions), struck_off)
    return draw(request, 0, demandes)
