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
from fluxrules.law.flux.group import ZERO, Group, latest, others
from fluxrules.law.limits import under
from fluxrules.model.flux.values import Convention

ONE = Fraction(1)
Meeting = tuple[tuple[Convention, ...], tuple[str, ...]]


def check_guarantors(group: Group) -> Iterator[tuple[Convention, Found]]:
    """The worst meeting of guarantors; rights for land or funding are outside the sum."""
    rule = group.context.law(group.day).get("FLUX-COLL-20")
    if rule is None:
        return
    worst, where, count = _worst(group, guaranteed=True)
    if worst is None:
        return
    weights = group.weights
    taking = [c for c in worst if weights[c.name].guaranteed or weights[c.name].guaranteed_unknown]
    taken = sum((weights[c.name].guaranteed for c in taking), ZERO)
    if not under(rule, taken, ONE):
        first = latest(taking)
        said = " + ".join(f"{percent(weights[c.name].guaranteed)} ({c.reservataire.name})" for c in taking)
        yield first, Found(rule.id, "FX8131", f"{where}, les garants ont ensemble {percent(taken)} du flux : {said}. Le plafond est de {percent(rule.share())}{_territories(group, taking)}.",
                           first.terms.reservations[0].place if first.terms.reservations else first.place,
                           f"Ramenez leur total à {percent(rule.share())}{_count(count)} ; au-delà, les conventions sont nulles de plein droit.",
                           others(taking, first), also=("FLUX-NULLITY", "FLUX-COLL-EXTRA", "FLUX-DEPT-REGION"))  # fmt: skip
        return
    hidden = [c for c in taking if weights[c.name].guaranteed_unknown]
    if hidden:
        yield hidden[0], Found(rule.id, "FX8131", f"On ne peut pas dire si les garants sont sous {percent(rule.share())} : « {weights[hidden[0].name].unknown[0]} » est un nombre, sans base connue.",
                               hidden[0].place, "Écrivez le flux de l'année, ou une part.", others(taking, hidden[0]), most=Severity.CONSEIL)  # fmt: skip


def check_whole(group: Group) -> Iterator[tuple[Convention, Found]]:
    """Shares of the département and of the commune, added where they meet."""
    rule = group.context.law(group.day).get("FLUX-SUM-100")
    if rule is None:
        return
    worst, where, count = _worst(group, guaranteed=False)
    if worst is None:
        return
    taken = sum((group.weights[c.name].total for c in worst), ZERO)
    if not under(rule, taken, ONE):
        taking = [c for c in worst if group.weights[c.name].total]
        first = latest(taking)
        said = " + ".join(f"{percent(group.weights[c.name].total)} ({c.reservataire.name})" for c in taking)
        yield first, Found(rule.id, "FX8132", f"{where}, les parts font ensemble {percent(taken)} du flux : {said}.",
                           first.terms.reservations[0].place if first.terms.reservations else first.place,
                           f"Réduisez-les : leur somme ne dépasse pas {percent(rule.share())}{_count(count)}.", others(taking, first))  # fmt: skip


def _worst(group: Group, *, guaranteed: bool) -> tuple[tuple[Convention, ...] | None, str, int]:
    """The meeting that takes most, how to name it, and in how many communes it happens."""
    best: Meeting | None = None
    most = Fraction(-1)
    for conventions, communes in group.meetings:
        weights = [group.weights[c.name] for c in conventions]
        taken = sum(((w.guaranteed if guaranteed else w.total) for w in weights), ZERO)
        if conventions and taken > most:
            best, most = (conventions, communes), taken
    if best is None:
        return None, "", 0
    conventions, communes = best
    where = f"Dans la commune {communes[0]}" if communes else f"Dans le département {group.departement}"
    return conventions, where, len(communes)


def _count(communes: int) -> str:
    return f" (il en est ainsi dans {communes} communes)" if communes > 1 else ""


def _territories(group: Group, taking: list[Convention]) -> str:
    """What they take on the territory of each local guarantor, where the flux by commune is known."""
    said = []
    year = None
    for convention in taking:
        year = group.context.year_of(group.bailleur, convention.scale, group.day.year)
        if year is None or convention.scale.kind not in ("commune", "epci"):
            continue
        assiette, here = group.context.assiette(year), communes_of(convention.scale)
        base = assiette.on(here)
        parts = [(group.weights[c.name].guaranteed, assiette.on(here & communes_of(c.scale))) for c in taking]
        if base and all(v is not None for _, v in parts):
            share = sum((s * v for s, v in parts if v is not None), ZERO) / base
            said.append(f"{percent(share)} sur le territoire de {convention.reservataire.name}")
    return f" ; {' ; '.join(said)}" if said else ""
