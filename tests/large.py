"""Large runs made small: the constants that make a run large set to a few hundred rows, untidy data, folders laid out in parts.

``large_cli.py`` is the command line with those constants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from fluxrules.cotation import batch, run, source, spill
from fluxrules.data import layout, parts
from fluxrules.data.dataset import parquet_parts
from fluxrules.data.population import generate
from fluxrules.data.tables import KEY
from fluxrules.engines.numpy import chunks, plan
from fluxrules.model.check import check_source
from fluxrules.model.grid import Grid
from fluxrules.text.source import Source
from fluxrules.vocabulary.load import standard_vocabulary

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = (ROOT / "rulesets/exemples/metropole-exemple.yaml").read_text("utf-8").partition("ménage de base:\n")[0]
DAY = date(2026, 9, 1)
REIMS, PARIS, LYON, LILLE = "200067213", "217500016", "200046977", "200093201"
NAMES = ("demandes", "membres", "choix", "evenements")
SMALL = {"LARGE": 1, "PART": 600, "SLICE": 900, "BATCH": 700, "SPILLED": 150, "PART_RESULTS": 200, "CHUNK": 100}
WHERE = {
    "LARGE": ((parts, "LARGE"),),
    "LARGEST_PART": ((parts, "LARGEST_PART"), (source, "LARGEST_PART")),
    "PART": ((layout, "PART"),),
    "SLICE": ((layout, "SLICE"),),
    "BATCH": ((batch, "BATCH"), (batch, "LOT")),
    "SPILLED": ((spill, "SLICE"),),
    "PART_RESULTS": ((run, "PART_RESULTS"),),
    "CHUNK": ((chunks, "CHUNK"),),
    "THREADS": ((chunks, "THREADS"), (batch, "THREADS")),
    "FEW_ROWS": ((plan, "FEW_ROWS"),),
}
"""What each constant is called where it is read."""

LOCAL = """langage: 1
cotation: locale
nature: projet
titre: Grille de plusieurs territoires
territoire: {epci: ["217500016", "200046977", "200093201"]}
en vigueur: {du: 01/01/2024, au: 31/12/2029}
note:
  retenir: la somme
  critères:
    habite: {si: habite_commune_demandée, points: 20}
    travaille: {si: travaille_territoire_demandé, points: "7,5"}
    ressources: {si: premier_quartile, points: 30}
    enfants: {points: "3 par enfant à charge, au plus 12"}
ex æquo:
  - le plus faible d'abord: ressources_mensuelles_totales
demandes analogues: {selon: [types_logement_recherchés, situation_pro_demandeur]}
"""


def set_constants(values: Mapping[str, int], put: object = setattr) -> None:
    """``put`` is ``setattr``, or that of a test's ``monkeypatch``."""
    for name, value in values.items():
        for module, attribute in WHERE[name]:
            put(module, attribute, value)  # type: ignore[operator]


def grid_of(text: str) -> Grid:
    checked = check_source(Source("g.yaml", text), standard_vocabulary())
    assert checked.grid is not None and checked.ok, checked.diagnostics
    return checked.grid


@cache
def grids() -> tuple[Grid, Grid]:
    """One that reads members, events and evidence; one with decimals, of several territories, that reads places and published tables."""
    return grid_of(EXAMPLE), grid_of(LOCAL)


@cache
def untidy(size: int = 2400) -> Mapping[str, pl.DataFrame]:
    """Invented tables with what files have: repeated and missing numbers, impossible dates, odd values, rows of nobody."""
    made = generate(size, 5, DAY, [REIMS, PARIS], struck_off=0.05)
    demandes = made.demandes.drop("zone_plafonds", "seuil_premier_quartile")
    numbers, filed = demandes[KEY].to_list(), demandes["date_depot_initial"].to_list()
    numbers[3], numbers[size - 5] = f" {numbers[1500]}", numbers[1500]  # three rows of one number, in three parts
    numbers[40] = numbers[41]
    numbers[700], numbers[701], numbers[size - 1] = "", None, "  "
    filed[10], filed[900], filed[size - 9] = None, date(1980, 1, 1), date(2027, 1, 1)
    amounts, kinds = demandes["rfr_n2"].to_list(), demandes["mode_logement_actuel"].to_list()
    amounts[20], amounts[1900], kinds[30], kinds[2000] = 10**9, 10**9, "ZZ", "YY"
    demandes = demandes.with_columns(
        pl.Series(KEY, numbers), pl.Series("date_depot_initial", filed, dtype=pl.Date),
        pl.Series("rfr_n2", amounts), pl.Series("mode_logement_actuel", kinds),
    )  # fmt: skip
    nobody = pl.DataFrame({KEY: ["PERSONNE1", "PERSONNE2"], "rang": [1, 1], "code_commune": ["75056", "51454"]})
    crowd = pl.concat([made.evenements.head(1).with_columns(pl.lit(numbers[77]).alias(KEY))] * 300)
    choix = pl.concat([nobody[:1], made.choix, nobody[1:]])
    odd = pl.when(pl.int_range(pl.len()) % 97 == 0).then(pl.lit("99999")).otherwise(pl.col("code_commune"))
    return {
        "demandes": demandes,
        "membres": made.membres,
        "choix": choix.with_columns(odd.alias("code_commune")),
        "evenements": pl.concat([made.evenements, crowd]),
    }


def write(
    folder: Path, tables: Mapping[str, pl.DataFrame], counts: Mapping[str, int] | int = 1, *, aligned: bool = True
) -> Path:
    """``counts``: the parts of each table, 1 being one file. ``aligned``: parts of the same number hold the same demandes."""
    demandes = tables["demandes"]
    clean = demandes[KEY].str.strip_chars()
    place = pl.DataFrame({"k": clean, "at": pl.int_range(len(clean), eager=True)}).unique("k", keep="first")
    for name, frame in tables.items():
        count = counts if isinstance(counts, int) else counts.get(name, 1)
        if count == 1:
            folder.mkdir(parents=True, exist_ok=True)
            frame.write_parquet(folder / f"{name}.parquet")
            continue
        rows = pl.int_range(len(frame), eager=True)
        if name != "demandes" and aligned:
            rows = frame.select(k=pl.col(KEY).str.strip_chars()).join(place, on="k", how="left")["at"].fill_null(0)
        size = -(-(len(demandes) if aligned else len(frame)) // count)
        (folder / name).mkdir(parents=True)
        for number in range(count):
            frame.filter(rows // size == number).write_parquet(folder / name / f"{number:05}.parquet")
    return folder


def tables_in(folder: Path) -> dict[str, pl.DataFrame]:
    """Every table of a run, its parts one after the other."""
    names = ["resultats", "positions", "repartition", "quantiles", "rejets"]
    inside = folder / "lignes"
    names += sorted({f"lignes/{p.stem}" for p in inside.iterdir()}) if inside.is_dir() else []
    return {name: pl.concat([pl.read_parquet(f) for f in parquet_parts(folder, name)]) for name in names}


def same(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame], skip: Sequence[str] = ()) -> None:
    assert one.keys() - set(skip) == other.keys() - set(skip)
    for name in one.keys() - set(skip):
        assert one[name].equals(other[name]), name
