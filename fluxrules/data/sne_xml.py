"""Reads SNE XML (``interfaceNuu`` 02.00 and 02.01) into the canonical tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from fluxrules.data.sne_events import VERSIONS, Outcome, RawDemande, stream
from fluxrules.data.sne_fields import Extractor, Reject
from fluxrules.data.sne_findings import Findings
from fluxrules.data.sne_values import entity
from fluxrules.data.tables import KEY, Tables
from fluxrules.diagnostics.diagnostic import Bag, Cell, Diagnostic

BATCH = 10_000
REJECTS: dict[str, pl.DataType] = {
    "fichier": pl.String(),
    "ligne": pl.Int64(),
    "champ": pl.String(),
    "code": pl.String(),
    "motif": pl.String(),
}
_PLACE: dict[str, pl.DataType] = {"_fichier": pl.Int64(), "_ligne": pl.Int64()}


@dataclass(frozen=True)
class SneReading:
    """What was read. ``rejects`` has a row for each demande left out (``ligne``: where it starts in the XML).

    When a diagnostic is an error, a file was not read to its end: the tables hold only the demandes that came before.
    """

    tables: Tables
    rejects: pl.DataFrame
    diagnostics: tuple[Diagnostic, ...]


def read_sne_xml(paths: Sequence[Path]) -> SneReading:
    """Read files, or folders of ``.xml`` files. Never raises for what they hold: see ``diagnostics``.

    A number carried by several demandes rejects all of them, for none is more right than another. The interface carries
    no event and no verified document: ``evenements`` is ``None`` and ``pieces_verifiees`` unknown.
    """
    diagnostics: list[Diagnostic] = []
    reading = _Reading()
    for path in paths:
        bag = Bag()
        files = list(_files(path, bag))
        diagnostics += bag.items
        for file in files:
            bag = Bag()
            reading.file(str(file))
            _report(stream(file, reading.take), str(file), bag)
            diagnostics += bag.items
    tables, rejects = reading.close()
    bag = Bag()
    reading.findings.into(bag)
    return SneReading(tables, rejects, (*diagnostics, *bag.items))


class _Frame:
    """Rows gathered into data frames by batches, so that few of them are Python objects at any time."""

    def __init__(self, schema: dict[str, pl.DataType]) -> None:
        self._schema = schema
        self._rows: list[tuple[Any, ...]] = []
        self._frames: list[pl.DataFrame] = []

    def extend(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._rows += rows
        if len(self._rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._schema)
        self._frames.append(pl.DataFrame(dict(zip(self._schema, columns, strict=True)), schema=self._schema))
        self._rows = []

    def frame(self) -> pl.DataFrame:
        self._flush()
        return pl.concat(self._frames)


class _Reading:
    def __init__(self) -> None:
        self.findings = Findings()
        self._extractor = Extractor(self.findings)
        self._files: list[str] = []
        self._demandes = _Frame(_PLACE | entity("demande").schema)
        self._membres = _Frame(entity("membre").schema)
        self._choix = _Frame(entity("choix").schema)
        self._rejects = _Frame(
            _PLACE | {"champ": pl.String(), "code": pl.String(), "motif": pl.String(), KEY: pl.String()}
        )

    def file(self, name: str) -> None:
        """The file that the next demandes come from."""
        self._files.append(name)

    def take(self, raw: RawDemande) -> None:
        index = len(self._files) - 1
        self.findings.at(self._files[index], raw.line)
        read = self._extractor.extract(raw)
        if isinstance(read, Reject):
            self._rejects.extend([(index, raw.line, read.column, read.code, read.reason, read.number)])
            return
        self._demandes.extend([(index, raw.line, *read.demande)])
        self._membres.extend(read.membres)
        self._choix.extend(read.choix)

    def close(self) -> tuple[Tables, pl.DataFrame]:
        demandes, rejects = self._demandes.frame(), self._rejects.frame()
        numbers = pl.concat([demandes[KEY], rejects[KEY].drop_nulls()])
        twice = numbers.filter(numbers.is_duplicated()).unique()
        carried = pl.col(KEY).is_in(twice.implode())
        doubled = demandes.filter(carried)
        self._note_doubled(doubled)
        rejects = pl.concat([rejects, self._doubled(doubled)]).sort("_fichier", "_ligne", maintain_order=True)
        kept = (
            frame.filter(~carried) for frame in (demandes.drop(*_PLACE), self._membres.frame(), self._choix.frame())
        )
        files = pl.Series(self._files, dtype=pl.String())
        named = rejects.with_columns(fichier=files.gather(rejects["_fichier"]), ligne=pl.col("_ligne"))
        return Tables(*kept), named.select(*REJECTS)

    def _note_doubled(self, doubled: pl.DataFrame) -> None:
        if doubled.height:
            self.findings.at(self._files[doubled["_fichier"][0]], doubled["_ligne"][0])
            self.findings.note("FX5015", KEY, count=doubled.height)

    @staticmethod
    def _doubled(doubled: pl.DataFrame) -> pl.DataFrame:
        reason = "plusieurs demandes portent ce numéro unique, rien ne dit laquelle est la bonne"
        return doubled.select(
            *_PLACE,
            champ=pl.lit(KEY),
            code=pl.lit("FX5015"),
            motif=pl.lit(reason),
            **{KEY: pl.col(KEY)},
        )


def _files(path: Path, bag: Bag) -> Iterator[Path]:
    """The files of a path, in the order of their names. Anything but a plain file (a pipe, a device) is refused."""
    try:
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.suffix.lower() == ".xml" and p.is_file())
            if not found:
                bag.add(
                    "FX5026", "le dossier ne contient aucun fichier .xml", Cell(str(path)), "Vérifiez le dossier donné."
                )
            yield from found
        elif path.is_file():
            yield path
        else:
            bag.add(
                "FX5026", "le fichier n'existe pas, ou n'en est pas un", Cell(str(path)), "Vérifiez le chemin donné."
            )
    except (OSError, ValueError):
        bag.add(
            "FX5026", "le fichier ou le dossier ne se lit pas", Cell(str(path)), "Vérifiez le chemin et les droits."
        )


_TODO = {
    "FX5020": "Vérifiez que le fichier est bien l'export XML du SNE, enregistré dans l'encodage qu'il annonce.",
    "FX5021": "Récupérez le fichier complet, puis relancez la lecture.",
    "FX5022": "Retirez la déclaration : un fichier du SNE n'en a pas besoin, et elle peut servir à une attaque.",
    "FX5023": "Vérifiez d'où vient le fichier : aucun export du SNE n'a cette forme.",
    "FX5026": "Vérifiez le chemin et les droits.",
}


def _report(outcome: Outcome, file: str, bag: Bag) -> None:
    refused = outcome.refused
    if refused is not None:
        message = f"{refused.reason} ; {_so_far(outcome.complete)}"
        bag.add(refused.code, message, Cell(file, refused.line), _TODO[refused.code])
    for version, count in sorted(outcome.unsupported.items()):
        shown = f"« {version} »" if version else "absente ou illisible"
        left = "1 demande n'est pas lue" if count == 1 else f"{count} demandes ne sont pas lues"
        todo = f"Demandez un export en version {' ou '.join(VERSIONS)}."
        bag.add("FX5025", f"version d'interface {shown} : {left}", Cell(file), todo)
    if outcome.foreign is not None:
        message = "un élément interfaceNuu n'est pas dans l'espace de noms du SNE : il n'est pas lu"
        bag.add("FX5024", message, Cell(file, outcome.foreign), 'Déclarez xmlns="http://nuu.application.i2/".')
    elif outcome.stray is not None:
        message = "un élément demande est hors de tout interfaceNuu : il n'est pas lu"
        bag.add("FX5024", message, Cell(file, outcome.stray), "Mettez chaque demande dans un élément interfaceNuu.")
    elif refused is None and not outcome.interfaces:
        message = "le fichier ne contient aucun élément interfaceNuu"
        bag.add("FX5024", message, Cell(file), "Vérifiez que le fichier est bien un export XML du SNE.")
    if outcome.empty is not None:
        message = "un élément interfaceNuu ne contient aucune demande"
        bag.add("FX5027", message, Cell(file, outcome.empty), "Vérifiez que l'export est complet.")


def _so_far(complete: int) -> str:
    if complete == 0:
        return "aucune demande n'a été lue avant"
    return (
        "1 demande complète a été lue avant" if complete == 1 else f"{complete} demandes complètes ont été lues avant"
    )
