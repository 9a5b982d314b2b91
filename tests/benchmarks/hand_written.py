"""The same forty criteria as an analyst writes them by hand in Polars: nulls read as 0 or false, floats for the ratios.

This is the baseline of docs/benchmarks.md. It was reviewed once, and it is not tuned against the engine.
"""

from __future__ import annotations

from datetime import date

import polars as pl

C = pl.col


def _if(test: pl.Expr, points: int) -> pl.Expr:
    return pl.when(test).then(points).otherwise(0)


def _is(column: str, *codes: str) -> pl.Expr:
    return C(column).is_in(codes)


def _has(column: str, *codes: str) -> pl.Expr:
    test = C(column).list.contains(codes[0])
    for code in codes[1:]:
        test = test | C(column).list.contains(code)
    return test


def _months(since: str, day: date) -> pl.Expr:
    whole = (day.year - C(since).dt.year()) * 12 + (day.month - C(since).dt.month().cast(pl.Int32))
    return whole - (C(since).dt.day() > day.day).cast(pl.Int32)


def before(day: date, months: int) -> date:
    """The day that many months earlier (the benchmarks run on a first of the month, where that is simple)."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, day.day)


def hand_written_note(day: date) -> pl.Expr:
    """One expression: the note."""
    months, filed = _months("date_depot_initial", day), C("date_depot_initial")
    rent, aid = C("loyer_mensuel").fill_null(0), C("aide_logement_mensuelle").fill_null(0)
    resources = C("ressources_mensuelles_totales").fill_null(0)
    effort = (rent - aid) / resources
    gross = rent / resources
    rooms = (
        pl.when(_is("type_logement_actuel", "C", "T1")).then(1).when(C("type_logement_actuel") == "T2").then(2)
        .when(C("type_logement_actuel") == "T3").then(3).when(C("type_logement_actuel") == "T4").then(4)
        .when(C("type_logement_actuel") == "T5").then(5).otherwise(6)
    )  # fmt: skip
    crowd = C("nb_occupants_logement_actuel") / rooms
    occupants = C("nb_occupants_logement_actuel")
    expected = pl.when(occupants <= 1).then(9).when(occupants >= 8).then(70).otherwise(9 * occupants - 2)
    mode, work, partner = "mode_logement_actuel", "situation_pro_demandeur", "situation_pro_codemandeur"
    lines = [
        _if(C("statut_dalo") == "ACTIF", 200),
        _if(_has("motifs", "05"), 80),
        _if(_has("motifs", "06"), 120),
        _if(_has("motifs", "03"), 60),
        _if(_has("modes_logement_actuel", "SD", "SQUAT"), 100),
        _if(_has("modes_logement_actuel", "CP", "CPE"), 30),
        pl.when(_is(mode, "SD", "SQUAT")).then(60).when(_is(mode, "HOT", "CAMCAR")).then(50)
        .when(_is(mode, "SH", "CDEFCM")).then(45).when(_is(mode, "RS", "RHVS")).then(35)
        .when(_is(mode, "CP", "CPE")).then(25).when(_is(mode, "SLHT")).then(20).otherwise(0),
        pl.min_horizontal(months, 60),
        _if(filed < before(day, 36), 20),
        _if(filed < before(day, 60), 15),
        pl.when(filed < before(day, 48)).then(9).when(filed < before(day, 24)).then(6).when(filed < before(day, 12)).then(3).otherwise(0),
        pl.when(effort > 0.40).then(12).when(effort > 0.33).then(8).when(effort > 0.25).then(4).otherwise(0),
        pl.when(gross > 0.50).then(6).when(gross > 0.30).then(3).otherwise(0),
        _if(rent > 800, 5),
        _if(rent > 1200, 5),
        pl.when(resources <= 600).then(12).when(resources <= 1200).then(8).when(resources <= 2000).then(4).otherwise(0),
        _if(C("rfr_n2") < 9000, 6),
        _if(C("rfr_n1") < C("rfr_n2"), 4),
        _if(C("aide_logement_mensuelle") == 0, 2),
        _if(crowd > 2, 15),
        _if(C("surface_logement_actuel") < expected, 10),
        _if(C("surface_logement_actuel") < 9, 10),
        pl.when(crowd > 2).then(8).when(crowd > 1).then(4).otherwise(0),
        _if(_has("modes_logement_actuel", "HLM"), 5),
        _if(_has("motifs", "07"), 25),
        _if(_has("motifs", "08"), 15),
        _if(_has("motifs", "11"), 8),
        _if(_has("motifs", "12"), 5),
        _if(_has("motifs", "19"), 6),
        _if(_has("motifs", "18"), 7),
        _if(_has("motifs", "10"), 6),
        pl.when(_is(work, "CDD", "APP")).then(6).when(_is(work, "CDI")).then(5).when(_is(work, "CHO")).then(4).otherwise(0),
        _if((C(work) == "CDI") & (C(partner) == "CDI"), 3),
        _if(C("travailleur_essentiel"), 10),
        _if(C("label_prioritaire_l4411"), 50),
        pl.when(C("accord_collectif") == "ACD").then(40).when(C("accord_collectif") == "ACI").then(30).otherwise(0),
        _if(C("relogement_operationnel") == "anru", 20),
        _if(C("est_proprietaire"), -10),
        _if(_is("situation_familiale", "D", "S", "V"), 4),
        _if(C("date_entree_hebergement") < before(day, 18), 12),
    ]  # fmt: skip
    total = lines[0]
    for line in lines[1:]:
        total = total + line
    return pl.max_horizontal(total, 0).alias("note")
