"""The file under an Excel workbook, which is an archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from xlsxwriter import Workbook


@contextmanager
def workbook(path: Path, options: Mapping[str, Any]) -> Iterator[Workbook]:
    """A workbook to fill. A disk that takes no more raises its own ``OSError``."""
    import xlsxwriter

    with path.open("wb") as file:
        archive = _Archive(file)
        try:
            with xlsxwriter.Workbook(archive, options) as book:
                yield book
        except xlsxwriter.exceptions.FileCreateError:
            if archive.failure is None:
                raise
            raise archive.failure from None


class _Archive:
    """A file that fails once: what the archive still writes while it is given up (its end, from its destructor) goes nowhere.

    Otherwise a full disk would be told twice, the second time as a traceback that nothing can catch.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        if self.failure is None:
            try:
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                self.failure = error
                raise
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name) if self.failure is None else lambda *_: 0
