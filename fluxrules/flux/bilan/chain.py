"""The assiette forecast and realised (T1), the five subtractions with what was attributed for them (T4), the forecast of next year (T11)."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from fluxrules.flux.assiette import Assiette
from fluxrules.flux.bilan.basis import FLUX, SUBTRACTED, Basis
from fluxrules.flux.bilan.table import Table, summed
from fluxrules.flux.figures import Figure
from fluxrules.flux.observed import OUTSIDE
from fluxrules.model.flux.year import SUBTRACTIONS

_EXACT = "Les nombres sont arrondis à deux décimales pour l'œil ; les calculs sont exacts. Une case vide est inconnue."


def shown(value: Fraction | None) -> float | None:
    """For the eye, at two decimals: nothing is decided on it."""
    return None if value is None else int(value * 100 + (Fraction(1, 2) if value >= 0 else -Fraction(1, 2))) / 100


def assiette(expected: Assiette, came: Assiette) -> Table:
    lines = [("Libérations", expected.releases, came.releases)]
    lines += [(f"− {a.name}", a, b) for a, b in zip(expected.subtracted.inputs, came.subtracted.inputs, strict=True)]
    lines += [("Total des soustractions", expected.subtracted, came.subtracted), ("Livraisons", expected.deliveries, came.deliveries),
              ("Assiette", expected.total, came.total)]  # fmt: skip
    frame = pl.DataFrame([_line(name, a, b) for name, a, b in lines], schema=_SCHEMA, orient="row")
    mode = came.total.source or "les livraisons sont dans l'assiette"
    return Table(
        "T1-assiette", "Assiette, prévue et constatée", frame, (f"Assiette = {came.total.formula} ; {mode}.", _EXACT)
    )


_SCHEMA = {"Poste": pl.String, "Prévu": pl.Float64, "Constaté": pl.Float64, "Écart": pl.Float64, "Source du prévu": pl.String,
           "Source du constaté": pl.String}  # fmt: skip


def _line(name: str, a: Figure, b: Figure) -> tuple[object, ...]:
    gap = None if a.value is None or b.value is None else b.value - a.value
    return name, shown(a.value), shown(b.value), shown(gap), a.source or a.formula, b.source or b.formula


def subtractions(basis: Basis, expected: Assiette, came: Assiette) -> Table:
    """Each of the five, with the dwellings attributed and let for it in the year."""
    rows = basis.freed.filter(pl.col("destin") == SUBTRACTED)
    done = rows.group_by(pl.col("usage_hors_flux").cast(pl.String).alias("c")).agg(
        basis.in_year("date_liberation").sum(), basis.in_year("attribue").sum(), basis.in_year("bail").sum()
    )
    counts = {OUTSIDE[c]: (n, a, b) for c, n, a, b in done.iter_rows()}
    rest = tuple(zip(expected.subtracted.inputs, came.subtracted.inputs, strict=True))
    lines = [(k, shown(a.value), shown(b.value), *counts.get(k, (0, 0, 0))) for k, (a, b) in zip(SUBTRACTIONS, rest, strict=True)]  # fmt: skip
    lines.append(("Total", shown(expected.subtracted.value), shown(came.subtracted.value), *(sum(n[i] for n in counts.values()) for i in range(3))))  # fmt: skip
    schema = {"Catégorie": pl.String, "Prévu": pl.Float64, "Constaté (assiette)": pl.Float64, "Logements libérés": pl.Int64,
              "Logements attribués": pl.Int64, "Baux signés": pl.Int64}  # fmt: skip
    return Table("T4-soustractions", "Logements soustraits du flux, prévus et réalisés", pl.DataFrame(lines, schema=schema, orient="row"),
                 ("CCH R. 441-5, I : les cinq catégories.", "Les logements attribués et les baux sont ceux de l'année, quel que soit le jour de la libération.", _EXACT),
                 chart=("Catégorie", "Logements libérés"))  # fmt: skip


def next_year(year: int, expected: Assiette | None) -> Table:
    """What is announced for N+1; empty numbers where no document forecasts it."""
    items = expected.subtracted.inputs if expected is not None else tuple(Figure(k, None, source="non écrit") for k in SUBTRACTIONS)  # fmt: skip
    lines = [(f.name, shown(f.value), f.source or f.formula) for f in items]
    if expected is not None:
        lines += [("Total des soustractions", shown(expected.subtracted.value), "somme"),
                  ("Libérations", shown(expected.releases.value), expected.releases.source or expected.releases.formula),
                  ("Livraisons", shown(expected.deliveries.value), expected.deliveries.source or expected.deliveries.formula),
                  ("Assiette prévisionnelle", shown(expected.total.value), expected.total.formula)]  # fmt: skip
    schema = {"Poste": pl.String, f"Prévu pour {year + 1}": pl.Float64, "Source": pl.String}
    return Table("T11-previsionnel", f"Prévisionnel {year + 1}", pl.DataFrame(lines, schema=schema, orient="row"),
                 ("CCH R. 441-5, I : annoncé avec le bilan, avant le 28 février.", _EXACT))  # fmt: skip


def boundary(basis: Basis) -> Table:
    """Dwellings whose life passes from one year to another: shown, so that nobody counts them twice or forgets them."""
    n = basis.year.year
    cases = (
        f"Proposés en {n}, attribués après {n}", f"Attribués en {n}, bail signé après {n}", f"Proposés avant {n}, attribués en {n}",
        f"Attribués avant {n}, bail signé en {n}", f"Attribués en {n}, sans bail à ce jour",
    )  # fmt: skip
    years = [pl.col(c).dt.year() for c in ("propose", "attribue", "bail")]
    counts: dict[str, list[int]] = {}
    for who, fate, proposed, granted, let in basis.proposals.select(basis.name(), "destin", *years).iter_rows():
        told = (
            proposed == n and granted is not None and granted > n, granted == n and let is not None and let > n,
            proposed is not None and proposed < n and granted == n, granted is not None and granted < n and let == n,
            granted == n and let is None,
        )  # fmt: skip
        if fate == FLUX and any(told):
            counts[who] = [a + b for a, b in zip(counts.get(who, [0] * len(told)), told, strict=True)]
    schema = {"Réservataire": pl.String} | dict.fromkeys(cases, pl.Int64)
    found = pl.DataFrame([(who, *counts[who]) for who in sorted(counts)], schema=schema, orient="row")
    return Table("annees-a-cheval", "Logements à cheval sur deux années", summed(found, "Réservataire", *cases),
                 ("L'année où un logement compte dépend du fait générateur de la convention : proposition, commission ou bail (tableau T2).",))  # fmt: skip
