"""Documents whose territory nobody knows: in no commune, their shares would be added to nothing, without a word."""

from __future__ import annotations

from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.territory import unknown_codes
from fluxrules.model.flux.folder import Dossier
from fluxrules.model.flux.values import Convention
from fluxrules.model.flux.year import FluxYear


def report_unknown_places(dossier: Dossier, bag: Bag) -> None:
    """Each document with a code that the referential of communes does not hold."""
    documents: list[Convention | FluxYear] = [*dossier.conventions, *dossier.years]
    for document in documents:
        missing = unknown_codes(document.scale)
        if missing:
            bag.add("FX8010", f"Le territoire « {missing[0]} » n'est pas connu : « {document.name} » ne compterait nulle part.", document.scale.place,
                    "Vérifiez le code INSEE ou le SIREN ; une commune fusionnée a pris un autre code.")  # fmt: skip
