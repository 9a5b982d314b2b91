"""Outputs appear whole or not at all: everything is written beside the target, then put in its place in one move."""

from __future__ import annotations

import errno
import glob
import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from fluxrules.data.cells import flat, guarded, guarded_text, unguarded
from fluxrules.data.outputs import may_carry_number
from fluxrules.data.stops import heard_by_us_alone, stops_held
from fluxrules.data.tables import KEY

# What tells a folder that fluxrules wrote: no other folder is ever replaced.
_MARKS = ("recu.json", "LISEZMOI.json")
_LITTLE = 1 << 22
ROW_GROUP = 1 << 17


class NotWrittenError(Exception):
    """The output could not be written; the message is a French sentence."""


@contextmanager
def whole_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """A folder to write into, that becomes ``target`` when the block ends well, and disappears otherwise (Ctrl-C included).

    Raises ``NotWrittenError`` when the target exists (unless ``replace``), or cannot be written.
    """
    check_target(target, replace=replace)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = _beside(target)
    except OSError as error:
        raise NotWrittenError(_reason(target, error)) from error
    heard_by_us_alone()
    done = False
    try:
        yield work
        with stops_held():
            put_in_place(work, target)
            done = True
    except (OSError, pl.exceptions.PolarsError) as error:
        raise NotWrittenError(_reason(target, error)) from error
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(f"« {target} » est écrit." if done else "rien n'a été écrit.") from stop
    finally:
        with stops_held():
            shutil.rmtree(work, ignore_errors=True)


def _beside(target: Path, what: str = "") -> Path:
    """A new hidden folder next to the target, open to those to whom any folder made here is (``mkdtemp`` makes private ones)."""
    folder = target.parent / f".{target.name}-{what}{secrets.token_hex(8)}"
    folder.mkdir()
    return folder


def check_target(target: Path, *, replace: bool) -> None:
    """Raises ``NotWrittenError`` when a folder may not take that place."""
    try:
        if target.exists() and not target.is_dir():
            raise NotWrittenError(f"« {target} » est un fichier, pas un dossier")
        if target.exists() and any(target.iterdir()):
            if not replace:
                raise NotWrittenError(
                    f"« {target} » existe déjà : donnez un autre dossier, ou demandez « --remplacer »"
                )
            if not any((target / mark).is_file() for mark in _MARKS):
                raise NotWrittenError(f"« {target} » n'est pas un résultat de fluxrules : il n'est pas remplacé")
    except OSError as error:
        raise NotWrittenError(_reason(target, error)) from error


def put_in_place(work: Path, target: Path) -> None:
    """Moves the finished folder in place; what it replaces is set aside first, and put back if the move fails."""
    if not target.exists():
        work.rename(target)
        return
    aside = _beside(target, "ancien-")
    old = aside / "ancien"
    try:
        target.rename(old)
        work.rename(target)
    except BaseException:  # Ctrl-C between the two moves must not lose what was there
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)


def recover(target: Path) -> None:
    """Ends a move that was stopped half-way: what was set aside comes back, unless what replaces it is there."""
    for aside in target.parent.glob(f".{glob.escape(target.name)}-ancien-*"):
        if (aside / "ancien").is_dir() and not target.exists():
            (aside / "ancien").rename(target)
        shutil.rmtree(aside)


def not_written(target: Path, error: Exception) -> NotWrittenError:
    """What a failed write is called, with its reason in French."""
    return NotWrittenError(_reason(target, error))


def disk_full(target: Path, error: Exception) -> bool:
    """Whether a write failed for want of room. Polars does not always pass on why it could not write."""
    text = str(error)
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in text:
        return True
    try:
        return "transport error" in text and shutil.disk_usage(target.parent).free < _LITTLE
    except OSError:
        return False


def _reason(target: Path, error: Exception) -> str:
    text = str(error)
    if disk_full(target, error):
        return f"il n'y a plus de place sur le disque pour écrire « {target} » ; rien n'a été gardé"
    if isinstance(error, PermissionError) or "Permission denied" in text or "Read-only" in text:
        return f"l'écriture de « {target} » n'est pas permise"
    return f"« {target} » ne s'écrit pas ; rien n'a été gardé"


@contextmanager
def whole_file(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """A file to write, that takes the place of ``target`` in one move when the block ends well. Raises ``NotWrittenError``."""
    if target.is_dir():
        raise NotWrittenError(f"« {target} » est un dossier, pas un fichier")
    if target.exists() and not replace:
        raise NotWrittenError(f"« {target} » existe déjà : donnez un autre nom, ou demandez « --remplacer »")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = _beside(target)
    except OSError as error:
        raise NotWrittenError(_reason(target, error)) from error
    heard_by_us_alone()
    try:
        yield work / target.name
        (work / target.name).replace(target)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise NotWrittenError(_reason(target, error)) from error
    finally:
        with stops_held():
            shutil.rmtree(work, ignore_errors=True)


def write_table(frame: pl.DataFrame | pl.LazyFrame, folder: Path, name: str, format: str) -> Path:
    """One table as Parquet, CSV (« ; », UTF-8 with a byte-order mark, see ``cells``) or xlsx (one sheet, see ``workbook``).

    A lazy one is read as it is written. A table that carries the numéro unique must be one of ``outputs.NUMBERED``, or a part in a
    folder of that name: ``ValueError`` otherwise, which is a bug of the caller.
    """
    if KEY in frame.collect_schema() and not (may_carry_number(name) or may_carry_number(folder.name)):
        raise ValueError(f"{name} may not carry {KEY}")
    path = folder / f"{name}.{format}"
    if format == "parquet":
        # Groups of a size of ours, or the bytes depend on how the rows came; the lowest level is faster, and smaller here.
        frame.lazy().sink_parquet(path, compression_level=1, row_group_size=ROW_GROUP)
    elif format == "xlsx":
        from fluxrules.data.write_workbook import Sheet, write_workbook

        write_workbook([Sheet(name, frame)], path)
    else:
        write_csv(frame, path)
    return path


def write_csv(frame: pl.DataFrame | pl.LazyFrame, path: Path, *, comma: bool = False) -> None:
    """What a French spreadsheet opens: « ; », a byte-order mark, lists joined, no cell that it would run. ``comma``: 18,6 and not 18.6."""
    if isinstance(frame, pl.LazyFrame):
        guarded(flat(frame)).sink_csv(path, separator=";", include_bom=True, decimal_comma=comma)
    else:
        guarded(flat(frame)).write_csv(path, separator=";", include_bom=True, decimal_comma=comma)


def write_short_csv(frame: pl.DataFrame, path: Path) -> None:
    """The bytes of ``write_csv`` with a decimal comma, row by row: a bilan has some thirty tables of a few lines, and is one of thousands."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        for row in (frame.columns, *frame.iter_rows()):
            file.write(";".join(map(_short_cell, row)) + "\n")


def _short_cell(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value).replace(".", ",") if isinstance(value, float) else str(value)
    text = guarded_text(value)
    return '"' + text.replace('"', '""') + '"' if not text or any(c in text for c in ';"\n\r') else text


@contextmanager
def csv_in_parts(path: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """The same file, given a few rows at a time."""
    with path.open("wb") as file:

        def append(frame: pl.DataFrame) -> None:
            first = file.tell() == 0
            guarded(flat(frame)).write_csv(file, separator=";", include_bom=first, include_header=first)

        yield append


def read_csv(path: Path) -> pl.DataFrame:
    """A CSV that ``write_csv`` wrote: every column as text, the guards taken away."""
    return unguarded(scan_csv(path)).collect()


def scan_csv(path: Path) -> pl.LazyFrame:
    """The same as it stands, guards included, not read yet."""
    return pl.scan_csv(path, separator=";", infer_schema=False, encoding="utf8", glob=False)


def write_json(value: Any, path: Path) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
