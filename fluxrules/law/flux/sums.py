"""What conventions take together in each commune: the guarantors (TRAP-12), then everyone (TRAP-14).

A share holds in every commune of its territory. So what guarantors take on a whole territory is an average of what they take in its communes:
where no commune is over the ceiling no territory is, and a commune over it is enough to break it. Both are said.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.flux.territory import communes_of
from fluxrules.law.case import Found
from fluxrules.law.flux.case import percent
from fluxrules.law.flux.group import ZERO, Group, Weight, latest, others
from fluxrules.law.limits import under
from fluxrules.law.rules import Rule
from fluxrules.model.flux.values import Convention

ONE = Fraction(1)


def check_guarantors(group: Group) -> Iterator[tuple[Convention, Found]]:
    """The worst meeting of guarantors; rights for land or funding are outside the sum."""
    rule = group.context.law(group.day).get("FLUX-COLL-20")
    if rule is None:
        return
    worst, communes = _worst(group, guaranteed=True)
    where, count = _where(group, communes), len(communes)

    def weight(c: Convention) -> Weight:
        return group.weight(c, communes)

    taking = [c for c in worst if weight(c).guaranteed or weight(c).guaranteed_unknown]
    taken = sum((weight(c).guaranteed for c in taking), ZERO)
    if not under(rule, taken, ONE):
        first = latest(taking)
        said = " + ".join(f"{percent(weight(c).guaranteed)} ({c.reservataire.name})" for c in taking)
        yield first, Found(rule.id, "FX8131", f"{where}, les garants ont ensemble {percent(taken)} du flux : {said}. Le plafond est de {percent(rule.share())}{_territories(group, taking)}.",
                           first.terms.reservations[0].place if first.terms.reservations else first.place,
                           f"Ramenez leur total à {percent(rule.share())}{_count(count)} ; au-delà, les conventions sont nulles de plein droit.",
                           others(taking, first), also=("FLUX-NULLITY", "FLUX-COLL-EXTRA", "FLUX-DEPT-REGION"))  # fmt: skip
        return
    yield from _unknown(
        rule,
        "FX8131",
        f"les garants sont sous {percent(rule.share())}",
        group,
        [c for c in taking if weight(c).guaranteed_unknown],
    )


def check_whole(group: Group) -> Iterator[tuple[Convention, Found]]:
    """Shares of the département and of the commune, added where they meet."""
    rule = group.context.law(group.day).get("FLUX-SUM-100")
    if rule is None:
        return
    worst, communes = _worst(group, guaranteed=False)
    where, count = _where(group, communes), len(communes)
    taken = sum((group.weight(c, communes).total for c in worst), ZERO)
    if not under(rule, taken, ONE):
        taking = [c for c in worst if group.weight(c, communes).total]
        first = latest(taking)
        said = " + ".join(f"{percent(group.weight(c, communes).total)} ({c.reservataire.name})" for c in taking)
        yield first, Found(rule.id, "FX8132", f"{where}, les parts font ensemble {percent(taken)} du flux : {said}.",
                           first.terms.reservations[0].place if first.terms.reservations else first.place,
                           f"Réduisez-les : leur somme ne dépasse pas {percent(rule.share())}{_count(count)}.", others(taking, first))  # fmt: skip
    else:
        what = f"les parts font {percent(rule.share())} au plus"
        yield from _unknown(rule, "FX8132", what, group, [c for c in worst if group.weight(c, communes).unknown])


def _unknown(
    rule: Rule, code: str, what: str, group: Group, hidden: list[Convention]
) -> Iterator[tuple[Convention, Found]]:
    """A number without a known base is in no sum: it is said, never taken for nothing. Only of the day that was asked."""
    if hidden and group.day == group.context.day:
        first = hidden[0]
        yield first, Found(rule.id, code, f"On ne peut pas dire si {what} : « {group.weight(first).unknown[0]} » est un nombre, dont la base n'est pas connue.",
                           first.place, "Écrivez une part, ou le flux de cette échelle et de cette année.", others(hidden, first), most=Severity.CONSEIL)  # fmt: skip


def _worst(group: Group, *, guaranteed: bool) -> tuple[tuple[Convention, ...], tuple[str, ...]]:
    """The meeting that takes most, and the communes where it happens (none: everywhere else). Among equals, one that holds an unknown."""
    best: tuple[tuple[Convention, ...], tuple[str, ...]] = ((), ())
    most = (Fraction(-1), False)
    for conventions, communes in group.meetings:
        weights = [group.weight(c, communes) for c in conventions]
        taken = sum(((w.guaranteed if guaranteed else w.total) for w in weights), ZERO)
        hidden = any(w.guaranteed_unknown if guaranteed else w.unknown for w in weights)
        if conventions and (taken, hidden) > most:
            best, most = (conventions, communes), (taken, hidden)
    return best


def _where(group: Group, communes: tuple[str, ...]) -> str:
    return f"Dans la commune {communes[0]}" if communes else f"Dans le département {group.departement}"


def _count(communes: int) -> str:
    return f" (il en est ainsi dans {communes} communes)" if communes > 1 else ""


def _territories(group: Group, taking: list[Convention]) -> str:
    """What they take on the territory of each local guarantor, where the flux by commune is known."""
    said = []
    for convention in taking:
        year = group.context.year_of(group.bailleur, convention.scale, group.day.year)
        if year is None or convention.scale.kind not in ("commune", "epci"):
            continue
        assiette, here = group.context.assiette(year), communes_of(convention.scale)
        base = assiette.on(here)
        parts = [(group.weight(c).guaranteed, assiette.on(here & communes_of(c.scale))) for c in taking]
        if base and all(v is not None for _, v in parts):
            share = sum((s * v for s, v in parts if v is not None), ZERO) / base
            said.append(f"{percent(share)} sur le territoire de {convention.reservataire.name}")
    return f" ; {' ; '.join(said)}" if said else ""
