"""Who may hold a reservation, in return for what, and in which form: a flux, or named dwellings for three services."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.language.numbers import show_date
from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case

_NAMES = {
    "commune": "collectivité territoriale", "département": "collectivité territoriale", "région": "collectivité territoriale",
    "epci": "EPCI", "action logement": "Action Logement Services",
}  # fmt: skip
"""How the rule names the types of a convention; the others have one name."""
_COUNTERPARTS = {"garantie d'emprunt": "garantie", "apport de terrain": "terrain", "financement": "financement"}


def check_holder(case: Case) -> Iterator[Found]:
    """A closed list, that the rule holds. The services that keep their dwellings are in it by their own rule."""
    rule, exempt = case.law.get("FLUX-BENEF"), case.law.get("FLUX-STOCK-EXEMPT")
    if rule is None:
        return
    allowed = set(rule.words("réservataires")) | set(exempt.words("services") if exempt else ())
    if _NAMES.get(case.kind, case.kind) not in allowed:
        yield Found(rule.id, "FX8107", f"« {case.convention.reservataire.name} » n'est pas d'un type qui peut être réservataire.", case.convention.reservataire.place,
                    f"Vérifiez son type ; sont possibles : {', '.join(rule.words('réservataires'))}.")  # fmt: skip


def check_counterpart(case: Case) -> Iterator[Found]:
    """Each right of the flux of anyone but the State."""
    rule, exempt = case.law.get("FLUX-COUNTERPART"), case.law.get("FLUX-STOCK-EXEMPT")
    if rule is None or case.of_state or (exempt is not None and case.kind in exempt.words("services")):
        return
    for right in case.running:
        if _COUNTERPARTS.get(right.counterpart) not in rule.words("contreparties"):
            yield Found(rule.id, "FX8108", f"« {right.name} » n'a pas de contrepartie écrite.", right.place,
                        "Ajoutez « au titre de: garantie d'emprunt », « apport de terrain » ou « financement ».")  # fmt: skip


def check_regime(case: Case) -> Iterator[Found]:
    """Stock and mixed systems ended on a day of the law, but for the exempt services, which stay on named dwellings (TRAP-09)."""
    exempt = case.law.get("FLUX-STOCK-EXEMPT")
    regime = case.convention.regime
    if exempt is not None and case.kind in exempt.words("services"):
        if regime != "stock":
            yield Found(exempt.id, "FX8112", f"Les réservations de ce service ({case.kind}) portent sur des logements désignés, et la convention est en {regime}.",
                        case.at("régime"), "Écrivez « régime: stock » et « logements désignés: […] ».")  # fmt: skip
        return
    deadline, unit = case.law.get("FLUX-CONF-DEADLINE"), case.law.get("FLUX-UNIT")
    if regime == "flux" or deadline is None:
        return
    limit = deadline.parameters["date limite"]
    if isinstance(limit, date) and case.day > limit:
        # A convention signed once the flux was the law was never allowed; an older one had until the deadline.
        new = unit is not None and unit.since is not None and case.convention.since >= unit.since
        also = ("FLUX-UNIT",) if new else ()
        yield Found(deadline.id, "FX8110", f"La convention est encore en {regime} après le {show_date(limit)}.", case.at("régime"),
                    "Convertissez-la en flux : « fluxrules flux convertir » compare les méthodes.", also=also)  # fmt: skip


def check_unit(case: Case) -> Iterator[Found]:
    """A number of dwellings or of rights is not the percentage that the article names."""
    rule = case.law.get("FLUX-UNIT")
    if rule is None:
        return
    for right in case.running:
        if right.share.kind in ("droits uniques", "logements par an") and not right.share.inputs:
            yield Found(rule.id, "FX8111", f"« {right.name} » est un nombre : le même nombre est une part plus grande d'une année plus petite.", right.share.place,
                        f"Écrivez une {rule.parameters['unité']}, ou relisez chaque année ce que ce nombre en fait.", most=Severity.CONSEIL)  # fmt: skip
