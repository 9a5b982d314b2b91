"""A right in return for a guarantee lasts five years after the loan was repaid in full (TRAP-13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.language.numbers import show_date
from fluxrules.law.case import Found
from fluxrules.law.flux.case import GUARANTEE, Case, after
from fluxrules.model.flux.values import LOCAL, Reservation
from fluxrules.text.near import fold


def check_endings(case: Case) -> Iterator[Found]:
    """Rights whose written end comes too early. For a département or a région the text names nobody: a warning."""
    rule = case.law.get("FLUX-COLL-5Y")
    if rule is None or case.kind not in LOCAL:
        return
    named = {fold(g) for g in rule.words("garants")}
    most = Severity.ERREUR if fold(case.kind) in named else Severity.AVERTISSEMENT
    for right in case.terms.reservations:
        if right.counterpart != GUARANTEE or right.until is None:
            continue
        repaid, running = _repaid(case, right)
        if repaid is not None and right.until < (least := after(rule, "durée", repaid)):
            yield Found(rule.id, "FX8133", f"« {right.name} » finit le {show_date(right.until)} : l'emprunt remboursé le {show_date(repaid)} la prolonge jusqu'au {show_date(least)}.",
                        right.place, f"Écrivez « au: {show_date(least)} », ou retirez « au » : la fin se calcule.", most=most)  # fmt: skip
        elif running and right.until < (least := after(rule, "durée", case.context.day)):
            yield Found(rule.id, "FX8133", f"« {right.name} » finit le {show_date(right.until)}, alors que l'emprunt court encore : le droit dure au moins jusqu'au {show_date(least)}.",
                        right.place, "Retirez « au » : la fin se calcule d'après le remboursement.", most=most)  # fmt: skip


def _repaid(case: Case, right: Reservation) -> tuple[date | None, bool]:
    """The day on which all the loans of a right were repaid, and whether one of them still runs. A loan that no table has says neither."""
    if right.repaid is not None:
        return right.repaid, False
    known = case.context.repaid
    days = [known[loan] for loan in right.loans if loan in known]
    if any(d is None for d in days):
        return None, True
    done = [d for d in days if d is not None]
    return (max(done), False) if done and len(done) == len(right.loans) else (None, False)
