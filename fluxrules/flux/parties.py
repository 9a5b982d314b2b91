"""Who takes part in a flux beside the réservataires: the bailleur, and the préfet for those who have no convention."""

from __future__ import annotations

from fluxrules.model.flux.values import Convention

BAILLEUR, DEFAULT = "bailleur", "prefet-defaut"
DEFAULT_NAME = "Préfet, à défaut de convention"


def exercised_by(convention: Convention) -> str:
    """The code of who exercises the rights of a convention: without both signatures, the préfet, apart from his own share (TRAP-06)."""
    return convention.reservataire.code if convention.fully_signed else DEFAULT
