"""Outputs appear whole or not at all: everything is written beside the target, then put in its place in one move."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import polars as pl

# What tells a folder that fluxrules wrote: no other folder is ever replaced.
_MARKS = ("recu.json", "LISEZMOI.json")


class NotWrittenError(Exception):
    """The output could not be written; the message is a French sentence."""


@contextmanager
def whole_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """A folder to write into, that becomes ``target`` when the block ends well, and disappears otherwise (Ctrl-C included).

    Raises ``NotWrittenError`` when the target exists (unless ``replace``), or cannot be written.
    """
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
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise NotWrittenError(_reason(target, error)) from error
    try:
        yield work
        _put(work, target)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise NotWrittenError(_reason(target, error)) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _put(work: Path, target: Path) -> None:
    """Moves the finished folder in place; what it replaces is set aside first, and put back if the move fails."""
    work.chmod(0o755)
    if not target.exists():
        work.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-ancien-", dir=target.parent))
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


def _reason(target: Path, error: Exception) -> str:
    text = str(error)
    if getattr(error, "errno", None) == 28 or "No space left" in text:
        return f"il n'y a plus de place sur le disque pour écrire « {target} » ; rien n'a été gardé"
    if isinstance(error, PermissionError) or "Permission denied" in text or "Read-only" in text:
        return f"l'écriture de « {target} » n'est pas permise"
    return f"« {target} » ne s'écrit pas ; rien n'a été gardé"


def write_table(frame: pl.DataFrame, folder: Path, name: str, format: str) -> Path:
    """One table as Parquet or CSV (« ; », UTF-8 with a byte-order mark, lists joined: what a French spreadsheet opens)."""
    path = folder / f"{name}.{format}"
    with path.open("wb") as file:  # Polars itself does not open a name with accents when the system is set to ASCII
        _write(frame, file, format)
    return path


def _write(frame: pl.DataFrame, file: IO[bytes], format: str) -> None:
    if format == "parquet":
        frame.write_parquet(file)
        return
    lists = [c for c, t in frame.schema.items() if isinstance(t, pl.List)]
    flat = frame.with_columns(pl.col(c).list.join(" | ") for c in lists)
    flat.write_csv(file, separator=";", include_bom=True)


def write_json(value: Any, path: Path) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
