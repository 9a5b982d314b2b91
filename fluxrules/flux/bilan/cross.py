"""The cross-table of CCH R. 441-5-1: dwellings proposed and attributed, by réservataire and five dimensions; deliveries apart."""

from __future__ import annotations

import polars as pl

from fluxrules.flux.bilan.basis import DELIVERY, FLUX, PARTY, Basis
from fluxrules.flux.bilan.dimensions import DIMENSIONS, HOLDER, QPV
from fluxrules.flux.bilan.table import UNKNOWN, Table, summed

PROPOSED, GRANTED = "Logements proposés", "Logements attribués"
ARTICLE = "CCH R. 441-5-1."
UNIT = "On compte des logements à louer, pas des décisions : deux commissions pour un logement font un logement."


def cross(basis: Basis) -> Table:
    """Every cell that has a dwelling, and the total. The whole table goes to every réservataire."""
    frame = _counted(basis, FLUX, [HOLDER, *DIMENSIONS])
    return Table(
        "T3-croisement", "Logements proposés et attribués, par réservataire et six caractéristiques",
        summed(frame, HOLDER, PROPOSED, GRANTED),
        (ARTICLE, UNIT, "Un logement rendu puis proposé à un autre réservataire est proposé deux fois, et attribué une.",
         "Les périodes de construction sont celles de fluxrules : l'article n'en fixe pas."),
    )  # fmt: skip


def cross_of(basis: Basis, dimension: str, number: int) -> Table:
    """The same by one dimension alone, for a reader."""
    frame = _counted(basis, FLUX, [HOLDER, dimension])
    return Table(f"T3-{number}-{_slug(dimension)}", f"Proposés et attribués, par réservataire et {dimension[0].lower() + dimension[1:] if dimension != QPV else QPV}",
                 summed(frame, HOLDER, PROPOSED, GRANTED), (ARTICLE,))  # fmt: skip


def apart(basis: Basis) -> Table:
    """What was proposed and attributed on dwellings outside the flux, deliveries excepted: stock, subtractions, outside the perimeter."""
    rows = basis.proposals.filter(~pl.col("destin").is_in((FLUX, DELIVERY))).with_columns(
        pl.col("destin").alias("Place")
    )
    frame = _sums(basis, rows, ["Place", HOLDER, *DIMENSIONS])
    return Table("T3-hors-flux", "Proposés et attribués hors du flux : stock, soustraits, hors périmètre", summed(frame, "Place", PROPOSED, GRANTED),
                 (ARTICLE, "Ces logements ne sont pas dans T3 : chacun est dans un tableau et un seul."))  # fmt: skip


def deliveries(basis: Basis) -> Table:
    """First lettings by programme and réservataire."""
    programme = pl.col("programme").fill_null(UNKNOWN).alias("Programme")
    rows = basis.proposals.filter(pl.col("destin") == DELIVERY).with_columns(programme, basis.name().alias(HOLDER))
    key = ["Programme", HOLDER]
    found = rows.group_by(key).agg(
        basis.in_year("propose").sum().cast(pl.Int64).alias(PROPOSED),
        basis.in_year("attribue").sum().cast(pl.Int64).alias(GRANTED),
        basis.in_year("bail").sum().cast(pl.Int64).alias("Baux signés"),
        (basis.in_year("commission") & pl.col("refus")).sum().cast(pl.Int64).alias("Refus du candidat"),
    )
    numbers = found.columns[2:]
    found = found.filter(pl.sum_horizontal(numbers) > 0).sort(key)
    freed = basis.freed.filter((pl.col("destin") == DELIVERY) & basis.in_year("date_liberation"))
    return Table("T5-livraisons", "Premières locations, à part", summed(found, "Programme", *numbers),
                 (f"Logements livrés dans l'année : {len(freed)}.", "Arrêté du 28/11/2011 : les mises en service se comptent à part."))  # fmt: skip


def state(basis: Basis, codes: tuple[str, ...]) -> Table:
    """The State's dwellings by commune, in and out of QPV: dwellings, not persons."""
    from fluxrules.flux.bilan.dimensions import CODE, COMMUNE

    kept = _counted(basis, FLUX, [PARTY, HOLDER, CODE, COMMUNE, QPV]).filter(pl.col(PARTY).is_in(codes)).drop(PARTY)
    return Table("T6-etat", "Part de l'État, par commune, en QPV et hors QPV", summed(kept, HOLDER, PROPOSED, GRANTED),
                 ("CCH R. 441-5-2 ; arrêté du 28/11/2011.",))  # fmt: skip


def _counted(basis: Basis, fate: str, key: list[str]) -> pl.DataFrame:
    return _sums(basis, basis.proposals.filter(pl.col("destin") == fate), key)


def _sums(basis: Basis, rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    rows = rows.with_columns(basis.name().alias(HOLDER)).filter(basis.in_year("propose") | basis.in_year("attribue"))
    return rows.group_by(key).agg(
        basis.in_year("propose").sum().cast(pl.Int64).alias(PROPOSED),
        basis.in_year("attribue").sum().cast(pl.Int64).alias(GRANTED),
    ).sort(key)  # fmt: skip


def _slug(text: str) -> str:
    return text.lower().replace("é", "e").replace(" ", "-")
