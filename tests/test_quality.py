"""The quality report: counts worked out by hand, counts that add up, and nothing about few people where it is public."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from fluxrules.api import check_source
from fluxrules.cotation.quality import names_of, quality
from fluxrules.cotation.quality_run import measure
from fluxrules.cotation.quality_text import Shown, frames, text, totals
from fluxrules.data.parts import Parts, find_parts
from fluxrules.data.read import read_tables
from fluxrules.data.tables import Tables
from fluxrules.diagnostics.registry import pages
from fluxrules.ir.walk import lines
from fluxrules.model.checks import quality_checks
from fluxrules.model.grid import Grid
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary
from tests.large import SMALL, grids, set_constants, untidy, write
from tests.params import mostly_slow

ROOT = Path(__file__).resolve().parent.parent
DAY = date(2026, 9, 1)
VOCABULARY = standard_vocabulary()
GRID = """langage: 1
cotation: qualité
nature: projet
titre: essai
territoire: {epci: "200067213"}
délibération: {numéro: "1", date: 01/01/2026}
en vigueur: {du: 01/01/2026}
ex æquo: aucun départage
note:
  retenir: la somme
  critères:
    loyer: {si: loyer_mensuel > 500 €/mois, points: 7}
    dalo: {si: DALO, points: 20, pièce justificative: décision}
    refus: {si: loyer_mensuel > 900 €/mois et accepte_rdc, points: -3}
"""


def grid() -> Grid:
    checked = check_source(Source("g.yaml", GRID), VOCABULARY)
    assert checked.grid is not None, checked.diagnostics
    return checked.grid


def demandes() -> pl.DataFrame:
    """N0 complete; N1 without rent; N2 without DALO; N3 with DALO unseen; N4 with DALO seen; N5 struck off; N6 wants elsewhere."""
    return pl.DataFrame(
        {
            "numero_unique": [f"N{i}" for i in range(7)],
            "date_depot_initial": [date(2025, 1, 1)] * 7,
            "statut_demande": ["active"] * 5 + ["radiee", "active"],
            "loyer_mensuel": [600, None, 100, 100, 100, 100, 100],
            "accepte_rdc": [True, False, None, None, None, None, None],
            "statut_dalo": ["NON", "NON", None, "ACTIF", "ACTIF", "NON", "NON"],
            "pieces_verifiees": [None, None, None, None, ["décision"], None, None],
            "aide_logement_mensuelle": [700, None, 0, 0, 0, 0, 0],
            "rfr_n1": [-1, None, 0, 0, 0, 0, 0],
        }
    )


def tables() -> Tables:
    places = {f"N{i}": "51454" for i in range(6)} | {"N6": "75113"}
    return Tables(
        demandes(), choix=pl.DataFrame({"numero_unique": list(places), "code_commune": list(places.values())})
    )


def test_counts_by_hand() -> None:
    (q,), counts = quality([grid()], tables(), DAY)
    assert (counts.read, counts.struck_off, counts.covered, counts.without_grid) == (7, 1, 5, 1)
    fields = {f.name: f for f in q.fields}
    # N1: « loyer » may give 7; « refus » is out, since accepte_rdc is no. N2: DALO may give 20.
    assert (fields["loyer_mensuel"].unknown, fields["loyer_mensuel"].pending, fields["loyer_mensuel"].points) == (
        1,
        1,
        7,
    )
    assert (fields["statut_dalo"].unknown, fields["statut_dalo"].pending, fields["statut_dalo"].points) == (1, 1, 20)
    # Unknown three times, and never in the way: the rent is known to be low.
    assert (fields["accepte_rdc"].unknown, fields["accepte_rdc"].pending, fields["accepte_rdc"].points) == (3, 0, 0)
    assert (q.demandes, q.open, q.spread) == (5, 2, Fraction(27))
    assert [(e.document, e.demandes, e.points) for e in q.evidence] == [("décision", 1, 20)]  # N3; N4 was seen
    found = {i.check.name: (i.found, i.undecided) for i in q.incoherences}
    assert found["aide supérieure au loyer"] == (1, 1) and found["revenu négatif"][0] == 1


def test_a_line_is_blamed_for_the_fields_that_it_reads() -> None:
    program = grid().program
    assert [sorted(names_of(line, program)) for line in lines(program.root)] == [
        ["loyer_mensuel"], ["statut_dalo"], ["accepte_rdc", "loyer_mensuel"]]  # fmt: skip


def test_a_public_report_hides_small_counts_and_what_would_tell_them() -> None:
    found, _ = quality([grid()], tables(), DAY)
    page = text(found[0], VOCABULARY, Shown(public=True))
    assert "< 10" in page and "loyer" not in page
    assert all(f.is_empty() for f in frames(found, VOCABULARY, Shown(public=True)).values())
    many = [
        pl.concat([frame.with_columns(pl.col("numero_unique") + f"-{i}") for i in range(12)])
        for frame in (demandes(), tables().choix)
        if frame is not None
    ]
    (q,), _ = quality([grid()], Tables(many[0], choix=many[1]), DAY)
    shown = frames([q], VOCABULARY, Shown(public=True))["champs"]
    assert shown.filter(pl.col("champ") == "loyer_mensuel")["inconnus"].to_list() == ["12"]
    public = Shown(public=True)
    assert [public.count(x, 60) for x in (0, 1, 9, 10, 50, 51, 59, 60)] == ["0", "< 10", "< 10", "10", "50", "presque toutes", "presque toutes", "60"]  # fmt: skip
    assert public.share(59, 60) == "" and public.points(Fraction(7), 1, 60) == ""
    assert totals({"tout": 104, "a": 100, "b": 4}, public) == {"tout": "environ 100", "a": "100", "b": "< 10"}


BROKEN: dict[str, tuple[dict[str, object], list[dict[str, object]]]] = {
    "renouvellement avant dépôt": ({"date_dernier_renouvellement": date(2024, 1, 1)}, []),
    "codemandeur absent": ({"lien_codemandeur": "M"}, []),
    "revenu négatif": ({"rfr_n2": -5}, []),
    "ressources annuelles": ({"ressources_mensuelles_totales": 30001}, []),
    "DALO daté sans statut": ({"date_decision_dalo": date(2026, 9, 1), "statut_dalo": "NON"}, []),
    "loyer sans logement": ({"mode_logement_actuel": "SD", "loyer_mensuel": 1}, []),
    "aide supérieure au loyer": ({"loyer_mensuel": 300, "aide_logement_mensuelle": 301}, []),
    "propriétaire occupant non propriétaire": ({"modes_logement_actuel": ["POCC"], "est_proprietaire": False}, []),
    "plus d'enfants que de personnes": (
        {"nb_occupants_logement_actuel": 0},
        [{"role": "a_charge", "lien_parente": "E", "date_naissance": date(2015, 1, 1)}],
    ),
    "demandeur absent ou double": ({}, [{"role": "demandeur", "date_naissance": date(1980, 1, 1)}]),
    "âge invraisemblable": ({}, [{"role": "cotitulaire", "date_naissance": date(2010, 9, 2)}]),
}


def test_every_check_finds_its_own_case_and_no_other() -> None:
    """One demande a check, made to fall under it alone: the last one is not 16 until the next day."""
    checks, _ = quality_checks()
    assert [c.name for c in checks] == list(BROKEN)
    usual = {"date_depot_initial": date(2025, 1, 1), "statut_demande": "active"}
    columns = {c for row, _ in BROKEN.values() for c in row}
    rows = [{"numero_unique": k} | usual | dict.fromkeys(columns) | row for k, (row, _) in BROKEN.items()]
    person = {"role": "demandeur", "lien_parente": None, "date_naissance": date(1980, 1, 1)}
    people = [{"numero_unique": k} | person | p for k, (_, more) in BROKEN.items() for p in ({}, *more)]
    given = Tables(pl.DataFrame(rows, infer_schema_length=None), pl.DataFrame(people, infer_schema_length=None))
    (q,), _ = quality([grid()], given, DAY, everyone=True)
    assert [(i.check.name, i.found) for i in q.incoherences] == [(name, 1) for name in BROKEN]


def test_the_command_adds_up(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    frame = demandes().with_columns(pl.col("pieces_verifiees").list.join("|"))
    pl.concat([frame, frame.tail(1)]).write_csv(tmp_path / "d" / "demandes.csv", separator=";")
    choix = tables().choix
    assert choix is not None
    choix.write_csv(tmp_path / "d" / "choix.csv", separator=";")
    (tmp_path / "g.yaml").write_text(GRID, "utf-8")
    env = os.environ | {"NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    words = ["qualite", "g.yaml", "--donnees", "d", "--date", "01/09/2026", "--sortie", "q"]
    done = subprocess.run([sys.executable, str(ROOT / "cli.py"), *words], cwd=tmp_path, env=env, text=True, capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "FX5080" in done.stderr and "Traceback" not in done.stderr
    report = json.loads((tmp_path / "q" / "qualite.json").read_text("utf-8"))
    counts = {k: int(v) for k, v in report["comptes"].items()}
    whole = counts.pop("lignes de demandes")
    assert whole == 8 == sum(counts.values()) and report["rejets"] == {"FX5015": "2"}
    assert {p.name for p in (tmp_path / "q").iterdir()} == {
        "champs.csv",
        "pieces.csv",
        "incoherences.csv",
        "qualite.json",
    }


@pytest.mark.parametrize("aligned", mostly_slow([True, False], [False]))
@pytest.mark.parametrize("everyone", mostly_slow([True, False], [False]))
def test_parts_give_what_the_whole_gives(
    aligned: bool, everyone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read_tables(write(tmp_path / "whole", untidy()), VOCABULARY, DAY)
    expected = measure(list(grids()), whole, DAY, everyone=everyone)
    set_constants(SMALL, monkeypatch.setattr)
    parts = find_parts(write(tmp_path / "d", untidy(), 3, aligned=aligned))
    assert isinstance(parts, Parts)
    found = measure(list(grids()), parts, DAY, everyone=everyone)
    assert found.counts == expected.counts and found.found == expected.found
    assert {d.message for d in found.diagnostics} == {d.message for d in expected.diagnostics}
    assert sorted(found.rejects["code"]) == sorted(expected.rejects["code"])


def test_a_damaged_part_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_constants(SMALL, monkeypatch.setattr)
    data = write(tmp_path / "d", untidy(), 3)
    parts = find_parts(data)
    assert isinstance(parts, Parts)
    file = data / "membres" / "00001.parquet"
    file.write_bytes(file.read_bytes()[:2000])
    found = measure(list(grids()), parts, DAY)
    assert found.found is None and [d.code for d in found.diagnostics if d.severity.label == "erreur"] == ["FX5001"]


def test_codes_have_their_page() -> None:
    assert {"FX5080", "FX5081"} <= set(pages())
