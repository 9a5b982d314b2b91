"""Writes one grid of forty criteria for each of the N most populated territories, each with weights of its own.

``python tests/benchmarks/many_grids.py N FOLDER``; with N = 1, one grid shared by all territories.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fluxrules.vocabulary.territoires import load_territoires  # noqa: E402


def write(count: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = (Path(__file__).parent / "grille-40.yaml").read_text("utf-8")
    ranked = load_territoires().sort("population", descending=True)["territoire"].to_list()
    where = [ranked] if count == 1 else [[t] for t in ranked[:count]]
    for i, territories in enumerate(where):
        shifted = re.sub(r"points: (\d+)\}", lambda m, i=i: f"points: {int(m[1]) + i % 7}}}", text)  # type: ignore[misc]
        named = ", ".join(f'"{t}"' for t in territories)
        head = f"nature: projet\nterritoire: {{epci: [{named}]}}\nen vigueur: {{du: 01/01/2024, au: 31/12/2030}}\n"
        body = shifted.replace("nature: fragment\n", head).replace("cotation: banc-40", f"cotation: banc-40-{i:04}")
        (folder / f"grille-{i:04}.yaml").write_text(body, "utf-8")


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
