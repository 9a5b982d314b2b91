"""Libraries of criteria: « DALO: 200 » takes its condition, label and document from one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.document.tree import parse_tree
from fluxrules.model.shapes import validate
from fluxrules.text.near import fold, nearest
from fluxrules.text.resources import resource, shown
from fluxrules.text.source import Unreadable, read_source

_FOLDERS = ("bibliothèque", "socles")


@dataclass(frozen=True)
class Criterion:
    """A criterion of a library; ``article`` and ``confidence`` say what it rests on, ``libraries`` which of the grid's have the name."""

    name: str
    label: str
    condition: Scalar
    document: str | None
    on_evidence: bool
    article: str
    confidence: str
    libraries: tuple[str, ...] = ()


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
    def text(key: str) -> str:
        node = block.get(key)
        return node.text if isinstance(node, Scalar) else ""

    condition = block.get("si")
    assert isinstance(condition, Scalar)
    return Criterion(
        name, text("libellé"), condition, text("pièce justificative") or None, text("compte") == "sur pièce", text("article"), text("confiance")
    )  # fmt: skip
