"""Mutation testing of the checks against the law: each small change of ``fluxrules/law/checks/`` must make a test fail.

    .venv/bin/python tools/mutate_law.py [file.py …]

With no name: every check, and what proves PRIO-COVER without a solver (``../covered.py``, ``../marginal.py``). Works on a copy, in one
process that reads what no mutant changes and forks for each: half the time of a process from nothing. Prints the mutants that no test
sees as they are found, and the figures. A quarter of an hour on a quiet machine.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def read_what_no_mutant_changes(folder: Path) -> None:
    """Load it from the copy, and nothing of what is mutated."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    import fluxrules.model.check  # noqa: F401
    from fluxrules.law.load import standard_code
    from fluxrules.model.library import all_criteria
    from fluxrules.vocabulary.load import standard_vocabulary

    standard_vocabulary(), all_criteria(), standard_code()
    early = [
        m
        for m in sys.modules
        if m.startswith(("fluxrules.law.checks", "fluxrules.law.covered", "fluxrules.law.marginal"))
    ]
    if early or not Path(sys.modules["fluxrules"].__file__ or "").is_relative_to(folder):
        raise SystemExit(f"a mutant would not be read: {early or sys.modules['fluxrules'].__file__}")


def survives(name: str, text: str) -> bool:
    """Whether all tests pass with the mutant, in a process of its own."""
    path = CHECKS / name
    kept = path.read_text("utf-8")
    path.write_text(text, "utf-8")
    child = os.fork()
    if not child:
        code = 99
        try:
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1), os.dup2(silent, 2)
            only = ["-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-k", "FX70 or law or trap"]
            code = int(pytest.main([*only, *(PROOFS if name in BESIDE else TESTS)]))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    path.write_text(kept, "utf-8")
    return os.waitstatus_to_exitcode(status) == 0


def main() -> None:
    parser = argparse.ArgumentParser(description="Mutation testing of the checks against the law.")
    parser.add_argument(
        "files", nargs="*", help="files of fluxrules/law/checks/, « ../covered.py » (all of them by default)"
    )
    every = [*sorted(p.name for p in (ROOT / CHECKS).glob("*.py") if p.name != "__init__.py"), *BESIDE]
    total = alive = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve() / "copy"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".venv", ".git", "dist", "demo", "__pycache__"))
        names = parser.parse_args().files or every
        read_what_no_mutant_changes(folder)
        if not survives(names[0], (CHECKS / names[0]).read_text("utf-8")):
            raise SystemExit("the tests fail without a mutant")
        for name in names:
            found = list(mutants(CHECKS / name))
            left = [said for said, text in found if survives(name, text)]
            print(*left, f"{name}: {len(found) - len(left)} killed of {len(found)}", sep="\n", flush=True)
            total, alive = total + len(found), alive + len(left)
        os.chdir(ROOT)
    print(f"{total - alive} mutants killed of {total}")


if __name__ == "__main__":
    main()
