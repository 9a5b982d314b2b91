"""The tables of the example département: they are read without a word, and they agree with its documents."""

from __future__ import annotations

import runpy
from pathlib import Path

import polars as pl

from fluxrules.data.flux import FluxTables, data_folders, read_flux_tables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.model.flux.folder import Dossier, flux_files, read_dossier
from fluxrules.text.resources import resource

MARNE = resource("rulesets/exemples/marne")
TOOL = Path(__file__).resolve().parents[2] / "tools" / "example_marne.py"


def example() -> tuple[FluxTables, Dossier]:
    bag = Bag()
    dossier = read_dossier(flux_files(MARNE), bag)
    assert bag.items == []
    reading = read_flux_tables(
        data_folders(MARNE)[0], bailleurs={y.bailleur.code for y in dossier.years}, years=(2024, 2025)
    )
    assert reading.diagnostics == () and len(reading.rejects) == 0 and reading.tables is not None
    return reading.tables, dossier


def test_the_tables_name_what_the_documents_name() -> None:
    tables, dossier = example()
    assert tables.reservataires is not None and tables.prets is not None and tables.logements is not None
    assert {c.reservataire.code for c in dossier.conventions} == set(tables.reservataires["code"])
    loans = {
        loan
        for c in dossier.conventions
        for terms in (c.terms, *(a.terms for a in c.amendments))
        for r in terms.reservations
        for loan in r.loans
    }
    assert loans == set(tables.prets["id_pret"])
    assert {c.bailleur.code for c in dossier.conventions} == set(tables.logements["siren_bailleur"])
    designated = {p for c in dossier.conventions for p in c.designated}
    stock = tables.logements.filter(pl.col("reserve_stock").is_not_null())
    assert set(stock["programme"]) == designated
    residences = {name for o in dossier.orientations for name in o.residences}
    assert residences <= set(tables.logements["programme"])
    places = {code for y in dossier.years for s in y.segments for code in s.communes}
    assert set(tables.logements["code_commune"]) == places


def test_the_rights_of_action_logement_are_those_of_its_convention_and_the_two_lists_differ_in_three_places() -> None:
    tables, dossier = example()
    assert tables.droits is not None
    (convention,) = (c for c in dossier.conventions if c.reservataire.code == "als-51")
    ours, theirs = (
        dict(tables.droits.filter(pl.col("reservataire") == "als-51", pl.col("liste") == who).select("programme", "nombre").iter_rows())
        for who in ("bailleur", "als-51")
    )  # fmt: skip
    assert sum(ours.values()) == convention.terms.reservations[0].share.inputs["logements réservés"]
    assert len(set(ours.items()) ^ set(theirs.items())) == 4  # one number on each side, one programme on each side


def test_commissions_looked_at_three_demandes_or_say_why_not() -> None:
    attributions = example()[0].attributions
    assert attributions is not None
    few = attributions.filter(pl.col("demandes_examinees") < 3)
    assert len(few) > 0 and few["exception_caleol"].null_count() == few["preuve_exception"].null_count() == 0


def test_the_tool_writes_what_is_committed(tmp_path: Path) -> None:
    runpy.run_path(str(TOOL))["main"](tmp_path)
    for file in sorted((MARNE / "donnees").iterdir()):
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name
