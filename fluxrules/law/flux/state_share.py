"""The State's share: the ceiling, its agents inside it (TRAP-04), and the prefect's order that lifts both for a while."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.language.numbers import show_date
from fluxrules.law.case import Found
from fluxrules.law.flux.case import Case, after, percent
from fluxrules.law.limits import under
from fluxrules.law.rules import Rule
from fluxrules.model.flux.values import Relief

ONE = Fraction(1)


def check_ceilings(case: Case) -> Iterator[Found]:
    """Written shares, as exact fractions of the flux: whole dwellings never decide."""
    if not case.of_state:
        return
    agents = sum((s.value for r in case.running for s in r.subs if s.agents), Fraction(0))
    relief = case.convention.relief
    bounds = (
        ("FLUX-PREF-MAX", "FX8113", "La part du préfet", case.total, relief.share if relief else None),
        ("FLUX-PREF-AGENTS", "FX8114", "La part des agents de l'État", agents, relief.agents if relief else None),
    )
    for rule_id, code, what, share, allowed in bounds:
        rule = case.law.get(rule_id)
        if rule is None or share is None or under(rule, share, ONE):
            continue
        place = case.running[0].share.place if case.running else case.place
        if code == "FX8114":
            place = next((s.place for r in case.running for s in r.subs if s.agents), place)
        most = percent(rule.share())
        if (
            relief is not None
            and _valid(case, relief)
            and relief.since <= case.day <= relief.until
            and (allowed is None or share <= allowed)
        ):
            yield Found(rule_id, "FX8115", f"{what} est de {percent(share)}, au-delà de {most} ; levé jusqu'au {show_date(relief.until)} par l'arrêté « {relief.act} ».",
                        relief.place, f"Revenez à {most} au plus à la fin de l'arrêté.", most=Severity.AVERTISSEMENT, also=("FLUX-PREF-DEROG",))  # fmt: skip
            continue
        yield Found(rule_id, code, f"{what} est de {percent(share)} du flux : le plafond est de {most}, et une convention qui le dépasse est nulle de plein droit.",
                    place, f"Ramenez-la à {most} du flux au plus.", also=("FLUX-NULLITY",))  # fmt: skip


def check_relief(case: Case) -> Iterator[Found]:
    """A listed reason, and a year at most: the last day of a year is the eve of its anniversary."""
    rule, relief = case.law.get("FLUX-PREF-DEROG"), case.convention.relief
    if rule is None or relief is None:
        return
    if not case.of_state:
        yield Found(
            rule.id,
            "FX8115",
            "Un arrêté du préfet ne lève que les plafonds de l'État.",
            relief.place,
            "Retirez « dérogation préfectorale ».",
        )
        return
    if relief.reason not in rule.words("motifs"):
        yield Found(rule.id, "FX8115", f"Le motif de la dérogation (« {relief.reason} ») n'est pas un de ceux que l'article permet.", relief.place,
                    f"Motifs possibles : {', '.join(rule.words('motifs'))}.")  # fmt: skip
    if _too_long(rule, relief):
        yield Found(rule.id, "FX8115", f"La dérogation va du {show_date(relief.since)} au {show_date(relief.until)} : c'est plus de {rule.parameters['durée au plus']}.",
                    relief.place, "Faites-la finir au plus tard la veille de son anniversaire.")  # fmt: skip


def check_target(case: Case) -> Iterator[Found]:
    """Advice: prefects are asked to come close to the ceiling."""
    rule = case.law.get("FLUX-PREF-TARGET")
    if rule is None or not case.of_state or case.total is None or case.convention.regime == "stock":
        return
    if case.total < rule.share():
        yield Found(rule.id, "FX8118", f"La part du préfet est de {percent(case.total)} : il lui est demandé de s'approcher de {percent(rule.share())}.",
                    case.running[0].share.place if case.running else case.place, "Écrivez pourquoi la part est plus basse.")  # fmt: skip


def _valid(case: Case, relief: Relief) -> bool:
    rule = case.law.get("FLUX-PREF-DEROG")
    return rule is not None and relief.reason in rule.words("motifs") and not _too_long(rule, relief)


def _too_long(rule: Rule, relief: Relief) -> bool:
    return relief.until >= after(rule, "durée au plus", relief.since)
