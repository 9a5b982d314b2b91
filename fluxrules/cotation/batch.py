"""A run to a folder: batches of demandes, ranges of territories, tables that appear whole; resumed where it was stopped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fluxrules.cotation.intake import Piece, put_together
from fluxrules.cotation.results import Part, names_of, tables_in_turn
from fluxrules.cotation.run import PART_RESULTS, Counts, Scored, report_clashes, score_batch, territory_ranges
from fluxrules.cotation.spill import Spilled, spill
from fluxrules.cotation.workplace import LOTS, RANGES, Workplace
from fluxrules.data.outputs import PSEUDONYM
from fluxrules.data.pseudonyms import Key, pseudonymise
from fluxrules.data.tables import KEY
from fluxrules.data.write import write_table
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.engines.numpy.chunks import workers
from fluxrules.engines.numpy.memory import give_back
from fluxrules.model.grid import Grid

BATCH = 4_000_000
"""The most demandes that are held together: beyond, their results wait on disk until a range of territories is put together."""
LOT = 1_200_000
"""How many demandes are scored together then."""
THREADS = 2
Progress = Callable[[str], None]


class Store(Protocol):
    """Where the results of a run are, before they are put together by territory."""

    def per_territory(self) -> NDArray[Any]: ...

    def parts(self, first: int, last: int) -> list[Part]: ...

    def nothing(self, grid: Grid) -> Part: ...


@dataclass(frozen=True)
class Asked:
    """What is run: ``points`` writes those of every line, ``format`` is parquet, csv or xlsx; with ``key``, pseudonyms for numbers."""

    grids: tuple[Grid, ...]
    reference: date
    everyone: bool = False
    points: bool = True
    format: str = "parquet"
    key: Key | None = None


@dataclass
class Done:
    """What a run gave. ``notes``: how many results have each note (in whole points or decimals)."""

    counts: Counts = field(default_factory=Counts)
    pending: int = 0
    notes: dict[str, int] = field(default_factory=dict)


def run_in(
    place: Workplace, asked: Asked, pieces: Iterator[Piece], bag: Bag, say: Progress, demandes: int = 0
) -> Done | None:
    """Run about that many demandes in a workplace, whose ``resultat`` then holds the tables; ``None`` when ``bag`` says why nothing was computed."""
    store, counts = _scored(place, asked, pieces, bag, say, BATCH if demandes <= BATCH else LOT)
    if store is None:
        return None
    done = Done(counts)
    found = list(territory_ranges(store.per_territory()))
    names = names_of(asked.grids)

    def one(number: int) -> str:
        name = f"{RANGES}/{number:05}"
        if not place.has(name):
            with place.step(name) as folder:
                _write(store.parts(*found[number]), names, folder, asked)
        return name

    sizes = store.per_territory()
    for number, (first, last) in enumerate(found):  # a territory is never cut: nothing is made beside the largest
        if sizes[np.arange(first, last)].sum() > 2 * PART_RESULTS:
            one(number)
            give_back()
    with workers(THREADS) as pool:
        for number, name in enumerate(pool.map(one, range(len(found)))):
            say(f"territoires : {number + 1} lots sur {len(found)} écrits")
            _note(done, place.folder / name)
    _gather(place.folder, len(found), asked, store)
    return done


def _scored(
    place: Workplace, asked: Asked, pieces: Iterator[Piece], bag: Bag, say: Progress, most: int
) -> tuple[Store | None, Counts]:
    """Every batch scored: kept in memory when there is one, on disk otherwise."""
    held: list[Piece] = []
    counts, folders = Counts(), list[Path]()
    total: NDArray[Any] | None = None
    read = 0

    def one() -> Scored | None:
        batch = put_together(held)
        held.clear()
        scored = score_batch(asked.grids, batch, asked.reference, everyone=asked.everyone, points=asked.points)
        return None if report_clashes(scored, bag) else scored

    def keep() -> bool:
        nonlocal counts, total
        name = f"{LOTS}/{len(folders):05}"
        if not place.has(name):
            scored = one()
            if scored is None:
                return False
            with place.step(name) as folder:
                spill(scored, folder)
                sizes = {"counts": asdict(scored.counts), "territoires": scored.per_territory().tolist()}
                (folder / "comptes.json").write_text(json.dumps(sizes), "utf-8")
        sizes = json.loads((place.folder / name / "comptes.json").read_text("utf-8"))
        counts = counts + Counts(**sizes["counts"])
        total = np.array(sizes["territoires"]) + (0 if total is None else total)
        folders.append(place.folder / name)
        held.clear()
        give_back()
        return True

    for piece in pieces:
        if held and sum(len(p.numbers) for p in held) + len(piece.numbers) > most and not keep():
            return None, counts
        held.append(piece)
        read += len(piece.numbers)
        say(f"demandes lues : {read:,}".replace(",", " "))
    if not folders:
        scored = one() if held else None
        return scored, scored.counts if scored is not None else counts
    if held and not keep():
        return None, counts
    assert total is not None
    return Spilled(tuple(folders), asked.grids, total), counts


def _write(parts: list[Part], names: pl.Enum, folder: Path, asked: Asked) -> None:
    if asked.points:
        (folder / "lignes").mkdir()
    decimal = any(g.program.scale > 1 for g in asked.grids)
    for (inside, name), frame in tables_in_turn(parts, decimal, names):
        write_table(_named(frame, asked), folder / inside, name, asked.format)
        if name == "resultats" and not inside:
            assert isinstance(frame, pl.DataFrame)
            _write_notes(frame, folder)
        del frame  # before the next one is made: both may be large


def _write_notes(results: pl.DataFrame, folder: Path) -> None:
    notes = results["note"].value_counts()
    shown = {str(note): int(count) for note, count in notes.iter_rows()}
    pending = int((results["note_min"] != results["note_max"]).sum())
    (folder / "notes.json").write_text(json.dumps({"notes": shown, "en suspens": pending}), "utf-8")


def _named(frame: pl.DataFrame | pl.LazyFrame, asked: Asked) -> pl.DataFrame | pl.LazyFrame:
    """The table as it is written: under pseudonyms the order of the rows changes too, or it would tell that of the numbers."""
    if asked.format == "xlsx":  # read many times over
        frame = frame.lazy().collect()
    if asked.key is None or KEY not in frame.collect_schema():
        return frame
    return pseudonymise(frame.lazy().collect(), asked.key).sort("territoire", PSEUDONYM, maintain_order=True)


def _note(done: Done, folder: Path) -> None:
    held = json.loads((folder / "notes.json").read_text("utf-8"))
    done.pending += held["en suspens"]
    for note, count in held["notes"].items():
        done.notes[note] = done.notes.get(note, 0) + count


def _gather(folder: Path, ranges: int, asked: Asked, store: Store) -> None:
    """The tables of all ranges under their final names: one file each, or a folder of parts when there are several ranges."""
    final = folder / "resultat"
    final.mkdir()
    if not ranges:
        none = [store.nothing(grid) for grid in asked.grids]
        _write(none, names_of(asked.grids), final, asked)
        (final / "notes.json").unlink()
        return
    extension = asked.format
    for number in range(ranges):
        source = folder / RANGES / f"{number:05}"
        for file in sorted(source.rglob(f"*.{extension}")):
            inside = file.relative_to(source)
            target = final / inside if ranges == 1 else final / inside.with_suffix("") / f"{number:05}.{extension}"
            target.parent.mkdir(parents=True, exist_ok=True)
            _link(file, target)


def _link(file: Path, target: Path) -> None:
    """The same file under another name, without copying it; what is done stays where a resumed run looks for it."""
    try:
        target.hardlink_to(file)
    except OSError:  # a file system without links
        shutil.copyfile(file, target)
