"""The yearly bilan of the example département: totals that reconcile, verdicts, dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache

import polars as pl
import pytest

from fluxrules.data.flux.read import read_flux_tables
from fluxrules.data.flux.tables import FluxTables
from fluxrules.diagnostics.diagnostic import Bag
from fluxrules.flux.bilan import calendar
from fluxrules.flux.bilan.build import Bilan, bilan
from fluxrules.flux.bilan.cross import GRANTED, PROPOSED
from fluxrules.flux.bilan.table import TOTAL, UNKNOWN
from fluxrules.model.flux.folder import Dossier, flux_files, read_dossier
from fluxrules.model.flux.values import Report
from tests.flux.test_assiette import MARNE

HABITAT, FOYER = "900000001", "900000002"


@cache
def dossier() -> Dossier:
    return read_dossier(flux_files(MARNE), Bag())


@cache
def tables() -> FluxTables:
    found = read_flux_tables(MARNE / "donnees").tables
    assert found is not None
    return found


def made(
    bailleur: str = HABITAT, annee: int = 2025, given: FluxTables | None = None, sent: date | None = None, documents: Dossier | None = None
) -> tuple[Bilan, list[str]]:  # fmt: skip
    bag = Bag()
    year = next(y for y in dossier().years if (y.bailleur.code, y.year) == (bailleur, annee))
    found = bilan(year, documents or dossier(), given or tables(), bag, sent)
    assert found is not None
    return found, [d.code for d in bag.items]


def value(found: Bilan, table: str, line: str, column: str) -> object:
    frame = found.table(table).frame
    return frame.filter(pl.col(frame.columns[0]) == line)[column][0]


@pytest.mark.parametrize("bailleur", [HABITAT, FOYER])
def test_totals_reconcile(bailleur: str) -> None:
    found, said = made(bailleur)
    assert "FX8506" not in said
    year = value(found, "T2-reservataires", TOTAL, "Logements de l'année")
    assert year == value(found, "T1-assiette", "Assiette", "Constaté")
    for column, short in ((PROPOSED, "Proposés"), (GRANTED, "Attribués")):
        whole = value(found, "T3-croisement", TOTAL, column)
        assert whole == value(found, "T2-reservataires", TOTAL, short)
        views = [t.name for t in found.tables if t.name.startswith("T3-") and t.name != "T3-hors-flux"]
        assert len(views) == 6 and {value(found, v, TOTAL, column) for v in views} == {whole}
    match = found.table("rapprochement").frame
    fates = match.filter(pl.col("Ligne").str.starts_with("  dont"))["Logements"].sum()
    assert fates == match["Logements"][0] > 0


def test_the_cross_table_has_the_dimensions_of_the_article() -> None:
    """flux_cases, regle_bilan_dimensions: two measures, by réservataire and five dimensions, QPV among them."""
    columns = made()[0].table("T3-croisement").frame.columns
    assert columns == ["Réservataire", "Typologie", "Financement", "QPV", "Code commune", "Commune", "Période de construction",
                       "Logements proposés", "Logements attribués"]  # fmt: skip
    subtracted = made()[0].table("T4-soustractions").frame
    assert subtracted["Catégorie"].to_list() == [
        "mutations internes",
        "renouvellement urbain",
        "ORCOD",
        "habitat indigne",
        "ventes",
        TOTAL,
    ]
    assert {"Prévu", "Logements attribués"} <= set(subtracted.columns)
    assert {"Proposés", "Attribués", "Baux signés", "Refus du candidat"} <= set(
        made()[0].table("T2-reservataires").frame.columns
    )


def test_the_cross_table_counts_as_a_plain_loop_does() -> None:
    own = set(tables().logements.filter(pl.col("siren_bailleur") == FOYER)["id_logement"])  # type: ignore[union-attr]
    inside = {i for i, home, use, cause in tables().liberations.select("id_liberation", "id_logement", "usage_hors_flux", "cause").iter_rows()
              if home in own and use is None and cause not in ("LIVRAISON", "VENTE", "DEMOLITION")}  # type: ignore[union-attr]  # fmt: skip
    granted = set()
    rows = (
        tables()
        .attributions.select("id_liberation", "reservataire", "decision", "issue", "date_commission")
        .iter_rows()
    )  # type: ignore[union-attr]
    for release, holder, decision, issue, day in rows:
        if (
            release in inside
            and str(decision).startswith("ATTR")
            and issue in ("BAIL", "EN_COURS")
            and day.year == 2025
        ):
            granted.add((release, holder))
    assert value(made(FOYER)[0], "T3-croisement", TOTAL, GRANTED) == len(granted)


def test_what_is_unknown_is_a_line_and_not_a_loss() -> None:
    homes = tables().logements
    assert homes is not None
    blank = pl.when(pl.int_range(pl.len()) % 2 == 0).then(None)
    hidden = homes.with_columns(blank.otherwise(pl.col("typologie")).cast(homes["typologie"].dtype).alias("typologie"))
    before, after = made()[0], made(given=replace(tables(), logements=hidden))[0]
    assert value(before, "T3-croisement", TOTAL, PROPOSED) == value(after, "T3-croisement", TOTAL, PROPOSED)
    assert UNKNOWN in after.table("T3-1-typologie").frame["Typologie"].to_list()
    assert UNKNOWN not in before.table("T3-1-typologie").frame["Typologie"].to_list()


def test_two_commissions_for_one_dwelling_count_one_dwelling() -> None:
    rows = tables().attributions
    assert rows is not None
    twice = pl.concat([rows, rows.filter(pl.col("issue") == "BAIL").with_columns(pl.col("id_attribution") + "-bis")])
    assert value(made()[0], "T3-croisement", TOTAL, GRANTED) == value(made(given=replace(tables(), attributions=twice))[0], "T3-croisement", TOTAL, GRANTED)  # fmt: skip


def test_a_dwelling_let_after_new_year_is_shown() -> None:
    frame = made()[0].table("annees-a-cheval").frame
    assert frame.row(-1, named=True)["Attribués en 2025, bail signé après 2025"] > 0


def test_a_residual_is_shown_and_said() -> None:
    year = next(y for y in dossier().years if (y.bailleur.code, y.year) == (HABITAT, 2025))
    from fractions import Fraction

    wrong = replace(year, releases=replace(year.releases, counted=False, realised=Fraction(130)))
    bag = Bag()
    found = bilan(wrong, dossier(), tables(), bag)
    assert found is not None and "FX8506" in [d.code for d in bag.items]
    line = found.table("rapprochement").frame.filter(pl.col("Ligne") == "Résidu : T1 − T2").row(0, named=True)
    assert line["Logements"] == 10 and "libérations" in line["Explication"]


def test_without_attributions_there_is_no_bilan() -> None:
    bag = Bag()
    assert bilan(dossier().years[0], dossier(), replace(tables(), attributions=None), bag) is None
    assert [d.code for d in bag.items] == ["FX8501"]
    assert "FX8501" not in made()[1]


def test_next_year_is_announced() -> None:
    assert "FX8504" not in made(annee=2025)[1]
    assert "FX8504" in made(annee=2026)[1]
    assert made(annee=2026)[0].table("T11-previsionnel").frame["Prévu pour 2027"].null_count() == 5


@pytest.mark.parametrize(
    ("year", "sent", "paris", "verdict"),
    [
        (2024, date(2025, 2, 27), False, calendar.ON_TIME),
        (2024, date(2025, 2, 28), False, calendar.AMBIGUOUS),
        (2024, date(2025, 3, 15), True, calendar.TOLERATED),
        (2024, date(2025, 3, 31), True, calendar.LATE),
        (2024, date(2025, 3, 15), False, calendar.LATE),
        (2025, date(2026, 3, 15), True, calendar.LATE),
    ],
)
def test_the_calendar(year: int, sent: date, paris: bool, verdict: str) -> None:
    """flux_cases, regle_calendrier_bilan."""
    assert calendar.sending(year, sent, paris_region=paris).verdict == verdict


@pytest.mark.parametrize(
    ("sent", "code"), [(date(2026, 2, 27), None), (date(2026, 2, 28), "FX8502"), (date(2026, 3, 1), "FX8503")]
)
def test_a_late_bilan_is_said(sent: date, code: str | None) -> None:
    said = {c for c in made(sent=sent)[1] if c in ("FX8502", "FX8503")}
    assert said == ({code} if code else set())


@pytest.mark.parametrize(
    ("asked", "exception", "proof", "bad"),
    [(3, None, None, False), (2, None, None, True), (2, "INSUFFISANCE", None, True), (2, "INSUFFISANCE", "appel du 3 mai", False),
     (1, "PLAI_ADAPTE", "convention", True)],
)  # fmt: skip
def test_three_demandes_or_an_exception(asked: int, exception: str | None, proof: str | None, bad: bool) -> None:
    rows = tables().attributions
    assert rows is not None
    same = rows.with_columns(
        pl.lit(asked, dtype=pl.Int64).alias("demandes_examinees"), pl.lit(exception).cast(rows["exception_caleol"].dtype).alias("exception_caleol"),
        pl.lit(proof).alias("preuve_exception"),
    )  # fmt: skip
    found, said = made(given=replace(tables(), attributions=same))
    assert ("FX8505" in said) is bad and (len(found.table("caleol-a-revoir").frame) > 0) is bad


def test_a_dwelling_is_not_said_to_house_a_public() -> None:
    """A line of the commissions to look at again is one dwelling, thus one household: which exception it had would tell its public."""
    rows = tables().attributions
    assert rows is not None
    same = rows.with_columns(
        pl.lit(1, dtype=pl.Int64).alias("demandes_examinees"), pl.lit("DALO_PREFET").cast(rows["exception_caleol"].dtype).alias("exception_caleol"),
        pl.lit(None, dtype=pl.String).alias("preuve_exception"),
    )  # fmt: skip
    frame = made(given=replace(tables(), attributions=same))[0].table("caleol-a-revoir").frame
    assert len(frame) > 0 and set(frame["Exception"]) == {"oui"}
    assert not any("DALO" in str(v) for row in frame.rows() for v in row)


def test_a_few_persons_designated_by_the_prefet_are_not_counted_apart() -> None:
    rows = tables().attributions
    assert rows is not None

    def lines(number: int) -> list[str]:
        of_2025 = (pl.col("date_commission").dt.year() == 2025).fill_null(False) & (pl.col("reservataire") == "etat-51")
        some = rows.filter(of_2025).head(number).with_columns(
            pl.lit(1, dtype=pl.Int64).alias("demandes_examinees"), pl.lit("DALO_PREFET").cast(rows["exception_caleol"].dtype).alias("exception_caleol"),
            pl.lit("décision").alias("preuve_exception"), pl.lit(True).alias("dalo"),
        )  # fmt: skip
        rest = rows.filter(~pl.col("id_attribution").is_in(some["id_attribution"].implode())).with_columns(
            pl.when(pl.col("exception_caleol").cast(pl.String) == "DALO_PREFET").then(None).otherwise(pl.col("exception_caleol")).alias("exception_caleol"),
        )  # fmt: skip
        found = made(given=replace(tables(), attributions=pl.concat([some, rest])))[0].table("caleol").frame
        return [c for c in found["Constat"] if c.startswith("exception prouvée")]

    assert len(lines(4)) == 1 and "masqué" in lines(4)[0]
    assert any("DALO" in line for line in lines(30))


def test_an_attribution_without_a_name_is_a_line() -> None:
    rows = tables().attributions
    assert rows is not None
    bare = rows.with_columns(
        pl.when(pl.col("reservataire") == "als-51").then(None).otherwise("reservataire").alias("reservataire")
    )
    before, after = made()[0], made(given=replace(tables(), attributions=bare))[0]
    assert value(before, "T3-croisement", TOTAL, GRANTED) == value(after, "T3-croisement", TOTAL, GRANTED)
    assert value(after, "T2-reservataires", UNKNOWN, "Attribués") == value(
        before, "T2-reservataires", "Action Logement Services", "Attribués"
    )


def test_stock_and_subtractions_are_apart_and_not_lost() -> None:
    frame = made()[0].table("T3-hors-flux").frame
    assert {"stock", "soustrait"} <= set(frame["Place"])
    assert "Groupement de gendarmerie de la Marne" in frame["Réservataire"].to_list()
    assert (
        "Groupement de gendarmerie de la Marne" not in made()[0].table("T3-croisement").frame["Réservataire"].to_list()
    )


def test_recipients_are_every_reservataire_and_the_epci() -> None:
    frame = made()[0].table("destinataires").frame
    assert {"Préfet de la Marne", "Action Logement Services", "Communauté urbaine du Grand Reims", "Groupement de gendarmerie de la Marne", "CA de Châlons-en-Champagne"} <= set(frame["Destinataire"])  # fmt: skip
    assert frame["Destinataire"].is_unique().all()


def promised(report: Report) -> Bilan:
    """The State's convention with another clause on the bilan."""
    changed = tuple(
        replace(c, terms=replace(c.terms, report=report)) if c.name == "habitat-exemple/état-51" else c
        for c in dossier().conventions
    )
    return made(documents=replace(dossier(), conventions=changed))[0]


def test_a_convention_may_ask_for_the_bilan_earlier_and_for_others() -> None:
    found = promised(Report(before=(31, 1), recipients=("tous les réservataires", "EPCI", "préfet", "ADIL")))
    assert value(found, "destinataires", "Préfet de la Marne", "Avant le") == "31/01/2026"
    assert value(found, "destinataires", "Action Logement Services", "Avant le") == "28/02/2026"
    assert value(found, "destinataires", "ADIL", "Qualité") == "nommé par une convention"
    assert not {"EPCI", "préfet", "tous les réservataires"} & set(found.table("destinataires").frame["Destinataire"])
    later = promised(Report(before=(31, 3)))
    assert value(later, "destinataires", "Préfet de la Marne", "Avant le") == "28/02/2026", "the article's day stands"


@pytest.mark.parametrize(
    ("tolerance", "unit", "said"),
    [
        (Fraction(7), "points", "non"),
        (Fraction(71, 10), "points", "oui"),
        (Fraction(6), "logements", "non"),
        (Fraction(7), "logements", "oui"),
    ],
)
def test_the_gap_is_held_against_the_tolerance(tolerance: Fraction, unit: str, said: str) -> None:
    """22 counted for 28.8: 6.8 dwellings, 6.8/96 of the flux, 7.08 points."""
    found = promised(Report(tolerance=tolerance, unit=unit))
    assert value(found, "T2-reservataires", "Préfet de la Marne", "Dans la tolérance") == said
    assert value(found, "T2-reservataires", "Action Logement Services", "Dans la tolérance") is None


def test_deliveries_of_the_year_are_counted_though_they_were_not_in_the_parc_before() -> None:
    found = made()[0]
    assert (
        value(found, "T1-assiette", "Livraisons", "Constaté")
        == value(found, "T5-livraisons", TOTAL, "Logements attribués")
        == 20
    )
    assert value(found, "rapprochement", "Résidu : livraisons, T1 − tables", "Logements") == 0


@pytest.mark.parametrize("seed", range(6))
def test_totals_reconcile_whatever_is_missing(seed: int) -> None:
    """Rows lost and cells blanked at random: nothing is counted twice nor dropped."""
    from random import Random

    draw = Random(seed)
    rows, freed = tables().attributions, tables().liberations
    assert rows is not None and freed is not None
    kept = rows.filter(pl.Series([draw.random() < 0.8 for _ in range(len(rows))]))
    for column in ("reservataire", "date_designation", "date_commission", "decision", "issue", "dalo"):
        gone = pl.Series([draw.random() < 0.1 for _ in range(len(kept))])
        kept = kept.with_columns(pl.when(gone).then(None).otherwise(pl.col(column)).alias(column))
    less = freed.filter(pl.Series([draw.random() < 0.9 for _ in range(len(freed))]))
    found = made(given=replace(tables(), attributions=kept, liberations=less))[0]
    match = found.table("rapprochement").frame
    assert match.filter(pl.col("Ligne").str.starts_with("Résidu"))["Logements"].to_list() == [0, 0, 0, 0]
    assert value(found, "T2-reservataires", TOTAL, "Logements de l'année") == value(
        found, "T1-assiette", "Assiette", "Constaté"
    )
