"""DISC-PROXY: a criterion whose words hide a forbidden one. A list of words to look at, never a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fluxrules.law.case import Case, Found
from fluxrules.text.near import fold


def check_proxies(case: Case) -> Iterator[Found]:
    """Names, labels and documents of the criteria."""
    rule = case.law.get("DISC-PROXY")
    if rule is None or not rule.words("mots"):
        return
    words = {fold(w): w for w in rule.words("mots")}
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b")
    for placed in case.lines:
        found = pattern.search(placed.words)
        if found is not None:
            yield Found("DISC-PROXY", "FX7023", f"« {placed.name} » parle de « {words[found[1]]} », qui peut cacher un motif interdit.", placed.where,
                        "Dites autrement ce que le critère mesure, ou retirez-le.", also=("DISC-BLACK",))  # fmt: skip
