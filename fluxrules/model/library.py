"""Libraries of criteria: « DALO: 200 » takes its condition, label and document from one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.diagnostics.own import OwnFileError
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.document.tree import parse_tree
from fluxrules.model.shapes import validate
from fluxrules.text.near import fold, nearest
from fluxrules.text.resources import resource, shown
from fluxrules.text.source import Source, Unreadable, read_source

_FOLDERS = ("bibliothèque", "socles")


@dataclass(frozen=True)
class Criterion:
    """A criterion of a library: a ``condition``, or points for each ``step`` (« mois entier d'ancienneté »).

    ``category`` is the legal category that it is, ``covers`` those that it covers. ``article`` and ``confidence`` say what it rests on,
    ``reading`` how sure we are that the condition says it, ``limit`` what it does not say, ``sne`` the fields and codes that carry it,
    ``validator`` who may say it, ``noted`` when it was noted. ``libraries``: which of the grid's have the name.
    """

    name: str
    label: str
    condition: Scalar | None
    document: str | None
    on_evidence: bool
    article: str
    confidence: str
    step: str | None = None
    category: str | None = None
    covers: tuple[str, ...] = ()
    certain: Scalar | None = None
    validator: str = ""
    reading: str = ""
    limit: str = ""
    sne: tuple[tuple[str, tuple[str, ...]], ...] = ()
    noted: str = ""
    libraries: tuple[str, ...] = ()

    @property
    def least(self) -> Scalar | None:
        """Whom a line that claims to cover the category must pay: no more than those on whom every file agrees."""
        return self.certain or self.condition


def load_libraries(node: Node | None, bag: Bag) -> dict[str, Criterion]:
    """The criteria of the libraries that a grid names in « s'appuie sur »."""
    found: dict[str, Criterion] = {}
    if not isinstance(node, Sequence):
        return found
    names = {item.text: item for item in node if isinstance(item, Scalar)}
    for library, item in names.items():
        for name, criterion in _load(item, bag).items():
            first = found.get(name, criterion)
            found[name] = replace(first, libraries=(*first.libraries, library))
    return found


def library_names() -> list[str]:
    """The libraries and shared bases that travel with fluxrules, as a grid writes them."""
    return sorted(
        f"{folder}/{shown(p.stem)}" for folder in _FOLDERS for p in resource(f"rulesets/{folder}").glob("*.yaml")
    )


@cache
def all_criteria() -> MappingProxyType[str, Criterion]:
    """Every criterion of every library that travels with fluxrules, by name. Read once: the files do not change."""
    bag = Bag()
    where = Source("bibliothèques", "").span(0, 0)
    found = load_libraries(Sequence(tuple(Scalar(name, where) for name in library_names()), where), bag)
    if bag.items:
        raise OwnFileError.of(bag.sorted())
    return MappingProxyType(found)


@cache
def legal_categories() -> MappingProxyType[str, Criterion]:
    """The legal categories by their stable name (« P_HANDICAP »), each with its canonical criterion."""
    return MappingProxyType({c.category: c for c in all_criteria().values() if c.category is not None})


def _load(name: Scalar, bag: Bag) -> dict[str, Criterion]:
    known = library_names()
    if name.text not in known:
        same = next((k for k in known if fold(k) == fold(name.text)), None) or nearest(name.text, known)
        bag.add("FX3021", f"La bibliothèque « {name.text} » n'existe pas.", name.span,
                f"Vouliez-vous écrire « {same} » ?" if same else f"Possibles : {', '.join(known)}.")  # fmt: skip
        return {}
    path = resource(f"rulesets/{name.text}.yaml")
    source = read_source(path, f"{name.text}.yaml")
    if isinstance(source, Unreadable):
        bag.add("FX0001", f"{source.name} : {source.reason}.", name.span, "Réinstallez fluxrules.")
        return {}
    tree = parse_tree(source, bag)
    if not isinstance(tree, Mapping) or not validate(tree, bag, "la bibliothèque", name="bibliotheque"):
        return {}
    criteria = tree.get("critères")
    assert isinstance(criteria, Mapping)
    return {e.key.text: _criterion(e.key.text, e.value) for e in criteria if isinstance(e.value, Mapping)}


def _criterion(name: str, block: Mapping) -> Criterion:
    def scalar(key: str) -> Scalar | None:
        node = block.get(key)
        return node if isinstance(node, Scalar) else None

    def text(key: str) -> str:
        node = scalar(key)
        return node.text if node is not None else ""

    category = text("catégorie") or None
    return Criterion(
        name,
        text("libellé"),
        scalar("si"),
        text("pièce justificative") or None,
        text("compte") == "sur pièce",
        text("article"),
        text("confiance"),
        text("par") or None,
        category,
        (category,) if category else texts(block.get("couvre")),
        scalar("cas certain"),
        text("validé par"),
        text("lecture"),
        text("limite"),
        _sne(block.get("SNE")),
        text("relevé le"),
    )


def texts(node: Node | None) -> tuple[str, ...]:
    """One text, or a list of them."""
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(item.text for item in items if isinstance(item, Scalar))


def _sne(node: Node | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    blocks = node.items if isinstance(node, Sequence) else ()
    return tuple((texts(b.get("champ"))[0], texts(b.get("codes"))) for b in blocks if isinstance(b, Mapping))
