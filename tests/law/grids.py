"""A grid that nothing is said against, and variations of it."""

from __future__ import annotations

from datetime import date

from fluxrules.law.check import Judged, check_source
from fluxrules.law.load import standard_code
from fluxrules.law.rules import Code
from fluxrules.model.library import legal_categories
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

DAY = date(2026, 9, 1)
HEAD = """langage: 1
cotation: grille
nature: {nature}
territoire: {{epci: "{epci}"}}
délibération: {{numéro: "2023-112", date: 14/12/2023}}
PPGDID: {{adopté le: 14/12/2023}}
en vigueur: {{du: 01/01/2024, au: 31/12/2029}}
s'appuie sur: [bibliothèque/priorités-légales]
"""
TAIL = """refus d'un logement adapté: sans effet
ex æquo: la demande la plus ancienne d'abord
information: {service d'accueil: maison de l'habitat}
évaluation: {fréquence: annuelle, indicateurs: [délai moyen]}
"""


def text(
    more: str = "", *, line: str = "", without: str = "", nature: str = "projet", epci: str = "200067213",
    change: tuple[str, str] = ("", ""),
) -> str:  # fmt: skip
    """The grid with ``more`` at its head, one more ``line``, a priority or a key of the head left out."""
    names = [c.name for c in legal_categories().values() if c.name != without]
    weights = "".join(f"        {name}: {200 if name == 'DALO' else 100}\n" for name in names)
    note = f"note:\n  retenir: la somme\n  critères:\n    priorités de la loi:\n      retenir: le plus élevé\n      critères:\n{weights}"
    note += f"    {line}\n" if line else ""
    head = HEAD.format(nature=nature, epci=epci)
    whole = head + (more + "\n" if more else "") + note + TAIL
    kept = [x for x in whole.splitlines() if not without or not x.startswith(f"{without}:")]
    return ("\n".join(kept) + "\n").replace(*change) if change[0] else "\n".join(kept) + "\n"


def grid(
    more: str = "", *, code: Code | None = None, day: date = DAY, name: str = "g.yaml", **changes: object
) -> Judged:
    """The grid, checked."""
    source = Source(name, text(more, **changes))  # type: ignore[arg-type]
    return check_source(source, standard_vocabulary(), day, code or standard_code())


def codes(judged: Judged) -> set[str]:
    """The codes found, legal or not."""
    return {d.code for d in judged.diagnostics}
