"""The cross-table of CCH R. 441-5-1: dwellings proposed and attributed, by réservataire and five dimensions; deliveries apart."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from fluxrules.flux.bilan.basis import DELIVERY, FLUX, PARTY, Basis, Moved
from fluxrules.flux.bilan.dimensions import CODE, COMMUNE, DIMENSIONS, HOLDER, QPV
from fluxrules.flux.bilan.table import TOTAL, UNKNOWN, Table, summed

PROPOSED, GRANTED = "Logements proposés", "Logements attribués"
ARTICLE = "CCH R. 441-5-1."
UNIT = "On compte des logements à louer, pas des décisions : deux commissions pour un logement font un logement."


def cross(basis: Basis) -> Table:
    """Every cell that has a dwelling, and the total. The whole table goes to every réservataire."""
    return Table(
        "T3-croisement", "Logements proposés et attribués, par réservataire et six caractéristiques",
        _sums(_of_flux(basis), (HOLDER, *DIMENSIONS)),
        (ARTICLE, UNIT, "Un logement rendu puis proposé à un autre réservataire est proposé deux fois, et attribué une.",
         "Les périodes de construction sont celles de fluxrules : l'article n'en fixe pas."),
    )  # fmt: skip


def cross_of(basis: Basis, dimension: str, number: int) -> Table:
    """The same by one dimension alone, for a reader."""
    return Table(f"T3-{number}-{_slug(dimension)}", f"Proposés et attribués, par réservataire et {dimension[0].lower() + dimension[1:] if dimension != QPV else QPV}",
                 _sums(_of_flux(basis), (HOLDER, dimension, *((COMMUNE,) if dimension == CODE else ()))), (ARTICLE,))  # fmt: skip


def apart(basis: Basis) -> Table:
    """What was proposed and attributed on dwellings outside the flux, deliveries excepted: stock, subtractions, outside the perimeter."""
    rows = [r for r in basis.moved if r["Place"] not in (FLUX, DELIVERY)]
    return Table("T3-hors-flux", "Proposés et attribués hors du flux : stock, soustraits, hors périmètre", _sums(rows, ("Place", HOLDER, *DIMENSIONS)),
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
    rows = [r for r in _of_flux(basis) if r[PARTY] in codes]
    return Table("T6-etat", "Part de l'État, par commune, en QPV et hors QPV", _sums(rows, (HOLDER, CODE, COMMUNE, QPV)),
                 ("CCH R. 441-5-2 ; arrêté du 28/11/2011.",))  # fmt: skip


def _of_flux(basis: Basis) -> list[Moved]:
    return [r for r in basis.moved if r["Place"] == FLUX]


def _sums(rows: Sequence[Moved], key: Sequence[str]) -> pl.DataFrame:
    """Dwellings by key, in its order, and the total line."""
    found: dict[tuple[str, ...], list[int]] = {}
    for r in rows:
        cell = found.setdefault(tuple(r[k] for k in key), [0, 0])
        cell[0] += r["propose"]
        cell[1] += r["attribue"]
    lines: list[tuple[object, ...]] = [(*k, *found[k]) for k in sorted(found)]
    lines.append(
        (TOTAL, *[None] * (len(key) - 1), sum(n for n, _ in found.values()), sum(n for _, n in found.values()))
    )
    schema = dict.fromkeys(key, pl.String) | dict.fromkeys((PROPOSED, GRANTED), pl.Int64)
    return pl.DataFrame(lines, schema=schema, orient="row")


def _slug(text: str) -> str:
    return text.lower().replace("é", "e").replace(" ", "-")
