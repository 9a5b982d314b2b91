"""One convention for a bailleur and a réservataire, and the State's among the others: there, and first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from fluxrules.diagnostics.diagnostic import Label, Severity
from fluxrules.flux.territory import communes_of
from fluxrules.language.numbers import show_date
from fluxrules.law.case import Found
from fluxrules.law.flux.case import STATE
from fluxrules.law.flux.context import IN_FORCE, WHOLE, Context
from fluxrules.law.flux.group import Group
from fluxrules.model.flux.values import Convention, Scale


def check_unique(context: Context) -> Iterator[tuple[Convention, Found]]:
    """Two whose dates and places overlap. An EPCI over two départements has one in each (« dans le département »)."""
    if context.law(context.day).get("FLUX-CONV-UNIQUE") is None:
        return
    found: dict[tuple[str, str, str], list[Convention]] = {}
    for convention in context.dossier.conventions:
        if convention.nature in WHOLE:
            key = (convention.bailleur.code, convention.reservataire.code, convention.nature)
            found.setdefault(key, []).append(convention)
    for same in found.values():
        for first, second in combinations(same, 2):
            if _same_days(first, second) and _same_places(first.scale, second.scale):
                yield second, Found("FLUX-CONV-UNIQUE", "FX8102", f"« {second.name} » et « {first.name} » lient le même bailleur et le même réservataire, au même endroit et en même temps.",
                                    second.place, "Réunissez-les en une convention, ou datez la fin de la première (« résiliée le »).",
                                    (Label(first.place, f"« {first.name} »"),))  # fmt: skip


def check_state_among(group: Group) -> Iterator[tuple[Convention, Found]]:
    """The State's convention, or the prefect's order that stands for it; then that the others came after."""
    if group.day != group.context.day:
        return
    law = group.context.law(group.day)
    state = [c for c in group.conventions if c.reservataire.kind == STATE]
    rest = [
        c for c in group.conventions if c.reservataire.kind != STATE and c.regime != "stock" and c.nature == IN_FORCE
    ]
    if not state and rest and law.get("FLUX-PREF-DEFAULT") is not None:
        yield rest[0], Found("FLUX-PREF-DEFAULT", "FX8130", f"« {rest[0].bailleur.name} » n'a pas de convention avec l'État dans le département {group.departement}.",
                             rest[0].bailleur.place, "Ajoutez-la au dossier ; s'il n'y en a pas, écrivez l'arrêté qui en tient lieu (« arrêté du préfet: … »).",
                             most=Severity.AVERTISSEMENT)  # fmt: skip
    signed = [max(c.signed.values()) for c in state if c.signed and c.fully_signed]
    if not signed or law.get("FLUX-CONV-PREF-FIRST") is None:
        return
    early = [c for c in rest if c.fully_signed and max(c.signed.values()) < min(signed)]
    if early:
        first = min(early, key=lambda c: max(c.signed.values()))
        more = f" ({len(early)} conventions dans ce cas)" if len(early) > 1 else ""
        yield first, Found("FLUX-CONV-PREF-FIRST", "FX8106", f"« {first.name} » est signée avant la convention de l'État, signée le {show_date(min(signed))}{more}.",
                           first.place, "Vérifiez que les parts laissent à l'État la sienne.", (Label(state[0].place, "la convention de l'État"),))  # fmt: skip


def _same_days(first: Convention, second: Convention) -> bool:
    def end(c: Convention) -> str:
        return c.last.isoformat() if c.last is not None else "9999"

    return first.since.isoformat() <= end(second) and second.since.isoformat() <= end(first)


def _same_places(first: Scale, second: Scale) -> bool:
    return first == second or not communes_of(first).isdisjoint(communes_of(second))
