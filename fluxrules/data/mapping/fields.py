"""The fields of a mapping: each held against the vocabulary, its columns spread, its codes checked."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType

from fluxrules.data.mapping.spec import UNKNOWN, Codes, Column, RowRule, Rule
from fluxrules.data.mapping.written import SCHEMA, codes_of, read_forms
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence, kind
from fluxrules.model.shapes import validate
from fluxrules.text.near import nearest
from fluxrules.text.source import Span
from fluxrules.vocabulary.fields import EntityDef, FieldDef, Vocabulary

MOST_COLUMNS = 99
APPLICANT = "demandeur"
_RANGE = re.compile(r"\{(\d{1,3})\.\.(\d{1,3})\}")
_ONLY = {
    "dates": "date",
    "décimale": "entier",
    "arrondi": "entier",
    "séparateur": "liste",
    "cases": "liste",
    "réparer": "commune",
}


class Fields:
    """Reads the blocks of fields of one mapping file; ``codes`` are its named code tables."""

    def __init__(self, vocabulary: Vocabulary, codes: MappingType[str, Codes], bag: Bag) -> None:
        self.vocabulary, self.codes, self.bag = vocabulary, codes, bag
        self._entities = {e.table: e for e in vocabulary.entities.values()}

    def row(self, written: str, table: str, node: Node) -> RowRule | None:
        """One block: field → column."""
        if not isinstance(node, Mapping):
            self._wrong(
                node.span,
                f"« {written} » est un bloc de champs, pas {kind(node)}.",
                "Écrivez un champ par ligne.",
                "FX3004",
            )
            return None
        if not validate(node, self.bag, f"« {written} »", "ligne", SCHEMA):
            return None
        entity = self._entities[table]
        rules = [self._rule(e.key, e.value, entity) for e in node if e.key.text != "ligne"]
        found = tuple(r for r in rules if r is not None)
        if len(found) != len(rules):
            return None
        asked = _text(node.get("ligne"))
        applicant = any(
            r.constant == APPLICANT for r in found
        )  # the applicant is a member, even where nothing is said of them
        always = asked == "toujours" or (asked is None and applicant)
        return RowRule(table, found, node.entries[0].key.span, always, self._repeats(table, found))

    def _repeats(self, table: str, rules: tuple[Rule, ...]) -> int:
        """How many rows a block makes: as many as its fields have columns (a single column serves them all)."""
        if table == "demandes":
            return 1
        counts = {len(r.columns): r for r in rules if len(r.columns) > 1 and r.field.kind != "liste"}
        if len(counts) > 1:
            rule = list(counts.values())[-1]
            self._wrong(rule.span, f"Le champ « {rule.field.name} » n'a pas autant de colonnes que les autres du bloc.",
                        "Donnez à chaque champ le même nombre de colonnes, ou une seule.")  # fmt: skip
        return max(counts, default=1)

    def _rule(self, key: Scalar, node: Node, entity: EntityDef) -> Rule | None:
        f = self._field(key, entity)
        if f is None:
            return None
        if isinstance(node, Scalar):
            return self._checked(Rule(f, key.span, self._spread(node)), entity)
        if isinstance(node, Sequence):
            columns = tuple(c for i in node.items if isinstance(i, Scalar) for c in self._spread(i))
            return self._checked(Rule(f, key.span, columns), entity)
        return self._block(key, node, f, entity)

    def _field(self, key: Scalar, entity: EntityDef) -> FieldDef | None:
        f = entity.fields.get(key.text)
        if f is not None and f.column != entity.key:
            return f
        if f is not None:
            self._wrong(
                key.span,
                f"« {key.text} » ne se met pas dans un bloc de champs.",
                "Donnez-le par « numéro », une fois par fichier.",
            )
            return None
        names = [n for n, d in entity.fields.items() if d.column != entity.key]
        near = nearest(key.text, names) or next((n for n, d in entity.fields.items() if d.column == key.text), None)
        elsewhere = next((e for e in self.vocabulary.entities.values() if key.text in e.fields), None)
        help_text = (
            f"Vouliez-vous écrire « {near} » ?" if near
            else f"Ce champ est de la table « {elsewhere.table} »." if elsewhere
            else "Voyez les champs dans docs/vocabulaire.md."
        )  # fmt: skip
        self.bag.add(
            "FX5030",
            f"Le champ « {key.text} » n'est pas dans le vocabulaire de « {entity.label} ».",
            key.span,
            help_text,
        )
        return None

    def _block(self, key: Scalar, node: Mapping, f: FieldDef, entity: EntityDef) -> Rule | None:
        if not validate(node, self.bag, f"le champ « {f.name} »", "champ", SCHEMA):
            return None
        ways = [w for w in ("colonne", "colonnes", "cases", "valeur") if node.get(w) is not None]
        if len(ways) != 1:
            self._wrong(key.span, f"Le champ « {f.name} » dit {'plusieurs origines' if ways else 'aucune origine'}.",
                        "Écrivez « colonne », « colonnes », « cases » ou « valeur », un seul.")  # fmt: skip
            return None
        for option, wanted in _ONLY.items():
            at = node.key(option)
            if at is not None and f.kind != wanted:
                self._wrong(
                    at.span,
                    f"« {option} » ne sert qu'à un champ de type {wanted} ; « {f.name} » est de type {f.kind}.",
                    "Retirez cette clé.",
                )
                return None
        one, many, boxes = node.get("colonne"), node.get("colonnes"), node.get("cases")
        columns = self._spread(one) if isinstance(one, Scalar) else ()
        if isinstance(many, Sequence):
            columns = tuple(c for i in many.items if isinstance(i, Scalar) for c in self._spread(i))
        ticked = (
            tuple((Column(e.key.text, e.key.span), e.value.text) for e in boxes if isinstance(e.value, Scalar))
            if isinstance(boxes, Mapping)
            else ()
        )
        if isinstance(boxes, Mapping):
            for e in boxes:
                self._target(e.value, f)
        constant = node.get("valeur")
        if isinstance(constant, Scalar):
            self._target(constant, f)
        rule = Rule(
            f, key.span, columns, ticked, _text(constant), self._codes_of(node.get("codes"), f), self._dates(node.get("dates")),
            {"virgule": ",", "point": "."}.get(_text(node.get("décimale")) or ""), _text(node.get("arrondi")),
            _text(node.get("séparateur")), node.get("réparer") is not None,
        )  # fmt: skip
        return self._checked(rule, entity)

    def _checked(self, rule: Rule, entity: EntityDef) -> Rule | None:
        if len(rule.columns) > 1 and rule.field.kind != "liste" and entity.name == self.vocabulary.principal:
            self._wrong(rule.span, f"Le champ « {rule.field.name} » n'a qu'une valeur par demande ; {len(rule.columns)} colonnes lui sont données.",
                        "Gardez une seule colonne.")  # fmt: skip
            return None
        return rule

    def _dates(self, node: Node | None) -> tuple[str, ...] | None:
        return read_forms(node, self.bag) if node is not None else None

    def _codes_of(self, node: Node | None, f: FieldDef) -> Codes | None:
        """The table a field names or holds; each of its values must be one of the field's."""
        if node is None:
            return None
        if isinstance(node, Scalar):
            codes = self.codes.get(node.text)
            if codes is None:
                near = nearest(node.text, self.codes)
                self._wrong(node.span, f"La table de codes « {node.text} » n'est pas écrite.",
                            f"Vouliez-vous écrire « {near} » ?" if near else "Écrivez-la sous « codes », en haut du fichier.")  # fmt: skip
                return None
            where: Span = node.span
        else:
            codes, where = codes_of(f.name, node, self.bag), node.span
        for table in codes.versions.values() if codes else ():
            for value in sorted(set(table.values())):
                self._value(value, f, codes.places.get(value, where) if codes else where)
        return codes

    def _target(self, node: Node, f: FieldDef) -> None:
        if isinstance(node, Scalar):
            self._value(node.text, f, node.span)

    def _value(self, value: str, f: FieldDef, where: Span) -> None:
        """A value written by the author of the mapping is one of the vocabulary's."""
        if value == UNKNOWN:
            return
        if f.kind == "booléen" and value not in ("oui", "non"):
            self.bag.add(
                "FX5034", f"« {value} » n'est pas une valeur de « {f.name} ».", where, "Écrivez oui, non ou inconnu."
            )
        if f.nomenclature is None:
            return
        nomenclature = self.vocabulary.nomenclature_of(f)
        known = {*nomenclature.labels, *nomenclature.labels.values(), *nomenclature.unknown}
        if value not in known:
            near = nearest(value, nomenclature.labels.values())
            self.bag.add("FX5034", f"« {value} » n'est pas dans la liste « {nomenclature.name} » du champ « {f.name} ».", where,
                         f"Vouliez-vous écrire « {near} » ?" if near else f"Valeurs : {', '.join(sorted(nomenclature.labels.values()))}.")  # fmt: skip

    def _spread(self, scalar: Scalar) -> tuple[Column, ...]:
        """« COMMUNE_{1..10} » → ten columns; « {01..10} » keeps its zero."""
        match = _RANGE.search(scalar.text)
        if match is None:
            return (Column(scalar.text, scalar.span),)
        first, last = int(match[1]), int(match[2])
        if not first <= last < first + MOST_COLUMNS:
            self._wrong(
                scalar.span,
                f"« {match[0]} » n'est pas une suite de colonnes.",
                "Écrivez le premier numéro, deux points, le dernier : {1..10}.",
            )
            return ()
        width = len(match[1]) if match[1].startswith("0") else 1
        return tuple(
            Column(scalar.text[: match.start()] + f"{n:0{width}}" + scalar.text[match.end() :], scalar.span)
            for n in range(first, last + 1)
        )

    def _wrong(self, span: Span, message: str, todo: str, code: str = "FX5035") -> None:
        self.bag.add(code, message, span, todo)


def _text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) else None
