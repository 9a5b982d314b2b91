"""What the CIL, the CIA and the PPGDID of an EPCI have fixed: grids, conventions, orientation and bilan are held against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping as Tree
from fluxrules.document.nodes import Sequence
from fluxrules.model.flux.partial import readable
from fluxrules.model.flux.values import NOWHERE, Objective
from fluxrules.model.flux.written import days, inside, number, objectives, percent, text, validity
from fluxrules.model.shapes import validate_whole
from fluxrules.text.source import Span
from fluxrules.vocabulary.territoires import nom_territoire


@dataclass(frozen=True)
class Orientations:
    """``first_quartile``: the yearly threshold of the order, in euros a year (never computed here). ``residences``: class of each programme.

    ``essential``: the CIA's objective for essential workers. ``adopted``: the day of each act.
    """

    name: str
    territory: str
    since: date
    until: date | None
    adopted: Mapping[str, date] = field(default_factory=dict)
    first_quartile: Mapping[int, Fraction] = field(default_factory=dict)
    objectives: tuple[Objective, ...] = ()
    essential: Fraction | None = None
    residences: Mapping[str, str] = field(default_factory=dict)
    advice: tuple[tuple[str, str], ...] = ()
    title: str = ""
    place: Span = field(default=NOWHERE, compare=False, repr=False)
    tree: Tree = field(default=Tree((), NOWHERE), compare=False, repr=False)


def read_orientations(tree: Tree, bag: Bag) -> Orientations | None:
    """Read the tree of a file with the key « orientations »."""
    sound = validate_whole(tree, bag, "les orientations", "orientations")
    tree = tree if sound else readable(tree, "orientations")
    before = len(bag.items)
    period, key = validity(tree.get("en vigueur"), bag), tree.key("orientations")
    siren = text(inside(tree.get("territoire"), "epci"))
    where = tree.key("territoire")
    if nom_territoire(siren) is None and where is not None:
        bag.add("FX3028", f"Aucun EPCI ne porte le SIREN « {siren} ».", where.span, "Vérifiez les neuf chiffres.")
    quartile = tree.get("premier quartile")
    fixed = objectives(tree.get("objectifs"), bag)
    adopted = days(tree.get("adoptées"), bag)
    essential = percent(inside(tree.get("travailleurs essentiels"), "objectif"), bag, "L'objectif")
    if not sound or period is None or key is None or any(d.severity.label == "erreur" for d in bag.items[before:]):
        return None
    return Orientations(
        text(tree.get("orientations")), siren, period[0], period[1], adopted,
        {int(e.key.text): amount for e in quartile if (amount := number(e.value)) is not None} if isinstance(quartile, Tree) else {},
        fixed, essential,
        {text(i.get("programme")): text(i.get("classement")) for i in _items(tree, "résidences")},
        tuple((text(i.get("critère")), text(i.get("avis"))) for i in _items(tree, "recommandations")),
        text(tree.get("titre")), key.span, tree,
    )  # fmt: skip


def _items(tree: Tree, key: str) -> list[Tree]:
    node = tree.get(key)
    return [i for i in node.items if isinstance(i, Tree)] if isinstance(node, Sequence) else []
