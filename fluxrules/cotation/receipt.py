"""The receipt of a run: what was run on what, so that anyone can run it again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fluxrules.model.grid import Grid
from fluxrules.text.resources import resource, shown


def engine_version() -> str:
    try:
        return version("fluxrules")
    except PackageNotFoundError:
        return "inconnue"


def vocabulary_hash() -> str:
    """The hash of the vocabulary and derived fields that travel with this version."""
    digest = hashlib.sha256()
    for folder in ("vocabulaire", "dérivés", "bibliothèque"):
        for path in sorted(resource(f"rulesets/{folder}").glob("*.yaml")):
            digest.update(shown(path.name).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def data_hashes(path: Path) -> dict[str, str]:
    """The hash of each data file, by name."""
    files = (
        sorted(p for p in path.iterdir() if p.suffix in (".parquet", ".csv", ".xml") and p.is_file())
        if path.is_dir()
        else [path]
    )
    return {shown(p.name): _hash(p) for p in files}


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def receipt(grids: Sequence[Grid], data: Path, reference: date, counts: dict[str, int]) -> dict[str, Any]:
    """What `recu.json` holds."""
    return {
        "fluxrules": engine_version(),
        "date de référence": reference.isoformat(),
        "grilles": [
            {
                "nom": g.header.name,
                "nature": g.header.nature,
                "territoires": list(g.header.territories),
                "empreinte": g.hash,
            }
            for g in grids
        ],
        "vocabulaire": vocabulary_hash(),
        "données": data_hashes(data),
        "comptes": counts,
    }
