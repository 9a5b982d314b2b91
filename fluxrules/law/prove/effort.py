"""What bounds a proof: how many rows a household has, and how many steps the solver may take. Part of a certificate's key."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

# How many rows of each entity a household has at most, for proofs; any other entity has four.
SIZES: Mapping[str, int] = {"membre": 6, "événement": 4, "choix": 2}
LIMITS = "Ménages considérés : 6 personnes au plus, 4 événements, 2 localisations ; chaque renseignement peut manquer."
MOST_EFFORT = 20_000_000


def solver_version() -> str:
    """Read without loading the solver, which costs more than a certificate saves."""
    try:
        return version("z3-solver")
    except PackageNotFoundError:
        return "absent"
