"""docs/flux.md does what it prints."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.tour import ROOT, tour


def test_the_guide_runs_as_printed(tmp_path: Path) -> None:
    assert tour(tmp_path, Path(sys.executable).parent, ROOT / "docs/flux.md") == []
