"""The verdict in a few sentences that an elected member can read."""

from __future__ import annotations

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.law.case import WHOLE
from fluxrules.law.confidence import READ
from fluxrules.law.judge import Verdict


def sentences(verdict: Verdict) -> list[str]:
    """What is refused, what is lifted, what is advised, and what it is worth."""
    nature = verdict.grid.header.nature
    if nature not in WHOLE:
        return [f"Au regard du droit : {nature}, seules les lignes écrites ont été regardées, et rien n'est refusé."]
    out: list[str] = []
    law, found = verdict.law, verdict.diagnostics
    asked = [r for r in law.rules.values() if r.severity is not None and any(c.startswith("FX7") for c in r.checked_by)]
    if verdict.refused:
        out.append("Au regard du droit : refusée, car la grille ne respecte pas ceci :")
        out += [f"  – {r.sentence} ({r.article} ; {r.id})" for i in verdict.refused for r in (law.rules[i],)]
        if nature == "en vigueur":
            out.append("Une grille en vigueur ainsi refusée ne note aucune demande (fluxrules score).")
    else:
        out.append(f"Au regard du droit : rien de contraire n'a été trouvé, sur {len(asked)} règles regardées.")
    out += [f"Levé par dérogation : {d.said}." for d in verdict.lifted]
    warned, advised = (sum(d.severity is s for d in found) for s in (Severity.AVERTISSEMENT, Severity.CONSEIL))
    if warned or advised:
        parts = [
            f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((warned, "avertissement"), (advised, "conseil")) if n
        ]
        out.append(f"À regarder, sans obligation de droit établie : {', '.join(parts)}.")
    unread = sum(r.confidence != READ and r.verified is None for r in asked)
    out.append(f"Ce n'est pas un avis juridique : {unread} de ces règles n'ont pas été relues dans le texte en vigueur (fluxrules loi).")  # fmt: skip
    return out
