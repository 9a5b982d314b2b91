"""From text to the located tree, out of the events of the C parser.

Composing nodes with the library would recurse (30 KB of ``[`` crash the interpreter itself) and hide anchors; reading events
in a loop does neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from fluxrules.diagnostics.diagnostic import Bag, Label
from fluxrules.document.nodes import Entry, Mapping, Node, Scalar, Sequence
from fluxrules.document.slips import remedy
from fluxrules.text.source import Source, Span

MAX_DEPTH = 64
_LOADER = getattr(yaml, "CLoader", yaml.Loader)
# Line breaks to YAML 1.1 and to Unicode, but invisible in an editor: the author would look for the error on the wrong line.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_ODD_BREAKS = {"\u2028": "U+2028", "\u2029": "U+2029", "\x85": "U+0085"}
# Pasted from a word processor: they make another key of one that looks right.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_HARD_SPACES = re.compile("[\u00a0\u202f]")


@dataclass
class _Open:
    """A collection being read. ``key`` is set between a key and its value."""

    start: int
    mapping: bool
    entries: list[Entry] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    key: Scalar | None = None
    seen: dict[str, Scalar] = field(default_factory=dict)
    skip: bool = False


class _StopError(Exception):
    """Internal: reading cannot go on; the reason is already in the bag."""


def parse_tree(source: Source, bag: Bag) -> Node | None:
    """The tree of a source, or ``None`` when its YAML cannot be read; every reason goes to ``bag``."""
    if _unreadable_characters(source, bag):
        return None
    try:
        return _Builder(source, bag).run()
    except _StopError:
        return None
    except yaml.YAMLError as error:
        _report(source, bag, error)
        return None


class _Builder:
    def __init__(self, source: Source, bag: Bag) -> None:
        self.source, self.bag = source, bag
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0

    def run(self) -> Node | None:
        """One turn an event, thousands of times a command: what only refusals need is worked out in them."""
        source, span = self.source, self.source.span
        for event in yaml.parse(source.text, Loader=_LOADER):
            assert event.start_mark is not None and event.end_mark is not None
            start, end = event.start_mark.index, event.end_mark.index
            if isinstance(event, yaml.NodeEvent) and (
                event.anchor is not None or getattr(event, "tag", None) is not None
            ):
                self._refuse(event, span(start, end))
            if isinstance(event, yaml.ScalarEvent):
                self._add(Scalar(event.value, Span(source, start, end), event.style or ""))
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close(end)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(start, end, isinstance(event, yaml.MappingStartEvent))
            elif isinstance(event, yaml.DocumentStartEvent):
                self._one_document(span(start, end))
        if self.root is None:
            self.bag.add("FX0003", "Le fichier est vide.", span(0, 0), "Partez d'un exemple de grille.")
        return self.root

    def _open(self, start: int, end: int, mapping: bool) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self.bag.add("FX0006", f"Le fichier emboîte plus de {MAX_DEPTH} niveaux.", self.source.span(start, end),
                         "Retirez des niveaux : une grille n'en demande que quelques-uns.")  # fmt: skip
            raise _StopError
        self.stack.append(_Open(start, mapping))

    def _one_document(self, span: Span) -> None:
        self.documents += 1
        if self.documents > 1:
            self.bag.add("FX0007", "Le fichier contient plusieurs documents YAML séparés par « --- ».", span,
                         "Mettez un seul document par fichier.")  # fmt: skip
            raise _StopError

    def _refuse(self, event: yaml.Event, span: Span) -> None:
        """An anchor, an alias or a tag: nothing after it is read."""
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self.bag.add("FX0005", f"L'ancre ou l'alias « {anchor} » n'est pas permis.", span,
                         "Écrivez la valeur à chaque endroit : qui lit une grille doit voir ce qu'elle dit.")  # fmt: skip
        else:
            tag = getattr(event, "tag", None)
            self.bag.add("FX0005", f"L'étiquette YAML « {tag} » n'est pas permise.", span,
                         "Retirez le mot qui commence par « ! ».")  # fmt: skip
        raise _StopError

    def _add(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if not top.mapping:
            top.items.append(node)
        elif top.key is None:
            self._open_key(top, node)
        else:
            if top.entries and isinstance(node, Scalar) and node.empty:
                self._cut_decimal(top, top.key)
            if not top.skip:
                top.entries.append(Entry(top.key, node))
            top.key, top.skip = None, False

    def _open_key(self, top: _Open, node: Node) -> None:
        if not isinstance(node, Scalar):
            self.bag.add("FX0008", "Une clé doit être un simple texte.", node.span, "Écrivez un nom suivi de « : ».")
            raise _StopError
        if not node.text.strip():
            self.bag.add("FX0008", "Une clé est vide.", node.span, "Écrivez un nom devant « : ».")
            raise _StopError
        first = top.seen.get(node.text)
        if first is not None:
            self.bag.add("FX0004", f"La clé « {node.text} » est écrite deux fois.", node.span,
                         "Gardez une seule des deux : l'autre serait ignorée.",
                         labels=(Label(first.span, "première fois ici"),))  # fmt: skip
            top.skip = True
        top.seen.setdefault(node.text, node)
        top.key = node

    def _cut_decimal(self, top: _Open, key: Scalar) -> None:
        """« {note: 2,5} »: between braces a comma parts two keys, so a decimal is cut in two, and ``key`` has no value."""
        before = top.entries[-1].value
        if not isinstance(before, Scalar) or before.style:
            return
        text, at = self.source.text, key.span.start
        if before.span.end == at - 1 and text[at - 1] == "," and before.text[-1:].isdigit() and key.text[:1].isdigit():
            whole = self.source.span(before.span.start, key.span.end)
            self.bag.add("FX0002", f"Entre accolades, la virgule sépare deux clés : « {whole.text} » y est coupé en deux.", whole,
                         f"Mettez le nombre entre guillemets droits : \"{whole.text}\".")  # fmt: skip
            raise _StopError

    def _close(self, end: int) -> None:
        top = self.stack.pop()
        text = self.source.text
        while end > top.start and text[end - 1].isspace():  # a block ends where its text does, not at the next key
            end -= 1
        span = self.source.span(top.start, end)
        self._add(Mapping(tuple(top.entries), span) if top.mapping else Sequence(tuple(top.items), span))


def _unreadable_characters(source: Source, bag: Bag) -> bool:
    for odd, name in _ODD_BREAKS.items():
        at = source.text.find(odd)
        if at >= 0:
            bag.add("FX0009", f"Le fichier contient un saut de ligne invisible ({name}).", source.span(at, at + 1),
                    "Effacez ce caractère et retapez la fin de la ligne.")  # fmt: skip
            return True
    at = 0
    for line in source.text.split("\n"):
        margin = line[: len(line) - len(line.lstrip())]
        if "\t" in margin and not line.lstrip().startswith("#") and line.strip():
            start = at + margin.index("\t")
            bag.add("FX0010", "Une tabulation sert de marge.", source.span(start, start + 1),
                    "Remplacez-la par des espaces : YAML n'accepte pas de tabulation en début de ligne.")  # fmt: skip
            return True
        hard = _HARD_SPACES.search(margin) if line.strip() else None
        if hard:
            bag.add("FX0009", f"Un espace insécable (U+{ord(hard.group()):04X}) sert de marge.",
                    source.span(at + hard.start(), at + hard.end()), "Remplacez-le par un espace ordinaire.")  # fmt: skip
            return True
        at += len(line) + 1
    invisible = _INVISIBLE.search(source.text)
    if invisible:
        bag.add("FX0009", f"Le fichier contient un caractère invisible (U+{ord(invisible.group()):04X}).",
                source.span(*invisible.span()), "Effacez ce caractère.")  # fmt: skip
        return True
    control = _CONTROL.search(source.text)
    if control:
        bag.add("FX0009", f"Le fichier contient un caractère de contrôle (U+{ord(control.group()):04X}).",
                source.span(*control.span()), "Effacez ce caractère.")  # fmt: skip
        return True
    return False


_REASONS = (
    ("found unexpected end of stream", "Un guillemet ouvert n'est jamais fermé."),
    ("could not find expected ':'", "Il manque « : » après une clé, ou la marge de cette ligne n'est pas la bonne."),
    ("mapping values are not allowed", "« : » est écrit deux fois sur la ligne, ou la marge n'est pas la bonne."),
    ("did not find expected key", "La marge de cette ligne ne correspond à aucun bloc ouvert."),
    ("did not find expected '-' indicator", "Cette ligne n'est pas un élément de la liste commencée au-dessus."),
    ("did not find expected ',' or ']'", "Une liste entre crochets n'est pas fermée, ou une virgule manque."),
    ("did not find expected ',' or '}'", "Un bloc entre accolades n'est pas fermé, ou une virgule manque."),
    ("found character that cannot start any token", "Ce caractère ne peut pas commencer une valeur."),
    ("did not find expected node content", "Une valeur est attendue ici."),
    ("did not find expected <document start>", "Cette ligne ne continue pas le bloc qui précède."),
    (
        "block sequence entries are not allowed",
        "« - » commence un élément de liste, qui n'est pas attendu ici ; un nombre négatif s'écrit sans espace : -5.",
    ),
    (
        "unknown escape character",
        "« \\ » a un sens particulier entre guillemets droits : retirez-le, ou les guillemets.",
    ),
    ("did not find expected alphabetic or numeric character", "« * » et « & » ne peuvent pas commencer une valeur."),
    ("found undefined tag handle", "Un mot commence par « ! », ce qui n'est pas permis."),
)


def _report(source: Source, bag: Bag, error: yaml.YAMLError) -> None:
    problem = str(getattr(error, "problem", "") or "")
    marks = [getattr(error, "problem_mark", None), getattr(error, "context_mark", None)]
    if "unexpected end of stream" in problem:  # a quote never closed: the end of the file says nothing, its start does
        marks.reverse()
    mark = next((m for m in marks if m is not None), None)
    at = mark.index if mark is not None else 0
    reason = next(
        (fr for en, fr in _REASONS if en in problem), "La ponctuation YAML de cette ligne n'est pas comprise."
    )
    bag.add("FX0002", reason, source.span(at, at + 1), remedy(source.text, at))
