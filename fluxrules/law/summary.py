"""The verdict in a few sentences that an elected member can read."""

from __future__ import annotations

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.law.case import WHOLE
from fluxrules.law.confidence import READ
from fluxrules.law.judge import Verdict
from fluxrules.law.prove.verdict import Verdict as Proof


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
        beyond = ", hors ce qu'une dérogation lève" if verdict.lifted else ""
        out.append(f"Au regard du droit : rien de contraire n'a été trouvé{beyond}, sur {len(asked)} règles regardées.")
    out += [f"Levé par dérogation : {d.said}." for d in verdict.lifted]
    warned, advised = (sum(d.severity is s for d in found) for s in (Severity.AVERTISSEMENT, Severity.CONSEIL))
    warned -= verdict.eased
    if warned or advised:
        parts = [_several(n, word) for n, word in ((warned, "avertissement"), (advised, "conseil")) if n]
        out.append(f"À regarder, sans obligation de droit établie : {', '.join(parts)}.")
    out += _priorities(verdict) + _proofs(verdict)
    unread = sum(r.confidence != READ and r.verified is None for r in asked)
    out.append(f"Ce n'est pas un avis juridique : {unread} de ces règles n'ont pas été relues dans le texte en vigueur (fluxrules loi).")  # fmt: skip
    return out


def _priorities(verdict: Verdict) -> list[str]:
    """The priorities whose line is proved to pay, by ranges or by the proofs beside the grid."""
    covered, proofs = verdict.covered, verdict.proofs
    every = len(verdict.law.priorities)
    if covered is None or not covered.proved + covered.left:
        return []
    solved = proofs is not None and bool(proofs.cover) and all(f.verdict is Proof.PROVED for f in proofs.cover)
    left = () if solved else covered.left
    proved = len(covered.proved + covered.left) - len(left)
    said = f"Priorités légales dont il est prouvé qu'elles rapportent des points, même seules : {proved} sur {every}."
    return [said, *(f"  – pas prouvé : {r.category or r.id}" for r in left)]


def _proofs(verdict: Verdict) -> list[str]:
    """What « fluxrules prove » found of this very grid."""
    proofs, order = verdict.proofs, f"fluxrules prove {verdict.grid.source.name}"
    if proofs is None:
        return [f"Preuves pour tous les ménages possibles : pas encore faites ({order})."]
    if proofs.stale:
        return [
            f"Preuves pour tous les ménages possibles : {_several(len(proofs.stale), 'propriété')} à prouver, ou à prouver de nouveau ({order})."
        ]
    refuted = [f for f in proofs.findings if f.verdict is Proof.REFUTED]
    advised = sum(f.weight == "conseil" for f in refuted)
    open_ = proofs.count(Proof.UNDECIDED)
    out = f"Preuves pour tous les ménages possibles : {_several(proofs.count(Proof.PROVED), 'propriété', 'prouvée')}"
    out += f", {_several(open_, 'indécidée')}" if open_ else ""
    out += f", {_several(advised, 'conseil')} à lire ({order})." if advised else "."
    warned = [f for f in refuted if f.weight == "avertissement" and f.kind != "couverture"]
    return [out, *(f"  – réfuté : {f.sentence.removeprefix('Faux : ')}" for f in warned)]


def _several(count: int, *words: str) -> str:
    """« 1 propriété prouvée », « 2 propriétés prouvées »."""
    return " ".join([str(count), *(f"{w}s" if count > 1 else w for w in words)])
