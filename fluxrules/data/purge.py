"""Erases demandes from outputs: every file is prepared, then each takes its place in one move, then the receipts say what was done.

Positions of the others are not computed again: they say what was true on the day of the run.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.data.outputs import PSEUDONYM
from fluxrules.data.pseudonyms import Key, pseudonym_table
from fluxrules.data.purge_files import FORMATS, Held, NotExaminedError, held, without
from fluxrules.data.purge_list import PurgeList
from fluxrules.data.run_folder import RECEIPT, read_receipt
from fluxrules.data.write import not_written
from fluxrules.diagnostics.diagnostic import Bag, Cell

_TEMPORARY = ".purge-"
_SILENT = (RECEIPT, "LISEZMOI.txt", "LISEZMOI.json")
NOTE = "Des lignes ont été effacées : les empreintes des fichiers ont changé. Les positions des autres demandes n'ont pas été recalculées."


@dataclass(frozen=True)
class Wanted:
    """Whom to erase, by number and by pseudonym. ``absent``: also those that the data no longer holds."""

    people: PurgeList
    day: date
    key: Key | None = None
    absent: bool = False


@dataclass
class Purged:
    """Rows erased by output folder and table; ``absent`` counts the demandes of the outputs that the data does not hold."""

    rows: dict[Path, dict[str, int]] = field(default_factory=dict)
    examined: int = 0
    absent: int = 0


@dataclass
class _Work:
    path: Path
    temporary: Path
    owner: Path
    table: str
    column: str
    count: int = 0


@dataclass
class _List:
    """The identifiers to erase; the hashes of all those of the data, sorted, where they are known; who was seen and is not in the data.

    An identifier whose hash is not there is not in the data. The contrary may be false once in a thousand billion identifiers: the demande is kept then.
    """

    gone: pl.Series
    known: NDArray[np.uint64] | None
    absent: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))

    def look_for_absent(self, values: pl.Series) -> None:
        """Among the identifiers of a file: each file is looked at alone, or all those of a country would be held."""
        if self.known is None:
            return
        values = values.drop_nulls()
        hashes = values.hash().to_numpy()
        place = np.searchsorted(self.known, hashes)
        found = place < len(self.known)
        found[found] = self.known[place[found]] == hashes[found]
        self.absent = pl.concat([self.absent, values.filter(pl.Series(~found, dtype=pl.Boolean))]).unique()


def purge(roots: Sequence[Path], wanted: Wanted, bag: Bag, *, simulate: bool = False) -> Purged:
    """Erases from the files of ``roots`` (folders or files); what cannot be examined is reported. Raises ``NotWrittenError``."""
    done = Purged()
    works: list[_Work] = []
    try:
        lists: dict[str, _List] = {}
        for root in roots:
            for path in _files(root, bag, clean=not simulate):
                found = _examined(path, wanted, root, bag)
                done.examined += 1
                if found is not None:
                    owner = _owner(path, root)
                    temporary = path.with_name(f"{_TEMPORARY}{path.name}")
                    works.append(_Work(path, temporary, owner, _table(path, owner), found.column))
                    if found.column not in lists:
                        lists[found.column] = _list(found.column, wanted)
                    lists[found.column].look_for_absent(found.values)
        done.absent = sum(len(people.absent) for people in lists.values())
        gone = {
            column: pl.concat([people.gone, people.absent]) if wanted.absent else people.gone
            for column, people in lists.items()
        }
        for work in works:
            work.count = without(work.path, gone[work.column], None if simulate else work.temporary)
            if work.count:
                tables = done.rows.setdefault(work.owner, {})
                tables[work.table] = tables.get(work.table, 0) + work.count
        if not simulate:
            _put([w for w in works if w.count], wanted.day)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise not_written(roots[0], error) from error
    finally:
        for work in works:
            work.temporary.unlink(missing_ok=True)
    return done


def _files(root: Path, bag: Bag, *, clean: bool) -> Iterator[Path]:
    """The files to examine, in a stable order; those of another kind are reported."""
    found = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file() or p.is_symlink())
    for path in found:
        if path.name.startswith(_TEMPORARY):
            if clean:
                path.unlink()  # left by a purge that was stopped
        elif path.suffix.lower() in FORMATS:
            yield path
        elif path.name not in _SILENT:
            bag.add("FX5074", "Ce fichier n'est pas d'un format que fluxrules écrit : il n'a pas été examiné.", Cell(str(path)),
                    "Vérifiez vous-même s'il nomme des demandes.")  # fmt: skip


def _examined(path: Path, wanted: Wanted, root: Path, bag: Bag) -> Held | None:
    """What a file holds; ``None`` when it names nobody, or cannot be purged, which is reported."""
    try:
        found = held(path)
    except NotExaminedError as error:
        bag.add("FX5073", f"Ce fichier n'a pas été purgé : {error}.", Cell(str(path)),
                "Effacez-le, puis refaites-le depuis les résultats purgés.")  # fmt: skip
        return None
    owner = _owner(path, root)
    if (
        found is None
        or found.column != PSEUDONYM
        or (wanted.key and _key_fits(wanted.key, owner, certain=wanted.absent))
    ):
        return found
    why = "la clé donnée n'est pas la leur, ou rien ne le dit" if wanted.key else "leur clé n'est pas donnée"
    bag.add("FX5075", f"Des sorties portent des pseudonymes et n'ont pas été purgées : {why}.",
            Cell(str(path if root.is_file() else owner)), "Donnez avec « --cle » la clé qui a servi à les écrire.")  # fmt: skip
    return None


def _list(column: str, wanted: Wanted) -> _List:
    """Whom to erase, as a column of the outputs names them."""
    people, key = wanted.people, wanted.key

    def named(numbers: pl.Series) -> pl.Series:
        return pseudonym_table(numbers, key)[PSEUDONYM] if column == PSEUDONYM and key is not None else numbers

    if people.known is None:
        return _List(named(people.gone), None)
    hashes = np.concatenate([np.empty(0, dtype=np.uint64), *(named(some).hash().to_numpy() for some in people.known())])
    hashes.sort()
    return _List(named(people.gone), hashes)


def _key_fits(key: Key, owner: Path, *, certain: bool) -> bool:
    """Whether the receipt names this key. Where none is named, a wrong key would only find nobody, unless absence erases."""
    said = (read_receipt(owner) or {}).get("pseudonymes")
    if isinstance(said, dict) and "marque de la clé" in said:
        return bool(said["marque de la clé"] == key.mark)
    return not certain


def _owner(path: Path, root: Path) -> Path:
    """The folder whose receipt speaks of the file: the nearest one that has a receipt, else the folder given."""
    if root.is_file():
        return root.parent
    inside = [p for p in path.parents if p == root or root in p.parents]
    return next((p for p in inside if (p / RECEIPT).is_file()), root)


def _table(path: Path, owner: Path) -> str:
    """« resultats » for resultats.parquet and for resultats/00003.parquet; another format keeps its suffix."""
    inside = path.relative_to(owner)
    part = path.suffix == ".parquet" and path.stem.isdigit() and inside.parent != Path()
    return (inside.parent if part else inside.with_suffix("") if path.suffix == ".parquet" else inside).as_posix()


def _put(prepared: Sequence[_Work], day: date) -> None:
    hashes: dict[Path, dict[str, dict[str, str]]] = {}
    for work in prepared:
        pair = {"avant": _hash(work.path), "après": _hash(work.temporary)}
        hashes.setdefault(work.owner, {})[work.path.relative_to(work.owner).as_posix()] = pair
    for work in prepared:
        shutil.copymode(work.path, work.temporary)
        work.temporary.replace(work.path)
    for owner, changed in hashes.items():
        rows: dict[str, int] = {}
        for work in prepared:
            if work.owner == owner:
                rows[work.table] = rows.get(work.table, 0) + work.count
        _say(owner, {"date": day.isoformat(), "lignes effacées": rows, "empreintes": changed, "mention": NOTE})


def _say(owner: Path, line: dict[str, Any]) -> None:
    """Adds the purge to the receipt, in one move."""
    receipt = read_receipt(owner)
    if receipt is None:
        return
    receipt["purges"] = [*receipt.get("purges", []), line]
    temporary = owner / f"{_TEMPORARY}{RECEIPT}"
    temporary.write_text(json.dumps(receipt, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
    temporary.replace(owner / RECEIPT)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
