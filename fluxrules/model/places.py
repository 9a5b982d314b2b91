"""A commune named in a rule or in an example: a code that exists, since a name or a wrong code would never be true."""

from __future__ import annotations

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.text.source import Span
from fluxrules.vocabulary.territoires import communes_nommees, is_commune

MOST_SHOWN = 5


def read_commune(bag: Bag, written: str, span: Span, code: str) -> str | None:
    """The INSEE code as written, or ``None`` with a diagnostic of this ``code``."""
    if is_commune(written):
        return written
    same = communes_nommees(written)
    if len(same) == 1:
        remedy = f"Écrivez son code : « {same[0]} »."
    elif same:
        shown = " ; ".join(f"« {c} »" for c in same[:MOST_SHOWN]) + (" ; …" if len(same) > MOST_SHOWN else "")
        remedy = f"Plusieurs communes portent ce nom ; écrivez le code de la vôtre : {shown}."
    else:
        remedy = "Écrivez le code de la commune à l'Insee, en cinq caractères : « 51454 » pour Reims."
    bag.add(code, f"« {written} » n'est pas le code d'une commune.", span, remedy)
    return None
