"""``check`` and proofs: what ranges prove without a solver, and what « fluxrules prove » left beside the grid."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fluxrules.diagnostics.diagnostic import Severity
from fluxrules.diagnostics.sarif import render_sarif
from fluxrules.ir.walk import lines
from fluxrules.law.check import Judged, check
from fluxrules.law.covered import implies
from fluxrules.law.held import Held
from fluxrules.law.judge import judge
from fluxrules.law.marginal import pays
from fluxrules.law.prove.categories import canonical
from fluxrules.law.prove.certificate import Certificate
from fluxrules.law.prove.effort import certificate_of
from fluxrules.law.prove.kinds import cover as cover_kind
from fluxrules.law.prove.properties import standard_properties
from fluxrules.law.prove.run import Proofs, prove
from fluxrules.law.prove.verdict import Finding, Verdict
from fluxrules.law.summary import sentences
from fluxrules.model.check import check as read
from fluxrules.model.grid import Grid
from fluxrules.model.library import legal_categories
from tests.law.grids import DAY, codes, grid, text

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "tests/benchmarks/grille-40.yaml"


def said(judged: Judged) -> str:
    assert judged.verdict is not None, [d.message for d in judged.diagnostics]
    return "\n".join(sentences(judged.verdict))


def proved(path: Path, *names: str) -> None:
    """Leave the certificate of some properties (all) beside a grid, as the verb does."""
    made = read(path).grid
    assert made is not None
    kept = Certificate.read(certificate_of(path))
    wanted = [p for p in standard_properties() if p.kind != "équivalence" and (not names or p.name in names)]
    list(Proofs(made, DAY, None, kept).run(wanted))
    assert kept.write()


def put(folder: Path, written: str) -> Path:
    path = folder / "g.yaml"
    path.write_text(written, "utf-8")
    return path


def test_without_a_proof_check_says_so_and_what_ranges_prove() -> None:
    whole = said(grid())
    assert "même seules : 15 sur 15." in whole and "pas encore faites (fluxrules prove g.yaml)" in whole


OWN = "le nôtre: {{couvre: P_HANDICAP, si: {}, pièce justificative: MDPH, points: 90}}"
WITHOUT = ("        handicap: 100\n", "")


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("au moins un membre où (handicap)", False),
        ("au moins un membre où (handicap) ou est_propriétaire", False),
        ("au moins un membre où (handicap ou âge >= 80 ans)", True),
        ("au moins un membre où (handicap) et est_propriétaire", True),
    ],
)
def test_a_claim_is_settled_by_its_form_or_left_to_the_solver(condition: str, left: bool) -> None:
    judged = grid("", line=OWN.format(condition), change=WITHOUT)
    assert codes(judged) == set() and ("pas prouvé : personne en situation de handicap" in said(judged)) is left


def test_a_claim_that_reads_nothing_of_the_category_is_warned_of_and_does_not_block() -> None:
    judged = grid("", line=OWN.format("est_propriétaire"), change=WITHOUT, nature="en vigueur")
    (found,) = judged.diagnostics
    assert (found.code, found.severity) == ("FX7005", Severity.AVERTISSEMENT) and "P_HANDICAP" in " ".join(
        found.references
    )
    assert judged.verdict is not None and judged.verdict.refused == ()


def test_a_line_for_everyone_covers_everyone() -> None:
    judged = grid("", line="tous: {couvre: P_HANDICAP, pièce justificative: MDPH, points: 9}", change=WITHOUT)
    assert codes(judged) == set() and "même seules : 15 sur 15." in said(judged)


def test_points_that_wait_for_a_value_cover_nobody_by_their_form() -> None:
    bands = "selon: ressources_mensuelles_totales, tranches: {jusqu'à 500 €/mois: 5, plus de 500 €/mois: 9}"
    judged = grid("", line=f"tous: {{couvre: P_HANDICAP, pièce justificative: MDPH, {bands}}}", change=WITHOUT)
    assert codes(judged) == {"FX7005"} and "pas prouvé : personne en situation de handicap" in said(judged)


def test_every_category_that_can_be_claimed_has_its_certain_case() -> None:
    assert set(canonical()[0]) == set(legal_categories())


ROOT_SUM, FLOOR = "note:\n  retenir: la somme\n", "note:\n  retenir: la somme\n  plancher: 100\n"


@pytest.mark.parametrize(
    ("line", "change", "proved"),
    [
        ("", ("        handicap: 100\n", "        handicap: 0\n"), 14),
        ("handicap: 0", WITHOUT, 14),
        ("local: {si: est_propriétaire, points: 200}", (ROOT_SUM, "note:\n  retenir: le plus élevé\n"), 0),
        ("", (ROOT_SUM, FLOOR), 1),  # DALO alone is worth more than the floor
    ],
)
def test_what_does_not_grow_does_not_pay(line: str, change: tuple[str, str], proved: int) -> None:
    assert f"même seules : {proved} sur 15." in said(grid("", line=line, change=change))


CAPPED = ("note:\n  retenir: la somme\n", "note:\n  retenir: la somme\n  plafond: 250\n")
LOCAL = "local: {si: est_propriétaire, points: 250}"


def test_a_cap_that_local_lines_reach_is_found_by_the_proofs_beside(tmp_path: Path) -> None:
    path = put(tmp_path, text(line=LOCAL, change=CAPPED))
    judged = check(path, day=DAY)
    assert "même seules : 0 sur 15." in said(judged) and "FX7006" not in codes(judged)
    proved(path)
    after = check(path, day=DAY)
    found = [d for d in after.diagnostics if d.code == "FX7006"]
    # Who goes back to work after a long unemployment is badly housed too: that priority never stands alone.
    assert len(found) == 14 and all(d.severity is Severity.AVERTISSEMENT and d.witness for d in found)
    assert found[0].place.startswith(f"{path}:") and "DALO" in found[0].message
    assert "propriétés prouvées" in said(after) and "conseils à lire" in said(after)


def test_proofs_beside_settle_what_form_does_not(tmp_path: Path) -> None:
    path = put(tmp_path, text(line=OWN.format("au moins un membre où (handicap ou âge >= 80 ans)"), change=WITHOUT))
    proved(path, "couverture")
    judged = check(path, day=DAY)
    assert "même seules : 15 sur 15." in said(judged) and "propriétés à prouver, ou" in said(
        judged
    )  # the other properties were not asked
    path.write_text(path.read_text("utf-8").replace("80 ans", "81 ans"), "utf-8")
    assert "même seules : 14 sur 15." in said(check(path, day=DAY))


def test_a_wrong_claim_is_shown_with_its_household(tmp_path: Path) -> None:
    path = put(tmp_path, text(line=OWN.format("au moins un membre où (handicap et âge < 18 ans)"), change=WITHOUT))
    assert codes(check(path, day=DAY)) == set()
    proved(path, "couverture")
    (found,) = check(path, day=DAY).diagnostics
    assert found.code == "FX7005" and "handicap: oui" in (found.witness or "")
    assert "handicap: oui" in json.loads(render_sarif([found], "1"))["runs"][0]["results"][0]["message"]["text"]


def test_a_certificate_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, text())
    certificate_of(path).write_text("{", "utf-8")
    assert "propriétés à prouver, ou" in said(check(path, day=DAY))


def _grids() -> list[Grid]:
    made = [grid("", line=LOCAL, change=change).grid for change in [("", ""), CAPPED]]
    floor = ("note:\n  retenir: la somme\n", "note:\n  retenir: la somme\n  plancher: 100\n")
    nested = ("      retenir: le plus élevé\n", "      retenir: le plus élevé\n      plafond: 150\n")
    least = ("      retenir: le plus élevé\n", "      retenir: le plus bas\n")
    made += [grid("", line=line, change=change).grid for line in ("moins: {si: est_propriétaire, points: -150}", "base: {points: 120}")
             for change in (floor, nested, least, ("note:\n  retenir: la somme\n", "note:\n  retenir: le plus élevé\n"))]  # fmt: skip
    return [g for g in made if g is not None]


@pytest.mark.slow
def test_what_ranges_prove_the_solver_proves(monkeypatch: pytest.MonkeyPatch) -> None:
    """And on these grids the solver refutes some of what ranges leave open: the two are not the same."""
    monkeypatch.setattr(cover_kind, "pays", lambda *_: False)  # the solver alone
    settled = opened = 0
    cover = [p for p in standard_properties() if p.name == "couverture"]
    for g in _grids():
        verdicts = {f.subject: f.verdict for f in prove(g, cover, DAY)}
        claimed = [x for x in lines(g.program.root) if x.covers]
        paths = frozenset(x.path for x in claimed)
        for line in claimed:
            if pays(g.program, line, paths):
                settled += 1
                assert verdicts[line.path[-1]] is Verdict.PROVED
            else:
                opened += verdicts[line.path[-1]] is Verdict.REFUTED
    assert settled > 15 and opened > 15


def test_a_form_that_implies_another() -> None:
    def condition(written: str) -> object:
        made = grid("", line=f"x: {{si: '{written}', points: 1}}").grid
        assert made is not None
        return next(x.condition for x in lines(made.program.root) if x.path == ("x",))

    a, b, c = "est_propriétaire", "est_mutation", "travailleur_essentiel"
    yes = [(f"{a} et {b}", a), (a, f"{a} ou {b}"), (f"({a} ou {b}) et {c}", f"{b} ou {a}"), (f"{a} et {b} et {c}", f"{c} et {a}"),
           ("situation_familiale est « veuf »", "situation_familiale est parmi (« veuf » ; « marié »)"),
           ("situation_familiale est parmi (« marié » ; « veuf »)", "situation_familiale est parmi (« veuf » ; « marié »)")]  # fmt: skip
    no = [(a, f"{a} et {b}"), (f"{a} ou {b}", a), (a, b), (a, f"non {a}"),
          ("situation_familiale est parmi (« veuf » ; « marié »)", "situation_familiale est « veuf »"),
          ("situation_pro_demandeur est « chômage »", "situation_pro_codemandeur est parmi (« chômage » ; « retraité »)")]  # fmt: skip
    assert [implies(condition(x), condition(y)) for x, y in yes] == [True] * len(yes)  # type: ignore[arg-type]
    assert [implies(condition(x), condition(y)) for x, y in no] == [False] * len(no)  # type: ignore[arg-type]


def test_a_check_loads_neither_the_solver_nor_tables_that_it_does_not_need() -> None:
    """The bar of a cold check (0.3 s) is lost by any one of these."""
    code = "import sys\nfrom fluxrules.law.check import check\nfrom fluxrules.law.summary import sentences\n"
    code += f"sentences(check({str(EXAMPLE)!r}).verdict)\nprint(sorted({{'z3', 'polars', 'numpy', 'jsonschema', 'openpyxl'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


@pytest.mark.parametrize(("reducer", "proved"), [("la somme", 0), ("le plus élevé", 15)])
def test_a_family_of_local_lines_is_worth_what_its_reducer_makes_of_it(reducer: str, proved: int) -> None:
    two = "a: {si: est_propriétaire, points: 130}, b: {si: est_mutation, points: 130}"
    judged = grid("", line=f"local: {{retenir: {reducer}, critères: {{{two}}}}}", change=CAPPED)
    assert f"même seules : {proved} sur 15." in said(judged)


def test_a_refuted_property_of_the_house_is_said_once(tmp_path: Path) -> None:
    path = put(tmp_path, text())
    made = read(path).grid
    assert made is not None
    held = Held(
        (Finding("p", "garantie", "p", Verdict.REFUTED, "Faux : un DALO a 300. Ce ménage a 200.", "avertissement"),)
    )
    verdict = judge(made, DAY, None, held)
    assert "  – réfuté : un DALO a 300. Ce ménage a 200." in sentences(verdict)
