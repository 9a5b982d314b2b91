"""`make demo`: the main job, from a population to an explained note. Says where the files are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "demo"
GRID = Path("rulesets/exemples/metropole-exemple.yaml")
DAY = "01/09/2026"


def run(*words: str | Path) -> None:
    """Run a verb, shown as a person would type it."""
    print("$ fluxrules " + " ".join(str(w) for w in words), flush=True)
    subprocess.run([sys.executable, "cli.py", *map(str, words)], cwd=ROOT, check=True)
    print(flush=True)


def main() -> None:
    """Population, check, score, explain."""
    if OUT.exists():
        shutil.rmtree(OUT)
    run(
        "population",
        "--demandes",
        "2000",
        "--seed",
        "1",
        "--epci",
        "200067213",
        "--date",
        DAY,
        "--sortie",
        "demo/demandes",
    )
    run("check", GRID)
    run("score", GRID, "--donnees", "demo/demandes", "--date", DAY, "--sortie", "demo/resultats")
    results = pl.read_parquet(OUT / "resultats" / "resultats.parquet").sort(
        "note", "numero_unique", descending=[True, False]
    )
    number = results["numero_unique"][3]
    run("explain", GRID, "--donnees", "demo/demandes", "--demande", number, "--date", DAY)
    print("Fichiers : demo/demandes (population synthétique), demo/resultats (notes, positions, rejets, reçu).")


if __name__ == "__main__":
    main()
