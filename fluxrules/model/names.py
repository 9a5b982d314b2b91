"""What a name means: definitions of the document first, then its parameters, derived fields, fields of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping as MappingNode
from fluxrules.document.nodes import Scalar
from fluxrules.ir import nodes as n
from fluxrules.ir.types import Bool, Choice, Day, Many, Number, Range, Type
from fluxrules.language import syntax as s
from fluxrules.language.parser import parse_expression
from fluxrules.language.units import WRITTEN, Unit
from fluxrules.text.near import nearest
from fluxrules.vocabulary.fields import FieldDef, Vocabulary, field_range

COMMUNE = Choice("commune")


@dataclass(frozen=True)
class DefinitionSource:
    """A definition as written: a scalar expression, or a block with ``formule`` or ``cas``."""

    name: str
    body: Scalar | MappingNode
    entity: str
    ours: bool = False


@dataclass(frozen=True)
class ParameterDef:
    """``percent``: its values are written in per cent."""

    name: str
    unit: Unit
    dated: n.Dated
    key: Scalar
    percent: bool = False


@dataclass
class Env:
    """The names of one document. ``done`` fills as definitions are lowered, each after those it uses; ``depth`` counts the
    expressions being lowered one inside the other.

    ``published`` are the cells of published tables read so far, by their place.
    ``broken`` are the names that the document declares and whose declaration was reported: their uses are not.
    ``defines``: whether the document may have definitions of its own (a convention has none).
    """

    vocabulary: Vocabulary
    bag: Bag
    parameters: Mapping[str, ParameterDef] = field(default_factory=dict)
    definitions: Mapping[str, DefinitionSource] = field(default_factory=dict)
    done: dict[str, n.Expr | None] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    depth: int = 0
    used: set[str] = field(default_factory=set)
    published: dict[str, n.Dated] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    defines: bool = True

    @property
    def dated(self) -> dict[str, n.Dated]:
        """What a ``Param`` may name: parameters of the document, and cells of published tables."""
        return {name: p.dated for name, p in self.parameters.items()} | self.published

    def definition(self, name: str, entity: str) -> DefinitionSource | None:
        """The definition that a name stands for, in an entity: the document's own, else a derived field."""
        own = self.definitions.get(name)
        if own is not None and entity == self.vocabulary.principal:
            return own
        derived = self.vocabulary.derived.get((entity, name))
        return DefinitionSource(name, derived.body, entity, ours=True) if derived else None

    def known(self, entity: str) -> dict[str, n.Expr]:
        """The definitions of an entity that are lowered, by name."""
        head = f"{entity}."
        return {k.removeprefix(head): v for k, v in self.done.items() if v is not None and k.startswith(head)}

    def known_names(self, entity: str) -> set[str]:
        names = self.vocabulary.names(entity) | set(self.parameters)
        return names | set(self.definitions) if entity == self.vocabulary.principal else names

    def suggest(self, name: str, entity: str) -> str:
        """Help for an unknown name."""
        if name in ("oui", "vrai", "faux", "true", "false"):
            return "Un oui/non s'écrit seul, sans comparaison : « DALO », ou « non DALO »."
        near = None if self.bag.full else nearest(name, (k for k in self.known_names(entity) if " " not in k))
        if near:
            return f"Vouliez-vous écrire « {near} » ?"
        if not self.defines:
            return f"Noms possibles : {', '.join(sorted(k for k in self.known_names(entity) if ' ' not in k))}."
        return "Prenez un nom du vocabulaire, ou définissez-le dans « définitions »."


def check_name(key: Scalar, what: str, bag: Bag) -> None:
    """A definition or a parameter has a name that an expression can read: one word, none of the language's own."""
    parsed = parse_expression(key.text)
    if not isinstance(parsed, s.Name) or parsed.name != key.text:
        joined = re.sub(r"\W+", "_", key.text).strip("_")
        again = parse_expression(joined)
        help_text = (
            "Prenez un nom fait de lettres, de chiffres et de « _ », sans espace, qui n'est pas un mot du langage."
        )
        if isinstance(again, s.Name) and again.name == joined:
            help_text = f"Écrivez « {joined} » : un nom n'a ni espace ni ponctuation."
        bag.add("FX3004", f"« {key.text} » ne peut pas nommer {what}.", key.span, help_text)


def ir_field(vocabulary: Vocabulary, f: FieldDef) -> n.Field:
    """The IR leaf of a field."""
    unit_type = field_type(vocabulary, f)
    if f.kind != "entier":
        return n.Field(f.entity, f.name, f.column, unit_type)
    low, high = field_range(f)
    factor = WRITTEN[f.unit][1] if f.unit else Fraction(1)
    return n.Field(f.entity, f.name, f.column, unit_type, Range(low, high), factor)


def field_type(vocabulary: Vocabulary, f: FieldDef) -> Type:
    """The type of a field of the vocabulary."""
    match f.kind:
        case "booléen":
            return Bool()
        case "entier":
            return Number(WRITTEN[f.unit][0]) if f.unit else Number()
        case "date":
            return Day()
        case "énumération":
            nomenclature = vocabulary.nomenclature_of(f)
            return Choice(nomenclature.name, tuple(nomenclature.labels))
        case "liste" if f.nomenclature:
            nomenclature = vocabulary.nomenclature_of(f)
            return Many(Choice(nomenclature.name, tuple(nomenclature.labels)))
        case "liste":
            return Many(Choice("texte libre"))
        case _:
            return Choice(f.kind)


def type_label(t: Type) -> str:
    """A type in French, for messages."""
    match t:
        case Bool():
            return "un oui/non"
        case Number(unit=unit):
            return f"un nombre en {unit.label}" if unit.powers else "un nombre sans unité"
        case Day():
            return "une date"
        case Choice(codes=()) | Many(of=Choice(codes=())):
            return "une commune" if t == COMMUNE else "un texte" if isinstance(t, Choice) else "plusieurs textes"
        case Choice(nomenclature=name):
            return f"une valeur de la liste « {name} »"
        case Many(of=of):
            return f"un champ à plusieurs valeurs de la liste « {of.nomenclature} »"
        case _:
            return "un temps écoulé"
