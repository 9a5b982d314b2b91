"""``fluxrules replay``: a receipt is enough to say whether a run gives the same tables again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from fluxrules.commands.replay import command as replay
from fluxrules.commands.score import command as score
from fluxrules.data.population import generate
from fluxrules.data.tables import KEY
from tests.large import DAY, EXAMPLE, LOCAL, PARIS, REIMS, SMALL, set_constants
from tests.params import mostly_slow


def invoke(command: Any, *words: object) -> tuple[int, str]:
    found = CliRunner().invoke(command, [str(w) for w in words], standalone_mode=False)
    assert found.exception is None or found.exit_code, found.exception
    return (found.return_value if isinstance(found.return_value, int) else found.exit_code), found.output


@pytest.fixture
def place(tmp_path: Path) -> Path:
    tables = generate(300, 4, DAY, [REIMS, PARIS])
    (tmp_path / "d").mkdir()
    for name in ("demandes", "membres", "choix", "evenements"):
        getattr(tables, name).drop("zone_plafonds", "seuil_premier_quartile", strict=False).write_parquet(
            tmp_path / "d" / f"{name}.parquet"
        )
    (tmp_path / "a.yaml").write_text(EXAMPLE, "utf-8")
    (tmp_path / "b.yaml").write_text(LOCAL, "utf-8")
    return tmp_path


def run(place: Path, *more: object) -> Path:
    code, said = invoke(score, place / "a.yaml", place / "b.yaml", "--donnees", place / "d", "--date", "01/09/2026", "--sortie", place / "o", *more)  # fmt: skip
    assert code == 0, said
    return place / "o"


def again(place: Path, *more: object, grids: tuple[str, ...] = ("b.yaml", "a.yaml")) -> tuple[int, str]:
    return invoke(replay, place / "o", *(place / g for g in grids), "--donnees", place / "d", *more)


@pytest.mark.parametrize(
    "more",
    mostly_slow([[], ["--tous"], ["--sans-lignes"], ["--sortie-format", "csv"], ["--sortie-format", "xlsx"]], [[]]),
)
def test_the_same_run_is_identical(more: list[str], place: Path) -> None:
    run(place, *more)
    code, said = again(place)
    assert code == 0 and said.startswith("Identique"), said


def test_a_run_in_parts_is_replayed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_constants(SMALL | {"BATCH": 100, "PART_RESULTS": 40}, monkeypatch.setattr)
    assert (run(place) / "resultats" / "00001.parquet").exists()
    assert again(place)[0] == 0
    shutil.move(place / "d", place / "ailleurs")
    assert invoke(replay, place / "o", place / "a.yaml", place / "b.yaml", "--donnees", place / "ailleurs")[0] == 0


def test_what_is_not_as_it_was_is_named(place: Path) -> None:
    run(place)
    (place / "a.yaml").write_text(EXAMPLE.replace("chez un particulier: 30", "chez un particulier: 31"), "utf-8")
    code, said = again(place)
    assert code == 1 and "La grille « metropole-exemple » n'a plus le même sens" in said
    assert "resultats :" in said and "lignes/metropole-exemple :" in said and "lignes/locale" not in said
    (place / "a.yaml").write_text(EXAMPLE, "utf-8")
    choix = pl.read_parquet(place / "d" / "choix.parquet")
    choix[5:].write_parquet(place / "d" / "choix.parquet")
    code, said = again(place)
    assert code == 1 and "Le fichier de données « choix.parquet » a changé." in said and "ligne" in said
    code, said = again(place, grids=("a.yaml",))
    assert code == 1 and "La grille « locale » n'est pas donnée." in said


def test_rows_that_differ_are_counted(place: Path) -> None:
    run(place)
    file = place / "o" / "resultats.parquet"
    held = pl.read_parquet(file)
    held.with_columns(
        note=pl.when(pl.int_range(pl.len()) < 3).then(pl.col("note") + 1).otherwise("note")
    ).write_parquet(file)
    code, said = again(place)
    assert (
        code == 1
        and "La table « resultats » a été modifiée depuis le calcul" in said
        and "resultats : 3 lignes différentes." in said
    )
    held.write_parquet(file, compression="lz4")  # the same rows, written otherwise
    code, said = again(place)
    assert code == 0 and "a les mêmes lignes" in said
    file.unlink()
    assert again(place)[0] == 1


def test_other_bytes_of_another_version_are_compared_by_rows(place: Path) -> None:
    folder = run(place)
    receipt = json.loads((folder / "recu.json").read_text("utf-8"))
    file = folder / "positions.parquet"
    pl.read_parquet(file).write_parquet(file, compression="snappy")
    from fluxrules.cotation.receipt import output_hashes

    receipt["sorties"], receipt["moteur"]["polars"] = output_hashes(folder), "1.0.0"
    (folder / "recu.json").write_text(json.dumps(receipt), "utf-8")
    code, said = again(place)
    assert (
        code == 0 and "Version de polars : 1.0.0 pour le calcul" in said and "« positions » a les mêmes lignes" in said
    )


def test_pseudonyms_are_replayed_with_their_key(place: Path) -> None:
    from fluxrules.data.pseudonyms import create_key

    key = place / "clés" / "k"
    create_key(key)
    run(place, "--pseudonymes", key)
    assert again(place, "--pseudonymes", key)[0] == 0
    code, said = again(place)
    assert code == 2 and "FX6013" in said


def test_the_receipt_itself_names_its_folder(place: Path) -> None:
    run(place)
    done = invoke(replay, place / "o" / "recu.json", place / "a.yaml", place / "b.yaml", "--donnees", place / "d")
    assert done[0] == 0 and "Identique" in done[1], done


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"sorties": {"x": 1}}', '{"options": 3, "sorties": {}, "grilles": 1}']
)
def test_an_unreadable_receipt(content: str | None, place: Path) -> None:
    folder = run(place)
    (folder / "recu.json").unlink()
    if content is not None:
        (folder / "recu.json").write_text(content)
    code, said = again(place)
    assert code == 2 and "FX6012" in said


def test_unreadable_grids_and_data(place: Path) -> None:
    run(place)
    (place / "b.yaml").write_text("langage: 1\n", "utf-8")
    assert again(place)[0] == 2
    (place / "b.yaml").write_text(LOCAL, "utf-8")
    (place / "d" / "demandes.parquet").write_bytes(b"PAR1")
    code, said = again(place)
    assert code == 2 and "FX5001" in said and KEY not in said
