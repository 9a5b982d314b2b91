"""``check --format sarif|github``: what continuous integration reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fluxrules.api import check
from fluxrules.diagnostics.sarif import render_github, render_sarif

ROOT = Path(__file__).resolve().parent.parent
WRONG = "tests/twins/FX3025/mauvais.yaml"


def cli(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "cli.py", *words], cwd=ROOT, capture_output=True, text=True)


def test_sarif_has_what_the_standard_asks() -> None:
    done = cli("check", WRONG, "--format", "sarif")
    log = json.loads(done.stdout)
    assert done.returncode == 1 and (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    assert set(run) == {"tool", "columnKind", "results"} and run["tool"]["driver"]["name"] == "fluxrules"
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"] and result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        region = place["region"]
        assert place["artifactLocation"]["uri"] == WRONG
        assert all(isinstance(v, int) and v >= 1 for v in region.values())
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
    assert run["results"][0]["relatedLocations"][0]["message"]["text"]


def test_columns_count_utf16_units(tmp_path: Path) -> None:
    path = tmp_path / "é à.yaml"
    path.write_text('langage: 1\ncotation: x\nnature: fragment\ntitre: t\nnote: {retenir: la somme, critères: {"😀": {si: inconnue, points: 1}}}\nex æquo: aucun départage\n', "utf-8")  # fmt: skip
    log = json.loads(render_sarif(check(path).diagnostics, "1"))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    line = path.read_text("utf-8").splitlines()[4]
    column = len(line[: line.index("inconnue")].encode("utf-16-le")) // 2 + 1
    assert place["region"]["startColumn"] == column
    assert place["artifactLocation"]["uri"].startswith("file:///") and " " not in place["artifactLocation"]["uri"]


def test_github_gives_an_annotation_a_line() -> None:
    done = cli("check", WRONG, "--format", "github")
    lines = done.stdout.splitlines()
    assert done.returncode == 1 and lines
    assert all(x.startswith(f"::error file={WRONG},line=") and "\n" not in x for x in lines)
    assert "%0A" in lines[0]


@pytest.mark.slow
def test_nothing_found_says_nothing_to_github_and_an_empty_run_to_sarif() -> None:
    assert render_github([]) == ""
    assert json.loads(render_sarif([], "1"))["runs"][0]["results"] == []
    assert cli("check", "tests/twins/FX3025/bon.yaml", "--format", "github").stdout == ""
