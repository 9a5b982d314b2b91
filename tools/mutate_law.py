"""Mutation testing of the checks against the law: each small change of ``fluxrules/law/checks/`` must make a test fail.

    .venv/bin/python tools/mutate_law.py [file.py …]

With no name: every check, and what proves PRIO-COVER without a solver (``../covered.py``, ``../marginal.py``). Works on a copy. Prints the
mutants that no test sees as they are found, and the figure. Half an hour.
"""

from __future__ import annotations

import ast
import copy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = Path("fluxrules/law/checks")
BESIDE = ("../covered.py", "../marginal.py")
TESTS = ("tests/law/test_edges.py", "tests/law/test_checks.py", "tests/law/test_traps.py", "tests/test_twins.py")
PROOFS = ("tests/law/test_proofs_beside.py",)
SWAPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def changed(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The mutants of one node, with what was done."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in SWAPS:
            new = copy.deepcopy(node)
            new.ops = [SWAPS[type(op)]()]
            yield f"{type(op).__name__} → {type(new.ops[0]).__name__}", new
        case ast.BoolOp(op=op, values=values):
            new = copy.deepcopy(node)
            new.op = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"{type(op).__name__} swapped", new
            for i in range(len(values)):
                rest = copy.deepcopy(values[:i] + values[i + 1 :])
                yield f"operand {i + 1} left out", rest[0] if len(rest) == 1 else ast.BoolOp(op=op, values=rest)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not left out", copy.deepcopy(operand)
        case ast.If():
            for value in (True, False):
                new = copy.deepcopy(node)
                new.test = ast.Constant(value)
                yield f"if {value}", new


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().visit(node)


def mutants(path: Path) -> Iterator[tuple[str, str]]:
    """What was done where, and the text of the module with it."""
    source = path.read_text("utf-8")
    count = len(list(ast.walk(ast.parse(source))))
    for index in range(count):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[index]
        for said, new in changed(node):
            fresh = ast.parse(source)
            target = list(ast.walk(fresh))[index]
            whole = ast.fix_missing_locations(_Replace(target, new).visit(fresh))
            yield f"{path.name}:{getattr(node, 'lineno', 0)} {said}", ast.unparse(whole)


def survives(folder: Path, name: str, text: str) -> bool:
    """Whether all tests pass with the mutant."""
    path = folder / CHECKS / name
    kept = path.read_text("utf-8")
    path.write_text(text, "utf-8")
    done = subprocess.run([sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", "-k", "FX70 or law or trap", *(PROOFS if name in BESIDE else TESTS)],
                          cwd=folder, capture_output=True)  # fmt: skip
    path.write_text(kept, "utf-8")
    return done.returncode == 0


def half(folder: Path, todo: list[tuple[str, str, str]]) -> int:
    """How many mutants survive."""
    alive = 0
    for name, said, text in todo:
        if survives(folder, name, text):
            alive += 1
            print(said, flush=True)
    return alive


def main() -> None:
    names = sys.argv[1:] or [*sorted(p.name for p in (ROOT / CHECKS).glob("*.py") if p.name != "__init__.py"), *BESIDE]
    todo = [(name, *m) for name in names for m in mutants(ROOT / CHECKS / name)]
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(2) as pool:
        folders = [Path(place) / str(i) for i in range(2)]
        for folder in folders:
            shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".venv", ".git", "dist", "demo", "__pycache__"))
        halves = [pool.submit(half, f, todo[i::2]) for i, f in enumerate(folders)]
        alive = sum(h.result() for h in halves)
    print(f"{len(todo) - alive} mutants killed of {len(todo)}")


if __name__ == "__main__":
    main()
