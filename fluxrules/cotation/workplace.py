"""The hidden folder where a large run keeps what is done, so that the same command goes on where it was stopped."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polars.exceptions import PolarsError

from fluxrules.data.write import NotWrittenError, check_target, not_written, put_in_place

RESUMABLE = "ce qui est calculé est gardé ; relancez la même commande pour reprendre."
_SIGNATURE, _LOCK = "signature.json", "verrou"


@dataclass(frozen=True)
class Workplace:
    """``resumed``: whether an earlier run of the same thing left work done here."""

    folder: Path
    resumed: bool

    def has(self, name: str) -> bool:
        return (self.folder / name).is_dir()

    @contextmanager
    def step(self, name: str) -> Iterator[Path]:
        """A folder that is there under its name only once the block has ended well."""
        work, done = self.folder / f"{name}.en-cours", self.folder / name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        yield work
        done.parent.mkdir(parents=True, exist_ok=True)
        work.rename(done)

    @property
    def worth_keeping(self) -> bool:
        """Whether a step is done that would have to be done again."""
        return any(
            p.is_dir() and not p.name.endswith(".en-cours")
            for kind in ("lots", "parties")
            for p in (self.folder / kind).glob("*")
        )


@contextmanager
def workplace(target: Path, signature: Mapping[str, Any], *, replace: bool) -> Iterator[Workplace]:
    """Where to work for ``target``; when the block ends well, its folder ``resultat`` becomes ``target``, in one move.

    ``signature`` is what the run depends on: work left by a run of something else is erased. Raises ``NotWrittenError`` when the
    target exists (unless ``replace``), when another process works there, or when nothing can be written.
    """
    check_target(target, replace=replace)
    folder = target.parent / f".{target.name}.en-cours"
    text = json.dumps(dict(signature), ensure_ascii=False, sort_keys=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise not_written(target, error) from error
    try:
        _hold(lock, target)
        place = _prepared(folder, text)
        try:
            yield place
            put_in_place(folder / "resultat", target)
        except (OSError, PolarsError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise not_written(target, error) from error
        except BaseException as stop:
            if not place.worth_keeping:
                shutil.rmtree(folder, ignore_errors=True)
            elif isinstance(stop, KeyboardInterrupt):
                raise KeyboardInterrupt(RESUMABLE) from stop
            raise
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _hold(lock: int, target: Path) -> None:
    """Takes the lock, which the system gives back when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise NotWrittenError(
            f"un autre calcul écrit déjà vers « {target} » : attendez qu'il finisse, ou donnez un autre dossier"
        ) from error


def _prepared(folder: Path, signature: str) -> Workplace:
    held = folder / _SIGNATURE
    same = held.is_file() and held.read_text("utf-8") == signature
    if not same:
        for p in folder.iterdir():
            if p.name != _LOCK:
                shutil.rmtree(p) if p.is_dir() else p.unlink()
        temporary = held.with_suffix(".tmp")
        temporary.write_text(signature, "utf-8")
        temporary.replace(held)
    shutil.rmtree(folder / "resultat", ignore_errors=True)
    place = Workplace(folder, same)
    return Workplace(folder, same and place.worth_keeping)
