"""Lines that serve an orientation: essential workers name the objective of the CIA, and an orientation names a document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.law.case import Case, Found
from fluxrules.text.near import fold


def check_orientation(case: Case) -> Iterator[Found]:
    """The documents themselves are not read yet: only their names are looked for."""
    essential, documents = case.law.get("ATTR-ESSENTIAL"), case.law.get("ATTR-CIA")
    for placed in case.lines:
        said = placed.written("orientation")
        if (
            essential
            and case.whole
            and not said
            and case.fields(placed.line) & set(essential.words("champs"))
            and placed.high > 0
        ):
            yield Found(essential.id, "FX7028", f"« {placed.name} » ne dit pas quel objectif de la CIA il sert.", placed.where,
                        "Ajoutez « orientation: CIA, objectif … ».")  # fmt: skip
        if (
            documents
            and said
            and not any(re.search(rf"\b{fold(d)}\b", fold(said.text)) for d in documents.words("documents"))
        ):
            known = ", ".join(documents.words("documents"))
            yield Found(documents.id, "FX7029", f"L'orientation « {said.text} » ne nomme aucun document connu.", said.span,
                        f"Nommez le document qui la fixe : {known}.", most=Severity.CONSEIL)  # fmt: skip
