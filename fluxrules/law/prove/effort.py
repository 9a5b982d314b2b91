"""What bounds a proof (rows of a household, steps of the solver), and where a certificate is: known without loading the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

# How many rows of each entity a household has at most, for proofs; any other entity has four.
SIZES: Mapping[str, int] = {"membre": 6, "événement": 4, "choix": 2}
LIMITS = "Ménages considérés : 6 personnes au plus, 4 événements, 2 localisations ; chaque renseignement peut manquer."
MOST_EFFORT = 20_000_000


def solver_version() -> str:
    """Read without loading the solver, which costs more than a certificate saves."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("z3-solver")
    except PackageNotFoundError:
        return "absent"


def certificate_of(grid: Path) -> Path:
    """The certificate of a rule file is beside it."""
    return grid.with_name(f"{grid.stem}.preuves.json")
