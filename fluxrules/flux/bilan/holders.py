"""Each réservataire in one line (T2): what was due, what was proposed, attributed and let, and where the balance stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.flux.bilan.basis import FLUX, NOBODY, PARTY, Basis
from fluxrules.flux.bilan.chain import shown
from fluxrules.flux.bilan.table import TOTAL, Table
from fluxrules.flux.decompte import AVAILABLE
from fluxrules.flux.parties import BAILLEUR
from fluxrules.flux.year_shares import Due
from fluxrules.language.numbers import show_number
from fluxrules.model.flux.values import Convention, Report
from fluxrules.model.flux.versions import terms_at

_COUNTS = {
    "Logements de l'année": pl.Int64, "Proposés": pl.Int64, "Désignés": pl.Int64, "Passés en commission": pl.Int64, "Attribués": pl.Int64,
    "Baux signés": pl.Int64, "Refus du candidat": pl.Int64, "Rendus": pl.Int64,
}  # fmt: skip


def events_of(conventions: tuple[Convention, ...], year: int) -> dict[str, str]:
    """The counting event of each réservataire, as said at the end of the year or on the last day of its convention."""
    found: dict[str, str] = {BAILLEUR: AVAILABLE}
    for c in conventions:
        days = [d for d in (c.last, date(year, 12, 31)) if d is not None]
        said = terms_at(c, max(min(days), c.since)).counted
        if said is not None:
            found.setdefault(c.reservataire.code, said)
    return found


def reports_of(conventions: tuple[Convention, ...], year: int) -> dict[str, Report]:
    """What each réservataire's convention says of the bilan, at the end of the year or on its own last day."""
    found: dict[str, Report] = {}
    for c in conventions:
        days = [d for d in (c.last, date(year, 12, 31)) if d is not None]
        if (said := terms_at(c, max(min(days), c.since)).report) is not None:
            found.setdefault(c.reservataire.code, said)
    return found


def counted(basis: Basis) -> dict[str, tuple[int, int]]:
    """By réservataire: the dwellings of the flux that count in the year, and those proposed in it of which nobody can say whether they count."""
    n = basis.year.year
    done = basis.counted.filter(pl.col("destin") == FLUX).group_by(PARTY).agg(
        (pl.col("annee_comptee") == n).fill_null(False).sum(), (pl.col("compte").is_null() & basis.in_year("propose")).sum()
    )  # fmt: skip
    return {code: (yes, unknown) for code, yes, unknown in done.iter_rows()}


def holders(
    basis: Basis, expected: tuple[Due, ...], came: tuple[Due, ...], events: Mapping[str, str], closed: bool,
    agreed: Mapping[str, Report] = {},
) -> Table:  # fmt: skip
    """The bailleur's own dwellings and those that went to nobody have their line: columns add up."""
    plan, real = {d.code: d for d in expected}, {d.code: d for d in came}
    numbers, counts = _numbers(basis), counted(basis)
    codes = [*dict.fromkeys([*plan, *real, *sorted(numbers, key=lambda c: (basis.names.get(c, c), c))])]
    codes = [c for c in codes if c not in (BAILLEUR, NOBODY)] + [BAILLEUR, NOBODY]
    lines = [
        _line(
            c, basis, plan.get(c), real.get(c), numbers.get(c, {}), counts.get(c, (0, 0)), events.get(c), agreed.get(c)
        )
        for c in codes
    ]
    frame = pl.DataFrame(lines, schema=_SCHEMA, orient="row")
    sums = {c: frame[c].sum() if c in _COUNTS or c in ("Comptés", "Décompte inconnu") else None for c in frame.columns}
    frame = pl.concat([frame, pl.DataFrame({**sums, "Réservataire": TOTAL}, schema=_SCHEMA)])
    notes = (
        "« Logements de l'année » : libérés dans l'année, dans la ligne de qui les a eus en dernier ; leur total est l'assiette constatée.",
        "Les autres colonnes comptent les logements du flux d'après le jour de chaque événement, y compris ceux libérés une autre année.",
        "« Comptés » : d'après le fait générateur et le décompte de la convention. Écarts : comptés − objectif. Solde : ce qui reste dû, "
        "objectif constaté − comptés ; négatif, le réservataire a eu plus que sa part, soldes des années passées non compris"
        + ("." if closed else " ; il est vide tant que l'assiette constatée n'est pas connue."),
    )
    return Table(
        "T2-reservataires",
        "Réservataires : dû, proposé, attribué, solde",
        frame,
        notes,
        chart=("Réservataire", "Attribués"),
    )


_SCHEMA = {
    "Réservataire": pl.String, "Part (%)": pl.Float64, "Objectif prévisionnel": pl.Float64, "Objectif constaté": pl.Float64, **_COUNTS,
    "Fait générateur": pl.String, "Comptés": pl.Int64, "Décompte inconnu": pl.Int64, "Écart au prévisionnel": pl.Float64,
    "Écart au constaté": pl.Float64, "Solde": pl.Float64, "Tolérance": pl.String, "Dans la tolérance": pl.String,
}  # fmt: skip


def _line(
    code: str, basis: Basis, plan: Due | None, real: Due | None, numbers: Mapping[str, int], counts: tuple[int, int], said: str | None,
    agreed: Report | None,
) -> tuple[object, ...]:  # fmt: skip
    a, b = (d.yearly.value if d is not None else None for d in (plan, real))
    share = next((d.share.value for d in (plan, real) if d is not None and d.share.value is not None), None)
    return (
        basis.names.get(code, code), shown(None if share is None else share * 100), shown(a), shown(b),
        *(numbers.get(c, 0) for c in _COUNTS), said, *counts, _gap(counts[0], a), _gap(counts[0], b),
        None if b is None else shown(b - counts[0]), *_tolerated(agreed, counts[0], b, share),
    )  # fmt: skip


def _tolerated(
    agreed: Report | None, counts: int, due: Fraction | None, share: Fraction | None
) -> tuple[str | None, str | None]:
    """The gap that a convention allows, and whether it is kept: in dwellings, or in points of the whole flux."""
    if agreed is None or agreed.tolerance is None:
        return None, None
    said = f"{show_number(agreed.tolerance, 2)} {agreed.unit}"
    if due is None or (agreed.unit == "points" and (not share or not due)):
        return said, None
    gap = abs(counts - due) * (100 * share / due if agreed.unit == "points" and share else 1)
    return said, "oui" if gap <= agreed.tolerance else "non"


def _gap(counts: int, due: Fraction | None) -> float | None:
    return None if due is None else shown(counts - due)


def _numbers(basis: Basis) -> dict[str, dict[str, int]]:
    rows = basis.proposals.filter(pl.col("destin") == FLUX)
    events = {"Proposés": "propose", "Désignés": "designe", "Passés en commission": "commission", "Attribués": "attribue",
              "Baux signés": "bail", "Rendus": "retour"}  # fmt: skip
    done = rows.group_by(PARTY).agg(
        *(basis.in_year(c).sum().alias(k) for k, c in events.items()),
        (basis.in_year("commission") & pl.col("refus")).sum().alias("Refus du candidat"),
    )
    found: dict[str, dict[str, int]] = {row[PARTY]: row for row in done.iter_rows(named=True)}
    year = basis.freed.filter((pl.col("destin") == FLUX) & basis.in_year("date_liberation"))
    for code, n in year.group_by("tenu_par").agg(pl.len()).iter_rows():
        found.setdefault(code, {})["Logements de l'année"] = n
    return found
