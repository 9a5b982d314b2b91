"""The parts of a mapping file that several places use: how a file is written, and code tables."""

from __future__ import annotations

from dataclasses import replace

from fluxrules.data.mapping.forms import THOUSANDS, ambiguous, date_form
from fluxrules.data.mapping.spec import Codes, Column, Layout
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.model.shapes import validate
from fluxrules.text.source import Span

SCHEMA = "correspondance"


def read_layout(node: Node | None, base: Layout, bag: Bag) -> Layout:
    """``base`` with what a « lecture » block says."""
    if not isinstance(node, Mapping) or not validate(node, bag, "« lecture »", "lecture", SCHEMA):
        return base
    given = {e.key.text: e.value for e in node}
    text = {k: v.text for k, v in given.items() if isinstance(v, Scalar)}
    if "encodage" in text:
        base = replace(base, encoding=text["encodage"])
    if "séparateur" in text:
        base = replace(base, separator="\t" if text["séparateur"] == "tabulation" else text["séparateur"])
    if "guillemet" in text:
        base = replace(base, quote=None if text["guillemet"] == "aucun" else text["guillemet"])
    if "décimale" in text:
        base = replace(base, decimal={"virgule": ",", "point": "."}[text["décimale"]])
    if "milliers" in text:
        base = replace(base, thousands=THOUSANDS[text["milliers"]])
    if base.decimal == base.thousands:
        bag.add("FX5035", "Le même signe sépare les décimales et les milliers.", node.span,
                "Changez « décimale » ou « milliers » : 1,234 se lirait de deux façons.")  # fmt: skip
    if "dates" in given:
        base = replace(base, dates=read_forms(given["dates"], bag))
    if "vides" in given:
        base = replace(base, blanks=frozenset(s.text for s in scalars(given["vides"])))
    return base


def read_forms(node: Node, bag: Bag) -> tuple[str, ...]:
    """Forms of dates, each naming one day, no two of them reading the same text as two days."""
    forms = tuple(s.text for s in scalars(node))
    for scalar in scalars(node):
        if date_form(scalar.text) is None:
            bag.add("FX5035", f"« {scalar.text} » ne dit pas comment une date est écrite.", scalar.span,
                    "Écrivez avec jj, mm, aaaa (et hh:mm:ss) : jj/mm/aaaa. Une année à deux chiffres ne dit pas son siècle.")  # fmt: skip
    if not bag.has_errors and ambiguous(forms):
        bag.add("FX5035", "Deux formes de date liraient 03/04/2024 de deux façons.", node.span,
                "Gardez une seule des deux formes dans ce fichier.")  # fmt: skip
    return forms


def named_codes(node: Node | None, bag: Bag) -> dict[str, Codes]:
    found: dict[str, Codes] = {}
    for entry in node if isinstance(node, Mapping) else ():
        codes = codes_of(entry.key.text, entry.value, bag)
        if codes is not None:
            found[entry.key.text] = codes
    return found


def codes_of(name: str, node: Node, bag: Bag) -> Codes | None:
    """A code table, alone or by versions."""
    what = f"la table de codes « {name} »"
    if not isinstance(node, Mapping):
        bag.add(
            "FX3004",
            f"La table de codes « {name} » n'est pas un bloc.",
            node.span,
            "Écrivez une valeur du fichier par ligne.",
        )
        return None
    if "versions" not in node.names():
        return (
            Codes(name, {"": _table(node)}, places=_places(node))
            if validate(node, bag, what, "table", SCHEMA)
            else None
        )
    if not validate(node, bag, what, "versions", SCHEMA):
        return None
    versions = node.get("versions")
    assert isinstance(versions, Mapping)
    good = [validate(e.value, bag, f"la version « {e.key.text} »", "table", SCHEMA) for e in versions]
    if not all(good):
        return None
    by, constant = node.get("selon"), node.get("version")
    if (by is None) == (constant is None):
        bag.add("FX5035", f"La table de codes « {name} » a plusieurs versions : rien ne dit laquelle lire." if by is None
                else f"La table de codes « {name} » choisit sa version de deux façons.", node.entries[0].key.span,
                "Ajoutez « selon: COLONNE » ou « version: … », un seul des deux.")  # fmt: skip
        return None
    tables = {e.key.text: _table(e.value) for e in versions if isinstance(e.value, Mapping)}
    if isinstance(constant, Scalar) and constant.text not in tables:
        bag.add("FX5035", f"La version « {constant.text} » n'est pas dans « versions ».", constant.span,
                f"Versions écrites : {', '.join(tables)}.")  # fmt: skip
    column = Column(by.text, by.span) if isinstance(by, Scalar) else None
    places = {v: at for e in versions if isinstance(e.value, Mapping) for v, at in _places(e.value).items()}
    return Codes(name, tables, column, constant.text if isinstance(constant, Scalar) else "", places)


def _table(node: Mapping) -> dict[str, str]:
    return {e.key.text: e.value.text for e in node if isinstance(e.value, Scalar)}


def _places(node: Mapping) -> dict[str, Span]:
    """Where each value of a table is first written."""
    found: dict[str, Span] = {}
    for e in node:
        if isinstance(e.value, Scalar):
            found.setdefault(e.value.text, e.value.span)
    return found


def scalars(node: Node) -> list[Scalar]:
    return [i for i in node.items if isinstance(i, Scalar)] if isinstance(node, Sequence) else []
