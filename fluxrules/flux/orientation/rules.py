"""The rules that come before the flux, and what a convention says of a dwelling that comes back. Shared by both implementations."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fluxrules.flux.orientation.lines import OWN, Key, Line
from fluxrules.flux.orientation.values import Decision, Freed
from fluxrules.flux.parties import BAILLEUR

STOCK, OUTSIDE, DELIVERY, EXCLUDED = (
    "logement en stock",
    "usage hors du flux",
    "première location à part",
    "livraison exclue",
)
GREATEST, ALONE = "plus grand retard", "seul éligible"
BACK = "après retour : "
LATE, MAYOR, PREFET, ONCE, KEPT = "autre réservataire en retard", "maire", "préfet", "bailleur pour un tour", "bailleur"


def before_flux(f: Freed, deliveries: str) -> Decision | None:
    """Stock, use outside the flux, delivery; ``None`` for a dwelling of the flux. A stock convention gets its dwelling back in stock; a
    mixed one leaves it to the flux once it was sent back."""
    if f.named is not None and f.named not in f.back:
        return Decision(f.release, "STOCK", f.named, None, STOCK)
    if f.named is not None and not f.mixed:
        return Decision(f.release, "REPRISE", BAILLEUR, None, BACK + ONCE)
    if f.outside is not None:
        return Decision(f.release, "HORS_FLUX", None, None, OUTSIDE)
    if f.cause == "LIVRAISON" and deliveries != "incluses":
        return Decision(f.release, "LIVRAISON", None, None, DELIVERY if deliveries == "à part" else EXCLUDED)
    return None


def first_in_flux(f: Freed) -> bool:
    """Whether a dwelling comes into the flux now: one that came back was counted in it already, unless it came back from its stock."""
    return not f.back or f.back == (f.named,)


def after_return(f: Freed, lines: Sequence[Line], ranked: Sequence[Key], late: Collection[Key]) -> tuple[Key, str, str]:
    """Who takes a dwelling that came back, the act and the rule. ``ranked``: those who may take it, the greatest claim first, the bailleur in;
    ``late``: those to whom something is owed.

    A convention that says nothing leaves it to the greatest claim among the others.
    """
    kinds = {line.key: line for line in lines}
    others = [k for k in ranked if k[0] not in f.back]
    for step in f.chain:
        if step == LATE and (key := next((k for k in others if k != OWN and k in late), None)) is not None:
            return key, "ORIENTATION", BACK + step
        if (
            step == MAYOR
            and (key := next((k for k in others if k != OWN and kinds[k].kind == "commune"), None)) is not None
        ):
            return key, "ORIENTATION", BACK + step
        if (
            step == PREFET
            and (key := next((k for k in others if k != OWN and kinds[k].kind == "état"), None)) is not None
        ):
            return key, "ORIENTATION", BACK + step
        if step in (ONCE, KEPT):
            return OWN, "REPRISE" if step == ONCE else "ORIENTATION", BACK + step
    if f.chain or not others:
        return OWN, "REPRISE", BACK + ONCE
    return others[0], "ORIENTATION", BACK + GREATEST
