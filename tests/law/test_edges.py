"""The edges of the checks, found by changing them (``tools/mutate_law.py``): at the limit, without a rule, of another nature."""

from __future__ import annotations

from pathlib import Path

import pytest

from fluxrules.law.check import check
from fluxrules.law.rules import Code
from tests.law.grids import DAY, codes, grid

TWINS = Path(__file__).resolve().parent.parent / "twins"
LEGAL = sorted(p for p in TWINS.iterdir() if p.name.startswith("FX70"))
OWED = ("FX7001", "FX7003", "FX7013", "FX7015", "FX7016", "FX7017", "FX7018", "FX7019", "FX7025", "FX7026", "FX7028",
        "FX7030", "FX7033", "FX7036", "FX7037", "FX7038")  # fmt: skip


@pytest.mark.parametrize("folder", LEGAL, ids=lambda p: p.name)
def test_without_a_rule_nothing_is_found(folder: Path) -> None:
    """A check asks for its rule on the day: before it was law, nothing is said."""
    found = check(folder / "mauvais.yaml", day=DAY, code=Code(())).diagnostics
    assert {d.code for d in found} <= {"FX7050"}


@pytest.mark.parametrize("code", OWED)
def test_a_foreign_grid_owes_nothing(code: str, tmp_path: Path) -> None:
    written = (TWINS / code / "mauvais.yaml").read_text("utf-8")
    path = tmp_path / "g.yaml"
    path.write_text(written.replace("nature: projet", "nature: étrangère").replace("nature: en vigueur", "nature: étrangère"), "utf-8")  # fmt: skip
    assert {d.code for d in check(path, day=DAY).diagnostics} == set()


LINK = "si: habite_territoire_demandé ou travaille_territoire_demandé"
OLD = "si: au moins un membre où (âge >= 65 ans)"


@pytest.mark.parametrize(
    "line",
    [
        f"lien: {{{LINK}, points: 100}}",
        f"lien: {{{LINK}, points: 0}}",
        "lien: {si: habite_territoire_demandé, points: 0}",
        "fort: {si: est_propriétaire, points: 200}",
        f"aînés: {{{OLD}, points: 0}}",
        f"aînés: {{{OLD}, points: 5, couvre: P_MAL_LOGE, pièce justificative: attestation}}",
        "essentiel: {si: travailleur_essentiel, points: 0}",
        "presque tout: {si: est_propriétaire, points: -1500}",
        "refus: {si: au moins un événement où (type_événement est « refus »), points: 0}",
    ],
)
def test_at_the_limit_nothing_is_said(line: str) -> None:
    judged = grid("", line=line)
    assert judged.verdict is not None and codes(judged) == set(), [d.message for d in judged.diagnostics]


def test_taking_exactly_all_eliminates() -> None:
    total = 200 + 14 * 100
    assert codes(grid("", line=f"tout: {{si: est_propriétaire, points: -{total}}}")) == {"FX7032"}
    assert codes(grid("", line=f"tout: {{si: est_propriétaire, points: -{total - 1}}}")) == set()


def test_a_deliberation_of_the_first_day_is_in_time() -> None:
    same = ("date: 14/12/2023}\nPPGDID", "date: 01/01/2024}\nPPGDID")
    assert codes(grid("", nature="en vigueur", change=same)) == set()


def test_a_public_of_transfers_and_more_is_refused() -> None:
    gate = "demandeurs: {{nom: public, si: {}, si non renseigné: non}}"
    assert codes(grid(gate.format("modes_logement_actuel contient « locataire hlm »"))) == set()
    assert codes(grid(gate.format("modes_logement_actuel contient « hôtel »"))) == {"FX7011"}
