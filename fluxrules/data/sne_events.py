"""The safe streaming parse of SNE XML: one demande at a time, and no more of it than the layout names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from fluxrules.data.sne_layout import DEMANDE, Kind, Node, qualified
from fluxrules.data.sne_refusals import RefusalError, about_error

VERSIONS = ("02.00", "02.01")
MAX_DEPTH = 64
MAX_TEXT = 64 * 1024
MAX_ELEMENTS = 10_000
MAX_DEMANDE = 4 * 1024 * 1024
MAX_NAMES = 4096
MAX_TOKEN = 1024 * 1024
CHUNK = 64 * 1024
# Entities are declared in the prolog: fed in small pieces, none is expanded before the DOCTYPE stops the reading.
PROLOG_CHUNK = 64
MAX_PROLOG_TOKEN = 64 * 1024
# Python would look up any codec that a file names.
ENCODINGS = {"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"}

Record = dict[str, Any]

_VERSION = re.compile(r"[0-9]{2}\.[0-9]{2}")
_INTERFACE = qualified("interfaceNuu")
_FILE_DATE = qualified("dateFichier")
_DEMANDE = qualified("demande")
# Looked up once: the handlers run for every element.
_CODE, _CODES, _TEXT, _GROUPS = Kind.CODE, Kind.CODES, Kind.TEXT, Kind.GROUPS


@dataclass(slots=True)
class RawDemande:
    """What a ``demande`` element says, as written.

    ``repeated``: leaves given twice with different values, which are read as missing. ``doubled``: a block that must be
    single was repeated, so that nothing says which one is right.
    """

    line: int
    file_date: str | None
    fields: Record = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)
    doubled: bool = False


@dataclass(slots=True)
class _Interface:
    depth: int
    line: int
    version: str
    file_date: str | None = None
    demandes: int = 0


@dataclass
class Outcome:
    """How the reading of a file ended. ``complete`` demandes were read before ``refused``, if it was."""

    complete: int = 0
    refused: RefusalError | None = None
    # Demandes left unread, by the version that their interface announces (empty when it announces none).
    unsupported: Counter[str] = field(default_factory=Counter)
    # First line of: an interfaceNuu of another namespace, a demande outside any, an interfaceNuu without demande.
    foreign: int | None = None
    stray: int | None = None
    empty: int | None = None
    interfaces: int = 0


def stream(path: Path, sink: Callable[[RawDemande], None]) -> Outcome:
    """Give each complete ``demande`` of a file to ``sink``. Never raises for what the file holds."""
    reader = _Reader(sink)
    outcome = reader.outcome
    try:
        with path.open("rb") as file:
            reader.read(file)
    except RefusalError as refused:
        outcome.refused = refused
    except expat.ExpatError as error:
        outcome.refused = about_error(error, empty=reader.size == 0)
    except UnicodeError:
        outcome.refused = RefusalError("FX5020", "le texte ne suit pas l'encodage annoncé", reader.line)
    except OSError as error:
        outcome.refused = RefusalError(
            "FX5026", f"le fichier ne se lit pas ({error.strerror or 'erreur du système'})", None
        )
    return outcome


class _Reader:
    """Two pairs of handlers: ``_enter`` and ``_leave`` between the demandes, ``_start`` and ``_end`` inside one."""

    def __init__(self, sink: Callable[[RawDemande], None]) -> None:
        self.outcome = Outcome()
        self.size = 0
        self._sink = sink
        self._names: dict[str, Any] = {}
        parser = expat.ParserCreate(namespace_separator=" ", intern=self._names)
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._enter
        parser.EndElementHandler = self._leave
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._prefix
        parser.XmlDeclHandler = self._declaration
        self._parser = parser
        # Between the demandes.
        self._depth = 0
        self._rooted = False
        self._interfaces: list[_Interface] = []
        self._date_depth = 0
        # Inside a demande: the block that is open and those around it; how deep in an element that is not read.
        self._raw = RawDemande(0, None)
        self._children: Mapping[str, Node] = {}
        self._record: Record = {}
        self._stack: list[tuple[Mapping[str, Node], Record]] = []
        self._skipped = 0
        self._elements = 0
        self._opened: int | None = None
        # The text that is read: of which leaf, and its pieces (``None``: none is read, or it was spoilt).
        self._leaf = ""
        self._pieces: list[str] | None = None
        self._length = 0

    @property
    def line(self) -> int:
        """The line that the parser is at."""
        return self._parser.CurrentLineNumber

    def read(self, file: BinaryIO) -> None:
        """Parse the whole file."""
        parser = self._parser
        while True:
            data = file.read(CHUNK if self._rooted else PROLOG_CHUNK)
            self.size += len(data)
            parser.Parse(data, not data)
            if not data:
                return
            if self.size - parser.CurrentByteIndex > (MAX_TOKEN if self._rooted else MAX_PROLOG_TOKEN):
                raise self._limit("une balise ou un commentaire est démesuré")
            if len(self._names) > MAX_NAMES:
                raise self._limit(f"plus de {MAX_NAMES} noms de balises différents")
            if self._opened is not None:
                self._check_demande(self._opened, self.size)

    def _limit(self, reason: str) -> RefusalError:
        return RefusalError("FX5023", reason, self.line)

    def _check_demande(self, opened: int, reached: int) -> None:
        if self._elements > MAX_ELEMENTS:
            raise self._limit(f"une demande compte plus de {MAX_ELEMENTS} balises")
        if reached - opened > MAX_DEMANDE:
            raise self._limit(f"une demande dépasse {MAX_DEMANDE // 1024**2} Mio")

    def _check_depth(self) -> None:
        if self._depth + len(self._stack) + self._skipped > MAX_DEPTH:
            raise self._limit(f"les balises sont imbriquées sur plus de {MAX_DEPTH} niveaux")

    def _doctype(self, *_: object) -> None:
        raise RefusalError("FX5022", "le fichier contient une déclaration DOCTYPE", self.line)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise RefusalError("FX5020", "l'encodage annoncé n'est pas pris en charge", self.line)

    def _prefix(self, prefix: str | None, uri: str | None) -> None:
        # expat keeps every prefix that it meets: they count as names.
        self._names.setdefault(f"xmlns {prefix}", None)

    def _enter(self, name: str, attributes: list[str]) -> None:
        self._rooted = True
        self._depth += 1
        self._check_depth()
        self._spoil()
        if name == _DEMANDE:
            self._open_demande()
        elif name == _INTERFACE:
            version = _attribute(attributes, "versionInterface") or ""
            shown = version if _VERSION.fullmatch(version) else ""
            self._interfaces.append(_Interface(self._depth, self.line, shown))
            self.outcome.interfaces += 1
        elif name == _FILE_DATE and self._interfaces and not self._date_depth:
            self._date_depth = self._depth
            self._capture("")
        elif self.outcome.foreign is None and name.rpartition(" ")[2] == "interfaceNuu":
            self.outcome.foreign = self.line

    def _leave(self, name: str) -> None:
        if self._depth == self._date_depth:
            self._date_depth = 0
            self._interfaces[-1].file_date = self._captured()
        elif self._interfaces and self._interfaces[-1].depth == self._depth:
            interface = self._interfaces.pop()
            if not interface.demandes and self.outcome.empty is None:
                self.outcome.empty = interface.line
        self._depth -= 1

    def _open_demande(self) -> None:
        if not self._interfaces:
            if self.outcome.stray is None:
                self.outcome.stray = self.line
            return
        interface = self._interfaces[-1]
        interface.demandes += 1
        if interface.version not in VERSIONS:
            self.outcome.unsupported[interface.version] += 1
            return
        self._raw = RawDemande(self.line, interface.file_date)
        self._opened = self._parser.CurrentByteIndex
        self._elements = 0
        self._children, self._record = DEMANDE.children, self._raw.fields
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def _close_demande(self) -> None:
        if self._opened is not None:
            self._check_demande(self._opened, self._parser.CurrentByteIndex)
        self._opened = None
        self._depth -= 1
        self._parser.StartElementHandler = self._enter
        self._parser.EndElementHandler = self._leave
        self.outcome.complete += 1
        self._sink(self._raw)

    def _start(self, name: str, attributes: list[str]) -> None:
        self._elements += 1
        if self._skipped:
            self._skipped += 1
            self._check_depth()
            return
        node = self._children.get(name)
        if node is None:
            self._skipped = 1
            self._check_depth()
            if self._leaf:
                self._spoil()
            return
        kind = node.kind
        if kind is _CODE:
            self._skipped = 1
            self._keep(node.key, _attribute(attributes, "code"))
        elif kind is _TEXT:
            self._stack.append((self._children, self._record))
            self._children = node.children
            self._capture(node.key)
        elif kind is _CODES:
            self._skipped = 1
            self._record.setdefault(node.key, []).append(_attribute(attributes, "code"))
        else:
            self._open(node)

    def _end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif self._stack:
            self._children, self._record = self._stack.pop()
            if self._leaf:
                self._keep(self._leaf, self._captured())
        else:
            self._close_demande()

    def _open(self, node: Node) -> None:
        self._stack.append((self._children, self._record))
        self._check_depth()
        inner: Record = {}
        if node.kind is _GROUPS:
            self._record.setdefault(node.key, []).append(inner)
        elif node.key in self._record:
            self._raw.doubled = True
        else:
            self._record[node.key] = inner
        self._children, self._record = node.children, inner

    def _keep(self, key: str, value: str | None) -> None:
        known = self._record.setdefault(key, value)
        if known is not value and known != value:
            self._record[key] = None
            self._raw.repeated.append(key)

    def _capture(self, leaf: str) -> None:
        self._leaf = leaf
        self._pieces = []
        self._length = 0
        self._parser.CharacterDataHandler = self._text

    def _text(self, data: str) -> None:
        self._length += len(data)
        if self._length > MAX_TEXT:
            raise self._limit(f"le texte d'une balise dépasse {MAX_TEXT // 1024} Kio")
        if self._pieces is not None:
            self._pieces.append(data)

    def _spoil(self) -> None:
        # A leaf with an element inside: nothing of it is kept, that element may hold a name.
        if self._pieces is not None:
            self._parser.CharacterDataHandler = None
            self._pieces = None

    def _captured(self) -> str | None:
        self._parser.CharacterDataHandler = None
        pieces, self._pieces, self._leaf = self._pieces, None, ""
        return "".join(pieces).strip() or None if pieces else None


def _attribute(attributes: list[str], name: str) -> str | None:
    """A value in the flat list of names and values that expat gives."""
    for index in range(0, len(attributes), 2):
        if attributes[index] == name:
            return attributes[index + 1].strip() or None
    return None
