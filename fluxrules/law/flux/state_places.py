"""Where the State has its share: the floor outside QPV, the same share in each commune, and whether both hold with the total."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case, percent
from fluxrules.law.flux.feasibility import Frees, Place, solve
from fluxrules.law.limits import over, under
from fluxrules.model.flux.values import Contrary
from fluxrules.text.source import Span

OUTSIDE, BY_COMMUNE = "hors QPV", "par commune"
ONE = Fraction(1)
_CLAUSE = "« stipulations contraires: [{{sur: {on}, article: …}}] »"


def check_outside_qpv(case: Case) -> Iterator[Found]:
    """The written floor, then what the total leaves possible. A stipulation contraire is written, never inferred (TRAP-03)."""
    rule = case.law.get("FLUX-PREF-HQPV")
    if rule is None or not case.of_state or case.convention.regime == "stock":
        return
    clause, written = _clause(case, OUTSIDE), case.terms.outside_qpv
    place = case.terms.outside_qpv_place or (case.running[0].share.place if case.running else case.place)
    if written is not None and clause is None and not over(rule, written, ONE):
        yield Found(rule.id, "FX8116", f"Hors QPV, la part du préfet est de {percent(written)} : le plancher est de {percent(rule.share())}.", place,
                    f"Portez-la à {percent(rule.share())}, ou écrivez la clause : {_CLAUSE.format(on=OUTSIDE)}.")  # fmt: skip
        return
    floor = written if written is not None else rule.share() if clause is None else clause.rate
    if floor is None or case.total is None:
        return
    yield from _possible(case, floor, case.total, place)


def check_uniform(case: Case) -> Iterator[Found]:
    """The same share everywhere, unless a clause says otherwise."""
    rule, rates = case.law.get("FLUX-PREF-UNIFORM"), case.terms.by_commune
    if rule is None or not case.of_state or not rates:
        return
    odd = next((c for c, r in rates.items() if r != case.total and case.total is not None), None)
    if odd is not None and _clause(case, BY_COMMUNE) is None:
        yield Found(rule.id, "FX8117", f"Dans la commune {odd}, la part du préfet est de {percent(rates[odd])}, et de {percent(case.total or ONE)} ailleurs.",
                    case.at("par commune"), f"Égalisez les parts, ou écrivez la clause : {_CLAUSE.format(on=BY_COMMUNE)}.")  # fmt: skip
    most = case.law.get("FLUX-PREF-MAX")
    weighed = _weighed(case)
    if (
        most is not None
        and weighed is not None
        and case.total is not None
        and weighed > case.total
        and not under(most, weighed, ONE)
    ):
        yield Found(most.id, "FX8113", f"Commune par commune, la part du préfet fait {percent(weighed)} du flux en tout : le plafond est de {percent(most.share())}.",
                    case.at("par commune"), "Baissez la part des communes qui pèsent le plus.", case.flux_label, also=("FLUX-NULLITY",))  # fmt: skip


def _possible(case: Case, floor: Fraction, total: Fraction, where: Span) -> Iterator[Found]:
    uniform = _clause(case, BY_COMMUNE) is None
    places = _places(case, by_commune=uniform)
    if places is None:
        # At or above the floor it is possible whatever is in QPV; below, it depends on what no document says.
        if total < floor:
            yield Found("FLUX-PREF-HQPV", "FX8116", f"La part de {percent(total)} n'est possible que si assez de logements sont en QPV, et aucun document ne dit combien.",
                        where, f"Écrivez un flux dont les segments disent « en QPV: oui » ou « non » ; sinon : {_CLAUSE.format(on=OUTSIDE)}.",
                        most=Severity.CONSEIL)  # fmt: skip
        return
    found = solve(total, floor, places, uniform=uniform)
    counted = case.flux_label
    if found.frees is Frees.OUTSIDE:
        yield Found("FLUX-PREF-HQPV", "FX8116", f"La part de {percent(total)} ne permet pas {percent(floor)} hors QPV : il faut au moins {percent(found.least)} en tout.",
                    where, f"Augmentez la part, ou écrivez la clause qui libère : {_CLAUSE.format(on=OUTSIDE)}.", counted)  # fmt: skip
    elif found.frees is Frees.UNIFORM:
        yield Found("FLUX-PREF-UNIFORM", "FX8117", f"La part de {percent(total)}, la même dans chaque commune, ne permet pas {percent(floor)} hors QPV.",
                    where, f"Écrivez la clause qui libère : {_CLAUSE.format(on=BY_COMMUNE)}, ou celle sur « {OUTSIDE} ».", counted, also=("FLUX-PREF-HQPV",))  # fmt: skip


def _places(case: Case, *, by_commune: bool) -> list[Place] | None:
    """The net flux by commune, in and out of QPV; one place for all where communes are not known and need not be. ``None``: unknown."""
    convention = case.convention
    year = case.context.year_of(convention.bailleur.code, convention.scale, case.day.year)
    if year is None:
        return None
    assiette = case.context.assiette(year)
    cells = [c for c in assiette.cells if c.amount]
    if not cells or any(c.in_qpv is None for c in cells):
        return None
    # Communes that are not told apart are one place: the uniformity is then asked of them together, which asks less.
    found: dict[str | None, list[Fraction]] = {}
    for cell in cells:
        pair = found.setdefault(cell.commune if by_commune else None, [Fraction(0), Fraction(0)])
        pair[0] += cell.amount
        pair[1] += Fraction(0) if cell.in_qpv else cell.amount
    return [Place(flux, outside) for flux, outside in found.values()]


def _weighed(case: Case) -> Fraction | None:
    """The share of the whole flux that rates by commune make; ``None`` where the flux of a commune is not known."""
    scale, bailleur, rates = case.convention.scale, case.convention.bailleur.code, case.terms.by_commune or {}
    year = case.context.year_of(bailleur, scale, case.day.year)
    whole = case.context.amount(bailleur, scale, case.day.year)
    if year is None or not whole or case.total is None:
        return None
    volume, named = Fraction(0), Fraction(0)
    for commune, rate in rates.items():
        amount = case.context.assiette(year).on(frozenset({commune}))
        if amount is None:
            return None
        volume, named = volume + rate * amount, named + amount
    return (volume + case.total * (whole - named)) / whole


def _clause(case: Case, on: str) -> Contrary | None:
    return next((c for c in case.terms.contrary if c.on == on), None)
