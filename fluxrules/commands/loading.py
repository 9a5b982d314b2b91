"""Reading demandes for a verb: folders of tables, single tables, SNE XML, or any table with a mapping; and a complement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fluxrules.diagnostics.diagnostic import Bag, Cell, Diagnostic

if TYPE_CHECKING:
    import polars as pl

    from fluxrules.data.mapping.spec import MappingFile
    from fluxrules.data.parts import Parts
    from fluxrules.data.purge_list import PurgeList
    from fluxrules.data.read import Reading
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
    from fluxrules.data.references import attach_references
    from fluxrules.vocabulary.load import standard_vocabulary

    findings = Findings()
    mapping = load_mapping(data.mapping, standard_vocabulary(), findings.bag) if data.mapping else None
    if data.mapping and mapping is None:
        return Loaded(None, no_rejects(), tuple(findings.bag.items))
    loaded = _base(data.path, mapping if data.complement is None else None, reference)
    if data.complement is None or loaded.tables is None:
        return loaded
    tables = read_complement(data.complement, mapping, loaded.tables, standard_vocabulary(), findings)
    if tables is not None:  # a complement may bring the places wanted
        tables = replace(tables, demandes=attach_references(tables.demandes, tables.choix, reference))
    return replace(loaded, tables=tables, diagnostics=(*loaded.diagnostics, *findings.bag.items))


def source_of(data: Data, reference: date) -> Parts | Callable[[], Reading]:
    """Large Parquet tables in parts, or what reads the others."""
    from fluxrules.data.parts import find_parts
    from fluxrules.data.read import Reading

    def read() -> Reading:
        loaded = load_tables(data, reference)
        kept = len(loaded.tables.demandes) if loaded.tables is not None else 0
        rejected = loaded.rejects.select("fichier", "ligne").unique().height
        return Reading(loaded.tables, loaded.rejects, loaded.diagnostics, kept + rejected)

    parts = find_parts(data.path) if data.mapping is None and data.complement is None else None
    return parts if parts is not None else read


def _base(path: Path, mapping: MappingFile | None, reference: date) -> Loaded:
    from fluxrules.data.mapping.join import read_mapped
    from fluxrules.data.read import read_tables
    from fluxrules.data.references import attach_references
    from fluxrules.data.sne_xml import read_sne_xml
    from fluxrules.vocabulary.load import standard_vocabulary

    if mapping is not None:
        reading = read_mapped(path, mapping, standard_vocabulary(), reference)
        return Loaded(reading.tables, reading.rejects, reading.diagnostics)
    if path.suffix.lower() == ".xml" or (path.is_dir() and any(path.glob("*.xml"))):
        sne = read_sne_xml([path])
        broken = any(d.severity.label == "erreur" and d.where.place and d.code in _UNREAD for d in sne.diagnostics)
        demandes = attach_references(sne.tables.demandes, sne.tables.choix, reference)
        return Loaded(None if broken else replace(sne.tables, demandes=demandes), sne.rejects, sne.diagnostics)
    reading = read_tables(path, standard_vocabulary(), reference)
    return Loaded(reading.tables, reading.rejects, reading.diagnostics)


def load_choix(path: Path, reference: date, bag: Bag) -> pl.LazyFrame | None:
    """The places wanted alone; ``None`` and a diagnostic when they are not there. Parquet is not read yet."""
    import polars as pl

    from fluxrules.data.dataset import parquet_parts

    columns = ("numero_unique", "rang", "code_commune")
    files = parquet_parts(path, "choix") if path.is_dir() else []
    try:
        schema = pl.scan_parquet(files, glob=False).collect_schema() if files else {}
        if all(c in schema for c in ("numero_unique", "code_commune")):
            return pl.scan_parquet(files, glob=False).select(c for c in columns if c in schema)
    except (pl.exceptions.PolarsError, OSError):
        pass  # the reader says what is wrong
    loaded = load_tables(Data(path), reference)
    bag.items += [d for d in loaded.diagnostics if d.severity.label == "erreur"]
    if loaded.tables is None or loaded.tables.choix is None:
        bag.add("FX5061", "La table « choix » n'est pas donnée : rien ne dit quelles communes sont demandées.", Cell(str(path)),
                "Donnez les demandes qui ont été notées, avec leurs choix.")  # fmt: skip
        return None
    return loaded.tables.choix.lazy()


def load_purge_list(
    data: Path | None, removals: Path | None, outputs: Sequence[Path], day: date, bag: Bag, *, whole: bool
) -> PurgeList | None:
    """Whom to erase. ``whole``: every demande of the data must have been read, since those that are absent go too."""
    from fluxrules.data.purge_list import from_demandes, from_list, from_parquet

    source = data or removals
    assert source is not None
    if any(source.resolve() == o.resolve() or o.resolve() in source.resolve().parents for o in outputs):
        bag.add("FX5076", "Ces données sont dans un dossier à purger : elles seraient effacées pendant qu'on les lit.",
                Cell(str(source)), "Donnez des données rangées ailleurs.")  # fmt: skip
        return None

    if data is None:
        found = from_list(source, day, bag)
    elif (found := from_parquet(data, day)) is None:
        loaded = load_tables(Data(data), day)
        bag.items += [d for d in loaded.diagnostics if d.severity.label == "erreur"]
        if loaded.tables is None:
            return None
        if whole and len(loaded.rejects):
            bag.add("FX5076", "Des demandes ont été rejetées à la lecture : elles passeraient pour absentes.", Cell(str(data)),
                    "Corrigez ces lignes, ou purgez sans « --absentes ».")  # fmt: skip
            return None
        found = from_demandes(loaded.tables.demandes, day)
    if found is not None and found.undated:
        bag.add("FX5077", f"{found.undated} demande(s) radiée(s) n'ont pas de date de radiation lisible : elles sont gardées.",
                Cell(str(source), None, "date_radiation"), "Complétez la date, puis relancez la purge.")  # fmt: skip
    return found


# A file that was not read to its end: its last demandes would be missing without a word.
_UNREAD = ("FX5020", "FX5021", "FX5022", "FX5023", "FX5024", "FX5025", "FX5026")
