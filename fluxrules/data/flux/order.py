"""Events in an order that cannot be, and two of what there is one.

Only what is impossible is refused. A dwelling may be designated, even let, before it is free (during the notice); a death may be known
after the keys came back; a candidate may be struck off on any day.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from fluxrules.data.findings import Findings

GIVEN = ("ATTR", "ATTR_COND")
"""Decisions that give the dwelling to one candidate; with a ranking, several may stand."""
REFUSED = ("NON_ATTR", "IRREC")
FALLEN = ("REFUS", "SANS_REPONSE", "CADUQUE")
_DEATH, _DELIVERY = "DECES", "LIVRAISON"


def in_order(
    frames: Mapping[str, pl.DataFrame], files: Mapping[str, str], findings: Findings
) -> dict[str, pl.DataFrame]:
    """The rows whose events may have happened so. Attributions of a release that is left out here are left out with it."""
    kept = dict(frames)
    if "liberations" in kept:
        before = kept["liberations"]
        kept["liberations"] = _releases(before, files["liberations"], findings)
        if "attributions" in kept and len(kept["liberations"]) < len(before):
            lost = ~kept["attributions"]["id_liberation"].is_in(kept["liberations"]["id_liberation"].implode())
            kept["attributions"] = findings.reject(
                kept["attributions"],
                lost,
                files["attributions"],
                "id_liberation",
                "FX8305",
                "sa libération est rejetée",
            )
    if "attributions" in kept:
        kept["attributions"] = _attributions(
            kept["attributions"], kept.get("liberations"), files["attributions"], findings
        )
    return kept


def _releases(frame: pl.DataFrame, file: str, findings: Findings) -> pl.DataFrame:
    nowhere = pl.col("date_liberation").is_null() & pl.col("date_conge").is_null()
    died = (pl.col("cause") == _DEATH).fill_null(False)
    twice = (pl.struct("id_logement", "date_liberation").is_duplicated()) & pl.col("date_liberation").is_not_null()
    for broken, column, code, reason in (
        (nowhere, "date_liberation", "FX8315", "ni le congé ni la libération n'ont de date"),
        ((pl.col("date_conge") > pl.col("date_liberation")) & ~died, "date_conge", "FX8308", "le congé suit la libération"),
        (pl.col("date_disponible") < pl.col("date_liberation"), "date_disponible", "FX8308", "le logement est prêt à louer avant d'être libre"),
        (twice, "date_liberation", "FX8307", "le logement est libéré deux fois le même jour"),
    ):  # fmt: skip
        frame = findings.reject(frame, _true(frame, broken), file, column, code, reason)
    return frame


def _attributions(frame: pl.DataFrame, releases: pl.DataFrame | None, file: str, findings: Findings) -> pl.DataFrame:
    dwelling = pl.col("id_liberation").alias("logement")
    if releases is not None:
        link = releases.select("id_liberation", pl.col("id_logement").alias("logement"), "date_conge", "cause")
        frame = frame.join(link, on="id_liberation", how="left", maintain_order="left")
    else:
        frame = frame.with_columns(
            dwelling, pl.lit(None, dtype=pl.Date).alias("date_conge"), pl.lit(None, dtype=pl.String).alias("cause")
        )
    signed, fell = pl.col("date_bail").is_not_null(), pl.col("issue").is_in(FALLEN).fill_null(False)
    standing = pl.col("decision").is_in(GIVEN).fill_null(False) & ~fell
    lease = signed & ~fell
    died = (pl.col("cause") == _DEATH).fill_null(False)
    for broken, column, code, reason in (
        (pl.col("date_commission") < pl.col("date_designation"), "date_commission", "FX8308", "la commission précède la désignation"),
        (pl.col("date_bail") < pl.col("date_commission"), "date_bail", "FX8308", "le bail précède la commission"),
        (pl.col("date_bail") < pl.col("date_designation"), "date_bail", "FX8308", "le bail précède la désignation"),
        ((pl.col("date_bail") < pl.col("date_conge")) & ~died, "date_bail", "FX8308", "le bail précède le congé de l'occupant d'avant"),
        (signed & pl.col("decision").is_in(REFUSED), "decision", "FX8310", "un bail suit une décision de non-attribution"),
        (signed & fell, "issue", "FX8310", "un bail est signé, et la suite dit que non"),
    ):  # fmt: skip
        frame = findings.reject(frame, _true(frame, broken), file, column, code, reason)
    for among, columns, column, reason in (
        (lease, ("logement", "date_bail"), "date_bail", "un autre bail du même logement porte ce jour"),
        (
            standing,
            ("logement", "date_commission"),
            "date_commission",
            "le même logement est attribué deux fois ce jour",
        ),
        (lease, ("id_liberation",), "date_bail", "la même libération a deux baux"),
    ):
        twice = _true(frame, _repeated(among, *columns))
        frame = findings.reject(frame, twice, file, column, "FX8306", reason, _other(frame, among, *columns))
    return frame.drop("logement", "date_conge", "cause")


def _repeated(among: pl.Expr, *columns: str) -> pl.Expr:
    """Rows of ``among`` that agree on the columns with another of them."""
    known = among & pl.all_horizontal(pl.col(c).is_not_null() for c in columns)
    return known & (known.cast(pl.UInt32).sum().over(columns) > 1)


def _other(frame: pl.DataFrame, among: pl.Expr, *columns: str) -> pl.Series:
    """The line that each row of ``among`` agrees with on the columns: the first, or for the first the last."""
    line = pl.when(among).then(pl.col("_ligne"))
    first, last = line.min().over(columns), line.max().over(columns)
    return frame.select(pl.when(pl.col("_ligne") == first).then(last).otherwise(first).alias("autre"))["autre"]


def _true(frame: pl.DataFrame, condition: pl.Expr) -> pl.Series:
    """Where a condition holds for sure: an unknown date is in no order."""
    return frame.select(condition.fill_null(False).alias("tient"))["tient"]
