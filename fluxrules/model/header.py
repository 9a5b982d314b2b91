"""The head of a grid: what it is, where and when it applies, what act it rests on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar
from fluxrules.language.numbers import has_date_form, read_date, show_date
from fluxrules.vocabulary.territoires import HorsCotation, resolve_epci

# A fragment has no dates; a nature that is none of the known ones was reported by the shape.
_DATED = ("en vigueur", "projet", "historique", "étrangère", "règlement interne")
_SIREN = re.compile(r"\d{9}")


@dataclass(frozen=True)
class Header:
    """``territory`` is a SIREN; ``since`` and ``until`` are inclusive, ``None`` for an open end or a fragment without dates."""

    name: str
    nature: str
    title: str
    territory: str | None
    territory_name: str | None
    since: date | None
    until: date | None
    deliberation: str | None
    deliberation_date: date | None

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
    territory, name = _territory(tree, nature, bag)
    return Header(
        _text(tree.get("cotation")) or "",
        nature,
        _text(tree.get("titre")) or "",
        territory,
        name,
        since,
        until,
        _text(_inside(act, "numéro")),
        read_day(_inside(act, "date"), bag),
    )


def _territory(tree: Mapping, nature: str, bag: Bag) -> tuple[str | None, str | None]:
    node = _inside(tree.get("territoire"), "epci")
    if not isinstance(node, Scalar):
        head = tree.key("nature")
        if nature in ("en vigueur", "projet") and head is not None and tree.get("territoire") is None:
            bag.add("FX3003", "La grille ne dit pas sur quel territoire elle s'applique.", head.span,
                    'Ajoutez « territoire: {epci: "200067213"} », avec le SIREN de l\'EPCI.')  # fmt: skip
        return None, None
    found = resolve_epci(node.text)
    if found is None and not _SIREN.fullmatch(node.text):
        return None, None  # reported by the shape
    if found is None:
        bag.add("FX3028", f"Aucun EPCI ne porte le SIREN « {node.text} ».", node.span, "Vérifiez les neuf chiffres.")
        return None, None
    if isinstance(found, HorsCotation):
        bag.add("FX3028", f"« {found.nom} » n'est pas un territoire de cotation.", node.span, found.raison)
        return None, None
    return found.code, found.nom


def read_day(node: Node | None, bag: Bag) -> date | None:
    """A date of the document; a day that does not exist is reported (another form was, by the shape)."""
    if not isinstance(node, Scalar):
        return None
    day = read_date(node.text)
    if day is None and has_date_form(node.text):
        bag.add(
            "FX1003",
            f"Le jour {node.text} n'existe pas.",
            node.span,
            "Écrivez une date qui existe, comme 31/12/2026.",
        )
    return day


def _inside(node: Node | None, key: str) -> Node | None:
    return node.get(key) if isinstance(node, Mapping) else None


def _text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.empty else None
