"""An explanation in plain French, and as JSON."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from fluxrules.cotation.explain import Explanation, FamilyReason, LineReason, PublicReason
from fluxrules.engines.interpreter import State
from fluxrules.ir.nodes import Reducer
from fluxrules.language.numbers import show_date, show_number
from fluxrules.law.judge import lifted_by

_KEEPS = {
    Reducer.SUM: "ses critères s'ajoutent",
    Reducer.MAX: "seul le plus élevé compte",
    Reducer.MIN: "seul le plus bas compte",
    Reducer.FIRST: "seul le premier acquis compte",
    Reducer.MEAN: "on fait la moyenne des critères acquis",
}
ADVICE = (
    "Cette note aide à la décision. La commission d'attribution décide ; une note ne promet ni un logement ni une date."
)


def text(e: Explanation, number: str, territory: str | None) -> str:
    """The page that a counter agent reads aloud."""
    head = e.grid.header
    out = [f"Demande {number}" + (f", territoire {territory}" if territory else "")]
    if e.public is not None:
        out += _public(e.public)
    if e.outside:
        return "\n".join([*out, ""])
    points = "points" if abs(e.note) >= 2 else "point"
    out.append(f"Note : {_n(e.note)} {points} au {show_date(e.reference)}, {head.version}.")
    if head.nature != "en vigueur":
        out.append(
            f"ATTENTION : cette grille n'est pas en vigueur (nature : {head.nature}). La note n'est qu'un essai."
        )
    if e.broken:
        out.append(
            "ATTENTION : cette grille en vigueur contredit le droit, et ne note plus aucune demande (fluxrules check) :"
        )
        out += [f"  – {r.sentence} ({r.article} ; {r.id})" for r in e.broken]
        out.append("L'explication dit d'où vient une note déjà donnée ; elle n'en donne pas une.")
    if e.low != e.high:
        out.append(f"Selon ce qui manque, elle peut aller de {_n(e.low)} à {_n(e.high)}.")
    if e.verified != e.note:
        out.append(f"Sur les seules pièces vérifiées, elle est de {_n(e.verified)}.")
    out.append("")
    _family(e.root, 0, out)
    if e.missing:
        out += ["", "Pour préciser la note, il faut connaître : " + " ; ".join(e.missing) + "."]
    out += ["", ADVICE, ""]
    return "\n".join(out)


def _public(p: PublicReason) -> list[str]:
    """Whom the grid is for; where this demande is not one of them, why it has no note."""
    head = f"Cette grille est pour : {p.name}"
    if p.known and p.inside:
        return [f"{head} ; cette demande en est."]
    if p.known:
        why = f"{head} ; cette demande n'en est pas, et n'a pas de note de cette grille."
    else:
        taken = (
            "la grille la compte comme telle" if p.inside else "la grille ne la prend pas, et ne lui donne pas de note"
        )
        why = f"{head} ; on ne sait pas si cette demande en est : {taken}."
    read = " ; ".join(f"{what} : {value}" for what, value in p.read)
    return [why, *([f"    lu : {read}"] if read else []), *([] if p.inside else [f"    il faudrait : {p.condition}"])]


def _n(value: Fraction) -> str:
    return show_number(value)


def _family(f: FamilyReason, depth: int, out: list[str]) -> None:
    margin = "  " * depth
    out.append(f"{margin}{_capital(f.label)} : {_n(f.points)} ({_KEEPS[f.reducer]}{_kept(f)})")
    for item in f.items:
        if isinstance(item, FamilyReason):
            _family(item, depth + 1, out)
        else:
            _line(item, depth + 1, out, counts=item.name in f.kept or f.reducer in (Reducer.SUM, Reducer.MEAN))
    if f.reducer is Reducer.SUM and len([p for p in _parts(f) if p]) > 1:
        out.append(f"{margin}  = {_sum(_parts(f))} = {_n(f.reduced)}")
    counted = [i.points for i in f.items if i.name in f.kept]
    if f.reducer is Reducer.MEAN and len(counted) > 1:
        exact = sum(counted, Fraction(0)) / len(counted)
        rounded = "" if exact == f.reduced else f", arrondi à {_n(f.reduced)}"
        out.append(f"{margin}  = ({_terms(counted)}) / {len(counted)} = {_n(exact)}{rounded}")
    if f.points != f.reduced:
        word, value = ("plafond", f.cap) if f.reduced > f.points else ("plancher", f.floor)
        out.append(
            f"{margin}  Le {word} de {_n(value or Fraction(0))} s'applique : {_n(f.reduced)} devient {_n(f.points)}."
        )


def _kept(f: FamilyReason) -> str:
    if f.reducer in (Reducer.MAX, Reducer.MIN, Reducer.FIRST):
        return f" : « {f.kept[0]} »" if f.kept else " : aucun n'est acquis"
    return ""


def _parts(f: FamilyReason) -> list[Fraction]:
    return [i.points for i in f.items]


def _sum(parts: list[Fraction]) -> str:
    return _terms([p for p in parts if p])


def _terms(shown: list[Fraction]) -> str:
    text = _n(shown[0])
    for p in shown[1:]:
        text += f" + {_n(p)}" if p >= 0 else f" − {_n(-p)}"
    return text


def _line(x: LineReason, depth: int, out: list[str], *, counts: bool) -> None:
    margin = "  " * depth
    read = " ; ".join(f"{what} : {value}" for what, value in x.read)
    match x.state:
        case State.ACQUIRED:
            tail = "" if counts else ", acquis mais non retenu"
            out.append(f"{margin}✓ {_capital(x.label)} : {_n(x.points)}{tail}")
        case State.ABSENT:
            why = "sans objet pour cette demande" if x.void else "condition non remplie"
            out.append(f"{margin}– {_capital(x.label)} : 0, {why}")
        case State.PENDING:
            worth = _n(x.high) if x.low == x.high else f"de {_n(x.low)} à {_n(x.high)}"
            out.append(
                f"{margin}? {_capital(x.label)} : {_n(x.points)} pour l'instant, vaudrait {worth} s'il est acquis"
            )
    if read:
        out.append(f"{margin}    lu : {read}")
    if x.state is State.PENDING and x.missing:
        out.append(f"{margin}    il manque : {' ; '.join(x.missing)}")
    elif x.state is State.ABSENT and x.needed and not x.void:
        out.append(f"{margin}    il faudrait : {x.needed}")


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]


def as_json(e: Explanation, number: str, territory: str | None) -> dict[str, Any]:
    """The same as values. Points are strings, exact: « 2,5 » would lose nothing, a float might."""
    head = e.grid.header
    acts = [d.said for d in lifted_by(e.grid, e.reference)]
    return {
        "demande": number,
        "territoire": territory,
        "grille": {
            "nom": head.name,
            "nature": head.nature,
            "délibération": head.deliberation,
            "empreinte": e.grid.hash,
        },
        "date": e.reference.isoformat(),
        **({"dérogations": acts} if acts else {}),
        **({"contraire au droit": [r.id for r in e.broken]} if e.broken else {}),
        **({} if e.public is None else {"public": {"nom": e.public.name, "concernée": e.public.inside}}),
        "note": None if e.outside else _s(e.note),
        "note_min": None if e.outside else _s(e.low),
        "note_max": None if e.outside else _s(e.high),
        "note_vérifiée": None if e.outside else _s(e.verified),
        "manque": list(e.missing),
        "détail": None if e.outside else _json(e.root),
        "mention": ADVICE,
    }


def _s(value: Fraction) -> int | str:
    return int(value) if value.denominator == 1 else _decimal(value)


def _decimal(value: Fraction) -> str:
    return (
        show_number(value)
        .replace(",", ".")
        .replace("−", "-")
        .replace("\u202f", "")
        .replace("\u00a0", "")
        .replace(" ", "")
    )


def _json(x: LineReason | FamilyReason) -> dict[str, Any]:
    if isinstance(x, LineReason):
        return {
            "critère": x.name,
            "libellé": x.label,
            "état": x.state.value,
            "points": _s(x.points),
            "min": _s(x.low),
            "max": _s(x.high),
            "règle": list(x.said),
            "lu": dict(x.read),
            "manque": list(x.missing),
            "pièce": x.document,
        }
    return {
        "famille": x.name,
        "libellé": x.label,
        "retenir": x.reducer.value,
        "avant limites": _s(x.reduced),
        "points": _s(x.points),
        "retenus": list(x.kept),
        "critères": [_json(i) for i in x.items],
    }
