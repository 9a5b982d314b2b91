"""The hidden folder where a large run keeps what is done, so that the same command goes on where it was stopped."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polars.exceptions import PolarsError

from fluxrules.data.stops import heard_by_us_alone, stops_held
from fluxrules.data.write import NotWrittenError, check_target, disk_full, not_written, put_in_place, recover

LAID_OUT, LOTS, RANGES = "tables", "lots", "parties"
"""What is kept: the data laid out again, results of a batch of demandes, tables of a range of territories."""
_MISALIGNED = "a-ranger"
RESUMABLE = "ce qui est calculé est gardé ; relancez la même commande pour reprendre."
_SIGNATURE, _LOCK, _LEAVING = "signature.json", "verrou", "fini"


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
    def misaligned(self) -> bool:
        """Whether the parts of the data are known not to match."""
        return self.has(_MISALIGNED)

    def start_again_misaligned(self) -> None:
        """Forgets what was made of parts that do not match, and remembers that they do not."""
        for kind in (LOTS, RANGES):
            shutil.rmtree(self.folder / kind, ignore_errors=True)
        with self.step(_MISALIGNED):
            pass

    @property
    def has_left(self) -> bool:
        """Whether all was done, and the result is in its place: the process was killed before it cleared up."""
        return (self.folder / _LEAVING).is_file() and not self.has("resultat")

    @property
    def worth_keeping(self) -> bool:
        """Whether a step is done that would have to be done again: not once the result has left for its place."""
        if self.has_left:
            return False
        steps = [p for kind in (LOTS, RANGES) for p in (self.folder / kind).glob("*")]
        return self.has(LAID_OUT) or any(p.is_dir() and p.suffix != ".en-cours" for p in steps)


@contextmanager
def workplace(target: Path, signature: Mapping[str, Any], *, replace: bool) -> Iterator[Workplace]:
    """Where to work for ``target``; when the block ends well, its folder ``resultat`` becomes ``target``, in one move.

    ``signature`` is what the run depends on: work left by a run of something else is erased. Raises ``NotWrittenError`` when the
    target exists (unless ``replace``), when another process works there, or when nothing can be written.
    """
    folder = work_folder(target)
    heard_by_us_alone()
    try:
        check_target(target, replace=replace)
    except NotWrittenError:
        _tidy(folder)
        raise
    lock = _locked(folder, target)
    done = cleared = False
    try:
        recover(target)
        check_target(target, replace=replace)  # again: another run may have ended meanwhile
        yield _prepared(folder, json.dumps(dict(signature), ensure_ascii=False, sort_keys=True))
        with stops_held():
            _leave(folder, target)
            done = cleared = True
            _clear(folder)
    except (OSError, PolarsError) as error:
        if disk_full(target, error) and _worth_keeping(folder):
            raise _no_room(target, folder) from error
        with stops_held():  # what is kept may be the very thing that does not read
            cleared = True
            _clear(folder)
        raise not_written(target, error) from error
    except KeyboardInterrupt as stop:
        kept = RESUMABLE if _worth_keeping(folder) else "rien n'a été écrit."
        raise KeyboardInterrupt(f"« {target} » est écrit." if done else kept) from stop
    finally:
        with stops_held():
            if not cleared and not _worth_keeping(folder):
                _clear(folder)
            os.close(lock)


def _leave(folder: Path, target: Path) -> None:
    leaving = folder / _LEAVING
    leaving.touch()
    try:
        put_in_place(folder / "resultat", target)
    except BaseException:  # it has not left
        leaving.unlink(missing_ok=True)
        raise


def _worth_keeping(folder: Path) -> bool:
    return Workplace(folder, resumed=False).worth_keeping


def _no_room(target: Path, folder: Path) -> NotWrittenError:
    """A full disk takes nothing away of what is done; what was begun gives its room back."""
    for unfinished in (*folder.rglob("*.en-cours"), folder / "resultat"):
        shutil.rmtree(unfinished, ignore_errors=True)
    return NotWrittenError(
        f"il n'y a plus de place sur le disque pour écrire « {target} » ; faites de la place, puis relancez la même commande : "
        f"ce qui est calculé est gardé dans « {folder} » (effacez ce dossier pour y renoncer)"
    )


def _tidy(folder: Path) -> None:
    """Takes away what a run killed at its very end left, unless there is work in it, or another run."""
    if not folder.is_dir() or _worth_keeping(folder):
        return
    with suppress(NotWrittenError), stops_held():
        lock = _locked(folder, folder)
        if not _worth_keeping(folder):
            _clear(folder)
        os.close(lock)


def work_folder(target: Path) -> Path:
    """Where the work of a run to ``target`` is kept."""
    return target.parent / f".{target.name}.en-cours"


def _locked(folder: Path, target: Path) -> int:
    """The lock of the folder, held: the system gives it back when the process ends, however it ends."""
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:  # whoever ended just now took the folder away
            continue
        except OSError as error:
            raise not_written(target, error) from error
        try:
            _hold(lock)
        except OSError as error:
            os.close(lock)
            raise NotWrittenError(
                f"un autre calcul écrit déjà vers « {target} » : attendez qu'il finisse, ou donnez un autre dossier"
            ) from error
        if _is_at(lock, folder / _LOCK):
            return lock
        os.close(lock)  # that of a run that has ended: it erased the file after it was opened here


def _hold(lock: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_at(lock: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except OSError:
        return False


def _clear(folder: Path) -> None:
    """Takes the folder away, its lock last: until then nobody else works there."""
    try:
        for p in _inside(folder):
            shutil.rmtree(p, ignore_errors=True) if p.is_dir() else p.unlink()
        (folder / _LOCK).unlink(missing_ok=True)
        folder.rmdir()
    except OSError:  # someone else came, or the folder may not be changed
        pass


def _inside(folder: Path) -> list[Path]:
    return [p for p in folder.iterdir() if p.name != _LOCK]


def _prepared(folder: Path, signature: str) -> Workplace:
    held = folder / _SIGNATURE
    same = held.is_file() and held.read_text("utf-8") == signature
    if not same:
        for p in _inside(folder):
            shutil.rmtree(p) if p.is_dir() else p.unlink()
        temporary = held.with_suffix(".tmp")
        temporary.write_text(signature, "utf-8")
        temporary.replace(held)
    (folder / _LEAVING).unlink(missing_ok=True)
    shutil.rmtree(folder / "resultat", ignore_errors=True)
    place = Workplace(folder, same)
    return Workplace(folder, same and place.worth_keeping)
