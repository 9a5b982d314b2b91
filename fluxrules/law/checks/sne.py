"""SNE-LIBRARY: how many criteria of its own a grid has, when it is run in the module of the SNE."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.document.nodes import Scalar
from fluxrules.law.case import Case, Found


def check_sne(case: Case) -> Iterator[Found]:
    """As far as known: the official list of the 54 was not found, a criterion of a library is taken for national."""
    rule = case.law.get("SNE-LIBRARY")
    if rule is None or not case.whole:
        return
    own = [p for p in case.lines if not isinstance(p.node, Scalar)]
    most = int(rule.share("critères locaux"))
    if len(own) > most:
        yield Found(rule.id, "FX7038", f"La grille écrit elle-même {len(own)} critères ; le module de cotation du SNE en permet {most} de locaux.",
                    own[most].where, "Prenez dans la bibliothèque ceux qui y sont, ou prévoyez un outil relié au SNE.")  # fmt: skip
