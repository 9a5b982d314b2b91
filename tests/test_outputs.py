"""Tables out: no cell is a formula, data comes back, sheets split, files appear whole; what an Excel file holds is read from its XML."""

from __future__ import annotations

import builtins
import errno
import gc
import re
import tempfile
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from fluxrules.commands.export import command as export
from fluxrules.data import write_workbook as workbooks
from fluxrules.data.cells import RISKY, flat, guarded, unguarded
from fluxrules.data.export_tables import export_folder, export_workbook
from fluxrules.data.outputs import COLUMNS, NUMBERED
from fluxrules.data.run_folder import open_run
from fluxrules.data.write import NotWrittenError, read_csv, whole_file, write_csv, write_short_csv, write_table
from fluxrules.data.write_workbook import Sheet, write_workbook
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.diagnostics.registry import pages
from tests.runs import DAY, grid, write_run

ROOT = Path(__file__).resolve().parent.parent
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NASTY = [
    "=1+1", "+33", "-5", "@SUM(A1)", "\t=x", "\r=x", "\n=x", " =1", "\u00a0=1", "＝1", "'t", "'=1", "''", "",
    "<r><f>1</f></r>", "_x0041_", "\x01", "https://exemple.fr", "mailto:a@b.fr", "{=1}", "1e5", "051022400010200001",
]  # fmt: skip


def sheets(path: Path) -> dict[str, list[list[str | None]]]:
    """Sheet name → rows of texts, for the files we write; every cell must be a plain value."""
    found: dict[str, list[list[str | None]]] = {}
    with zipfile.ZipFile(path) as book:
        names = [s.attrib["name"] for s in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_NS}sheet")]
        for i, name in enumerate(names, 1):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{i}.xml"))
            assert not list(root.iter(f"{_NS}f")) and not list(root.iter(f"{_NS}hyperlink"))
            found[name] = [[_value(c) for c in row] for row in root.iter(f"{_NS}row")]
    return found


def _value(cell: ElementTree.Element) -> str | None:
    if cell.attrib.get("t") == "inlineStr":
        text = "".join(t.text or "" for t in cell.iter(f"{_NS}t"))
        return re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text)
    value = cell.find(f"{_NS}v")
    return value.text if value is not None else None


@given(st.lists(st.none() | st.text(max_size=12) | st.sampled_from(NASTY), min_size=1, max_size=6), st.data())
@settings(max_examples=200, deadline=None)
def test_short_tables_have_the_bytes_of_the_others(texts: list[str | None], data: st.DataObject) -> None:
    hundredths = data.draw(st.lists(st.none() | st.integers(-(10**9), 10**9), min_size=len(texts), max_size=len(texts)))
    numbers = [None if n is None else n / 100 for n in hundredths]
    days = [None, date(2025, 2, 1), *[date(1999, 12, 31)] * len(texts)][: len(texts)]
    frame = pl.DataFrame(
        {"Réservataire": pl.Series(texts, dtype=pl.String), "=Nombre": pl.Series(numbers, dtype=pl.Float64), "N": hundredths, "Le; ou": pl.Series(days, dtype=pl.Date)},
        schema_overrides={"N": pl.Int64},
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        long, short = Path(folder) / "long.csv", Path(folder) / "short.csv"
        write_csv(frame, long, comma=True)
        write_short_csv(frame, short)
        assert short.read_bytes() == long.read_bytes()


def test_no_csv_cell_is_run_and_the_data_comes_back(tmp_path: Path) -> None:
    frame = pl.DataFrame({"=t": NASTY, "n": [-1] * len(NASTY), "l": [["-a", "b"], []] * (len(NASTY) // 2)})
    write_csv(frame, tmp_path / "t.csv")
    raw = pl.read_csv(tmp_path / "t.csv", separator=";", infer_schema=False)
    texts = [raw.columns[0], *raw["'=t"].to_list(), *raw["l"].drop_nulls().to_list()]
    assert not any(t and re.match(r"[\s\x00-\x1f]*[=+\-@＝]", t) for t in texts)
    assert raw["n"].unique().to_list() == ["-1"]
    assert read_csv(tmp_path / "t.csv")["=t"].to_list() == NASTY


@given(st.lists(st.text(), min_size=1, max_size=20))
def test_guards_are_undone(values: list[str]) -> None:
    frame = pl.DataFrame({"t": values})
    safe = guarded(flat(frame))
    assert unguarded(safe).equals(frame)
    assert not any(s is not None and not s.startswith("'") and pl.Series([s]).str.contains(RISKY)[0] for s in safe["t"])


def test_a_workbook_holds_text_as_text_and_dates_as_dates(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    size = len(NASTY)
    frame = pl.DataFrame(
        {
            "numero_unique": NASTY,
            "jour": [date(2026, 9, 1)] * size,
            "ancien": [date(1890, 1, 1)] * size,
            "note": pl.Series([Decimal("42.2500")] * size, dtype=pl.Decimal(38, 4)),
            "grand": [2**60] * size,
            "vrai": [True] * size,
            "liste": [["=a", "b"]] * size,
        }
    )
    write_table(frame, tmp_path, "resultats", "xlsx")
    rows = sheets(tmp_path / "resultats.xlsx")["resultats"]
    kept = [n for n in NASTY if n]  # an empty text is an empty cell
    assert [r[0] for r in rows[1:] if len(r) == 7] == kept
    assert rows[1][1:] == ["46266", "1890-01-01", "42.2500", str(2**60), "1", "=a | b"]
    xml = zipfile.ZipFile(tmp_path / "resultats.xlsx").read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in xml and 'customWidth="1"' in xml


def test_same_tables_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    for name in ("a", "b"):
        write_workbook([Sheet("t", pl.LazyFrame({"x": [1]}))], tmp_path / name, [("Date", "1")], day=DAY)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_long_table_goes_over_several_sheets(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    frame = pl.DataFrame({"x": range(25)})
    placed = write_workbook(
        [Sheet("t", frame.lazy()), Sheet("T", frame[:0].lazy())], tmp_path / "t.xlsx", [("À lire", "x")], rows=11
    )
    assert placed == {"t": ["t", "t (2)", "t (3)"], "T": ["T (4)"]}
    found = sheets(tmp_path / "t.xlsx")
    assert [int(r[0] or 0) for s in placed["t"] for r in found[s][1:]] == list(range(25))
    assert found["T (4)"] == [["x"]]
    assert ["Table « t »", "feuille(s) : t, t (2), t (3)"] in found["Lisez-moi"]


@pytest.mark.parametrize("name", ["a/b:c*?[d]" + "x" * 40, "'", "History", "Lisez-moi"])
def test_any_name_makes_a_sheet(tmp_path: Path, name: str) -> None:
    pytest.importorskip("xlsxwriter")
    placed = write_workbook([Sheet(name, pl.LazyFrame({"x": [1]}))], tmp_path / "t.xlsx", [("a", "b")])
    assert len(placed[name][0]) <= 31 and len(sheets(tmp_path / "t.xlsx")) == 2


def test_a_text_too_long_for_a_cell_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    with pytest.raises(NotWrittenError, match="« x »"):
        write_workbook([Sheet("t", pl.LazyFrame({"x": ["é" * 40_000]}))], tmp_path / "t.xlsx")


def test_without_xlsxwriter_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_writer(name: str, *rest: Any) -> Any:
        if name.startswith("xlsxwriter"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", no_writer)
    done = CliRunner().invoke(
        export, ["tables", str(write_run(tmp_path / "r", ["A"])), "--sortie", str(tmp_path / "x.xlsx")]
    )
    assert done.exit_code == 1 and "pip install" in done.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("rows", [1, 30_000])
def test_a_full_disk_says_so_once(rows: int) -> None:
    frame = pl.DataFrame({"x": [f"texte {i * i}" for i in range(rows)]})
    with pytest.raises(OSError) as raised:
        write_workbook([Sheet("t", frame)], Path("/dev/full"))
    assert raised.value.errno == errno.ENOSPC
    del raised
    gc.collect()  # the archive goes, and writes its end


def test_only_the_listed_outputs_carry_the_number(tmp_path: Path) -> None:
    frame = pl.DataFrame({"numero_unique": ["A"]})
    with pytest.raises(ValueError, match="may not carry"):
        write_table(frame, tmp_path, "bilan", "csv")
    (tmp_path / "lignes").mkdir()
    write_table(frame, tmp_path / "lignes", "reims", "parquet")
    text = (ROOT / "docs" / "sorties.md").read_text("utf-8")
    assert all(f"`{o.name}`" in text for o in NUMBERED)
    assert all(f"`{c}`" in text for columns in COLUMNS.values() for c in columns if " " not in c)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "t.csv"
    with pytest.raises(NotWrittenError, match="plus de place"), whole_file(target) as work:
        work.write_text("moitié")
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []
    target.write_text("ancien")
    with pytest.raises(NotWrittenError, match="existe déjà"), whole_file(target):
        pass
    with pytest.raises(KeyboardInterrupt), whole_file(target, replace=True) as work:
        work.write_text("moitié")
        raise KeyboardInterrupt
    assert target.read_text() == "ancien" and list(tmp_path.iterdir()) == [target]


def test_a_run_becomes_a_workbook_that_says_what_it_is(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    run = write_run(tmp_path / "r", ["A1SYNTH", "B1SYNTH"], grids=[grid(nature="projet")])
    done = CliRunner().invoke(export, ["tables", str(run), "--sortie", str(tmp_path / "r.xlsx")], standalone_mode=False)
    assert done.return_value == 0, done.output
    found = sheets(tmp_path / "r.xlsx")
    assert list(found) == ["Lisez-moi", "resultats", "positions", "rejets", "reims"]
    said = "\n".join(" ".join(c or "" for c in row) for row in found["Lisez-moi"])
    for part in (
        "01/09/2026",
        "« reims », projet, CU du Grand Reims",
        "ESSAI",
        "synthétiques",
        "La commission",
        "a1a1a1",
    ):
        assert part in said
    assert found["resultats"][0][:4] == ["numero_unique", "territoire", "grille", "note"]
    assert found["reims"][0] == ["numero_unique", "territoire", "DALO", "-enfants"]
    assert (
        "ESSAI — DONNÉES SYNTHÉTIQUES" in zipfile.ZipFile(tmp_path / "r.xlsx").read("xl/worksheets/sheet2.xml").decode()
    )


def test_a_run_becomes_a_folder_of_csv(tmp_path: Path) -> None:
    run = write_run(tmp_path / "r", ["A", "B"])
    words = ["tables", str(run), "--sortie", str(tmp_path / "c"), "--table", "resultats", "--table", "lignes"]
    assert CliRunner().invoke(export, words, standalone_mode=False).return_value == 0
    files = sorted(p.relative_to(tmp_path / "c").as_posix() for p in (tmp_path / "c").rglob("*") if p.is_file())
    assert files == ["LISEZMOI.txt", "lignes/reims.csv", "recu.json", "resultats.csv"]
    assert (
        (tmp_path / "c" / "lignes" / "reims.csv")
        .read_text("utf-8-sig")
        .startswith("numero_unique;territoire;DALO;'-enfants")
    )
    assert "ATTENTION" not in (tmp_path / "c" / "LISEZMOI.txt").read_text("utf-8")


def test_a_table_read_as_it_is_written_gives_the_bytes_of_one_held_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = open_run(write_run(tmp_path / "r", [f"N{i:04}" for i in range(300)]), Bag())
    assert run is not None
    export_folder(run, tmp_path / "csv")
    for name in run.tables:
        write_csv(run.scan(name).collect(), tmp_path / "whole.csv")
        assert (tmp_path / "csv" / f"{name}.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    pytest.importorskip("xlsxwriter")
    for block in (10**6, 7):
        monkeypatch.setattr(workbooks, "BLOCK", block)
        export_workbook(run, tmp_path / f"{block}.xlsx")
    assert (tmp_path / "7.xlsx").read_bytes() == (tmp_path / "1000000.xlsx").read_bytes()


def test_another_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    run = write_run(tmp_path / "r", ["A"])
    (tmp_path / "r" / "resultats" / "00000.parquet").write_bytes(b"PAR1")
    for folder in (tmp_path / "vide", tmp_path / "absent", run):
        done = CliRunner().invoke(
            export, ["tables", str(folder), "--sortie", str(tmp_path / "c")], standalone_mode=False
        )
        assert done.return_value == 2 and "FX5060" in done.output
    assert not (tmp_path / "c").exists()


def test_every_code_of_outputs_has_its_page() -> None:
    assert {f"FX50{n}" for n in range(60, 78)} <= set(pages())
