"""The safe streaming parse of SNE XML: one demande at a time, and no more of it than the layout names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from fluxrules.data.sne_layout import DEMANDE, Kind, Node, qualified
from fluxrules.data.sne_refusals import Refused, about_error

VERSIONS = ("02.00", "02.01")
MAX_DEPTH = 64
MAX_TEXT = 64 * 1024
MAX_ELEMENTS = 10_000
MAX_NAMES = 4096
MAX_TOKEN = 1024 * 1024
CHUNK = 64 * 1024
# Entities are declared in the prolog: fed in small pieces, none can be expanded before the DOCTYPE has stopped the reading.
PROLOG_CHUNK = 64
MAX_PROLOG_TOKEN = 64 * 1024
# Python would look up any codec that a file names.
ENCODINGS = {"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"}

Record = dict[str, Any]

_INTERFACE = qualified("interfaceNuu")
_FILE_DATE = qualified("dateFichier")
_DEMANDE = qualified("demande")


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
    refused: Refused | None = None
    # Demandes left unread, by the version that their interface announces.
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
    except Refused as refused:
        outcome.refused = refused
    except expat.ExpatError as error:
        outcome.refused = about_error(error, empty=reader.size == 0)
    except UnicodeError:
        outcome.refused = Refused("FX5020", "le texte ne suit pas l'encodage annoncé", reader.line)
    except OSError as error:
        outcome.refused = Refused("FX5026", f"le fichier ne se lit pas ({error.strerror or 'erreur du système'})", None)
    return outcome


class _Reader:
    def __init__(self, sink: Callable[[RawDemande], None]) -> None:
        self.outcome = Outcome()
        self.size = 0
        self._sink = sink
        self._names: dict[str, Any] = {}
        parser = expat.ParserCreate(namespace_separator=" ", intern=self._names)
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._prefix
        parser.XmlDeclHandler = self._declaration
        self._parser = parser
        self._depth = 0
        self._rooted = False
        self._interfaces: list[_Interface] = []
        self._raw: RawDemande | None = None
        self._elements = 0
        self._skipped = 0
        self._node: Node = DEMANDE
        self._record: Record = {}
        self._stack: list[tuple[Node, Record]] = []
        self._pieces: list[str] | None = None
        self._length = 0
        self._date_depth = 0

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def read(self, file: BinaryIO) -> None:
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

    def _limit(self, reason: str) -> Refused:
        return Refused("FX5023", reason, self.line)

    def _doctype(self, *_: object) -> None:
        raise Refused("FX5022", "le fichier contient une déclaration DOCTYPE", self.line)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise Refused("FX5020", "l'encodage annoncé n'est pas pris en charge", self.line)

    def _prefix(self, prefix: str | None, uri: str | None) -> None:
        # expat keeps every prefix that it meets: they count as names.
        self._names.setdefault(f"xmlns {prefix}", None)

    def _start(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._limit(f"les balises sont imbriquées sur plus de {MAX_DEPTH} niveaux")
        if self._raw is None:
            self._start_outside(name, attributes)
            return
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise self._limit(f"une demande compte plus de {MAX_ELEMENTS} balises")
        if self._skipped:
            self._skipped += 1
            return
        node = self._node.children.get(name)
        if node is None:
            self._skipped = 1
            if self._node.kind is Kind.TEXT:
                self._spoil()
            return
        kind = node.kind
        if kind is Kind.CODE:
            self._skipped = 1
            self._leaf(node.key, _attribute(attributes, "code"))
        elif kind is Kind.TEXT:
            self._stack.append((self._node, self._record))
            self._node = node
            self._capture()
        elif kind is Kind.CODES:
            self._skipped = 1
            self._record.setdefault(node.key, []).append(_attribute(attributes, "code"))
        else:
            self._group(node)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._raw is None:
            self._end_outside()
        elif self._skipped:
            self._skipped -= 1
        elif self._stack:
            key = self._node.key if self._node.kind is Kind.TEXT else None
            self._node, self._record = self._stack.pop()
            if key is not None:
                self._leaf(key, self._captured())
        else:
            raw, self._raw = self._raw, None
            self.outcome.complete += 1
            self._sink(raw)

    def _start_outside(self, name: str, attributes: list[str]) -> None:
        self._rooted = True
        if self._pieces is not None:
            self._spoil()
        if name == _DEMANDE:
            self._start_demande()
        elif name == _INTERFACE:
            version = _attribute(attributes, "versionInterface") or ""
            self._interfaces.append(_Interface(self._depth, self.line, version))
            self.outcome.interfaces += 1
        elif name == _FILE_DATE and self._interfaces and not self._date_depth:
            self._date_depth = self._depth
            self._capture()
        elif self.outcome.foreign is None and name.rpartition(" ")[2] == "interfaceNuu":
            self.outcome.foreign = self.line

    def _end_outside(self) -> None:
        if self._depth + 1 == self._date_depth:
            self._date_depth = 0
            self._interfaces[-1].file_date = self._captured()
        elif self._interfaces and self._interfaces[-1].depth == self._depth + 1:
            interface = self._interfaces.pop()
            if not interface.demandes and self.outcome.empty is None:
                self.outcome.empty = interface.line

    def _start_demande(self) -> None:
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
        self._elements = 0
        self._node, self._record = DEMANDE, self._raw.fields

    def _group(self, node: Node) -> None:
        self._stack.append((self._node, self._record))
        inner: Record = {}
        if node.kind is Kind.GROUPS:
            self._record.setdefault(node.key, []).append(inner)
        elif node.key in self._record:
            assert self._raw is not None
            self._raw.doubled = True
        else:
            self._record[node.key] = inner
        self._node, self._record = node, inner

    def _leaf(self, key: str, value: str | None) -> None:
        known = self._record.setdefault(key, value)
        if known != value:
            assert self._raw is not None
            self._record[key] = None
            self._raw.repeated.append(key)

    def _capture(self) -> None:
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
        self._parser.CharacterDataHandler = None
        self._pieces = None

    def _captured(self) -> str | None:
        self._parser.CharacterDataHandler = None
        pieces, self._pieces = self._pieces, None
        return "".join(pieces).strip() or None if pieces else None


def _attribute(attributes: list[str], name: str) -> str | None:
    for index in range(0, len(attributes), 2):
        if attributes[index] == name:
            return attributes[index + 1].strip() or None
    return None
