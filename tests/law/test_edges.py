"""The edges of the checks, found by changing them (``tools/mutate_law.py``): at the limit, without a rule, of another nature."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fluxrules.law.check import Judged, check, check_source
from fluxrules.law.load import standard_code
from fluxrules.law.rules import Code
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary
from fluxrules.vocabulary.territoires import known_communes, territoire_de
from tests.law.grids import DAY, codes, grid, text

TWINS = Path(__file__).resolve().parent.parent / "twins"
LEGAL = sorted(p for p in TWINS.iterdir() if p.name.startswith("FX70"))
REFUSALS = "{{retrait: 10 points par refus, à partir du: 1er refus, plafond du retrait: {} points, chaque refus compte pendant: {}, motifs légitimes: [], s'applique: avant le plafond}}"
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
        "refus adapté: {si: au moins un refus_adapté, points: -5}",
        "suivi: {si: au moins un événement, points: -5}",
        f"aînés: {{{OLD}, points: 5, orientation: 'CIA, objectif 2'}}",
        "lié: {couvre: P_MAL_LOGE, si: mal_logement_reconnu et habite_territoire_demandé, pièce justificative: avis, points: 150}",
        "toit: {couvre: P_SANS_LOGEMENT, retenir: la somme, critères: {"
        "rue: {si: modes_logement_actuel contient « squat », points: 9}, ici: {si: est_propriétaire, points: 0}}}",
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
    assert codes(grid(gate.format("est_mutation et mode_logement_actuel est « locataire hlm »"))) == set()


def checked(written: str, code: Code | None = None) -> Judged:
    return check_source(Source("g.yaml", written), standard_vocabulary(), DAY, code or standard_code())


def test_a_priority_without_points_is_no_measure_of_the_others() -> None:
    """Neither of what refusals cost, nor of what a link is worth."""
    nothing = text(change=("        handicap: 100\n", "        handicap: 0\n"))
    found = checked(nothing.replace("sans effet", REFUSALS.format(20, "12 mois"))).diagnostics
    assert [d.code for d in found] == ["FX7002"] and "personne en situation de handicap" in found[0].message
    link = text(line=f"lien: {{{LINK}, points: 50}}", change=("        handicap: 100\n", "        handicap: 0\n"))
    assert codes(checked(link)) == {"FX7002"}


def test_without_a_priority_that_pays_nothing_is_measured() -> None:
    none = text(line=f"lien: {{{LINK}, points: 50}}").replace(": 100\n", ": 0\n").replace("DALO: 200", "DALO: 0")
    found = codes(checked(none.replace("sans effet", REFUSALS.format(20, "12 mois"))))
    assert found == {"FX7002", "FX7033"}


def test_one_priority_is_said_in_the_singular() -> None:
    (one,) = grid("", change=("        handicap: 100\n", "")).diagnostics
    assert one.message == "Une priorité légale n'a aucun critère : personne en situation de handicap."
    (two,) = checked(
        text(change=("        handicap: 100\n", "")).replace("        sans logement: 100\n", "")
    ).diagnostics
    assert two.message.startswith("2 priorités légales n'ont aucun critère : personne en situation de handicap ; ")


def test_a_protected_ground_is_seen_through_a_definition() -> None:
    more = "définitions:\n  touché: au moins un membre où (handicap)"
    assert codes(grid(more, line="p: {si: touché, points: -5}")) == {"FX7024"}
    assert codes(grid(more, line="p: {si: non touché, points: -5}")) == set()


def test_a_rule_without_its_parameters_looks_for_nothing() -> None:
    """A decree may leave them out."""
    versions = standard_code().versions
    bare = Code(
        tuple(replace(r, parameters={}) if r.id in ("DISC-PROXY", "COT-REFUS-BOUNDED") else r for r in versions)
    )
    assert codes(checked(text(change=("sans effet", REFUSALS.format(20, "60 mois"))), bare)) == set()
    line = text(line="titre de séjour: {si: est_propriétaire, points: 5}")
    assert codes(checked(line)) == {"FX7023"} and codes(checked(line, bare)) == set()


def test_all_the_communes_of_a_territory_are_the_territory() -> None:
    both = sorted(m for m in set(known_communes().values()) if territoire_de(m) == "200060457")
    assert len(both) == 2

    def of(*communes: str) -> set[str]:
        named = " ; ".join(f"« {c} »" for c in communes)
        return codes(
            grid("", line=f"lieu: {{si: commune_travail_demandeur est parmi ({named}), points: 5}}", epci="200060457")
        )

    assert of(*both) == set() and of(both[0]) == {"FX7010"} and of(both[0], "75056") == {"FX7010"}


def test_an_information_that_says_nothing_is_missing() -> None:
    assert codes(grid("", change=("maison de l'habitat", "''"))) == {"FX7017"}


def test_an_age_in_a_parameter_is_an_age() -> None:
    def of(age: str) -> set[str]:
        more = f"paramètres:\n  seuil:\n    source: délibération\n    valeurs: {{01/01/2024: {age}}}"
        return codes(grid(more, line="âgés: {si: au moins un membre où (âge >= seuil), points: 5}"))

    assert of("65 ans") == {"FX7026"} and of("18 ans") == set()
