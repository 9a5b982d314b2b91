"""The vocabulary of dwellings and of a year of flux: another one than that of demandes, so that no grid reads a dwelling."""

from __future__ import annotations

from functools import cache

from fluxrules.text.resources import resource
from fluxrules.vocabulary.fields import Vocabulary
from fluxrules.vocabulary.load import load_vocabulary

PRINCIPAL = "logement"


@cache
def flux_vocabulary() -> Vocabulary:
    """Read once: its files do not change while a process runs."""
    return load_vocabulary(sorted(resource("rulesets/vocabulaire-flux").glob("*.yaml")), principal=PRINCIPAL)
