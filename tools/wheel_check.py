"""Builds the wheel, installs it in an empty environment, and runs the README's tour from another folder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Exit code 1 when the wheel lacks a file or the tour differs."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(base), str(ROOT)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        wheel = next(base.glob("*.whl"))
        names = zipfile.ZipFile(wheel).namelist()
        for part in (
            "_resources/grammar/expression.lark",
            "_resources/grammar/expression.json",
            "_resources/rulesets/vocabulaire/demande.yaml",
            "diagnostics/pages/4_grille.yaml",
        ):
            if f"fluxrules/{part}" not in names:
                sys.exit(f"the wheel lacks {part}")
        venv.create(base / "env", with_pip=True)
        python = base / "env" / "bin" / "python"
        pins = ROOT / "requirements-dev.txt"
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", pins, wheel], check=True
        )
        elsewhere = base / "ailleurs"
        elsewhere.mkdir()
        code = subprocess.run(
            [sys.executable, ROOT / "tools" / "tour.py", elsewhere, base / "env" / "bin"], check=False
        ).returncode
        sys.exit(code)


if __name__ == "__main__":
    main()
