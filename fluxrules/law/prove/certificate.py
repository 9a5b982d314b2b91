"""What was proved of a grid, kept beside it: the same grid, vocabulary, properties and engine are never proved twice."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fluxrules.ir.serial import to_json
from fluxrules.law.prove.effort import MOST_EFFORT, SIZES, solver_version
from fluxrules.law.prove.example import base_names
from fluxrules.law.prove.properties import Property
from fluxrules.law.prove.specialise import by_the_day, specialise
from fluxrules.law.prove.verdict import Finding
from fluxrules.model.grid import Grid
from fluxrules.text.resources import resource, shown

_CODE = ("law/prove", "ir", "engines/interpreter")
_READ = ("vocabulaire", "dérivés", "bibliothèque", "référentiels", "loi")


def usual_day(grid: Grid, today: date | None = None) -> date:
    """The first of this month, brought inside the time when the grid applies: a day of which every count of months has its date."""
    header, day = grid.header, (today or date.today()).replace(day=1)
    if header.since is not None and day < header.since:
        day = header.since
    return header.until if header.until is not None and day > header.until else day


def about(grid: Grid, day: date) -> str:
    """Everything of a grid that a proof on a day depends on. The day counts only where dates are compared to the day."""
    program = specialise(grid.program, day)
    held = "" if not by_the_day(program, day) and day.day <= 28 else day.isoformat()
    parts = [to_json(program), held, str(grid.header.since), str(grid.header.until), *base_names(grid)]
    return "\0".join([*parts, *(str(k.said) for k in grid.program.ties)])


def key(p: Property, *grids: str) -> str:
    """The hash of what the findings of a property depend on: the engine, the property, and the grids that it is about."""
    parts = [_engine(), json.dumps(asdict(p), default=_scalar, sort_keys=True), *grids]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _scalar(value: Any) -> str:
    return str(getattr(value, "text", value))


@cache
def _engine() -> str:
    """The hash of the engine, of the solver and of the rule sets that travel with them."""
    digest = hashlib.sha256()
    try:
        own = version("fluxrules")
    except PackageNotFoundError:
        own = "inconnue"
    digest.update(f"{own} {solver_version()} {sorted(SIZES.items())} {MOST_EFFORT}".encode())
    package = Path(__file__).resolve().parents[2]
    files = [
        *(package / "law" / x for x in ("coverage.py", "marginal.py")),
        *(x for part in _CODE for x in sorted((package / part).rglob("*.py"))),
    ]
    for folder in _READ:
        files += sorted(x for x in resource(f"rulesets/{folder}").glob("*.*") if x.suffix in (".yaml", ".csv"))
    for path in files:
        digest.update(shown(path.name).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass
class Certificate:
    """Findings by property and key; a file that cannot be read is one that says nothing."""

    path: Path
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: bool = False

    @staticmethod
    def read(path: Path) -> Certificate:
        try:
            raw = json.loads(path.read_text("utf-8"))
            entries = raw["propriétés"]
            good = isinstance(entries, dict) and all(isinstance(e, dict) for e in entries.values())
            return Certificate(path, entries if good else {})
        except (OSError, ValueError, KeyError, TypeError):
            return Certificate(path)

    def get(self, name: str, key: str) -> tuple[Finding, ...] | None:
        held: Mapping[str, Any] = self.entries.get(name, {})
        if held.get("clé") != key:
            return None
        try:
            return tuple(Finding.of_json(f) for f in held["résultats"])
        except (KeyError, TypeError, ValueError):
            return None

    def put(self, name: str, key: str, findings: tuple[Finding, ...]) -> None:
        self.entries[name] = {"clé": key, "résultats": [f.as_json() for f in findings]}
        self.changed = True

    def write(self) -> bool:
        """Write the file whole or not at all; a folder that cannot be written is no failure of the proofs."""
        if not self.changed:
            return True
        text = json.dumps(
            {"fluxrules": "certificat de preuves", "propriétés": self.entries}, ensure_ascii=False, indent=1
        )
        try:
            work = self.path.with_name(f".preuves-{secrets.token_hex(8)}")
            try:
                work.write_text(text + "\n", "utf-8")
                work.replace(self.path)
            finally:
                work.unlink(missing_ok=True)
        except OSError:
            return False
        return True
