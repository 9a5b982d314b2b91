"""The ways in of the verbs: workbooks, folders of parts, mappings, complements; and the proposal of a mapping."""

from __future__ import annotations

import builtins
import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from fluxrules.commands.loading import Data, load_tables
from fluxrules.data.mapping.load import load_mapping
from fluxrules.data.mapping.propose import propose
from fluxrules.data.mapping.propose_text import mapping_text, report
from fluxrules.data.population import generate
from fluxrules.data.read import read_tables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.vocabulary.load import standard_vocabulary

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "rulesets/correspondances/exemple.yaml"
GRID = ROOT / "rulesets/exemples/metropole-exemple.yaml"
DATA = ROOT / "tests/data/correspondance"
SNE = ROOT / "tests/data/sne/lot_0201.xml"
DAY = datetime.date(2026, 9, 1)
VOCABULARY = standard_vocabulary()


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_types_nothing_behind_our_back(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "classeur.xlsx",
        demandes=[
            ["numero_unique", "date_depot_initial", "code_commune_residence", "loyer_mensuel", "travailleur_essentiel"],
            ["0012", datetime.date(2024, 1, 5), "01053", 412, True],
            ["B", "05/01/2024", "51454", 412.5, "non"],
            ["C", datetime.datetime(2024, 1, 5), None, "", None],
        ],
        choix=[["numero_unique", "rang", "code_commune"], ["0012", 1, "51454"]],
        autre=[["x"], [1]],
    )
    reading = read_tables(path, VOCABULARY, DAY)
    assert reading.tables is not None and reading.tables.choix is not None
    kept = reading.tables.demandes.select(
        "numero_unique", "date_depot_initial", "code_commune_residence", "loyer_mensuel", "travailleur_essentiel"
    )
    assert kept.rows() == [
        ("0012", datetime.date(2024, 1, 5), "01053", 412, True),
        ("B", datetime.date(2024, 1, 5), "51454", None, False),
        ("C", datetime.date(2024, 1, 5), None, None, None),
    ]
    assert reading.tables.choix.rows() == [("0012", 1, "51454")]
    (about,) = reading.diagnostics
    assert (
        about.code == "FX5012"
        and about.place == "classeur.xlsx, feuille « demandes », ligne 3, colonne « loyer_mensuel »"
    )


def test_a_workbook_of_one_sheet_or_in_a_folder(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["numero_unique", "date_depot_initial"], ["A", "05/01/2024"]]
    one = workbook(tmp_path / "demandes.xlsx", Feuil1=rows)
    for path in (one, tmp_path):
        reading = read_tables(path, VOCABULARY, DAY)
        assert reading.tables is not None and reading.tables.demandes.height == 1
    nothing = workbook(tmp_path / "deux.xlsx", a=rows, b=rows)
    assert [d.code for d in read_tables(nothing, VOCABULARY, DAY).diagnostics] == ["FX5001"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"bonjour", b"\x00" * 50])
def test_broken_workbooks_get_a_message(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "demandes.xlsx"
    path.write_bytes(content)
    assert next(d.code for d in read_tables(path, VOCABULARY, DAY).diagnostics) == "FX5032"


def test_without_the_option_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "demandes.xlsx", demandes=[["numero_unique"], ["A"]])
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "fastexcel":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    first = read_tables(path, VOCABULARY, DAY).diagnostics[0]
    assert first.code == "FX5043" and "fluxrules[xlsx]" in first.help


def test_a_mapping_reads_a_workbook(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "x.xlsx",
        f=[
            ["N", "D", "L", "C"],
            [123456789012345678, datetime.date(2024, 1, 5), 1.5, 1053],
            ["A", datetime.date(2024, 1, 5), 2, "01053"],
        ],
    )
    only = workbook(tmp_path / "y.xlsx", f=[["N", "D"], [123456789012345678, datetime.date(2024, 1, 5)]])
    mapping = tmp_path / "m.yaml"
    fields = "date_dépôt_initial: D, loyer_mensuel: {colonne: L, arrondi: supérieur}, commune_résidence: C"
    mapping.write_text(
        f"langage: 1\ncorrespondance: x\nfichiers: {{x.xlsx: {{feuille: f, numéro: N, demandes: {{{fields}}}}}}}\n",
        "utf-8",
    )
    loaded = load_tables(Data(path, mapping), DAY)
    assert loaded.tables is not None
    assert loaded.tables.demandes["loyer_mensuel"].to_list() == [2, 2]
    assert [d.code for d in loaded.diagnostics] == ["FX5039"]
    mapping.write_text(
        "langage: 1\ncorrespondance: x\nfichiers: {y.xlsx: {numéro: N, demandes: {date_dépôt_initial: D}}}\n", "utf-8"
    )
    assert [d.code for d in load_tables(Data(only, mapping), DAY).diagnostics] == ["FX5040", "FX5014"]


def test_a_folder_of_parts(tmp_path: Path) -> None:
    tables = generate(40, 1, DAY)
    (tmp_path / "demandes").mkdir()
    tables.demandes[:25].write_parquet(tmp_path / "demandes" / "00000.parquet")
    tables.demandes[25:].write_parquet(tmp_path / "demandes" / "00001.parquet")
    reading = read_tables(tmp_path, VOCABULARY, DAY)
    assert reading.tables is not None and reading.tables.demandes.height == 40


def test_a_long_line_in_a_canonical_table(tmp_path: Path) -> None:
    (tmp_path / "demandes.csv").write_bytes(b"numero_unique;date_depot_initial\nA;" + b"x" * 3_000_000 + b"\n")
    assert [d.code for d in read_tables(tmp_path, VOCABULARY, DAY).diagnostics][:1] == ["FX5031"]


def test_a_complement_on_sne_xml(tmp_path: Path) -> None:
    base = load_tables(Data(SNE), DAY)
    assert base.tables is not None and base.tables.evenements is None
    numbers = base.tables.demandes["numero_unique"].to_list()
    rents = base.tables.demandes["loyer_mensuel"].to_list()
    (tmp_path / "demandes.csv").write_text(
        f"numero_unique;travailleur_essentiel;pieces_verifiees;loyer_mensuel\n{numbers[0]};oui;bail | quittance;{(rents[0] or 0) + 1}\nX;oui;;\n",
        "utf-8",
    )
    (tmp_path / "evenements.csv").write_text(
        f"numero_unique;type_evenement;date_evenement\n{numbers[0]};refus;2026-01-02\n", "utf-8"
    )
    loaded = load_tables(Data(SNE, complement=tmp_path), DAY)
    assert loaded.tables is not None and loaded.tables.evenements is not None
    row = loaded.tables.demandes.row(0, named=True)
    assert row["travailleur_essentiel"] is True and row["pieces_verifiees"] == ["bail", "quittance"]
    assert row["loyer_mensuel"] is (None if rents[0] is not None else 1)
    assert set(base.tables.demandes.columns) <= set(loaded.tables.demandes.columns)
    assert loaded.tables.demandes.height == base.tables.demandes.height
    assert loaded.tables.evenements.select("type_evenement", "date_evenement", "motif_refus").rows() == [
        ("refus", datetime.date(2026, 1, 2), None)
    ]
    assert "FX5009" in [d.code for d in loaded.diagnostics]


def test_a_complement_with_a_mapping_and_one_that_repeats_a_table(tmp_path: Path) -> None:
    generate(30, 1, DAY)
    base = load_tables(Data(SNE), DAY)
    assert base.tables is not None
    first = base.tables.demandes["numero_unique"][0]
    (tmp_path / "s.csv").write_text(f"NUM;REF\n{first};15/01/2026\n", "utf-8")
    mapping = tmp_path / "m.yaml"
    body = "langage: 1\ncorrespondance: x\nfichiers: {s.csv: {numéro: NUM, %s}}\n"
    mapping.write_text(body % "événements: {type_événement: {valeur: refus}, date_événement: REF}", "utf-8")
    loaded = load_tables(Data(SNE, mapping, tmp_path / "s.csv"), DAY)
    assert loaded.tables is not None and loaded.tables.evenements is not None and loaded.tables.evenements.height == 1
    mapping.write_text(body % "choix: {commune: REF}", "utf-8")
    again = load_tables(Data(SNE, mapping, tmp_path / "s.csv"), DAY)
    assert again.tables is None and "FX5007" in [d.code for d in again.diagnostics]


def cli(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "cli.py"), *words], text=True, capture_output=True, check=False)


def test_score_and_explain_take_a_mapping(tmp_path: Path) -> None:
    given = ["--donnees", str(DATA), "--mapping", str(EXAMPLE), "--date", "01/09/2026"]
    done = cli("score", str(GRID), *given, "--sortie", str(tmp_path / "o"))
    assert done.returncode == 0 and "demandes lues : 4" in done.stdout, done.stderr
    receipt = json.loads((tmp_path / "o/recu.json").read_text("utf-8"))
    assert {"demandes_2026-09.csv", "suivi.csv", "exemple.yaml"} <= set(receipt["données"])
    told = cli("explain", str(GRID), *given, "--demande", "051092400000100001")
    assert told.returncode == 0 and "412" not in told.stdout and "413 €/mois" in told.stdout


@pytest.mark.slow
def test_check_of_a_mapping(tmp_path: Path) -> None:
    done = cli("mapping", "check", str(EXAMPLE), "--donnees", str(DATA))
    assert done.returncode == 0 and "4 demande(s) lue(s), 3 gardée(s)" in done.stdout
    (tmp_path / "m.yaml").write_text(
        "langage: 1\ncorrespondance: x\nfichiers: {a.csv: {numéro: N, demandes: {loyer: L}}}\n", "utf-8"
    )
    assert cli("mapping", "check", str(tmp_path / "m.yaml")).returncode == 1
    assert cli("mapping", "check", str(tmp_path / "absent.yaml")).returncode == 2


@pytest.mark.slow
def test_check_of_a_mapping_made_to_complete(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("NUM;REF\nA;15/01/2026\n", "utf-8")
    fields = "événements: {type_événement: {valeur: refus}, date_événement: REF}"
    (tmp_path / "m.yaml").write_text(
        f"langage: 1\ncorrespondance: x\nfichiers: {{s.csv: {{numéro: NUM, {fields}}}}}\n", "utf-8"
    )
    done = cli("mapping", "check", str(tmp_path / "m.yaml"), "--donnees", str(tmp_path / "s.csv"))
    assert done.returncode == 0 and "1 ligne(s) de evenements dans s.csv" in done.stdout
    alone = cli(
        "score",
        str(GRID),
        "--donnees",
        str(tmp_path / "s.csv"),
        "--mapping",
        str(tmp_path / "m.yaml"),
        "--sortie",
        str(tmp_path / "o"),
    )
    assert alone.returncode == 2 and "FX5035" in alone.stderr and "--complement" in alone.stderr


def test_init_proposes_what_it_sees_and_never_an_identity(tmp_path: Path) -> None:
    proposals = [propose(p, VOCABULARY) for p in sorted(DATA.glob("*.csv"))]
    found = {m.seen.name: m.field.name for p in proposals for m in p.matches}
    expected = {
        "LOYER": "loyer_mensuel", "INSEE_RESIDENCE": "commune_résidence", "MOTIF_{1..3}": "motifs", "COMMUNE_{1..3}": "commune",
        "ENFANT_{1..3}_NAISSANCE": "date_naissance", "NAISSANCE": "date_naissance", "ESSENTIEL": "travailleur_essentiel",
        "RESSOURCES": "ressources_mensuelles_totales", "EVENEMENT": "type_événement",
    }  # fmt: skip
    assert expected.items() <= found.items()
    text = tmp_path / "m.yaml"
    text.write_text(mapping_text(proposals, VOCABULARY), "utf-8")
    bag = Bag()
    assert load_mapping(text, VOCABULARY, bag) is not None, [(d.place, d.message) for d in bag.items]
    path = tmp_path / "noms.csv"
    path.write_text("NUM;NOM;Prénom;MAIL;X;LOYER\nA;Dupont;Zoé;z@y.fr;2850975123456;400\n", "utf-8")
    proposal = propose(path, VOCABULARY)
    assert set(proposal.identities) == {"NOM", "Prénom", "MAIL", "X"} and [m.seen.name for m in proposal.matches] == [
        "LOYER"
    ]
    shown = mapping_text([proposal], VOCABULARY) + "\n".join(report(proposal))
    assert not any(secret in shown for secret in ("Dupont", "Zoé", "z@y.fr", "2850975123456"))


def test_init_takes_no_place_for_what_tables_say_of_it(tmp_path: Path) -> None:
    path = tmp_path / "noms.csv"
    path.write_text("NUM;Commune souhaitée;zone_plafonds\nA;PARIS;A bis\nB;PARIS;A\n", "utf-8")
    proposal = propose(path, VOCABULARY)
    assert [(m.seen.name, m.field.name) for m in proposal.matches] == [("zone_plafonds", "zone_plafonds")]
    assert [s.name for s in proposal.unplaced] == ["Commune souhaitée"]


@pytest.mark.slow
def test_what_fluxrules_writes_is_proposed_back(tmp_path: Path) -> None:
    tables = generate(60, 1, DAY)
    flat = tables.demandes.with_columns(pl.col(pl.List(pl.String)).list.join("|"))
    flat.write_csv(tmp_path / "demandes.csv", separator=";")
    proposal = propose(tmp_path / "demandes.csv", VOCABULARY)
    filled = {c for c in flat.columns if flat[c].null_count() < len(flat)} - {"numero_unique"}
    wrong = {m.seen.name: m.field.column for m in proposal.matches if m.seen.name != m.field.column}
    assert wrong == {} and proposal.key == "numero_unique"
    assert len(filled & {m.seen.name for m in proposal.matches}) >= len(filled) - 3


@pytest.mark.slow
def test_init_on_the_command_line(tmp_path: Path) -> None:
    target = tmp_path / "m.yaml"
    done = cli("mapping", "init", str(DATA / "suivi.csv"), "--sortie", str(target))
    assert done.returncode == 0 and target.is_file() and "suivi.csv" in done.stderr
    assert cli("mapping", "init", str(DATA / "suivi.csv"), "--sortie", str(target)).returncode == 2
    nowhere = cli("mapping", "init", str(DATA / "suivi.csv"), "--sortie", str(target / "m.yaml"))
    assert nowhere.returncode == 2 and "Écriture impossible" in nowhere.stderr and "Errno" not in nowhere.stderr
    assert cli("mapping", "init", str(tmp_path / "absent.csv")).returncode == 2
