"""A yearly flux file → a ``FluxYear``: the perimeter, the rotation, the five subtractions and the deliveries of one bailleur on one scale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping as Tree
from fluxrules.document.nodes import Node
from fluxrules.model.days import read_day
from fluxrules.model.flux.conditions import Condition, read_condition
from fluxrules.model.flux.partial import readable
from fluxrules.model.flux.values import NOWHERE, Party, Scale
from fluxrules.model.flux.written import inside, number, party, percent, scale, text, texts, whole, yes
from fluxrules.model.shapes import validate_whole
from fluxrules.text.source import Span

SUBTRACTIONS = ("mutations internes", "renouvellement urbain", "ORCOD", "habitat indigne", "ventes")
"""The closed list of CCH R. 441-5, I. The same order as ``usage_hors_flux`` in the vocabulary: MUT, RU, ORCOD, LHI, VENTE."""
CHANGED = 2024
"""The year of the list of QPV that took the place of that of 2015 (overseas, a year later)."""
FROM_TABLES = "d'après les tables"


@dataclass(frozen=True)
class Estimate:
    """What is expected of a year and what came. ``kind`` of the expected: « nombre », « part » (of the libérations) or « moyenne » (of so many
    past years, from the tables). ``realised``: a number, or ``None`` where it is not given; ``counted``: it comes from the tables."""

    kind: str = "nombre"
    value: Fraction | None = None
    realised: Fraction | None = None
    counted: bool = False
    source: str = ""
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class Segment:
    """A part of the perimeter with its own rotation: stated (``stock``, ``rate``), or found by ``communes`` and ``condition``."""

    name: str
    communes: tuple[str, ...] = ()
    condition: Condition | None = None
    in_qpv: bool | None = None
    stock: Fraction | None = None
    rate: Fraction | None = None
    place: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True)
class FluxYear:
    """``rotation``: « sorties / parc », « emménagements hors mises en service / parc » or « écrite »; ``window`` in years.

    ``spread``: how the subtractions bear on segments, where the file says it; ``spread_shares``: the part of them that each one bears. ``qpv``: the year of the perimeter of QPV.
    ``order``: who comes first among equals. ``pools``: réservataires too small to be served alone.
    """

    name: str
    bailleur: Party
    year: int
    scale: Scale
    rotation: str
    subtractions: Mapping[str, Estimate]
    deliveries_mode: str
    nature: str = "prévisionnel"
    title: str = ""
    perimeter: Condition | None = None
    qpv: int | None = None
    stock: Fraction | None = None
    stock_day: date | None = None
    window: int | None = None
    rate: Fraction | None = None
    segments: tuple[Segment, ...] = ()
    releases: Estimate = Estimate()
    deliveries: Estimate = Estimate()
    attributions: Estimate = Estimate()
    spread: str | None = None
    updated: date | None = None
    order: tuple[str, ...] = ()
    pools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Span = field(default=NOWHERE, compare=False, repr=False)
    tree: Tree = field(default=Tree((), NOWHERE), compare=False, repr=False)
    spread_shares: Mapping[str, Fraction] = field(default_factory=dict)


def read_year(tree: Tree, bag: Bag) -> FluxYear | None:
    """Read the tree of a file with the key « flux »; there is a year only when none of its defects is an error."""
    if not validate_whole(tree, bag, "le flux", "flux"):
        _read(readable(tree, "flux"), bag)
        return None
    before = len(bag.items)
    year = _read(tree, bag)
    _consistent(year, tree, bag)
    return None if any(d.severity.label == "erreur" for d in bag.items[before:]) else year


def _read(tree: Tree, bag: Bag) -> FluxYear:
    """Block by block: one that is missing reads as nothing."""
    bailleur, where = party(tree.get("bailleur"), "bailleur"), scale(tree.get("échelle"), bag)
    perimeter, rotation = tree.get("périmètre"), tree.get("rotation")
    deducted = tree.get("soustractions")
    key = tree.key("flux")
    subtractions = {k: _estimate(inside(deducted, k)) for k in SUBTRACTIONS}
    segments = (
        tuple(_segment(e.key.text, e.value, bag) for e in block)
        if isinstance(block := tree.get("segments"), Tree)
        else ()
    )
    rate = percent(inside(rotation, "taux"), bag, "Le taux de rotation")
    year = FluxYear(
        text(tree.get("flux")), bailleur or Party("", ""), int(text(tree.get("année")) or 0), where or Scale("", ()),
        text(inside(rotation, "définition")), subtractions, text(inside(tree.get("livraisons"), "mode")),
        text(tree.get("nature")) or "prévisionnel", text(tree.get("titre")), read_condition(inside(perimeter, "si"), bag),
        whole(inside(perimeter, "QPV")), number(inside(perimeter, "parc")), read_day(inside(perimeter, "au"), bag),
        whole(inside(rotation, "fenêtre")), rate, segments, _estimate(tree.get("libérations")), _estimate(tree.get("livraisons")),
        _estimate(tree.get("attributions")), text(inside(deducted, "réparties")) or None, read_day(tree.get("mise à jour annuelle"), bag),
        texts(tree.get("égalités")), _pools(tree.get("pools")), key.span if key else tree.span, tree,
    )  # fmt: skip
    if isinstance(parts := inside(deducted, "réparties"), Tree):
        given = {e.key.text: rate for e in parts if (rate := percent(e.value, bag, "Cette part")) is not None}
        year = replace(year, spread="par segment", spread_shares=given)
    return year


def _estimate(node: Node | None) -> Estimate:
    if not isinstance(node, Tree):
        return Estimate()
    written, came = text(node.get("prévu")), text(node.get("réalisé"))
    place = node.entries[0].key.span
    realised = None if came == FROM_TABLES else number(node.get("réalisé"))
    kind, value = "nombre", number(node.get("prévu"))
    if written.endswith("des libérations"):
        kind, value = "part", value / 100 if value is not None else None
    elif match := re.fullmatch(r"moyenne de (\d+) ans", written):
        kind, value = "moyenne", Fraction(int(match[1]))
    return Estimate(kind, value, realised, came == FROM_TABLES, text(node.get("source")), place)


def _segment(name: str, node: Node, bag: Bag) -> Segment:
    return Segment(
        name, texts(inside(node, "communes")), read_condition(inside(node, "si"), bag), yes(inside(node, "en QPV")),
        number(inside(node, "parc")), percent(inside(node, "taux"), bag, "Le taux de rotation"),
        node.entries[0].key.span if isinstance(node, Tree) and node.entries else node.span,
    )  # fmt: skip


def _pools(node: Node | None) -> dict[str, tuple[str, ...]]:
    return {e.key.text: texts(e.value) for e in node} if isinstance(node, Tree) else {}


def _consistent(year: FluxYear, tree: Tree, bag: Bag) -> None:
    """What no schema says: a written rotation has its rate, segments are all stated or all found, and a spread is written where it decides."""
    at = tree.key("rotation")
    place = at.span if at else year.place
    stated = [s for s in year.segments if s.stock is not None or s.rate is not None]
    half = next((s for s in stated if s.stock is None or (s.rate is None and year.rate is None)), None)
    if half is not None:
        bag.add(
            "FX8008",
            f"Le segment « {half.name} » n'a pas à la fois un parc et un taux.",
            half.place,
            "Donnez les deux.",
        )
    if stated and len(stated) < len(year.segments):
        bag.add(
            "FX8008",
            "Des segments donnent leurs nombres, d'autres les demandent aux tables.",
            stated[0].place,
            "Donnez-les tous, ou aucun.",
        )
    if year.rotation == "écrite" and year.rate is None and not stated and year.releases.value is None:
        bag.add(
            "FX8008",
            "La rotation est « écrite », et aucun taux ne l'est.",
            place,
            "Ajoutez « taux: 7,5 % », ou des segments avec leur taux.",
        )
    if year.rotation != "écrite" and year.window is None:
        bag.add(
            "FX8008", "La rotation est mesurée, et sa fenêtre n'est pas écrite.", place, "Ajoutez « fenêtre: 3 ans »."
        )
    written = perimeter.key("QPV") if isinstance(perimeter := tree.get("périmètre"), Tree) else None
    if written is not None and (year.qpv == CHANGED) != (year.year >= CHANGED) and year.year != CHANGED:
        bag.add("FX8012", f"Le flux {year.year} compte les QPV de {year.qpv}, et ceux de {CHANGED} valent depuis le 01/01/{CHANGED}.", written.span,
                f"Écrivez « QPV: {CHANGED if year.year > CHANGED else 2015} », ou vérifiez que l'autre liste est voulue.")  # fmt: skip
    if year.spread_shares and (
        year.spread_shares.keys() != {s.name for s in year.segments} or sum(year.spread_shares.values()) != 1
    ):
        spread = inside(tree.get("soustractions"), "réparties")
        bag.add("FX8008", "« réparties » ne donne pas à chaque segment sa part, ou leur somme n'est pas 100 %.", spread.span if spread else year.place,
                f"Nommez chaque segment : {', '.join(s.name for s in year.segments) or 'le flux n’en a pas'}.")  # fmt: skip
    if len(year.segments) > 1 and year.spread is None:
        bag.add("FX8008", "Le flux a des segments, et ne dit pas comment les soustractions s'y répartissent.", place,
                "Ajoutez « réparties: au prorata des libérations » dans « soustractions ».")  # fmt: skip
