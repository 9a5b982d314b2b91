"""Reading demandes for a verb: folders of tables, single tables, SNE XML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from fluxrules.diagnostics.diagnostic import Diagnostic

if TYPE_CHECKING:
    import polars as pl

    from fluxrules.data.tables import Tables


@dataclass(frozen=True)
class Loaded:
    """``tables`` is ``None`` when a file could not be read: ``diagnostics`` says why."""

    tables: Tables | None
    rejects: pl.DataFrame
    diagnostics: tuple[Diagnostic, ...]


def load_tables(path: Path, reference: date) -> Loaded:
    """Read demandes from XML files, or from canonical tables."""
    from fluxrules.data.read import read_tables
    from fluxrules.data.sne_xml import read_sne_xml
    from fluxrules.vocabulary.load import standard_vocabulary

    if path.suffix.lower() == ".xml" or (path.is_dir() and any(path.glob("*.xml"))):
        sne = read_sne_xml([path])
        broken = any(d.severity.label == "erreur" and d.where.place and d.code in _UNREAD for d in sne.diagnostics)
        return Loaded(None if broken else sne.tables, sne.rejects, sne.diagnostics)
    reading = read_tables(path, standard_vocabulary(), reference)
    return Loaded(reading.tables, reading.rejects, reading.diagnostics)


# A file that was not read to its end: its last demandes would be missing without a word.
_UNREAD = ("FX5020", "FX5021", "FX5022", "FX5023", "FX5024", "FX5025", "FX5026")
