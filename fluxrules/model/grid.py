"""A rule file → a grid: the program, its head, its examples. All errors of the file come out of one run."""

from __future__ import annotations

from collections.abc import Mapping as TextMapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import gcd

from fluxrules.diagnostics.diagnostic import Bag, Label
from fluxrules.document.nodes import Mapping, Node, Scalar
from fluxrules.document.tree import parse_tree
from fluxrules.ir import nodes as n
from fluxrules.ir.evidence import declared, verified
from fluxrules.ir.rescale import divide, point_constants
from fluxrules.ir.serial import fingerprint
from fluxrules.model.context import FINE, Context
from fluxrules.model.criteria import read_family
from fluxrules.model.definitions import define
from fluxrules.model.examples import Example, read_examples
from fluxrules.model.header import Header, read_header
from fluxrules.model.library import load_libraries
from fluxrules.model.names import DefinitionSource, Env, ParameterDef, check_name, ir_field
from fluxrules.model.parameters import check_cover, read_parameters
from fluxrules.model.publics import read_classes, read_gate
from fluxrules.model.refusals import NAME as REFUSALS
from fluxrules.model.refusals import apply_refusals
from fluxrules.model.shapes import validate
from fluxrules.model.ties import read_ties
from fluxrules.text.source import Source, Span
from fluxrules.vocabulary.fields import Vocabulary

_EVIDENCE_USAGE = "pièces"


@dataclass(frozen=True)
class Grid:
    """A grid without error: ``hash`` is that of its meaning, ``labels`` what its author calls definitions and parameters, ``place``
    where it says what it is about: what is said of the grid as a whole points there; ``tree`` is its text as blocks."""

    header: Header
    program: n.Program
    examples: tuple[Example, ...]
    source: Source
    hash: str
    place: Span
    labels: TextMapping[str, str] = field(default_factory=dict)
    tree: Mapping = field(default=Mapping((), Span(Source("", ""), 0, 0)), compare=False, repr=False)

    @cached_property
    def declared(self) -> n.Program:
        """What gives the note (see ``ir/evidence.py``)."""
        return declared(self.program)

    @cached_property
    def verified(self) -> n.Program:
        """What gives the note on verified documents alone."""
        return verified(self.program)


def read_grid(source: Source, vocabulary: Vocabulary, bag: Bag) -> Grid | None:
    """Read a grid; every defect goes to ``bag``, and there is a grid only when none is an error."""
    tree = parse_tree(source, bag)
    if tree is None:
        return None
    if not isinstance(tree, Mapping):
        bag.add(
            "FX3001",
            "Une grille est un bloc de clés.",
            tree.span,
            "Commencez par « langage: 1 », puis « cotation: nom-de-la-grille ».",
        )
        return None
    if tree.get("cotation") is None:
        _not_a_grid(tree, bag)
        return None
    validate(tree, bag, "la grille")
    header = read_header(tree, bag)
    context = _context(tree, vocabulary, bag)
    program = _program(context, tree, header)
    header = _within_parameters(header, context)
    examples = read_examples(context, tree, header)
    if program is None or bag.has_errors:
        return None
    place = tree.key("territoire") or tree.key("cotation")
    assert place is not None
    return Grid(header, program, examples, source, fingerprint(program), place.span, _labels(tree), tree)


def _labels(tree: Mapping) -> dict[str, str]:
    blocks = [b for key in ("paramètres", "définitions") if isinstance(b := tree.get(key), Mapping)]
    found = ((e.key.text, e.value.get("libellé")) for b in blocks for e in b if isinstance(e.value, Mapping))
    return {name: label.text for name, label in found if isinstance(label, Scalar)}


def _not_a_grid(tree: Mapping, bag: Bag) -> None:
    first = tree.entries[0].key.span if tree.entries else tree.span
    for name in ("convention", "flux", "orientations", "bibliothèque"):
        if tree.get(name) is not None:
            bag.add("FX3005", f"Ce fichier est un document « {name} », pas une grille de cotation.", first,
                    "Donnez une grille : un fichier avec la clé « cotation »."
                    if name == "bibliothèque" else "Vérifiez-le avec « fluxrules flux check ».")  # fmt: skip
            return
    bag.add(
        "FX3005",
        "Ce fichier n'est pas une grille : il n'a pas de clé « cotation ».",
        first,
        "Ajoutez « cotation: nom-de-la-grille ».",
    )


def _context(tree: Mapping, vocabulary: Vocabulary, bag: Bag) -> Context:
    parameters = read_parameters(tree.get("paramètres"), bag)
    for name, parameter in parameters.items():
        _report_taken(parameter.key, name, vocabulary, bag)
    definitions = _definitions(tree.get("définitions"), vocabulary, parameters, bag)
    declared = {e.key.text for k in ("paramètres", "définitions") if isinstance(b := tree.get(k), Mapping) for e in b}
    env = Env(
        vocabulary, bag, parameters, definitions, broken=frozenset(declared - parameters.keys() - definitions.keys())
    )
    before = len(bag.items)
    library = load_libraries(tree.get("s'appuie sur"), bag)
    return Context(env, library, library_read=len(bag.items) == before)


def _report_taken(key: Scalar, name: str, vocabulary: Vocabulary, bag: Bag) -> None:
    if vocabulary.field_def(vocabulary.principal, name) or (vocabulary.principal, name) in vocabulary.derived:
        bag.add("FX2011", f"« {name} » existe déjà dans le vocabulaire.", key.span,
                "Prenez un autre nom : un nom a un seul sens.")  # fmt: skip


def _definitions(
    node: Node | None, vocabulary: Vocabulary, parameters: dict[str, ParameterDef], bag: Bag
) -> dict[str, DefinitionSource]:
    found: dict[str, DefinitionSource] = {}
    if not isinstance(node, Mapping):
        return found
    for entry in node:
        name = entry.key.text
        check_name(entry.key, "une définition", bag)
        _report_taken(entry.key, name, vocabulary, bag)
        if name in parameters:
            bag.add("FX2011", f"« {name} » est déjà le nom d'un paramètre.", entry.key.span,
                    "Prenez un autre nom : un nom a un seul sens.",
                    labels=(Label(parameters[name].key.span, "le paramètre"),))  # fmt: skip
        shape = "définition"
        if isinstance(entry.value, Mapping):
            shape = "cas" if entry.value.get("cas") is not None else "formule"
        validate(entry.value, bag, f"la définition « {name} »", shape)
        if isinstance(entry.value, Scalar | Mapping):
            found[name] = DefinitionSource(name, entry.value, vocabulary.principal)
    return found


def _program(context: Context, tree: Mapping, header: Header) -> n.Program | None:
    env = context.env
    note = tree.get("note")
    if note is not None and not isinstance(note, Mapping):
        validate(note, env.bag, "« note »", "famille")
    root = read_family(context, note, (), "« note »") if isinstance(note, Mapping) else None
    block = tree.key(REFUSALS)
    if block is not None and (same := context.names.get(REFUSALS)) is not None:
        env.bag.add("FX3025", f"Un critère s'appelle « {REFUSALS} », comme le bloc qui dit ce que coûtent les refus.", same.span,
                    "Donnez-lui un autre nom : l'explication et les exemples les nomment.",
                    labels=(Label(block.span, "le bloc"),))  # fmt: skip
    malus = apply_refusals(context, tree.get("refus d'un logement adapté"), root or n.Family(n.Reducer.SUM, ()))
    ties = read_ties(context, tree.get("ex æquo"))
    classes = read_classes(context, tree.get("demandes analogues"))
    gate = read_gate(context, tree.get("demandeurs"))
    used = frozenset(env.used)
    for name, source in env.definitions.items():
        define(env, name, source.entity)
    for name, source in env.definitions.items():
        if name not in used and not env.bag.has_errors:  # what could not be read may use it
            env.bag.add("FX2012", f"La définition « {name} » ne sert à rien.", _key_span(tree, name, source),
                        "Retirez-la, ou nommez-la dans un critère.")  # fmt: skip
    check_cover(dict(env.parameters), env.used, header, env.bag)
    if root is None or malus is None or ties is None or classes is None:
        return None
    verified = next(f for f in env.vocabulary.entities[context.principal].fields.values() if f.usage == _EVIDENCE_USAGE)
    definitions = tuple(
        (name, node) for name in env.order if (node := env.done[f"{context.principal}.{name}"]) is not None
    )
    parameters = tuple((name, p.dated) for name, p in env.parameters.items() if name in env.used)
    parameters += tuple(env.published.items())
    documents = ir_field(env.vocabulary, verified)
    return to_scale(n.Program(malus, definitions, parameters, ties, documents, FINE, classes, gate))


def to_scale(program: n.Program) -> n.Program:
    """The same program in the coarsest whole unit of points that it needs."""
    factor = gcd(FINE, *point_constants(program.root))
    return replace(program, root=divide(program.root, factor), scale=FINE // factor)


def _within_parameters(header: Header, context: Context) -> Header:
    """A fragment without dates applies where the parameters that it uses have values."""
    used = [p.dated for name, p in context.env.parameters.items() if name in context.env.used]
    first = max((d.values[0][0] for d in used), default=None)
    last = min((d.until for d in used if d.until is not None), default=None)
    return replace(header, since=header.since or first, until=header.until or last)


def _key_span(tree: Mapping, name: str, source: DefinitionSource) -> Span:
    block = tree.get("définitions")
    key = block.key(name) if isinstance(block, Mapping) else None
    return key.span if key else source.body.span
