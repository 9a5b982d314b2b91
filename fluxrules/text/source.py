"""A source file, its spans, and the line index that turns an offset into a place a person can find."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from fluxrules.text.resources import shown as shown_path


@dataclass(frozen=True)
class Source:
    """A text with a name. ``text`` has no byte-order mark, so offsets are those of what an editor shows."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def _starts(self) -> list[int]:
        return [0] + [i + 1 for i, c in enumerate(self.text) if c == "\n"]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self._starts, offset) - 1
        return line + 1, offset - self._starts[line] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets, kept inside the text."""
        size = len(self.text)
        if 0 <= start <= end <= size:  # nearly always: files are read by the thousand spans
            return Span(self, start, end)
        start = max(0, min(start, size))
        return Span(self, start, max(start, min(end, size)))


class Span(NamedTuple):
    """A stretch of a source, ``start`` included, ``end`` excluded. A tuple: there are hundreds of them for a document."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def place(self) -> str:
        """``fichier:ligne:colonne``, the form that terminals and editors turn into a link."""
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

    def inner(self, start: int, end: int) -> Span:
        """A span inside this one, offsets counted from its start."""
        return self.source.span(self.start + start, min(self.start + end, self.end))


@dataclass(frozen=True)
class Unreadable:
    """Why a file could not become a source: ``reason`` is a French sentence, ``offset`` a byte offset where known."""

    name: str
    reason: str
    offset: int = 0


MAX_BYTES = 4 * 1024 * 1024


def read_source(path: Path, name: str | None = None) -> Source | Unreadable:
    """Read a rule file as UTF-8. Never raises for what the file holds: the reason comes back as a value."""
    shown = name or shown_path(path)
    try:
        if path.is_dir():
            return Unreadable(shown, "c'est un dossier, pas un fichier de règles")
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            return Unreadable(shown, "ce n'est pas un fichier ordinaire")
        if path.stat().st_size > MAX_BYTES:
            return Unreadable(shown, "le fichier dépasse 4 Mo : ce n'est pas un fichier de règles")
        data = path.read_bytes()
    except FileNotFoundError:
        return Unreadable(shown, "le fichier n'existe pas")
    except PermissionError:
        return Unreadable(shown, "la lecture du fichier n'est pas permise")
    except ValueError:
        return Unreadable(shown, "son nom n'est pas possible")
    except OSError as error:
        return Unreadable(shown, f"le fichier ne se lit pas ({error.strerror or 'erreur du système'})")
    return decode_source(data, shown)


def decode_source(data: bytes, name: str) -> Source | Unreadable:
    """Decode the bytes of a rule file."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Unreadable(name, "le fichier est en UTF-16 ; enregistrez-le en UTF-8")
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Unreadable(name, "le fichier n'est pas en UTF-8 ; enregistrez-le en UTF-8", error.start)
