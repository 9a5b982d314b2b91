"""The house: a room imports only from rooms above it, and no file outgrows its job."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "text",
    "diagnostics",
    "document",
    "language",
    "vocabulary",
    "ir",
    "engines",
    "model",
    "data",
    "flux",
    "law",
    "cotation",
    "law",
    "commands",
)
DOMAIN = ("epci", "qpv", "sne", "dalo", "demande_", "bailleur")


def files() -> list[Path]:
    return sorted((ROOT / "fluxrules").rglob("*.py"))


def imported_rooms(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            parts = name.split(".")
            if parts[0] == "fluxrules" and len(parts) > 1 and parts[1] in ROOMS:
                found.add(parts[1])
    return found


def test_a_room_imports_only_from_rooms_above() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {other}"
        for path in files()
        if (room := path.relative_to(ROOT / "fluxrules").parts[0]) in ROOMS
        for other in imported_rooms(path)
        if ROOMS.index(other) > ROOMS.index(room)
    ]
    assert wrong == []


def test_no_file_over_400_lines() -> None:
    assert [p.name for p in files() if len(p.read_text("utf-8").splitlines()) > 400] == []


def test_nothing_of_the_domain_in_ir_and_engines() -> None:
    wrong = [
        f"{p.relative_to(ROOT)}: {word}"
        for p in files()
        if p.relative_to(ROOT / "fluxrules").parts[0] in ("ir", "engines")
        for word in DOMAIN
        if word in p.read_text("utf-8").lower()
    ]
    assert wrong == []


def test_no_eval_and_no_float_decides() -> None:
    for path in files():
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec"), path
                if path.relative_to(ROOT / "fluxrules").parts[0] in ("ir", "engines", "model", "language"):
                    assert node.func.id != "float", path
