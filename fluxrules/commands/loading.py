"""Reading demandes for a verb: folders of tables, single tables, SNE XML, or any table with a mapping; and a complement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fluxrules.diagnostics.diagnostic import Diagnostic

if TYPE_CHECKING:
    import polars as pl

    from fluxrules.data.mapping.spec import MappingFile
    from fluxrules.data.tables import Tables

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Data:
    """What a verb was given to read."""

    path: Path
    mapping: Path | None = None
    complement: Path | None = None

    @property
    def files(self) -> list[Path]:
        return [p for p in (self.path, self.complement, self.mapping) if p is not None]


@dataclass(frozen=True)
class Loaded:
    """``tables`` is ``None`` when a file could not be read: ``diagnostics`` says why."""

    tables: Tables | None
    rejects: pl.DataFrame
    diagnostics: tuple[Diagnostic, ...]


def data_options(f: F) -> F:
    """``--donnees``, ``--mapping``, ``--complement``."""
    for option in (
        click.option("--complement", type=click.Path(path_type=Path), default=None,
                     help="Ce que les données n'ont pas (refus, pièces vérifiées…), joint par le numéro."),
        click.option("--mapping", type=click.Path(path_type=Path), default=None,
                     help="Correspondance : quelles colonnes donnent quels champs (du complément, s'il y en a un)."),
        click.option("--donnees", required=True, type=click.Path(path_type=Path),
                     help="Dossier de tables, fichier de demandes (Parquet, CSV, xlsx) ou XML du SNE."),
    ):  # fmt: skip
        f = option(f)
    return f


def load_tables(data: Data, reference: date) -> Loaded:
    """Read the demandes, then what completes them."""
    from fluxrules.data.findings import Findings, no_rejects
    from fluxrules.data.mapping.complement import read_complement
    from fluxrules.data.mapping.load import load_mapping
    from fluxrules.vocabulary.load import standard_vocabulary

    findings = Findings()
    mapping = load_mapping(data.mapping, standard_vocabulary(), findings.bag) if data.mapping else None
    if data.mapping and mapping is None:
        return Loaded(None, no_rejects(), tuple(findings.bag.items))
    loaded = _base(data.path, mapping if data.complement is None else None, reference)
    if data.complement is None or loaded.tables is None:
        return loaded
    tables = read_complement(data.complement, mapping, loaded.tables, standard_vocabulary(), findings)
    return replace(loaded, tables=tables, diagnostics=(*loaded.diagnostics, *findings.bag.items))


def _base(path: Path, mapping: MappingFile | None, reference: date) -> Loaded:
    from fluxrules.data.mapping.join import read_mapped
    from fluxrules.data.read import read_tables
    from fluxrules.data.sne_xml import read_sne_xml
    from fluxrules.vocabulary.load import standard_vocabulary

    if mapping is not None:
        reading = read_mapped(path, mapping, standard_vocabulary(), reference)
        return Loaded(reading.tables, reading.rejects, reading.diagnostics)
    if path.suffix.lower() == ".xml" or (path.is_dir() and any(path.glob("*.xml"))):
        sne = read_sne_xml([path])
        broken = any(d.severity.label == "erreur" and d.where.place and d.code in _UNREAD for d in sne.diagnostics)
        return Loaded(None if broken else sne.tables, sne.rejects, sne.diagnostics)
    reading = read_tables(path, standard_vocabulary(), reference)
    return Loaded(reading.tables, reading.rejects, reading.diagnostics)


# A file that was not read to its end: its last demandes would be missing without a word.
_UNREAD = ("FX5020", "FX5021", "FX5022", "FX5023", "FX5024", "FX5025", "FX5026")
