"""« tranches »: bounds read, gaps and overlaps found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Label
from fluxrules.document.nodes import Mapping, Scalar
from fluxrules.document.offsets import value_span
from fluxrules.ir import nodes as n
from fluxrules.ir.ranges import number_range
from fluxrules.ir.types import Choice, Duration, Number
from fluxrules.language import syntax as s
from fluxrules.language.parser import parse_band
from fluxrules.language.units import DAYS, MONTHS, Unit, in_base
from fluxrules.model import percents
from fluxrules.model.band_words import band_help, say_band
from fluxrules.model.context import Context
from fluxrules.model.lower import Lower, parse, report_problem
from fluxrules.model.names import type_label
from fluxrules.model.points import constant
from fluxrules.text.source import Span


@dataclass(frozen=True)
class _Written:
    band: n.Band
    span: Span


def read_bands(context: Context, selon: Scalar, entries: Mapping) -> n.Points | None:
    """« selon » a number or an elapsed time."""
    parsed = parse(context.env, selon)
    lower = Lower(context.env, selon, context.principal, division=False)
    item = lower.expr(parsed) if parsed is not None else None
    if item is None:
        return None
    if not isinstance(item.type, Number | Duration):
        choice = isinstance(item.type, Choice) and item.type.codes
        help_text = (
            "Écrivez « points: » au lieu de « tranches: »." if choice else "Écrivez une ligne « si: … » par cas."
        )
        context.bag.add("FX2004", f"« tranches » demande un nombre ou un temps écoulé ; ceci est {type_label(item.type)}.", selon.span,
                        help_text)  # fmt: skip
        return None
    unit = _unit(context, item, entries)
    written: list[_Written] = []
    rest: tuple[int | None] | None = None
    complete = unit is not None
    for entry in entries:
        value, good = constant(context, entry.value) if isinstance(entry.value, Scalar) else (None, False)
        complete &= good
        if entry.key.text == "autres":
            rest = (value,)
            continue
        band = _band(context, entry.key, unit, value)
        complete &= band is not None
        if band is not None:
            written.append(_Written(band, entry.key.span))
    if not complete or unit is None:
        return None
    if not _percents(context, item, entries):
        return None
    whole = _whole(context, item)
    bands = _check(context, selon, written, item, whole, rest, _unit_written(entries))
    return None if bands is None else n.Bands(item, bands, unit)


def _unit(context: Context, item: n.Expr, entries: Mapping) -> Unit | None:
    if isinstance(item.type, Number):
        return item.type.unit
    units = {in_base(b.value.value, b.value.unit)[1] for e in entries for b in _bounds(e.key)}
    if len(units) == 1 and (unit := units.pop()) in (MONTHS, DAYS):
        return unit
    if any(isinstance(parse_band(e.key.text), s.Problem) for e in entries if e.key.text != "autres"):
        return None  # each of them is reported with its own place
    context.bag.add("FX2005", "Les tranches d'un temps écoulé s'écrivent toutes en mois et en années, ou toutes en jours.", entries.span,
                    "Donnez une durée à chaque borne : « jusqu'à 12 mois ».")  # fmt: skip
    return None


def _unit_written(entries: Mapping) -> str | None:
    """The unit in which to speak of these bands: that of the first bound."""
    return next((b.value.unit for e in entries for b in _bounds(e.key)), None)


def _percents(context: Context, item: n.Expr, entries: Mapping) -> bool:
    """Whether no bound of a share has lost its « % »."""
    bounds = [(e.key, b) for e in entries for b in _bounds(e.key)]
    mixed = percents.signs_differ((b.value.value, b.value.unit) for _, b in bounds)
    of_share = percents.share(context.env, item, context.principal)
    good = True
    for key, bound in bounds:
        value = bound.value.value
        if bound.value.unit is None and value and (mixed or (of_share and value > 1)):
            context.bag.add("FX2005", "Cette borne est un nombre sans « % », la quantité est un pourcentage.",
                            value_span(key, *bound.value.at), percents.remedy(value))  # fmt: skip
            good = False
    return good


def _bounds(key: Scalar) -> list[s.Bound]:
    parsed = parse_band(key.text) if key.text != "autres" else None
    return [b for b in (parsed.low, parsed.high) if b is not None] if isinstance(parsed, s.BandKey) else []


def _band(context: Context, key: Scalar, unit: Unit | None, points: int | None) -> n.Band | None:
    parsed = parse_band(key.text)
    if isinstance(parsed, s.Problem):
        report_problem(context.env, key, parsed if parsed.precise else replace(parsed, help=band_help(key.text)))
        return None
    if unit is None:
        return None
    ends: list[tuple[Fraction | None, bool]] = []
    for bound in (parsed.low, parsed.high):
        if bound is None:
            ends.append((None, False))
            continue
        value, of = in_base(bound.value.value, bound.value.unit)
        if of != unit:
            wanted = f"en {unit.label}" if unit.powers else unit.label
            context.bag.add("FX2005", f"Cette borne est {type_label(Number(of))}, la quantité est {type_label(Number(unit))}.",
                            value_span(key, *bound.value.at), f"Écrivez la borne {wanted}.")  # fmt: skip
            return None
        ends.append((value, bound.included))
    (low, low_in), (high, high_in) = ends
    if low is not None and high is not None and (low > high or (low == high and not (low_in and high_in))):
        context.bag.add(
            "FX3011",
            "Cette tranche est vide : sa borne basse dépasse sa borne haute.",
            key.span,
            "Échangez les bornes.",
        )
        return None
    return n.Band(low, low_in, high, high_in, points)


def _whole(context: Context, item: n.Expr, known: dict[str, bool] | None = None) -> bool:
    """Whether the quantity only takes whole values, so that « de 0 à 1 » and « de 2 à 3 » touch. A definition is read once."""
    memo: dict[str, bool] = {} if known is None else known
    match item:
        case n.Count():
            return True
        case n.Field(factor=factor, range=bounds):
            return bounds is not None and factor == 1
        case n.Const(value=value):
            return value.denominator == 1
        case n.Add(items=items):
            return all(_whole(context, i, memo) for i in items)
        case n.Mul(left=a, right=b):
            return _whole(context, a, memo) and _whole(context, b, memo)
        case n.Case(branches=branches, otherwise=otherwise):
            return all(_whole(context, v, memo) for _, v in branches) and _whole(context, otherwise, memo)
        case n.Ref(name=name):
            if name not in memo:
                body = context.env.done.get(f"{context.principal}.{name}")
                memo[name] = body is not None and _whole(context, body, memo)
            return memo[name]
        case _:
            return False


def _closed(b: n.Band, whole: bool) -> n.Band:
    """Over whole values, an open bound is a closed one a step further."""
    if not whole:
        return b
    low, high = b.low, b.high
    if low is not None:
        low = (
            Fraction(-(-low.numerator // low.denominator))
            if b.low_in
            else Fraction(low.numerator // low.denominator + 1)
        )
    if high is not None:
        high = (
            Fraction(high.numerator // high.denominator)
            if b.high_in
            else Fraction(-(-high.numerator // high.denominator) - 1)
        )
    return n.Band(low, low is not None, high, high is not None, b.points)


def _check(
    context: Context,
    selon: Scalar,
    written: list[_Written],
    item: n.Expr,
    whole: bool,
    rest: tuple[int | None] | None,
    unit: str | None,
) -> tuple[n.Band, ...] | None:
    """The bands in order; gaps filled by « autres », else reported, overlaps reported."""
    ordered = sorted(written, key=lambda w: (w.band.low is not None, w.band.low or Fraction(0), not w.band.low_in))
    done: list[n.Band] = []
    good = True
    previous: _Written | None = None
    gaps: list[n.Band] = []
    first, last = _extent(context, item)
    for w in ordered:
        b = _closed(w.band, whole)
        if previous is None:
            if b.low is not None and (first is None or b.low > first or (b.low == first and not b.low_in)):
                gaps.append(n.Band(None, False, b.low, not b.low_in, None))
        else:
            p = _closed(previous.band, whole)
            match _joint(p, b, whole):
                case "chevauche":
                    first_said, second_said = say_band(previous.band, unit), say_band(w.band, unit)
                    context.bag.add("FX3011", f"Deux tranches se chevauchent : « {first_said} » et « {second_said} ».", w.span,
                                    "Dites de quel côté est la borne commune : « jusqu'à 30 % », puis « plus de 30 % ».",
                                    labels=(Label(previous.span, "l'autre tranche"),))  # fmt: skip
                    good = False
                case "trou":
                    gaps.append(n.Band(p.high, not p.high_in, b.low, not b.low_in, None))
        previous = w
        done.append(w.band)
    if previous is not None:
        p = _closed(previous.band, whole)
        if p.high is not None and (last is None or p.high < last or (p.high == last and not p.high_in)):
            gaps.append(n.Band(p.high, not p.high_in, None, False, None))
    if rest is not None:
        return tuple(done + [replace(g, points=rest[0]) for g in gaps]) if good else None
    for gap in gaps:
        context.bag.add("FX3010", f"Aucune tranche ne couvre « {say_band(gap, unit)} ».", selon.span,
                        "Ajoutez cette tranche, ou une ligne « autres: 0 » (ou « autres: sans objet »).")  # fmt: skip
    return tuple(done) if good and not gaps else None


def _joint(p: n.Band, b: n.Band, whole: bool) -> str:
    if p.high is None or b.low is None:
        return "chevauche"
    if whole:
        return "bord" if b.low == p.high + 1 else "trou" if b.low > p.high + 1 else "chevauche"
    if b.low > p.high or (b.low == p.high and not b.low_in and not p.high_in):
        return "trou"
    return "bord" if b.low == p.high and b.low_in != p.high_in else "chevauche"


def _extent(context: Context, item: n.Expr) -> tuple[Fraction | None, Fraction | None]:
    """Between which values bands must cover. Nobody waits less than nothing; a quotient is not bounded."""
    if isinstance(item, n.Elapsed):
        return Fraction(0), None
    env = context.env
    definitions = {
        k.partition(".")[2]: v for k, v in env.done.items() if v is not None and k.startswith(context.principal + ".")
    }
    found = number_range(item, definitions, env.dated)
    return found if found else (None, None)
