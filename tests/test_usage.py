"""The command line speaks French to who mistypes it, and to who asks for help."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent


def cli(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "cli.py"), *words], capture_output=True, text=True, cwd=cwd)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("chek g.yaml", "Le verbe « chek » n'existe pas. Vouliez-vous écrire « check » ?"),
        ("check", "Il manque « FICHIERS »."),
        ("score g.yaml --donnees d", "Il manque « --sortie »."),
        ("check g.yaml --formt json", "L'option « --formt » n'existe pas. Vouliez-vous écrire « --format » ?"),
        ("check g.yaml --format", "L'option « --format » attend une valeur."),
        (
            "check g.yaml --format xml",
            "La valeur de « --format » n'est pas bonne : choisissez « texte » ou « json » ou « sarif » ou « github ».",
        ),
        ("population --demandes 0 --sortie p", "donnez un nombre entier de 1 à 100000000"),
        ("population --demandes cent --sortie p", "donnez un nombre entier"),
        ("population --seed x --sortie p", "La valeur de « --seed » n'est pas bonne : donnez un nombre entier."),
        ("population --seed -3 --sortie p", "La graine est un entier positif ou nul : -3."),
        ("population --radiees deux --sortie p", "donnez un nombre de 0 à 1, avec un point."),
        ("population --date 2026/09/01 --sortie p", "« 2026/09/01 » n'est pas une date ; écrivez 01/09/2026."),
        ("population --radiees 3 --sortie p", "donnez un nombre de 0 à 1, avec un point."),
        ("check g.yaml --strict=oui", "L'option « --strict » s'écrit seule, sans valeur."),
        ("mapping chek", "Le verbe « chek » n'existe pas. Vouliez-vous écrire « check » ?"),
        ("init a.yaml b.yaml", "Il y a un mot de trop : « b.yaml »."),
        (
            "flux purge absent",
            "La valeur de « DOSSIER » n'est pas bonne : « absent » n'existe pas.",
        ),
        ("flux suivi . --annee 2025 --journal .", "« . » est un dossier ; donnez un fichier."),
        ("init absent/g.yaml", "« absent/g.yaml » ne s'écrit pas : son dossier n'existe pas."),
    ],
)
def test_a_mistyped_command_is_said_in_french(words: str, said: str, tmp_path: Path) -> None:
    done = cli(*words.split(), cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr and done.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["", "check", "score", "population", "mapping", "export"])
def test_help_is_in_french(verb: str) -> None:
    text = cli(*verb.split(), "--help").stdout
    assert text.startswith("Usage : ") and "Affiche cette aide." in text
    for english in ("Show", "required", "COMMAND", "Commands", "ARGS", "PATH", "TEXT]", "INTEGER", "FLOAT", "<="):
        assert english not in text


def test_no_verb_gives_the_help() -> None:
    done = cli()
    assert done.returncode == 2 and "Verbes :" in done.stderr and "explain-code" in done.stderr


def test_the_first_grid_names_the_schema_that_the_verb_writes(tmp_path: Path) -> None:
    assert cli("init", "g.yaml", cwd=tmp_path).returncode == 0
    text = (tmp_path / "g.yaml").read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=cotation.schema.json\n")
    schema = json.loads(cli("schema").stdout)
    jsonschema.Draft7Validator(schema).validate(yaml.safe_load(text))
