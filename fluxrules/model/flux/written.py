"""Small readings that the documents share: percentages, counts, delays, yes and no."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.document.nodes import Mapping, Node, Scalar, Sequence
from fluxrules.language.numbers import read_number, read_quantity
from fluxrules.model.days import read_day
from fluxrules.model.flux.values import Delay, Objective, Party, Scale

_OF_FLUX = re.compile(r"(.+?%)\s*(?:du flux)?", re.DOTALL)
ONE = Fraction(1)


def text(node: Node | None) -> str:
    """The text of a scalar, empty for anything else."""
    return node.text.strip() if isinstance(node, Scalar) else ""


def inside(node: Node | None, key: str) -> Node | None:
    return node.get(key) if isinstance(node, Mapping) else None


def texts(node: Node | None) -> tuple[str, ...]:
    return tuple(text(i) for i in node.items) if isinstance(node, Sequence) else ()


def yes(node: Node | None) -> bool | None:
    return {"oui": True, "non": False}.get(text(node))


def percent(node: Node | None, bag: Bag, what: str) -> Fraction | None:
    """« 30 % » or « 30 % du flux » → 3/10; below 0 % or above 100 % is reported, and kept: the law is asked of what is written."""
    if not isinstance(node, Scalar):
        return None
    match = _OF_FLUX.fullmatch(node.text.strip())
    read = read_quantity(match[1]) if match else None
    if read is None or read[1] != "%":
        return None
    value = read[0] / 100
    if value < 0:
        bag.add("FX8004", f"{what} est négative : {node.text}.", node.span, "Écrivez une part de 0 % à 100 %.")
    if value > ONE:
        bag.add("FX8003", f"{what} dépasse 100 % : {node.text}.", node.span, "Écrivez une part de 0 % à 100 %.")
    return value


def number(node: Node | None) -> Fraction | None:
    """« 1 200 », « 7,5 », « 5 logements », « 40 par an »: the number in front."""
    match = re.match(r"[\d\s\u00a0\u202f]*\d(?:,\d+)?", text(node))
    return read_number(match[0]) if match else None


def whole(node: Node | None) -> int | None:
    value = number(node)
    return int(value) if value is not None and value.denominator == 1 else None


def delay(node: Node | None) -> Delay | None:
    match = re.fullmatch(r"(\d+) (mois|jours?)", text(node))
    return Delay(int(match[1]), "mois" if match[2] == "mois" else "jours", node.span) if match and node else None


def party(node: Node | None, kind: str = "") -> Party | None:
    """A bailleur (``kind`` given: its code is its SIREN) or a réservataire."""
    if not isinstance(node, Mapping):
        return None
    siren = text(node.get("siren")) or None
    code = text(node.get("code")) or siren or ""
    return Party(code, text(node.get("nom")), kind or text(node.get("type")), siren, node.entries[0].key.span)


def days(node: Node | None, bag: Bag) -> dict[str, date]:
    """Days by name, those that exist."""
    if not isinstance(node, Mapping):
        return {}
    return {e.key.text: day for e in node if (day := read_day(e.value, bag)) is not None}


def validity(node: Node | None, bag: Bag) -> tuple[date, date | None] | None:
    """« en vigueur », inclusive; an end before its start is reported."""
    since, until = read_day(inside(node, "du"), bag), read_day(inside(node, "au"), bag)
    if since is None or node is None:
        return None
    if until is not None and until < since:
        bag.add("FX3016", "Cette période finit avant de commencer.", node.span, "Échangez « du » et « au ».")
        return None
    return since, until


def scale(node: Node | None, bag: Bag) -> Scale | None:
    """One of département, commune, communes, epci, région; « dans le département » narrows it."""
    if not isinstance(node, Mapping):
        return None
    kinds = [k for k in node.names() if k != "dans le département"]
    if len(kinds) != 1:
        bag.add("FX8002", "« échelle » nomme un seul territoire.", node.entries[0].key.span,
                "Gardez un seul de : département, commune, communes, epci, région.")  # fmt: skip
        return None
    value = node.get(kinds[0])
    codes = texts(value) if isinstance(value, Sequence) else (text(value),)
    kind = "commune" if kinds[0] == "communes" else kinds[0]
    return Scale(kind, codes, text(node.get("dans le département")) or None, node.entries[0].key.span)


def objectives(node: Node | None, bag: Bag) -> tuple[Objective, ...]:
    """A list of objectives by public; one without rate nor number is reported."""
    found: list[Objective] = []
    for item in node.items if isinstance(node, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        rate, count = percent(item.get("taux"), bag, "Un objectif"), whole(item.get("nombre"))
        if rate is None and count is None:
            bag.add("FX8002", f"L'objectif « {text(item.get('public'))} » n'a ni taux ni nombre.", item.entries[0].key.span,
                    "Ajoutez « taux: 25 % », ou « nombre: 40 par an ».")  # fmt: skip
        found.append(
            Objective(
                text(item.get("public")), text(item.get("où")) or "partout", rate, count, text(item.get("de")),
                text(item.get("bailleur")) or None, text(item.get("réservataire")) or None,
                text(item.get("source")) or None, item.entries[0].key.span,
            )
        )  # fmt: skip
    return tuple(found)
