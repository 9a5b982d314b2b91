"""The receipt of a run: what was run on what, so that anyone can run it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from fluxrules.data.run_folder import RECEIPT
from fluxrules.law.judge import lifted_by
from fluxrules.model.grid import Grid
from fluxrules.text.resources import resource, shown


def engine_version() -> str:
    try:
        return version("fluxrules")
    except PackageNotFoundError:
        return "inconnue"


def libraries() -> dict[str, str]:
    """What computes and writes: another version may lay out the same rows in other bytes."""
    return {"polars": pl.__version__, "numpy": np.__version__}


def vocabulary_hash() -> str:
    """The hash of the vocabulary, derived fields, library and published tables that travel with this version."""
    digest = hashlib.sha256()
    for folder in ("vocabulaire", "dérivés", "bibliothèque", "référentiels"):
        for path in sorted(resource(f"rulesets/{folder}").glob("*.*")):
            if path.suffix in (".yaml", ".csv"):
                digest.update(shown(path.name).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def law_hash() -> str:
    """The hash of the rules of law that travel with this version."""
    digest = hashlib.sha256()
    for path in sorted(resource("rulesets/loi").glob("*.yaml")):
        digest.update(shown(path.name).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def data_hashes(path: Path) -> dict[str, str]:
    """The hash of each data file, by name."""
    if not path.is_dir():
        return {shown(path.name): _hash(path)}
    files = [p for p in _inside(path) if p.suffix.lower() in _DATA]
    return {shown(p.relative_to(path).as_posix()): _hash(p) for p in files}


def _inside(path: Path) -> list[Path]:
    """The files of a folder of data, without those of results that stand in it, finished or not."""
    found = sorted(p for p in path.rglob("*") if p.is_file())
    results = {p.parent for p in found if p.name == RECEIPT}
    inside = ((p, p.relative_to(path)) for p in found if results.isdisjoint(p.parents))
    return [p for p, name in inside if not any(part.startswith(".") for part in name.parts)]


def all_hashes(paths: Sequence[Path]) -> dict[str, str]:
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


def output_hashes(folder: Path) -> dict[str, str]:
    """The hash of each table of a run, by name."""
    return {p.relative_to(folder).as_posix(): _hash(p) for p in sorted(folder.rglob("*")) if p.suffix.lower() in _DATA}


def _text_hash(grid: Grid) -> str:
    """Of all that is written, the names of lines too, which are those of columns."""
    return hashlib.sha256(grid.source.text.encode("utf-8", "surrogatepass")).hexdigest()


def signature(
    grids: Sequence[Grid], data: Sequence[Path], reference: date, options: Mapping[str, Any]
) -> dict[str, Any]:
    """What a run depends on, told without reading the data: files by size and time. Work left by a run of the same is taken up."""
    files = [f for p in data for f in (_inside(p) if p.is_dir() else [p]) if f.is_file()]
    return {
        "fluxrules": engine_version(),
        "moteur": libraries(),
        "vocabulaire": vocabulary_hash(),
        "date de référence": reference.isoformat(),
        "grilles": [[g.header.name, list(g.header.territories), g.hash, _text_hash(g)] for g in grids],
        "fichiers": [[shown(f.resolve()), f.stat().st_size, f.stat().st_mtime_ns] for f in files],
        "options": dict(options),
    }


def receipt(
    grids: Sequence[Grid], data: Mapping[str, str], reference: date, counts: Mapping[str, int], outputs: Mapping[str, str],
    options: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """What ``recu.json`` holds: ``data`` and ``outputs`` are hashes by file."""
    return {
        "fluxrules": engine_version(),
        "moteur": libraries(),
        "date de référence": reference.isoformat(),
        "grilles": [
            {
                "nom": g.header.name,
                "nature": g.header.nature,
                "territoires": list(g.header.territories),
                "empreinte": g.hash,
                "délibération": g.header.deliberation,
                "dérogations": [d.said for d in lifted_by(g, reference)],
            }
            for g in grids
        ],
        "vocabulaire": vocabulary_hash(),
        "droit": law_hash(),
        "données": dict(data),
        "comptes": dict(counts),
        "options": dict(options),
        "sorties": dict(outputs),
    }
