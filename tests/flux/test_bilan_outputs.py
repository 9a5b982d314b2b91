"""What a recipient opens: workbook, CSV and page; whole or not at all; and no person in any of them."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner, Result

from fluxrules.commands.main import cli
from tests.flux.test_assiette import MARNE


def flux(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["flux", *map(str, args)], standalone_mode=False)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bilan") / "sortie"
    done = flux("bilan", MARNE, "--annee", "2025", "--sortie", folder)
    assert done.return_value == 0, done.stderr
    return folder


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_every_table_is_in_every_form(out: Path) -> None:
    folder = out / "bilan-2025-900000001-51"
    sheets = openpyxl.load_workbook(folder / "bilan.xlsx").sheetnames
    files = sorted(p.stem for p in (folder / "csv").glob("*.csv"))
    assert sorted(s for s in sheets if s != "Lisez-moi") == files and len(files) >= 20
    page = (folder / "bilan.html").read_text("utf-8")
    assert all(f'id="{name}"' in page for name in files)


def test_no_person_is_in_any_file(out: Path) -> None:
    people = pl.read_csv(MARNE / "donnees" / "attributions.csv", separator=";", infer_schema=False)[
        "numero_unique"
    ].drop_nulls()
    wanted = re.compile("|".join(map(re.escape, people.to_list())) + "|numero_unique")
    seen = 0
    for path in (p for p in out.rglob("*") if p.is_file()):
        if path.suffix == ".xlsx":
            with ZipFile(path) as book:
                texts = [book.read(n).decode("utf-8", "replace") for n in book.namelist()]
        else:
            texts = [path.read_text("utf-8")]
        for text in texts:
            seen += len(text)
            assert wanted.search(text) is None, path
    assert seen > 100_000


def test_the_workbook_is_ready_to_read(out: Path) -> None:
    book = openpyxl.load_workbook(out / "bilan-2025-900000001-51" / "bilan.xlsx")
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "A2"
        assert not any(c.data_type == "f" for row in sheet.iter_rows() for c in row)
    assert isinstance(book["T2-reservataires"]["E2"].value, int)


def test_a_french_spreadsheet_reads_the_numbers(out: Path) -> None:
    text = (out / "bilan-2025-900000001-51" / "csv" / "T1-assiette.csv").read_text("utf-8")
    assert ";18,6;" in text and not re.search(r";-?\d+\.\d+;", text)


def test_the_page_is_accessible_and_alone(out: Path) -> None:
    text = (out / "bilan-2025-900000001-51" / "bilan.html").read_text("utf-8")
    page = _Page()
    page.feed(text)
    tags = page.tags
    assert ("html", {"lang": "fr"}) in tags and "<title>Bilan 2025" in text
    assert [t for t, _ in tags if t in ("h1", "h2")].count("h1") == 1
    assert all(a.get("scope") in ("col", "row") for t, a in tags if t == "th")
    names = [t for t, _ in tags]
    assert names.count("caption") == names.count("table") > 15
    assert (
        all(a.get("aria-label") for t, a in tags if t == "svg") and names.count("svg") == names.count("figcaption") > 0
    )
    assert not {"script", "link", "img", "iframe"} & set(names) and "http" not in text and "url(" not in text
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_a_name_is_never_markup(tmp_path: Path) -> None:
    folder = tmp_path / "marne"
    shutil.copytree(MARNE, folder)
    file = folder / "donnees" / "reservataires.csv"
    file.write_text(file.read_text("utf-8").replace("Action Logement Services", "=1+1<b>&"), "utf-8")
    assert (
        flux("bilan", folder, "--annee", "2025", "--bailleur", "900000001", "--sortie", tmp_path / "s").return_value
        == 0
    )
    inside = tmp_path / "s" / "bilan-2025-900000001-51"
    assert "=1+1&lt;b&gt;&amp;" in (inside / "bilan.html").read_text("utf-8") and "<b>" not in (
        inside / "bilan.html"
    ).read_text("utf-8")
    assert "\n=1" not in (inside / "csv" / "T2-reservataires.csv").read_text("utf-8")


def test_a_folder_is_not_written_over_unless_asked(out: Path, tmp_path: Path) -> None:
    again = flux("bilan", MARNE, "--annee", "2025", "--sortie", out)
    assert again.exception is not None and "existe déjà" in str(again.exception)
    other = tmp_path / "s"
    assert flux("bilan", MARNE, "--annee", "2025", "--sortie", other, "--formats", "csv").return_value == 0
    assert (
        flux("bilan", MARNE, "--annee", "2025", "--sortie", other, "--formats", "html", "--remplacer").return_value == 0
    )
    assert {p.suffix for p in other.rglob("*") if p.is_file()} == {".html", ".json"}


def test_nothing_is_left_when_a_table_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "marne"
    shutil.copytree(MARNE, folder)
    (folder / "donnees" / "attributions.csv").unlink()
    done = flux("bilan", folder, "--annee", "2025", "--sortie", tmp_path / "s")
    assert done.return_value == 1 and "FX8501" in done.stderr and not (tmp_path / "s").exists()


def test_a_late_bilan_is_written_all_the_same(tmp_path: Path) -> None:
    done = flux(
        "bilan", MARNE, "--annee", "2025", "--sortie", tmp_path / "s", "--transmis", "15/03/2026", "--formats", "csv"
    )
    assert done.return_value == 1 and "FX8503" in done.stderr and (tmp_path / "s" / "recu.json").is_file()


def test_a_format_that_is_not_known_is_refused(tmp_path: Path) -> None:
    done = flux("bilan", MARNE, "--annee", "2025", "--sortie", tmp_path / "s", "--formats", "pdf")
    assert done.exception is not None and "xlsx,csv,html" in str(done.exception)
