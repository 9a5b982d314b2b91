"""Which territory scores a commune: facts of the real referential, and its build script on a made-up package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fluxrules.text.resources import resource
from fluxrules.vocabulary.territoires import (
    METROPOLE_GRAND_PARIS,
    VINTAGE,
    HorsCotation,
    Territoire,
    attach_territoire,
    load_communes,
    load_territoires,
    nom_territoire,
    resolve_epci,
    territoire_de,
)
from tools.build_decoupage import build, write


@pytest.mark.parametrize(
    ("commune", "territoire", "nom"),
    [
        ("75056", "217500016", "Paris"),
        ("75113", "217500016", "Paris"),
        ("13055", "200054807", "Métropole d'Aix-Marseille-Provence"),
        ("13201", "200054807", "Métropole d'Aix-Marseille-Provence"),
        ("69123", "200046977", "Métropole de Lyon"),
        ("69381", "200046977", "Métropole de Lyon"),
        ("93066", "200057867", "Plaine Commune"),
        ("93059", "200057867", "Plaine Commune"),  # Pierrefitte, delegated of Saint-Denis since 2025
        ("75066", "200057867", "Plaine Commune"),  # Saint-Denis in the former département de la Seine
        ("51454", "200067213", "CU du Grand Reims"),
        ("2A004", "242010056", "CA du Pays Ajaccien"),
        ("97411", "249740119", "CA Intercommunale du Nord de la Réunion (CINOR)"),
    ],
)
def test_known_communes(commune: str, territoire: str, nom: str) -> None:
    assert territoire_de(commune) == territoire
    assert nom_territoire(territoire) == nom


@pytest.mark.parametrize("commune", ["99999", "", "85113", "98818"])
def test_unknown_communes_and_communes_of_no_territory(commune: str) -> None:
    assert territoire_de(commune) is None


def test_grand_paris_is_scored_by_its_epts_and_paris() -> None:
    epts = load_territoires().filter(nature="EPT")["territoire"].to_list()
    assert len(epts) == 11
    today = load_communes().filter(pl.col("commune_mere").is_null())
    assert today.filter(pl.col("territoire").is_in(epts)).height == 129
    # The three départements of the petite couronne are wholly in the métropole.
    petite_couronne = today.filter(pl.col("departement").is_in(["92", "93", "94"]))
    assert petite_couronne["territoire"].is_in(epts).all()
    assert METROPOLE_GRAND_PARIS not in load_communes()["territoire"]
    assert METROPOLE_GRAND_PARIS not in load_territoires()["territoire"]


def test_tables_agree() -> None:
    communes, territoires = load_communes(), load_territoires()
    assert communes["commune"].is_unique().all() and territoires["territoire"].is_unique().all()
    assert set(communes["territoire"].drop_nulls()) == set(territoires["territoire"])
    assert communes["commune"].str.contains(r"^[0-9][0-9AB][0-9]{3}$").all()
    assert territoires["territoire"].str.contains(r"^[0-9]{9}$").all()

    today = communes.filter(pl.col("commune_mere").is_null())
    assert set(communes["commune_mere"].drop_nulls()) <= set(today["commune"])
    mothers = communes.join(today, left_on="commune_mere", right_on="commune")
    assert mothers["territoire"].eq_missing(mothers["territoire_right"]).all()

    summed = today.drop_nulls("territoire").group_by("territoire").agg(pl.col("population").sum())
    assert summed.sort("territoire").equals(territoires.select("territoire", "population").sort("territoire"))


def test_resolve_epci() -> None:
    reims = resolve_epci("200067213")
    assert isinstance(reims, Territoire) and (reims.nature, reims.departements) == ("CU", ("51",))
    plaine, paris = resolve_epci("200057867"), resolve_epci("217500016")
    assert isinstance(plaine, Territoire) and plaine.nature == "EPT"
    assert isinstance(paris, Territoire) and paris.nature == "commune"
    metropole = resolve_epci("200054781")
    assert isinstance(metropole, HorsCotation) and "EPT" in metropole.raison
    assert resolve_epci("123456789") is None
    assert nom_territoire("200054781") is None


def test_attach_territoire_keeps_rows_and_order() -> None:
    codes = ["93066", None, "51454", "99999", "75113", "93066", "85113"]
    choix = pl.DataFrame(
        {"numero_unique": list("ABCDEFG"), "rang": [1, 2, 1, 3, 1, 1, 2], "code_commune": codes},
        schema_overrides={"code_commune": pl.String},
    )
    attached = attach_territoire(choix)
    assert attached.drop("territoire").equals(choix)
    assert attached["territoire"].to_list() == ["200057867", None, "200067213", None, "217500016", "200057867", None]
    assert attach_territoire(attached).equals(attached)
    assert attach_territoire(choix.clear()).columns == [*choix.columns, "territoire"]


def test_vintage_is_the_one_documented() -> None:
    year, version = VINTAGE.split()[0], VINTAGE.rstrip(")").split()[-1]
    text = resource("rulesets/référentiels/LISEZMOI.md").read_text(encoding="utf-8")
    assert f"version {version}, millésime {year}" in text
    assert "Copyright (c) 2018-2019 Etalab" in text


def commune(code: str, nom: str, *, kind: str = "commune-actuelle", **more: Any) -> dict[str, Any]:
    return {"code": code, "nom": nom, "type": kind, "departement": code[:2], "region": "11"} | more


def groupe(code: str, nom: str, kind: str, *membres: str) -> dict[str, Any]:
    return {
        "code": code,
        "nom": nom,
        "type": kind,
        "populationMunicipale": 1,
        "membres": [{"code": m} for m in membres],
    }


COMMUNES = [
    commune("93002", "Ville d'EPT", population=20, anciensCodes=["75902", "93003"]),
    commune("75056", "Paris", population=100, siren="217500016"),
    commune("75101", "Paris 1er", kind="arrondissement-municipal", population=60, commune="75056"),
    commune("93002", "Ville", kind="commune-deleguee", chefLieu="93002"),
    commune("93003", "Bourg", kind="commune-associee", chefLieu="93002"),
    commune("01001", "Île, sans EPCI", population=3),
    commune("01002", "Plaine", population=4),
    commune("98901", "Atoll désert"),
]
EPCIS = [
    groupe("200054781", "Métropole du Grand Paris", "METRO", "75056", "93002"),
    groupe("200000001", "CC de la  Plaine", "CC", "01002"),
]
EPTS = [groupe("200000002", "Un EPT", "EPT", "93002")]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for name, content in (("communes", COMMUNES), ("epci", EPCIS), ("ept", EPTS)):
        (tmp_path / "data" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_build_on_a_small_package(package: Path) -> None:
    write(package, package)
    assert (package / "communes.csv").read_bytes().decode() == (
        "commune,nom,commune_mere,departement,region,population,territoire\n"
        '01001,"Île, sans EPCI",,01,11,3,\n'
        "01002,Plaine,,01,11,4,200000001\n"
        "75056,Paris,,75,11,100,217500016\n"
        "75101,Paris 1er,75056,75,11,60,217500016\n"
        "75902,,93002,93,11,,200000002\n"
        "93002,Ville d'EPT,,93,11,20,200000002\n"
        "93003,Bourg,93002,93,11,,200000002\n"
        "98901,Atoll désert,,98,11,,\n"
    )
    assert (package / "territoires.csv").read_bytes().decode() == (
        "territoire,nom,nature,population,departements\n"
        "200000001,CC de la Plaine,CC,4,01\n"
        "200000002,Un EPT,EPT,20,93\n"
        "217500016,Paris,commune,100,75\n"
    )


def test_build_does_not_depend_on_the_order_of_the_source(package: Path) -> None:
    before = build(package)
    for name, content in (("communes", COMMUNES), ("epci", EPCIS), ("ept", EPTS)):
        (package / "data" / f"{name}.json").write_text(json.dumps(content[::-1]), encoding="utf-8")
    assert build(package) == before


def test_build_refuses_a_grand_paris_with_a_commune_outside_its_epts(package: Path) -> None:
    (package / "data" / "ept.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="Grand Paris"):
        build(package)
