"""The properties to prove, as a jurist writes them: those of ``rulesets/propriétés/``, and files of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.diagnostics.own import OwnFileError
from fluxrules.document.nodes import Mapping, Scalar, Sequence
from fluxrules.document.tree import parse_tree
from fluxrules.ir import nodes as n
from fluxrules.ir.walk import descend
from fluxrules.model.lower import lower_condition
from fluxrules.model.names import Env
from fluxrules.model.shapes import validate
from fluxrules.text.near import nearest
from fluxrules.text.resources import resource
from fluxrules.text.source import Source, Unreadable, read_source
from fluxrules.vocabulary.fields import Vocabulary
from fluxrules.vocabulary.load import standard_vocabulary

KINDS = (
    "bornes", "dominance", "monotonie", "priorité de plus", "sans influence", "parts", "tranches", "ordre total",
    "lignes mortes", "refus", "couverture", "équivalence", "garantie",
)  # fmt: skip
OF_FIELDS = ("monotonie", "sans influence")


@dataclass(frozen=True)
class Property:
    """``fields`` are those that the property is about; ``when``, ``least`` and ``most`` are those of a « garantie »."""

    name: str
    kind: str
    label: str
    source: str
    weight: str = "information"
    fields: tuple[str, ...] = ()
    when: Scalar | None = None
    least: int | None = None
    most: int | None = None


@cache
def standard_properties() -> tuple[Property, ...]:
    """Those that travel with fluxrules. Raises ``OwnFileError``."""
    bag = Bag()
    found = load_properties(_files(), bag)
    if bag.items:
        raise OwnFileError.of(bag.sorted())
    return found


def names_beside(path: Path) -> tuple[str, ...]:
    """The names that the properties of a file may not take: those that travel with fluxrules, but for its own where it is one of them."""
    return tuple(p.name for p in load_properties((f for f in _files() if f.resolve() != path.resolve()), Bag()))


def _files() -> list[Path]:
    return sorted(resource("rulesets/propriétés").glob("*.yaml"))


def load_properties(paths: Iterable[Path], bag: Bag, taken: Iterable[str] = ()) -> tuple[Property, ...]:
    """The properties of several files; ``taken`` are names that another file has. Every defect goes to ``bag``, with its place."""
    found: list[Property] = []
    for path in paths:
        source = read_source(path)
        if isinstance(source, Unreadable):
            bag.add("FX0001", f"Le fichier ne peut pas être lu : {source.reason}.", Source(source.name, "").span(0, 0),
                    "Donnez un fichier YAML enregistré en UTF-8.")  # fmt: skip
        else:
            found += read_properties(source, bag, (*taken, *(p.name for p in found)))
    return tuple(found)


def read_properties(source: Source, bag: Bag, taken: Iterable[str] = ()) -> tuple[Property, ...]:
    """The properties of a text."""
    tree = parse_tree(source, bag)
    if not isinstance(tree, Mapping) or not validate(tree, bag, "le fichier de propriétés", name="proprietes"):
        return ()
    block = tree.get("propriétés")
    assert isinstance(block, Mapping)
    return tuple(_each(block, bag, set(taken)))


def _each(block: Mapping, bag: Bag, taken: set[str]) -> Iterator[Property]:
    for e in block:
        before = len(bag.items)
        if not isinstance(e.value, Mapping):
            bag.add("FX3004", f"« {e.key.text} » n'est pas un bloc.", e.key.span, "Écrivez : genre, libellé, source.")
        elif validate(e.value, bag, f"la propriété « {e.key.text} »", "propriété", "proprietes"):
            if e.key.text in taken:
                bag.add("FX7104", f"Une autre propriété s'appelle « {e.key.text} ».", e.key.span, "Donnez-lui un autre nom.")  # fmt: skip
            _meaning(e.value, bag)
            if len(bag.items) == before:
                yield _property(e.key.text, e.value)


def _meaning(block: Mapping, bag: Bag) -> None:
    """What the schema cannot say: the kind, what it needs, the fields, the condition."""
    kind = block.get("genre")
    assert isinstance(kind, Scalar)
    if kind.text not in KINDS:
        near = nearest(kind.text, KINDS)
        bag.add("FX7101", f"« {kind.text} » n'est pas un genre de propriété.", kind.span,
                f"Vouliez-vous écrire « {near} » ?" if near else f"Genres : {', '.join(KINDS)}.")  # fmt: skip
        return
    for key, kinds in (("champs", OF_FIELDS), ("si", ("garantie",)), ("note au moins", ("garantie",)), ("note au plus", ("garantie",))):  # fmt: skip
        written = block.key(key)
        if written is not None and kind.text not in kinds:
            bag.add("FX7103", f"« {key} » ne sert à rien dans une propriété « {kind.text} ».", written.span, "Retirez cette clé.")  # fmt: skip
    if kind.text in OF_FIELDS and block.get("champs") is None:
        bag.add("FX7103", f"Une propriété « {kind.text} » dit de quels champs elle parle.", kind.span, "Ajoutez « champs: [date_dépôt_initial] ».")  # fmt: skip
    if kind.text == "garantie" and block.get("note au moins") is None and block.get("note au plus") is None:
        bag.add("FX7103", "Une garantie dit quelle note elle garantit.", kind.span, "Ajoutez « note au moins: 100 » ou « note au plus: 300 ».")  # fmt: skip
    _fields(block, bag)
    when = block.get("si")
    if isinstance(when, Scalar):
        vocabulary = standard_vocabulary()
        lower_condition(Env(vocabulary, bag), when, vocabulary.principal)


def _fields(block: Mapping, bag: Bag) -> None:
    """Names of the vocabulary, given and not worked out from others; « monotonie » asks for more, which a choice has not."""
    vocabulary = standard_vocabulary()
    listed, kind = block.get("champs"), block.get("genre")
    for item in listed.items if isinstance(listed, Sequence) else ():
        assert isinstance(item, Scalar)
        entity, _, name = item.text.rpartition(".")
        owner = entity or vocabulary.principal
        known = tuple(vocabulary.entities[owner].fields) if owner in vocabulary.entities else ()
        f = vocabulary.field_def(owner, name) if known else None
        if known and f is None and (name == "ancienneté" or name in vocabulary.names(owner)):
            bag.add("FX7102", f"« {item.text} » se calcule : une propriété porte sur un renseignement donné.", item.span,
                    f"Écrivez {_given(vocabulary, owner, name)}.")  # fmt: skip
        elif (
            f is not None
            and isinstance(kind, Scalar)
            and kind.text == "monotonie"
            and f.kind in ("énumération", "commune", "texte")
        ):
            bag.add("FX7103", f"« {item.text} » est un choix dans une liste : il n'a pas de plus ni de moins.", item.span,
                    "Prenez une date, un nombre, un oui/non ou une liste d'éléments ; ou « genre: sans influence ».")  # fmt: skip
        elif f is None:
            near = nearest(name, known)
            bag.add("FX7102", f"Le champ « {item.text} » n'est pas dans le vocabulaire.", item.span,
                    f"Vouliez-vous écrire « {entity + '.' if entity else ''}{near} » ?" if near else "Prenez un champ de docs/vocabulaire.md ; celui d'une personne s'écrit « membre.sexe ».")  # fmt: skip


def _given(vocabulary: Vocabulary, owner: str, name: str) -> str:
    """The fields that a derived one is worked out from, as they are written."""
    if name == "ancienneté":
        return "« date_dépôt_initial »"
    env = Env(vocabulary, Bag())
    lower_condition(env, Scalar(name, Source("", "").span(0, 0)), owner)
    found = {
        (x.entity, x.name) for e in env.done.values() if e is not None for x in descend(e) if isinstance(x, n.Field)
    }
    words = [f"« {name if entity == vocabulary.principal else f'{entity}.{name}'} »" for entity, name in sorted(found)]
    return " ou ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _property(name: str, block: Mapping) -> Property:
    def text(key: str) -> str | None:
        node = block.get(key)
        return node.text if isinstance(node, Scalar) else None

    fields, when = block.get("champs"), block.get("si")
    least, most = text("note au moins"), text("note au plus")
    return Property(
        name,
        text("genre") or "",
        text("libellé") or "",
        text("source") or "",
        text("poids") or "information",
        tuple(i.text for i in fields.items if isinstance(i, Scalar)) if isinstance(fields, Sequence) else (),
        when if isinstance(when, Scalar) else None,
        int(least) if least else None,
        int(most) if most else None,
    )
