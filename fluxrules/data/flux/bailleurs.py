"""The tables of a département parted by bailleur: each act on a bailleur's year then looks at its own rows, and not at everyone's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from fluxrules.data.flux.tables import FluxTables

_OWNER = "siren_bailleur"


@dataclass(frozen=True)
class Bailleurs:
    """``whole``: the tables as they were read. ``parts``: by SIREN, the same without the dwellings of others, nor what happened to them."""

    whole: FluxTables
    parts: Mapping[str, FluxTables] = field(default_factory=dict)
    none: FluxTables = field(default_factory=FluxTables)

    def of(self, siren: str) -> FluxTables:
        """The tables of one bailleur; those of a bailleur without a dwelling are empty, not absent."""
        if self.whole.logements is None:
            return self.whole
        return self.parts.get(siren) or self.none


def by_bailleur(tables: FluxTables) -> Bailleurs:
    """Part the tables that follow dwellings: logements, libérations, attributions, journal. The others are for everyone.

    An entry of the journal that undoes another one, or that names no libération, stays in every part.
    """
    if tables.logements is None:
        return Bailleurs(tables, {})
    owner = tables.logements.select("id_logement", _OWNER)
    dwellings = _parted(tables.logements, keep=True)
    releases, cases, journal = tables.liberations, tables.attributions, tables.journal
    if releases is not None:
        releases = releases.join(owner, on="id_logement", how="left", maintain_order="left")
        ends = releases.select("id_liberation", _OWNER)
        cases = _with_owner(cases, ends)
        journal = _with_owner(journal, ends)
    freed, decided, extent = _parted(releases), _parted(cases), tables.extent
    parts = {}
    for siren in dwellings:
        parts[siren] = replace(
            tables, whole=extent, logements=dwellings[siren],
            liberations=freed.get(siren, _none(tables.liberations)),
            attributions=decided.get(siren, _none(tables.attributions)),
            journal=_entries(journal, siren) if releases is not None else tables.journal,
        )  # fmt: skip
    return Bailleurs(tables, parts, replace(_empty(tables), whole=extent))


def _with_owner(frame: pl.DataFrame | None, ends: pl.DataFrame) -> pl.DataFrame | None:
    return None if frame is None else frame.join(ends, on="id_liberation", how="left", maintain_order="left")


def _parted(frame: pl.DataFrame | None, *, keep: bool = False) -> dict[str, pl.DataFrame]:
    """By SIREN, in the order of the file; ``keep``: the column of owners is one of the table."""
    if frame is None or _OWNER not in frame.columns:
        return {}
    found = frame.partition_by(_OWNER, as_dict=True, maintain_order=True, include_key=keep)
    return {str(siren): part for (siren,), part in found.items() if siren is not None}


def _entries(journal: pl.DataFrame | None, siren: str) -> pl.DataFrame | None:
    if journal is None:
        return None
    mine = (
        (pl.col(_OWNER) == siren) | pl.col("id_liberation").is_null() | (pl.col("acte").cast(pl.String) == "ANNULATION")
    )
    return journal.filter(mine.fill_null(False)).drop(_OWNER)


def _none(frame: pl.DataFrame | None) -> pl.DataFrame | None:
    return None if frame is None else frame.clear()


def _empty(tables: FluxTables) -> FluxTables:
    return replace(
        tables, logements=_none(tables.logements), liberations=_none(tables.liberations), attributions=_none(tables.attributions),
        journal=_none(tables.journal),
    )  # fmt: skip
