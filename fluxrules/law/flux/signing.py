"""Signatures, transmission to the prefect, duration: what stands at the head of a convention."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.ir.calendar import add_months
from fluxrules.language.numbers import show_date
from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case, after


def check_signatures(case: Case) -> Iterator[Found]:
    """Asked of a convention in force: a project is not signed yet."""
    rule = case.law.get("FLUX-CONV-SIGNED")
    if rule is None or not case.in_force:
        return
    if case.convention.order and not case.convention.by_order:
        yield Found(rule.id, "FX8101", "Un arrêté du préfet ne tient lieu que de la convention de l'État.", case.at("arrêté du préfet"),
                    "Retirez cette clé, et faites signer la convention.")  # fmt: skip
    if case.convention.by_order:
        return
    missing = [p for p in rule.words("signataires") if p not in case.convention.signed]
    if missing:
        named = " et par le ".join(missing)
        yield Found(rule.id, "FX8101", f"La convention n'est pas signée par le {named}.", case.at("signée le"),
                    "Faites-la signer, puis écrivez « signée le: {bailleur: …, réservataire: …} ».")  # fmt: skip
    for change in case.convention.amendments:
        absent = [p for p in rule.words("signataires") if p not in change.signed]
        if absent:
            yield Found(rule.id, "FX8101", f"L'avenant {change.number} n'est pas signé par le {' et par le '.join(absent)} : il ne change rien.", change.place,
                        "Faites-le signer, puis écrivez « signé le: {bailleur: …, réservataire: …} ».", most=Severity.AVERTISSEMENT)  # fmt: skip


def check_over(case: Case) -> Iterator[Found]:
    """One that is over and that nothing followed: it is still written « en vigueur », and its réservataire has no share any more."""
    rule, convention, today = case.law.get("FLUX-CONV-SIGNED"), case.convention, case.context.day
    if rule is None or not case.in_force or convention.last is None or convention.last >= today:
        return
    mine = (convention.bailleur.code, convention.reservataire.code)
    after = [
        c
        for c in case.context.dossier.conventions
        if (c.bailleur.code, c.reservataire.code) == mine and c.applies(today)
    ]
    if not after:
        yield Found(rule.id, "FX8142", f"La convention a pris fin le {show_date(convention.last)}, et aucune ne la suit : « {convention.reservataire.name} » n'a plus de part.",
                    case.at("en vigueur"), "Signez la suivante et ajoutez-la au dossier ; si elle n'a plus lieu d'être, écrivez « nature: historique ».",
                    most=Severity.AVERTISSEMENT)  # fmt: skip


def check_transmission(case: Case) -> Iterator[Found]:
    """Sent to the prefect once signed."""
    if (
        not case.in_force
        or case.convention.by_order
        or not case.convention.fully_signed
        or case.law.get("FLUX-CONV-TRANSMIT") is None
    ):
        return
    signed = max(case.convention.signed.values())
    if case.convention.sent is None:
        yield Found("FLUX-CONV-TRANSMIT", "FX8105", "La convention ne dit pas quand elle a été transmise au préfet.", case.at("signée le"),
                    "Transmettez-la, puis ajoutez « transmise au préfet le: … ».")  # fmt: skip
    elif case.convention.sent < signed:
        yield Found("FLUX-CONV-TRANSMIT", "FX8105", f"La convention est transmise le {show_date(case.convention.sent)}, avant sa signature du {show_date(signed)}.",
                    case.at("transmise au préfet le"), "Transmettez la convention signée, ou corrigez une des dates.")  # fmt: skip
    elif case.convention.sent > add_months(signed, 2):
        yield Found("FLUX-CONV-TRANSMIT", "FX8105", f"La convention, signée le {show_date(signed)}, est transmise le {show_date(case.convention.sent)} : elle devait l'être sans délai.",
                    case.at("transmise au préfet le"), "Vérifiez la date ; aucun texte trouvé ne chiffre ce délai.", most=Severity.CONSEIL)  # fmt: skip


def check_duration(case: Case) -> Iterator[Found]:
    """No text fixes it: said, never blamed."""
    rule = case.law.get("FLUX-DURATION")
    if rule is None:
        return
    until = case.convention.until
    if until is None:
        yield Found(rule.id, "FX8109", "La convention n'a pas de fin.", case.at("en vigueur"),
                    f"Écrivez « au: … » dans « en vigueur » ; {rule.parameters['durée usuelle']} est l'usage.")  # fmt: skip
    elif until >= after(rule, "durée qui étonne", case.convention.since):
        yield Found(rule.id, "FX8109", f"La convention dure plus de {rule.parameters['durée qui étonne']}.", case.at("en vigueur"),
                    f"Vérifiez la date de fin ; {rule.parameters['durée usuelle']} est l'usage.")  # fmt: skip


def check_calendar_year(case: Case) -> Iterator[Found]:
    """Flux, bilan and quotas run by calendar year: a start in the year asks for a prorata (TRAP-27)."""
    rule = case.law.get("FLUX-YEAR")
    since = case.convention.since
    if rule is None or case.convention.regime == "stock":
        return
    # Said of the first year only: later ones are whole.
    if (since.month, since.day) != (1, 1) and since.year == case.day.year:
        yield Found(rule.id, "FX8135", f"La convention commence le {show_date(since)}, en cours d'année.", case.at("en vigueur"),
                    "Dites ce qui revient à chacun pour cette année incomplète : au prorata des jours, sinon.", most=Severity.AVERTISSEMENT)  # fmt: skip
