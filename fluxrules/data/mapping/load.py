"""A mapping file → its values, with all its defects at their place."""

from __future__ import annotations

from pathlib import Path

from fluxrules.data.mapping.fields import Fields
from fluxrules.data.mapping.spec import Column, FileRule, Layout, MappingFile, RowRule
from fluxrules.data.mapping.written import SCHEMA, named_codes, read_layout, scalars
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence, kind
from fluxrules.document.tree import parse_tree
from fluxrules.model.shapes import validate
from fluxrules.text.source import Source, Unreadable, read_source
from fluxrules.vocabulary.fields import Vocabulary

TABLES = {"demandes": "demandes", "membres": "membres", "choix": "choix", "événements": "evenements"}


def load_mapping(path: Path, vocabulary: Vocabulary, bag: Bag) -> MappingFile | None:
    """Read a mapping file; ``None`` when a defect leaves nothing sure to read with. Never raises for what it holds."""
    source = read_source(path)
    if isinstance(source, Unreadable):
        where = Source(source.name, "").span(0, 0)
        bag.add("FX0001", f"Le fichier ne peut pas être lu : {source.reason}.", where,
                "Donnez une correspondance en YAML, enregistrée en UTF-8.")  # fmt: skip
        return None
    return mapping_of(source, vocabulary, bag)


def mapping_of(source: Source, vocabulary: Vocabulary, bag: Bag) -> MappingFile | None:
    """The same for a text already read."""
    tree = parse_tree(source, bag)
    if tree is None:
        return None
    if not isinstance(tree, Mapping):
        bag.add("FX3004", f"Une correspondance est un bloc de clés, pas {kind(tree)}.", tree.span,
                "Partez de « fluxrules mapping init FICHIER ».")  # fmt: skip
        return None
    if not validate(tree, bag, "la correspondance", name=SCHEMA):
        return None
    layout = read_layout(tree.get("lecture"), Layout(), bag)
    codes = named_codes(tree.get("codes"), bag)
    fields = Fields(vocabulary, codes, bag)
    files = tree.get("fichiers")
    assert isinstance(files, Mapping)
    rules = [_file(e.key, e.value, layout, fields, bag) for e in files]
    found = tuple(r for r in rules if r is not None)
    _twice(found, bag)
    name = tree.get("correspondance")
    assert isinstance(name, Scalar)
    return None if bag.has_errors else MappingFile(name.text, source, found, codes)


def _file(name: Scalar, node: Node, layout: Layout, fields: Fields, bag: Bag) -> FileRule | None:
    what = f"le fichier « {name.text} »"
    if not isinstance(node, Mapping):
        bag.add(
            "FX3004",
            f"Le fichier « {name.text} » n'est pas un bloc de clés.",
            node.span,
            "Ajoutez « numéro » et une table.",
        )
        return None
    if not validate(node, bag, what, "fichier", SCHEMA):
        return None
    key = node.get("numéro")
    assert isinstance(key, Scalar)
    rows: list[RowRule] = []
    for written, table in TABLES.items():
        block = node.get(written)
        if block is not None:
            rows += _rows(written, table, block, fields, bag)
    if not rows and not bag.has_errors:
        bag.add("FX5035", f"Le fichier « {name.text} » ne donne aucune table.", name.span,
                "Ajoutez demandes, membres, choix ou événements, ou retirez le fichier.")  # fmt: skip
    several, sheet, ignored = node.get("lignes"), node.get("feuille"), node.get("ignorées")
    rule = FileRule(
        name.text, name.span, Column(key.text, key.span), tuple(rows), read_layout(node.get("lecture"), layout, bag),
        sheet.text if isinstance(sheet, Scalar) else None,
        isinstance(several, Scalar) and several.text == "plusieurs par demande",
        frozenset(s.text for s in scalars(ignored)) if ignored is not None else frozenset(),
    )  # fmt: skip
    hung = {r.table for r in rows} - {"demandes"}
    if rule.several and len(hung) > 1:
        bag.add("FX5035", "Un fichier à plusieurs lignes par demande donne plusieurs tables.", name.span,
                "Gardez-y une seule table avec « demandes » : sinon chaque personne serait répétée à chaque choix.")  # fmt: skip
    return rule


def _rows(written: str, table: str, block: Node, fields: Fields, bag: Bag) -> list[RowRule]:
    blocks = block.items if isinstance(block, Sequence) else (block,)
    if table == "demandes" and isinstance(block, Sequence):
        bag.add("FX3004", "« demandes » n'est pas une liste : une ligne du fichier est une demande.", block.span,
                "Écrivez un bloc de champs.")  # fmt: skip
        return []
    found = [fields.row(written, table, b) for b in blocks]
    return [r for r in found if r is not None]


def _twice(files: tuple[FileRule, ...], bag: Bag) -> None:
    """A field of the demande comes from one file: two would have to agree."""
    seen: dict[str, FileRule] = {}
    for file in files:
        for row in file.rows:
            for rule in row.rules if row.table == "demandes" else ():
                other = seen.setdefault(rule.field.name, file)
                if other is not file:
                    bag.add("FX5035", f"Le champ « {rule.field.name} » vient de deux fichiers : « {other.pattern} » et « {file.pattern} ».",
                            rule.span, "Gardez-en un seul : rien ne dirait lequel croire.")  # fmt: skip
