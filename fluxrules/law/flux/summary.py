"""The verdict on a dossier, in a few sentences that an officer reads before signing."""

from __future__ import annotations

from collections.abc import Sequence

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.law.confidence import READ
from fluxrules.law.flux.judge import FluxVerdict

MOST = 10
"""Refusals listed one by one; beyond, they are counted: the findings above have them all."""


def sentences(verdicts: Sequence[FluxVerdict], conventions: int) -> list[str]:
    """What is refused, what is to look at, what goes to the prefect by default, and what it is worth. ``conventions``: how many were read."""
    out: list[str] = []
    refused = [(name, v.law.rules[rule]) for v in verdicts for name, rule in v.refused if rule in v.law.rules]
    law = verdicts[0].law
    asked = [
        r for r in law.rules.values() if r.severity is not None and any(c.startswith("FX81") for c in r.checked_by)
    ]
    if refused:
        names = dict.fromkeys(name for name, _ in refused)
        plural = "s" if len(names) > 1 else ""
        out.append(f"Au regard du droit : {len(names)} convention{plural} en vigueur refusée{plural}.")
        out += [f"  – « {name} » : {rule.sentence} ({rule.article} ; {rule.id})" for name, rule in refused[:MOST]]
        if len(refused) > MOST:
            out.append(f"  – et {len(refused) - MOST} autres, dites plus haut.")
    elif not conventions:
        out.append("Au regard du droit : aucune convention n'a pu être regardée.")
    else:
        out.append(
            f"Au regard du droit : rien de contraire n'a été trouvé dans les conventions en vigueur, sur {len(asked)} règles regardées."
        )
    found = [d for v in verdicts for d in v.diagnostics]
    counts = [
        (sum(d.severity is s for d in found), word)
        for s, word in ((Severity.AVERTISSEMENT, "avertissement"), (Severity.CONSEIL, "conseil"))
    ]
    parts = [f"{n} {word}{'s' if n > 1 else ''}" for n, word in counts if n]
    if parts:
        out.append(f"À regarder, sans obligation de droit établie : {', '.join(parts)}.")
    holders = [b for v in verdicts for b in v.by_default]
    if holders:
        out.append(
            f"Exercé par le préfet à défaut de convention, hors de son plafond : les droits de {len(holders)} réservataire{'s' if len(holders) > 1 else ''}."
        )
    unread = sum(r.confidence != READ and r.verified is None for r in asked)
    out.append(
        f"Ce n'est pas un avis juridique : {unread} de ces règles n'ont pas été relues dans le texte en vigueur (fluxrules loi)."
    )
    return out
