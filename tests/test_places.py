"""Fields relative to the place wanted: what data works out of the communes, and what a grid reads of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from fluxrules.api import check_source, explanation
from fluxrules.data.places import wanted_places
from fluxrules.data.read import read_tables
from fluxrules.data.tables import Tables
from fluxrules.model.grid import Grid
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

DAY = date(2026, 9, 1)
REIMS, PARIS, LYON = "200067213", "217500016", "200046977"
GRID = """\
langage: 1
cotation: lieux
nature: projet
titre: Lieux
territoire: {epci: "200067213"}
en vigueur: {du: 01/01/2024}
note:
  retenir: la somme
  critères:
    habite la commune: {si: habite_commune_demandée, points: 1}
    habite le territoire: {si: habite_territoire_demandé, points: 10}
    travaille dans la commune: {si: travaille_commune_demandée, points: 100}
    travaille dans le territoire: {si: travaille_territoire_demandé, points: 1000}
ex æquo: aucun départage
"""


def grid() -> Grid:
    checked = check_source(Source("g.yaml", GRID), standard_vocabulary())
    assert checked.grid is not None, checked.diagnostics
    return checked.grid


def tables(home: str | None, work: str | None, *wanted: str | None, partner: str | None = None) -> Tables:
    demandes = pl.DataFrame(
        {
            "numero_unique": ["N"],
            "date_depot_initial": [date(2024, 9, 1)],
            "types_logement_recherches": [["T2"]],
            "code_commune_residence": [home],
            "code_commune_travail_demandeur": [work],
            "code_commune_travail_codemandeur": [partner],
        },
        schema_overrides=dict.fromkeys(
            ("code_commune_residence", "code_commune_travail_demandeur", "code_commune_travail_codemandeur"), pl.String
        ),
    )
    choix = pl.DataFrame(
        {"numero_unique": ["N"] * len(wanted), "rang": list(range(1, len(wanted) + 1)), "code_commune": wanted},
        schema_overrides={"code_commune": pl.String},
    )
    roles = ["demandeur", "cotitulaire"] if partner else ["demandeur"]
    membres = pl.DataFrame({"numero_unique": ["N"] * len(roles), "role": roles})
    return Tables(demandes, membres, choix)


@pytest.mark.parametrize(
    ("home", "wanted", "territory", "commune", "near"),
    [
        ("51454", "51454", REIMS, [True], [True]),
        ("51055", "51454", REIMS, [False], [True]),
        ("75113", "75056", PARIS, [True], [True]),  # an arrondissement is its commune
        ("75101", "75113", PARIS, [True], [True]),
        ("69123", "69266", LYON, [False], [True]),
        ("85113", "51454", REIMS, [False], [False]),  # an island in no territory lives in none, and that is known
        ("99109", "51454", REIMS, [False], [False]),  # abroad
        (None, "51454", REIMS, [None], [None]),
        ("51454", None, REIMS, [None], [None]),  # a place wanted of unknown commune may be this one
        ("51454", "75113", REIMS, [], []),  # wanted elsewhere: another grid reads it
        ("51454", "75113", None, [False], [False]),
    ],
)
def test_home_and_place(
    home: str | None, wanted: str | None, territory: str | None, commune: list[object], near: list[object]
) -> None:
    rows = wanted_places(tables(home, None, wanted), territory)
    assert rows is not None
    assert rows["habite_commune"].to_list() == commune and rows["habite_territoire"].to_list() == near
    assert rows["demandeur_travaille_commune"].to_list() == [None] * len(commune)


def test_no_table_of_places_is_unknown_and_order_is_kept() -> None:
    given = tables("51454", "51454", "51055", None, "51454")
    assert wanted_places(Tables(given.demandes), REIMS) is None
    rows = wanted_places(given, REIMS)
    assert rows is not None and rows["rang"].to_list() == [1, 2, 3]
    assert rows["demandeur_travaille_commune"].to_list() == [False, None, True]


@pytest.mark.parametrize(
    ("given", "note", "low", "high"),
    [
        (tables("51454", "51055", "51454"), 1 + 10 + 1000, 1011, 1011),
        (tables("51454", "51055", "51454", "51055"), 1111, 1111, 1111),
        (tables(None, "75113", "51454"), 0, 0, 11),
        (tables("75113", None, "51454"), 0, 0, 1100),
        (tables("75113", "75113", "51454", partner="51454"), 1100, 1100, 1100),
        (tables("51454", "51454", "75113", "51055"), 1010, 1010, 1010),  # the places of Paris are for the grid of Paris
    ],
)
def test_a_grid_reads_the_places_of_its_territory(given: Tables, note: int, low: int, high: int) -> None:
    e = explanation(grid(), given, "N", DAY)
    assert (e.note, e.low, e.high) == (note, low, high)


def test_what_is_missing_is_said_in_french() -> None:
    e = explanation(grid(), tables(None, "75113", "51454"), "N", DAY)
    assert any("commune de résidence" in m for m in e.missing)


def test_a_code_of_no_commune_is_unknown_with_a_finding(tmp_path: Path) -> None:
    (tmp_path / "demandes.csv").write_text(
        "numero_unique;date_depot_initial;code_commune_residence\nA;01/02/2025;51999\nB;01/02/2025;99109\nC;01/02/2025;01003\n"
    )
    (tmp_path / "choix.csv").write_text("numero_unique;rang;code_commune\nA;1;51998\nA;2;51454\n")
    reading = read_tables(tmp_path, standard_vocabulary(), DAY)
    assert reading.tables is not None and reading.tables.choix is not None
    assert reading.tables.demandes["code_commune_residence"].to_list() == [None, "99109", "01003"]
    assert reading.tables.choix["code_commune"].to_list() == [None, "51454"]
    assert [(d.code, "51999" in d.message or "51998" in d.message) for d in reading.diagnostics] == [
        ("FX5010", True)
    ] * 2
