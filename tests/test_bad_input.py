"""Bad input ends in a French diagnostic: never a traceback, a crash, a hang, or half an output."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxrules.data.read import Reading, read_tables
from fluxrules.data.write import NotWrittenError, whole_folder
from fluxrules.diagnostics.diagnostic import MOST_SHOWN, Severity
from fluxrules.diagnostics.render import as_json, render_text
from fluxrules.model.check import check_source
from fluxrules.text.source import Unreadable, decode_source, read_source
from fluxrules.vocabulary.load import standard_vocabulary

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = (ROOT / "rulesets/exemples/metropole-exemple.yaml").read_text("utf-8")
VOCABULARY = standard_vocabulary()
DAY = date(2026, 9, 1)
HEAD = "langage: 1\ncotation: x\nnature: fragment\ntitre: t\nex æquo: la demande la plus ancienne d'abord\n"
FACTS = "exemples:\n  - nom: e\n    à la date du: 01/09/2026\n    faits: {loyer_mensuel: 400}\n    attendu: {note: 0}\n"
NINES = "9" * 5000


def codes(data: bytes | str) -> list[str]:
    source = decode_source(data.encode() if isinstance(data, str) else data, "x.yaml")
    if isinstance(source, Unreadable):
        return ["FX0001"]
    checked = check_source(source, VOCABULARY)
    render_text(checked.diagnostics, colour=False)
    assert checked.grid is not None or checked.diagnostics
    return [d.code for d in checked.diagnostics]


def grid(line: str, before: str = "") -> str:
    return f"{HEAD}{before}note:\n  retenir: la somme\n  critères:\n    a:\n      {line}\n{FACTS}"


def chain(first: str, step: str, count: int = 29) -> str:
    steps = "".join(f"  p{i}: {step.replace('P', f'p{i - 1}')}\n" for i in range(1, count + 1))
    return f"définitions:\n  p0: {first}\n{steps}"


SQUARES = chain("nombre de membre", "P * P")
NESTED_MINUS = "-(" * 32 + "P" + ")" * 32
NESTED_NOT = "non (" * 32 + "P" + ")" * 32
NASTY = {
    "brackets": ("[" * 30_000, "FX0006"),
    "huge number": (EXAMPLE.replace("plafond: 400", f"plafond: {NINES}"), "FX3004"),
    "huge fact": (EXAMPLE.replace("loyer_mensuel: 400", f"loyer_mensuel: {NINES}"), "FX4003"),
    "huge expectation": (EXAMPLE.replace("note: 290", f"note: {NINES}"), "FX3004"),
    "huge refusal": (EXAMPLE.replace("2e refus", f"{NINES}e refus"), "FX3004"),
    "huge refusal points": (EXAMPLE.replace("10 points par", f"{NINES} points par"), "FX3004"),
    "huge duration": (EXAMPLE.replace("pendant: 12 mois", f"pendant: {NINES} mois"), "FX3004"),
    "huge constant": (grid(f"{{si: loyer_mensuel > {'9' * 1500} €/mois, points: 1}}"), "FX1001"),
    "dashes": (grid(f"{{si: loyer_mensuel > {'–' * 1900}1 €/mois, points: 1}}"), "FX1001"),
    "chain of minus": (grid("{si: p29 > 3 €/mois, points: 1}", chain("loyer_mensuel", NESTED_MINUS)), "FX1001"),
    "chain of non": (grid("{si: p29, points: 1}", chain("DALO", NESTED_NOT)), "FX1001"),
    "squares of constants": (grid("{si: p29 > 3, points: 1}", chain("2 * 3", "P * P")), "FX6005"),
    "squares in bands": (grid("{selon: p29, tranches: {jusqu'à 3: 1, plus de 3: 2}}", SQUARES), "FX6005"),
    "squares in steps": (grid("points: 1 par 1 de p29", SQUARES), "FX6005"),
    "endless key": (f'{HEAD}? "{"k" * 500_000}"\n: 1\n', "FX3002"),
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_rule_file_gets_its_diagnostic(name: str) -> None:
    data, expected = NASTY[name]
    assert expected in codes(data)


def test_of_many_defects_a_person_is_shown_the_gravest() -> None:
    lines = "".join(f"    c{i}:\n      si: dalo_{i}\n      points: 1\n" for i in range(1500))
    source = decode_source(f"{HEAD}note:\n  retenir: la somme\n  critères:\n{lines}".encode(), "x")
    assert not isinstance(source, Unreadable)
    found = check_source(source, VOCABULARY).diagnostics
    assert [d.code for d in found] == ["FX2001"] * 1500
    assert "« DALO »" in found[0].help and "Vouliez-vous" not in found[-1].help  # no guess for each past those shown
    advice = tuple(replace(d, code="FX2012", severity=Severity.AVERTISSEMENT) for d in found[:50])
    text = render_text(advice + found)
    assert text.count("erreur FX2001") == MOST_SHOWN and "FX2012" not in text
    assert "\n1450 autres messages ne sont pas montrés : corrigez ceux-ci, puis relancez.\n" in text
    assert len(as_json(advice + found)) == 1550


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_mutation_of_an_example_gives_diagnostics(data: st.DataObject) -> None:
    raw = bytearray(EXAMPLE.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        end = at + data.draw(st.integers(0, 12))
        raw[at:end] = data.draw(st.one_of(st.binary(max_size=6), st.text(max_size=6).map(str.encode)))
    codes(bytes(raw))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_diagnostics(data: bytes) -> None:
    assert codes(data)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "demandes.csv"
    os.mkfifo(pipe)
    assert isinstance(read_source(pipe), Unreadable)
    assert [d.code for d in read_tables(pipe, VOCABULARY, DAY).diagnostics] in (["FX5001"], ["FX5031"], ["FX5032"])


def reading(tmp_path: Path, **columns: pl.Series) -> Reading:
    size = len(next(iter(columns.values())))
    base = {
        "numero_unique": pl.Series(map(str, range(size))),
        "date_depot_initial": pl.Series([date(2024, 1, 1)] * size),
    }
    pl.DataFrame(base | columns).write_parquet(tmp_path / "demandes.parquet")
    return read_tables(tmp_path, VOCABULARY, DAY)


FAR = pl.Series([10**8, -(10**8)], dtype=pl.Int32).cast(pl.Date)
ODD = {
    "a list for a number": ("loyer_mensuel", pl.Series([[1], [2]]), "FX5012"),
    "bytes for a number": ("loyer_mensuel", pl.Series([b"\xff", b"\xfe"]), "FX5012"),
    "a duration for a number": ("loyer_mensuel", pl.Series([timedelta(days=1)] * 2), "FX5012"),
    "a far day for a number": ("loyer_mensuel", FAR, "FX5012"),
    "a list for a yes or no": ("travailleur_essentiel", pl.Series([[True], [False]]), "FX5013"),
    "a list for a value": ("mode_logement_actuel", pl.Series([["LTG"], ["LTG"]]), "FX5010"),
    "lists of lists": ("modes_logement_actuel", pl.Series([[["LTG"]], [["LTG"]]]), "FX5010"),
    "a list for a day": ("date_radiation", pl.Series([[DAY], [DAY]]), "FX5011"),
    "days out of the calendar": ("date_radiation", FAR, "FX5011"),
    "a list for a key": ("numero_unique", pl.Series([["1"], ["2"]]), "FX5014"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_type_of_parquet_is_unknown(name: str, tmp_path: Path) -> None:
    column, values, code = ODD[name]
    read = reading(tmp_path, **{column: values})
    assert code in [d.code for d in read.diagnostics]
    if read.tables is not None and column != "numero_unique":
        assert read.tables.demandes[column].null_count() == 2


def test_a_fixed_size_list_is_a_list(tmp_path: Path) -> None:
    read = reading(tmp_path, modes_logement_actuel=pl.Series([["LTG"], ["LTG"]], dtype=pl.Array(pl.String, 1)))
    assert read.diagnostics == () and read.tables is not None
    assert read.tables.demandes["modes_logement_actuel"].to_list() == [["LTG"], ["LTG"]]


def test_a_column_with_the_name_of_our_row_number_is_left_out(tmp_path: Path) -> None:
    read = reading(tmp_path, _ligne=pl.Series(["a", "b"]), numero_unique=pl.Series(["", "2"]))
    assert read.rejects["ligne"].to_list() == [1]


@pytest.mark.parametrize("data", [b"a" * 3_000_000, b";" * 1_000_000, b'"' + b"x;" * 10_000, b"\0\0", b"\xff\xfea"])
def test_a_csv_that_is_no_table_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "demandes.csv").write_bytes(data)
    assert [d.code for d in read_tables(tmp_path, VOCABULARY, DAY).diagnostics] in (["FX5001"], ["FX5031"], ["FX5032"])


def test_only_a_folder_of_ours_is_replaced(tmp_path: Path) -> None:
    kept = tmp_path / "documents" / "rapport.txt"
    kept.parent.mkdir()
    kept.write_text("x")
    with pytest.raises(NotWrittenError, match="n'est pas un résultat"), whole_folder(kept.parent, replace=True):
        pass
    assert kept.exists() and list(tmp_path.iterdir()) == [kept.parent]


def test_an_interruption_between_the_two_moves_keeps_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "r"
    target.mkdir()
    (target / "recu.json").write_text("ancien")
    plain = Path.rename

    def rename(path: Path, other: Path) -> Path:
        if other == target and path.name != "ancien":
            raise KeyboardInterrupt
        return plain(path, other)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(KeyboardInterrupt), whole_folder(target, replace=True) as folder:
        (folder / "recu.json").write_text("neuf")
    assert (target / "recu.json").read_text() == "ancien"
    assert list(tmp_path.iterdir()) == [target]


def run(*args: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "cli.py"), *args], text=True, capture_output=True, **options)  # type: ignore[call-overload,no-any-return]


def test_a_reader_that_stops_is_no_failure() -> None:
    process = subprocess.Popen([sys.executable, str(ROOT / "cli.py"), "explain-code"], stdout=-1, stderr=-1)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert (process.wait(), process.stderr.read()) == (0, b"")
    process.stderr.close()


def test_a_population_before_2000_is_refused(tmp_path: Path) -> None:
    done = run("population", "--demandes", "3", "--date", "01/01/1990", "--sortie", str(tmp_path / "p"))
    assert done.returncode == 2 and "postérieure à 1999" in done.stderr


@pytest.mark.slow
def test_the_data_are_never_replaced(tmp_path: Path) -> None:
    assert run("population", "--demandes", "3", "--date", "01/09/2026", "--sortie", "p", cwd=tmp_path).returncode == 0
    grid = str(ROOT / "rulesets/exemples/metropole-exemple.yaml")
    done = run("score", grid, "--donnees", "p", "--sortie", "p", "--remplacer", "--date", "01/09/2026", cwd=tmp_path)
    assert done.returncode == 2 and (tmp_path / "p/demandes.parquet").exists()


@pytest.mark.slow
def test_a_termination_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "cli.py"), "population", "--demandes", "3000000", "--sortie", "p"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=-1)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(3)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate()
    assert process.returncode == 130 and b"Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_system_set_to_ascii_reads_and_writes_names_with_accents(tmp_path: Path) -> None:
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert (
        run("population", "--demandes", "20", "--date", "01/09/2026", "--sortie", "données", cwd=tmp_path).returncode
        == 0
    )
    grid = tmp_path / "grille-à-moi.yaml"
    grid.write_text(EXAMPLE, "utf-8")
    for words in (
        ["check", grid.name],
        ["score", grid.name, "--donnees", "données", "--date", "01/09/2026", "--sortie", "résultat"],
        [
            "score",
            grid.name,
            "--donnees",
            "données/demandes.parquet",
            "--tous",
            "--date",
            "01/09/2026",
            "--sortie",
            "r",
        ],
    ):
        done = run(*words, cwd=tmp_path, env=ascii_only, encoding="utf-8")
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "résultat" / "resultats.parquet").exists()
    plain = run("score", grid.name, "--donnees", "données", "--date", "01/09/2026", "--sortie", "ici", cwd=tmp_path)
    assert plain.returncode == 0
    assert (tmp_path / "ici/recu.json").read_bytes() == (tmp_path / "résultat/recu.json").read_bytes()
