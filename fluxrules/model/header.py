"""The head of a grid: what it is, where and when it applies, what act it rests on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.language.numbers import show_date
from fluxrules.model.days import read_day
from fluxrules.model.derogations import Derogation, read_derogations
from fluxrules.vocabulary.territoires import HorsCotation, nom_territoire, resolve_epci, territoires_du_departement

# A fragment has no dates; a nature that is none of the known ones was reported by the shape.
_DATED = ("en vigueur", "projet", "historique", "étrangère", "règlement interne")
_SIREN = re.compile(r"\d{9}")


@dataclass(frozen=True)
class Header:
    """``territories`` are SIRENs: several where EPCIs share a grid, none for a fragment. ``since`` and ``until`` are inclusive,
    ``None`` for an open end or a fragment without dates."""

    name: str
    nature: str
    title: str
    territories: tuple[str, ...]
    since: date | None
    until: date | None
    deliberation: str | None
    deliberation_date: date | None
    derogations: tuple[Derogation, ...] = ()

    @property
    def territory_name(self) -> str | None:
        """The territory, or how many share the grid."""
        if len(self.territories) > 1:
            return f"commun à {len(self.territories)} territoires"
        return nom_territoire(self.territories[0]) if self.territories else None

    def applies(self, day: date) -> bool:
        """Whether a day is inside the validity."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @property
    def version(self) -> str:
        """How a result names the grid that gave it."""
        parts = [f"grille « {self.name} »", self.nature]
        if self.deliberation:
            day = f" du {show_date(self.deliberation_date)}" if self.deliberation_date else ""
            parts.append(f"délibération n° {self.deliberation}{day}")
        parts += [f"dérogation {d.said}" for d in self.derogations]
        return ", ".join(parts)


def read_header(tree: Mapping, bag: Bag) -> Header:
    """The head of a grid whose structure was validated; contradictions are reported."""
    nature = _text(tree.get("nature")) or ""
    validity = tree.get("en vigueur")
    since = read_day(_inside(validity, "du"), bag)
    until = read_day(_inside(validity, "au"), bag)
    if since and until and since > until and validity is not None:
        bag.add("FX3016", f"La grille finit le {show_date(until)}, avant de commencer le {show_date(since)}.", validity.span,
                "Échangez « du » et « au ».")  # fmt: skip
    head = tree.key("nature")
    if validity is None and nature in _DATED and head is not None:
        bag.add(
            "FX3003",
            "La grille ne dit pas depuis quand elle vaut.",
            head.span,
            "Ajoutez « en vigueur: {du: 01/01/2026} ».",
        )
    act = tree.get("délibération")
    if nature == "en vigueur" and act is None and head is not None:
        bag.add("FX3027", "Une grille en vigueur nomme la délibération qui l'adopte.", head.span,
                "Ajoutez « délibération: {numéro: …, date: …} », ou écrivez « nature: projet ».")  # fmt: skip
    return Header(
        _text(tree.get("cotation")) or "",
        nature,
        _text(tree.get("titre")) or "",
        _territories(tree, nature, bag),
        since,
        until,
        _text(_inside(act, "numéro")),
        read_day(_inside(act, "date"), bag),
        read_derogations(tree.get("dérogations"), bag),
    )


def _territories(tree: Mapping, nature: str, bag: Bag) -> tuple[str, ...]:
    """The SIRENs of the territories where the grid applies, sorted; none for a fragment, or all that were reported."""
    where = tree.get("territoire")
    head = tree.key("nature")
    if where is None and nature in ("en vigueur", "projet") and head is not None:
        bag.add("FX3003", "La grille ne dit pas sur quel territoire elle s'applique.", head.span,
                'Ajoutez « territoire: {epci: "200067213"} », avec le SIREN de l\'EPCI.')  # fmt: skip
    named = _inside(where, "epci")
    items = named.items if isinstance(named, Sequence) else (named,)
    found = {code for item in items if isinstance(item, Scalar) and (code := _epci(item, bag)) is not None}
    department = _inside(where, "département")
    if isinstance(department, Scalar):
        inside = territoires_du_departement(department.text)
        if not inside:
            bag.add("FX3028", f"Aucun territoire de cotation n'est dans le département « {department.text} ».", department.span,
                    'Vérifiez le code, entre guillemets : "01", "2A", "974".')  # fmt: skip
        found.update(inside)
    return tuple(sorted(found))


def _epci(node: Scalar, bag: Bag) -> str | None:
    found = resolve_epci(node.text)
    if found is None and not _SIREN.fullmatch(node.text):
        return None  # reported by the shape
    if found is None:
        bag.add("FX3028", f"Aucun EPCI ne porte le SIREN « {node.text} ».", node.span, "Vérifiez les neuf chiffres.")
        return None
    if isinstance(found, HorsCotation):
        bag.add("FX3028", f"« {found.nom} » n'est pas un territoire de cotation.", node.span, found.raison)
        return None
    return found.code


def _inside(node: Node | None, key: str) -> Node | None:
    return node.get(key) if isinstance(node, Mapping) else None


def _text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.empty else None
