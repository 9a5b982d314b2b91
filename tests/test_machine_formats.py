"""``check --format sarif|github``: what continuous integration reads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

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


# What the standard (SARIF 2.1.0, §3) allows of each object that we write: its keys, those that it must have, and the type of each.
TEXT = {"text": str}
REGION = {"startLine": int, "startColumn": int, "endLine": int, "endColumn": int}
PLACE = {"artifactLocation": {"uri": str}, "region": REGION}
RULE = {
    "id": str,
    "shortDescription": TEXT,
    "fullDescription": TEXT,
    "help": TEXT,
    "defaultConfiguration": {"level": str},
}
RESULT = {"ruleId": str, "ruleIndex": int, "level": str, "message": TEXT, "locations": [{"physicalLocation": PLACE}],
          "relatedLocations": [{"id": int, "message": TEXT, "physicalLocation": PLACE}]}  # fmt: skip
LOG = {"$schema": str, "version": str, "runs": [{"tool": {"driver": {"name": str, "version": str, "language": str, "rules": [RULE]}},
       "columnKind": str, "results": [RESULT]}]}  # fmt: skip
OPTIONAL = {"relatedLocations", "region"}


def hold(value: Any, shape: Any, where: str = "log") -> None:
    """A value has exactly the keys and types of a shape."""
    if isinstance(shape, list):
        assert isinstance(value, list), where
        for i, item in enumerate(value):
            hold(item, shape[0], f"{where}[{i}]")
    elif isinstance(shape, dict):
        assert isinstance(value, dict) and set(value) <= set(shape) and set(shape) - set(value) <= OPTIONAL, where
        for key, item in value.items():
            hold(item, shape[key], f"{where}.{key}")
    else:
        assert type(value) is shape, where


@pytest.mark.parametrize("folder", sorted((ROOT / "tests" / "twins").iterdir()), ids=lambda p: p.name)
def test_sarif_has_no_other_key_and_no_other_type(folder: Path) -> None:
    log = json.loads(render_sarif(check(folder / "mauvais.yaml").diagnostics, "1"))
    hold(log, LOG)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == sorted({r["ruleId"] for r in run["results"]})
    assert {r["defaultConfiguration"]["level"] for r in rules} | {r["level"] for r in run["results"]} <= {
        "error",
        "warning",
        "note",
    }
    for result in run["results"]:
        near = result.get("relatedLocations", [])
        assert [x["id"] for x in near] == list(range(len(near)))
        for place in (x["physicalLocation"] for x in (*result["locations"], *near)):
            assert re.fullmatch(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+", place["artifactLocation"]["uri"])
            assert all(n >= 1 for n in place["region"].values())


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
