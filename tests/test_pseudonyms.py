"""Keyed pseudonyms: the HMAC itself, keys kept apart and private, folders from which no number comes out."""

from __future__ import annotations

import hashlib
import hmac
import json
import stat
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from fluxrules.commands.export import command as export
from fluxrules.commands.score import command as score
from fluxrules.data.population import generate
from fluxrules.data.pseudonyms import Key, KeyRefusedError, create_key, pseudonymise, read_key
from fluxrules.text.resources import resource
from tests.runs import numbers_in, write_run

KEY = Key(bytes(range(32)))


def run(*words: object) -> Result:
    return CliRunner().invoke(export, [str(w) for w in words], standalone_mode=False)


def test_the_pseudonym_is_the_hmac_of_the_number() -> None:
    frame = pl.DataFrame({"note": [1, 2, 3, 4], "numero_unique": ["B", "é", "B", None]})
    made = pseudonymise(frame, KEY)
    known = {n: hmac.new(KEY.secret, n.encode(), hashlib.sha256).hexdigest()[:32] for n in ("B", "é")}
    assert made.columns == ["note", "pseudonyme"]
    assert sorted(made.drop_nulls().rows()) == [(1, known["B"]), (2, known["é"]), (3, known["B"])]
    assert made["pseudonyme"].drop_nulls().is_sorted() and made["pseudonyme"].null_count() == 1
    assert pseudonymise(frame.reverse(), KEY).equals(made)
    assert not pseudonymise(frame, Key(b"x" * 32))["pseudonyme"].equals(made["pseudonyme"])


def test_a_key_is_private_new_and_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "cles" / "cle"
    key = create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path) == key and key.secret.hex() not in repr(key) and key.secret.hex()[:16] != key.mark
    with pytest.raises(KeyRefusedError, match="jamais remplacée"):
        create_key(path)
    with pytest.raises(KeyRefusedError, match="dossier de données"):
        read_key(path, [tmp_path])
    path.chmod(0o640)
    with pytest.raises(KeyRefusedError, match="chmod 600"):
        read_key(path)
    path.chmod(0o600)
    path.write_text("secret")
    with pytest.raises(KeyRefusedError, match="pas une clé"):
        read_key(path)
    with pytest.raises(KeyRefusedError, match="ne se lit pas"):
        read_key(tmp_path / "absente")


@pytest.mark.parametrize("marker", ["recu.json", "LISEZMOI.json", "demandes.parquet", "resultats.csv"])
def test_a_key_never_lies_in_data_even_through_a_link(tmp_path: Path, marker: str) -> None:
    (tmp_path / "data" / "sous").mkdir(parents=True)
    (tmp_path / "data" / marker).write_text("{}")
    with pytest.raises(KeyRefusedError):
        create_key(tmp_path / "data" / "sous" / "cle")
    (tmp_path / "lien").symlink_to(tmp_path / "data" / "sous")
    with pytest.raises(KeyRefusedError):
        create_key(tmp_path / "lien" / "cle")
    assert not (tmp_path / "data" / "sous" / "cle").exists()


def test_a_folder_without_any_number(tmp_path: Path) -> None:
    numbers = [f"0510126{i:06}TEST1" for i in range(40)]
    write_run(tmp_path / "r", numbers)
    assert run("cle", tmp_path / "cle").return_value == 0
    done = run("pseudonymise", tmp_path / "r", "--cle", tmp_path / "cle", "--sortie", tmp_path / "p")
    assert done.return_value == 0, done.output
    out = tmp_path / "p"
    files = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert files == ["lignes/reims.parquet", "positions.parquet", "recu.json", "resultats.parquet"]
    secret = (tmp_path / "cle").read_text().split()[1]
    for path in out.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert secret.encode() not in content and not any(n.encode() in content for n in numbers)
    names = numbers_in(out)
    assert len(names) == 40 and not names & set(numbers)
    results = pl.read_parquet(out / "resultats.parquet")
    assert results["pseudonyme"].is_sorted() and sorted(results["note"]) == [10 * i for i in range(40)]
    said = json.loads((out / "recu.json").read_text("utf-8"))["pseudonymes"]
    assert (
        "HMAC-SHA256" in said["méthode"] and said["tables omises"] == ["rejets"] and said["lignes"]["resultats"] == 40
    )
    again = run("pseudonymise", out, "--cle", tmp_path / "cle", "--sortie", tmp_path / "pp")
    assert again.return_value == 1 and "FX5070" in again.output
    assert run("tables", out, "--sortie", tmp_path / "csv").return_value == 0
    assert (tmp_path / "csv" / "resultats.csv").read_text("utf-8-sig").startswith("pseudonyme;")


def test_synthetic_results_still_say_so(tmp_path: Path) -> None:
    write_run(tmp_path / "r", ["ASYNTH"])
    run("cle", tmp_path / "cle")
    run("pseudonymise", tmp_path / "r", "--cle", tmp_path / "cle", "--sortie", tmp_path / "p")
    assert "synthétiques" in run("tables", tmp_path / "p", "--sortie", tmp_path / "c").output
    (tmp_path / "d").mkdir()
    pl.DataFrame({"numero_unique": ["A"], "code_commune": ["51454"]}).write_parquet(tmp_path / "d" / "choix.parquet")
    refused = run("sne", tmp_path / "p", "--donnees", tmp_path / "d", "--sortie", tmp_path / "s.csv", "--essai")
    assert refused.return_value == 1 and "FX5063" in refused.output


@pytest.mark.parametrize("column", ["observations", "manque_bis"])
@pytest.mark.parametrize("table", ["positions.parquet", "lignes/reims.parquet"])
def test_a_column_that_is_not_known_is_refused(tmp_path: Path, table: str, column: str) -> None:
    write_run(tmp_path / "r", ["A"])
    frame = pl.read_parquet(tmp_path / "r" / table)
    frame.with_columns(pl.lit("Mme X").alias(column)).write_parquet(tmp_path / "r" / table)
    run("cle", tmp_path / "cle")
    done = run("pseudonymise", tmp_path / "r", "--cle", tmp_path / "cle", "--sortie", tmp_path / "p")
    assert done.return_value == 1 and "FX5071" in done.output and "Mme X" not in done.output
    assert not (tmp_path / "p").exists()


def test_a_number_in_another_column_is_refused(tmp_path: Path) -> None:
    write_run(tmp_path / "r", ["A", "B"])
    frame = pl.read_parquet(tmp_path / "r" / "positions.parquet")
    frame.with_columns(pl.lit("B").alias("classe")).write_parquet(tmp_path / "r" / "positions.parquet")
    run("cle", tmp_path / "cle")
    done = run("pseudonymise", tmp_path / "r", "--cle", tmp_path / "cle", "--sortie", tmp_path / "p")
    assert done.return_value == 1 and "FX5071" in done.output


def test_a_whole_run_becomes_pseudonyms_with_its_distribution(tmp_path: Path) -> None:
    """Tables that name nobody (repartition, quantiles) go as they are."""
    day = date(2026, 9, 1)
    tables = generate(300, 3, day)
    (tmp_path / "d").mkdir()
    for name in ("demandes", "membres", "choix"):
        getattr(tables, name).write_parquet(tmp_path / "d" / f"{name}.parquet")
    words = (tmp_path / "d", "--tous", "--quiet", "--date", "01/09/2026", "--sortie", tmp_path / "r")
    grille = resource("rulesets/exemples/metropole-exemple.yaml")
    done = CliRunner().invoke(score, [str(grille), "--donnees", *map(str, words)], standalone_mode=False)
    assert done.exception is None, done.output
    assert run("cle", tmp_path / "cle").exception is None
    done = run("pseudonymise", tmp_path / "r", "--cle", tmp_path / "cle", "--sortie", tmp_path / "p")
    assert done.return_value == 0, done.output
    for name in ("repartition", "quantiles"):
        assert pl.read_parquet(tmp_path / "p" / f"{name}.parquet").equals(
            pl.read_parquet(tmp_path / "r" / f"{name}.parquet")
        )
    for name in ("resultats", "positions", "lignes/metropole-exemple"):
        there = pl.read_parquet(tmp_path / "p" / f"{name}.parquet")
        assert "numero_unique" not in there.columns and there["pseudonyme"].n_unique() == 300
