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
    if not path.is_dir():
        return {shown(path.name): _hash(path)}
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in _DATA and p.is_file())
    return {shown(p.relative_to(path).as_posix()): _hash(p) for p in files}


def _all_hashes(paths: Sequence[Path]) -> dict[str, str]:
    """The hashes of every source; a name that two of them use is told apart by its folder."""
    found: dict[str, str] = {}
    for path in paths:
        for name, mark in data_hashes(path).items():
            found[name if name not in found else shown(path / name if path.is_dir() else path)] = mark
    return found


_DATA = (".parquet", ".csv", ".txt", ".tsv", ".xlsx", ".xml")


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def receipt(grids: Sequence[Grid], data: Sequence[Path], reference: date, counts: dict[str, int]) -> dict[str, Any]:
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
        "données": _all_hashes(data),
        "comptes": counts,
    }
