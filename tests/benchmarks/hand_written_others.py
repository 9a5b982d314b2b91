"""The note of the same forty criteria by hand in NumPy and in DuckDB, for the note alone. Nulls are read as 0 or false."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from tests.benchmarks.hand_written import before


def numpy_note(frame: pl.DataFrame, day: date) -> Any:
    """The note with arrays: text columns as they come out of Polars, lists through Polars too."""

    def text(c: str) -> Any:
        return frame[c].fill_null("").to_numpy()

    def whole(c: str) -> Any:
        return frame[c].fill_null(0).to_numpy()

    def known(c: str) -> Any:
        return frame[c].is_not_null().to_numpy()

    def has(c: str, *codes: str) -> Any:
        found = frame[c].list.contains(codes[0])
        for code in codes[1:]:
            found = found | frame[c].list.contains(code)
        return found.fill_null(False).to_numpy()

    def months(c: str) -> Any:
        days = frame[c].fill_null(day).to_numpy().astype("datetime64[D]")
        start = days.astype("datetime64[M]")
        late = (days - start.astype("datetime64[D]")).astype(int) + 1 > day.day
        return (day.year - 1970) * 12 + day.month - 1 - start.astype(int) - late

    rent, aid, resources = (
        whole("loyer_mensuel"),
        whole("aide_logement_mensuelle"),
        whole("ressources_mensuelles_totales"),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        effort, gross = (rent - aid) / resources, rent / resources
    kind, occupants = text("type_logement_actuel"), whole("nb_occupants_logement_actuel")
    rooms = np.select(
        [(kind == "C") | (kind == "T1"), kind == "T2", kind == "T3", kind == "T4", kind == "T5"], [1, 2, 3, 4, 5], 6
    )
    crowd = occupants / rooms
    surface, there = whole("surface_logement_actuel"), known("surface_logement_actuel")
    expected = np.select([occupants <= 1, occupants >= 8], [9, 70], 9 * occupants - 2)
    mode, work, partner = (
        text("mode_logement_actuel"),
        text("situation_pro_demandeur"),
        text("situation_pro_codemandeur"),
    )
    filed = frame["date_depot_initial"].to_numpy()

    def older(months: int) -> Any:
        return filed < np.datetime64(before(day, months))

    note = np.minimum(months("date_depot_initial"), 60) + 20 * older(36) + 15 * older(60)
    note += np.select([older(48), older(24), older(12)], [9, 6, 3], 0)
    note += np.select([effort > 0.40, effort > 0.33, effort > 0.25], [12, 8, 4], 0) + np.select(
        [gross > 0.5, gross > 0.3], [6, 3], 0
    )
    note += 5 * (rent > 800) + 5 * (rent > 1200)
    note += np.select([resources <= 600, resources <= 1200, resources <= 2000], [12, 8, 4], 0)
    note += 6 * (known("rfr_n2") & (whole("rfr_n2") < 9000))
    note += 4 * (known("rfr_n1") & known("rfr_n2") & (whole("rfr_n1") < whole("rfr_n2")))
    note += (
        2 * (known("aide_logement_mensuelle") & (aid == 0))
        + 15 * (crowd > 2)
        + np.select([crowd > 2, crowd > 1], [8, 4], 0)
    )
    note += 10 * (there & (surface < expected)) + 10 * (there & (surface < 9))
    note += np.select([np.isin(mode, x) for x in (["SD", "SQUAT"], ["HOT", "CAMCAR"], ["SH", "CDEFCM"], ["RS", "RHVS"], ["CP", "CPE"], ["SLHT"])],
                      [60, 50, 45, 35, 25, 20], 0)  # fmt: skip
    note += np.select([np.isin(work, ["CDD", "APP"]), work == "CDI", work == "CHO"], [6, 5, 4], 0)
    note += 3 * ((work == "CDI") & (partner == "CDI")) + 200 * (text("statut_dalo") == "ACTIF")
    for code, points in (
        ("05", 80),
        ("06", 120),
        ("03", 60),
        ("07", 25),
        ("08", 15),
        ("11", 8),
        ("12", 5),
        ("19", 6),
        ("18", 7),
        ("10", 6),
    ):
        note += points * has("motifs", code)
    note += 100 * has("modes_logement_actuel", "SD", "SQUAT") + 30 * has("modes_logement_actuel", "CP", "CPE")
    note += 5 * has("modes_logement_actuel", "HLM")
    for column, points in (("travailleur_essentiel", 10), ("label_prioritaire_l4411", 50), ("est_proprietaire", -10)):
        note += points * frame[column].fill_null(False).to_numpy()
    deal = text("accord_collectif")
    note += np.select([deal == "ACD", deal == "ACI"], [40, 30], 0) + 20 * (text("relogement_operationnel") == "anru")
    note += 4 * np.isin(text("situation_familiale"), ["D", "S", "V"])
    since = frame["date_entree_hebergement"].fill_null(day).to_numpy()
    note += 12 * (since < np.datetime64(before(day, 18)))
    return np.maximum(note, 0)


def _case(*pairs: tuple[str, int]) -> str:
    return "CASE " + " ".join(f"WHEN {test} THEN {points}" for test, points in pairs) + " ELSE 0 END"


def duckdb_table(frame: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    """The frame as a table in memory, called ``frame``."""
    held = duckdb.connect()
    with tempfile.TemporaryDirectory() as folder:
        frame.write_parquet(Path(folder) / "frame.parquet")
        held.execute(f"CREATE TABLE frame AS SELECT * FROM read_parquet('{folder}/frame.parquet')")
    return held


def duckdb_note(held: duckdb.DuckDBPyConnection, day: date) -> Any:
    """The note with one query over the table."""
    effort = "(rent - aid)::DOUBLE / nullif(resources, 0)"
    gross = "rent::DOUBLE / nullif(resources, 0)"
    motives = [(f"list_contains(motifs, '{c}')", p) for c, p in
               (("05", 80), ("06", 120), ("03", 60), ("07", 25), ("08", 15), ("11", 8), ("12", 5), ("19", 6), ("18", 7), ("10", 6))]  # fmt: skip
    lines = [
        *(_case(m) for m in motives),
        _case(("statut_dalo = 'ACTIF'", 200)),
        _case(("list_has_any(modes_logement_actuel, ['SD', 'SQUAT'])", 100)),
        _case(("list_has_any(modes_logement_actuel, ['CP', 'CPE'])", 30)),
        _case(("list_contains(modes_logement_actuel, 'HLM')", 5)),
        _case(("mode_logement_actuel IN ('SD', 'SQUAT')", 60), ("mode_logement_actuel IN ('HOT', 'CAMCAR')", 50),
              ("mode_logement_actuel IN ('SH', 'CDEFCM')", 45), ("mode_logement_actuel IN ('RS', 'RHVS')", 35),
              ("mode_logement_actuel IN ('CP', 'CPE')", 25), ("mode_logement_actuel = 'SLHT'", 20)),
        "least(months, 60)", _case((f"date_depot_initial < DATE '{before(day, 36)}'", 20)), _case((f"date_depot_initial < DATE '{before(day, 60)}'", 15)),
        _case((f"date_depot_initial < DATE '{before(day, 48)}'", 9), (f"date_depot_initial < DATE '{before(day, 24)}'", 6), (f"date_depot_initial < DATE '{before(day, 12)}'", 3)),
        _case((f"{effort} > 0.40", 12), (f"{effort} > 0.33", 8), (f"{effort} > 0.25", 4)),
        _case((f"{gross} > 0.5", 6), (f"{gross} > 0.3", 3)),
        _case(("rent > 800", 5)), _case(("rent > 1200", 5)),
        _case(("resources <= 600", 12), ("resources <= 1200", 8), ("resources <= 2000", 4)),
        _case(("rfr_n2 < 9000", 6)), _case(("rfr_n1 < rfr_n2", 4)), _case(("aide_logement_mensuelle = 0", 2)),
        _case(("crowd > 2", 15)), _case(("crowd > 2", 8), ("crowd > 1", 4)),
        _case(("surface_logement_actuel < expected", 10)), _case(("surface_logement_actuel < 9", 10)),
        _case(("situation_pro_demandeur IN ('CDD', 'APP')", 6), ("situation_pro_demandeur = 'CDI'", 5), ("situation_pro_demandeur = 'CHO'", 4)),
        _case(("situation_pro_demandeur = 'CDI' AND situation_pro_codemandeur = 'CDI'", 3)),
        _case(("travailleur_essentiel", 10)), _case(("label_prioritaire_l4411", 50)), _case(("est_proprietaire", -10)),
        _case(("accord_collectif = 'ACD'", 40), ("accord_collectif = 'ACI'", 30)), _case(("relogement_operationnel = 'anru'", 20)),
        _case(("situation_familiale IN ('D', 'S', 'V')", 4)),
        _case((f"date_entree_hebergement < DATE '{before(day, 18)}'", 12)),
    ]  # fmt: skip
    query = f"""
    WITH base AS (SELECT *, coalesce(loyer_mensuel, 0) AS rent, coalesce(aide_logement_mensuelle, 0) AS aid,
        coalesce(ressources_mensuelles_totales, 0) AS resources, datesub('month', date_depot_initial, DATE '{day}') AS months,
        nb_occupants_logement_actuel::DOUBLE / CASE type_logement_actuel WHEN 'C' THEN 1 WHEN 'T1' THEN 1 WHEN 'T2' THEN 2
            WHEN 'T3' THEN 3 WHEN 'T4' THEN 4 WHEN 'T5' THEN 5 ELSE 6 END AS crowd,
        CASE WHEN nb_occupants_logement_actuel <= 1 THEN 9 WHEN nb_occupants_logement_actuel >= 8 THEN 70
            ELSE 9 * nb_occupants_logement_actuel - 2 END AS expected FROM frame)
    SELECT greatest({" + ".join(lines)}, 0) AS note FROM base"""
    return held.execute(query).fetchnumpy()["note"]
