"""``fluxrules loi`` on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def loi(*words: str) -> str:
    done = subprocess.run([sys.executable, "cli.py", "loi", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_as_text_and_as_json_on_a_day() -> None:
    assert "P_ASE" in loi("--date", "01/09/2026") and "P_ASE" not in loi("--date", "01/01/2020")
    read = json.loads(loi("--date", "01/09/2026", "--format", "json"))
    rule = next(r for r in read["règles"] if r["id"] == "FLUX-PREF-MAX")
    assert (rule["paramètres"]["part"], rule["effet"], rule["du"]) == ("3/10", "bloque", "2020-02-22")
