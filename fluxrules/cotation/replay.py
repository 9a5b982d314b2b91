"""A receipt and what it names → whether the same run gives the same tables."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from fluxrules.cotation.batch import Asked
from fluxrules.cotation.receipt import all_hashes, engine_version, law_hash, libraries, output_hashes, vocabulary_hash
from fluxrules.cotation.to_folder import run_to_folder
from fluxrules.data.parts import Parts
from fluxrules.data.pseudonyms import Key
from fluxrules.data.read import Reading
from fluxrules.data.run_folder import read_receipt
from fluxrules.data.workbook import read_sheet
from fluxrules.data.write import read_csv
from fluxrules.diagnostics.diagnostic import Diagnostic
from fluxrules.model.grid import Grid

FORMATS = ("parquet", "csv", "xlsx")


@dataclass(frozen=True)
class Recorded:
    """What a receipt says of a run. ``mark``: that of the key of its pseudonyms. ``purged``: rows were erased since."""

    folder: Path
    receipt: Mapping[str, Any]
    reference: date
    everyone: bool
    points: bool
    format: str
    mark: str | None
    outputs: Mapping[str, str]
    purged: bool

    def asked(self, grids: Sequence[Grid], key: Key | None) -> Asked:
        """The grids in the order of the receipt, where it names them."""
        names = [g["nom"] for g in self.receipt["grilles"]]
        ordered = sorted(grids, key=lambda g: names.index(g.header.name) if g.header.name in names else len(names))
        return Asked(tuple(ordered), self.reference, self.everyone, self.points, self.format, key)


@dataclass(frozen=True)
class Replayed:
    """``causes``: what is not as it was; ``differences``: tables that are not, a sentence each; ``notes``: what changes nothing.

    ``diagnostics`` say why nothing was computed, where that is so.
    """

    causes: tuple[str, ...]
    differences: tuple[str, ...]
    notes: tuple[str, ...]
    tables: int
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def identical(self) -> bool:
        return not self.causes and not self.differences and not self.diagnostics


def recorded(folder: Path) -> Recorded | None:
    """What the receipt of a folder says; ``None`` when there is none that can be read, or that names no output."""
    receipt = read_receipt(folder)
    try:
        options, outputs = (receipt or {})["options"], (receipt or {})["sorties"]
        assert receipt is not None and all(isinstance(g["nom"], str) and g["empreinte"] for g in receipt["grilles"])
        assert isinstance(receipt["données"], dict) and outputs and all(map(str, outputs.values()))
        reference = date.fromisoformat(receipt["date de référence"])
        form = str(options["format"])
        assert form in FORMATS
        return Recorded(folder, receipt, reference, bool(options["tous"]), bool(options["lignes"]), form,
                        options.get("pseudonymes"), outputs, bool(receipt.get("purges")))  # fmt: skip
    except (KeyError, TypeError, ValueError, AssertionError, AttributeError):
        return None


def replay(
    r: Recorded, grids: Sequence[Grid], files: Sequence[Path], source: Parts | Callable[[], Reading], key: Key | None
) -> Replayed:
    """Run again beside, with the recorded options, and compare. Raises ``UnreadError``, ``NotWrittenError``."""
    causes = [*_grids(r, grids), *_texts(r), *_data(r, all_hashes(files))]
    versions = _versions(r)
    with tempfile.TemporaryDirectory(prefix="fluxrules-") as place:
        target = Path(place) / "resultats"
        outcome = run_to_folder(r.asked(grids, key), files, target, source)
        if outcome.done is None:
            return Replayed(tuple(causes), (), tuple(versions), 0, outcome.diagnostics)
        differences, notes = _compared(r, target, output_hashes(target))
    return Replayed(tuple(causes), tuple(differences), (*versions, *notes), len(r.outputs))


def _grids(r: Recorded, grids: Sequence[Grid]) -> list[str]:
    held = {g["nom"]: g["empreinte"] for g in r.receipt["grilles"]}
    given = {g.header.name: g.hash for g in grids}
    found = [f"La grille « {name} » n'est pas donnée." for name in held if name not in given]
    found += [f"La grille « {name} » n'était pas du calcul." for name in given if name not in held]
    return found + [
        f"La grille « {name} » n'a plus le même sens : empreinte {given[name][:12]}, reçu {mark[:12]}."
        for name, mark in held.items()
        if name in given and given[name] != mark
    ]


def _texts(r: Recorded) -> list[str]:
    found = []
    if r.receipt.get("vocabulaire") != vocabulary_hash():
        found.append("Le vocabulaire, les champs dérivés, la bibliothèque ou les barèmes ont changé depuis le calcul.")
    if "droit" in r.receipt and r.receipt["droit"] != law_hash():
        found.append("Les règles de droit ont changé depuis le calcul.")
    return found


def _data(r: Recorded, given: Mapping[str, str]) -> list[str]:
    held: Mapping[str, str] = r.receipt["données"]
    if sorted(held.values()) == sorted(given.values()):
        return []  # under other names, perhaps
    found = [f"Le fichier de données « {n} » a changé." for n in held if n in given and held[n] != given[n]]
    found += [f"Le fichier de données « {n} » manque." for n in held if n not in given]
    return found + [f"Le fichier de données « {n} » n'était pas du calcul." for n in given if n not in held]


def _versions(r: Recorded) -> list[str]:
    then = {"fluxrules": r.receipt.get("fluxrules"), **(r.receipt.get("moteur") or {})}
    now = {"fluxrules": engine_version(), **libraries()}
    return [f"Version de {n} : {then[n]} pour le calcul, {now[n]} ici." for n in now if n in then and then[n] != now[n]]


def _compared(r: Recorded, new: Path, marks: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What differs, by table; and the tables whose bytes alone do."""
    here = output_hashes(r.folder)
    tables = {_table(name) for name in (*r.outputs, *marks)}
    differences, notes = [], []
    for table in sorted(tables):
        held, made, found = ({n: m for n, m in x.items() if _table(n) == table} for x in (r.outputs, marks, here))
        if held == made == found:
            continue
        if held != found:
            why = "a été purgée" if r.purged else "a été modifiée"
            notes.append(f"La table « {table} » {why} depuis le calcul : ses fichiers n'ont plus l'empreinte du reçu.")
        if held == made:  # what was computed then is what is computed now: only the files that are there are not
            rows = None if not found else rows_that_differ(_frame(r.folder, found), _frame(new, made))
        elif held != found:
            differences.append(f"{table} : l'empreinte recalculée n'est pas celle du reçu, et les fichiers ont changé.")
            continue
        else:
            rows = rows_that_differ(_frame(r.folder, found), _frame(new, made))
        if rows is None:
            differences.append(f"{table} : la table manque, ou ses colonnes ne sont pas les mêmes.")
        elif rows:
            differences.append(f"{table} : {rows} ligne{'s' if rows > 1 else ''} différente{'s' if rows > 1 else ''}.")
        else:
            notes.append(f"La table « {table} » a les mêmes lignes, dans un fichier écrit autrement.")
    return differences, notes


def _table(file: str) -> str:
    """The table of a file of the run: a large one is a folder of numbered parts."""
    head, _, last = file.rpartition("/")
    stem, _, _ = last.rpartition(".")
    return head if stem.isdigit() and head and head != "lignes" else f"{head}/{stem}".strip("/")


def _frame(folder: Path, files: Mapping[str, str]) -> pl.DataFrame | None:
    """A table as text, its parts one after the other; ``None`` when it cannot be read."""
    frames = []
    try:
        for name in sorted(files):
            path = folder / name
            if path.suffix == ".parquet":
                frames.append(pl.read_parquet(path, glob=False))
            else:
                frames.append(read_csv(path) if path.suffix == ".csv" else read_sheet(path))
        whole = pl.concat(frames) if frames else None
    except (pl.exceptions.PolarsError, OSError, ValueError):
        return None
    return None if whole is None else _as_text(whole)


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    lists = [c for c, t in frame.schema.items() if isinstance(t, pl.List)]
    return frame.with_columns(pl.col(c).cast(pl.List(pl.String)).list.join("|") for c in lists).cast(pl.String)


def rows_that_differ(old: pl.DataFrame | None, new: pl.DataFrame | None) -> int | None:
    """How many rows one of the two has and the other has not; the order counts for nothing. ``None`` for other columns."""
    if old is None or new is None or old.columns != new.columns:
        return None
    keys = old.columns
    counted = [f.group_by(keys).len() for f in (old, new)]
    lost, made = (
        a.join(b, on=[*keys, "len"], how="anti", nulls_equal=True)["len"].sum() for a, b in (counted, reversed(counted))
    )
    return int(max(lost, made))
