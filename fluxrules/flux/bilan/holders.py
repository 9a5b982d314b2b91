"""Each réservataire in one line (T2): what was due, what was proposed, attributed and let, and where the balance stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.flux.bilan.basis import DELIVERY, FLUX, NOBODY, PARTY, Basis
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


def counted(basis: Basis) -> dict[str, tuple[int, int, int]]:
    """By réservataire: the dwellings of the flux that count in the year, those proposed in it of which nobody can say whether they count, and
    these with those that may still count."""
    n = basis.year.year
    proposed, year = basis.in_year("propose"), pl.col("annee_comptee") == n
    fates = (FLUX, DELIVERY) if basis.year.deliveries_mode == "incluses" else (FLUX,)
    done = basis.counted.filter(pl.col("destin").is_in(fates)).group_by(PARTY).agg(
        year.fill_null(False).sum().alias("oui"), (pl.col("compte").is_null() & proposed).sum().alias("inconnu"),
        ((pl.col("compte").is_null() | pl.col("en_cours")) & proposed).sum().alias("en cours"),
    )  # fmt: skip
    return {code: (yes, unknown, pending) for code, yes, unknown, pending in done.iter_rows()}


def holders(
    basis: Basis, expected: tuple[Due, ...], came: tuple[Due, ...], events: Mapping[str, str], closed: bool, carried: Mapping[str, Fraction],
    agreed: Mapping[str, Report] = {},
) -> Table:  # fmt: skip
    """The bailleur's own dwellings and those that went to nobody have their line: columns add up. ``carried``: what each was owed when the year
    began."""
    plan, real = {d.code: d for d in expected}, {d.code: d for d in came}
    numbers, counts = _numbers(basis), counted(basis)
    codes = [
        *dict.fromkeys([*plan, *real, *sorted([*numbers, *counts, *carried], key=lambda c: (basis.names.get(c, c), c))])
    ]
    codes = [c for c in codes if c not in (BAILLEUR, NOBODY)] + [BAILLEUR, NOBODY]
    lines = [
        _line(
            c, basis, _owed(c, plan), _owed(c, real), numbers.get(c, {}), counts.get(c, (0, 0, 0)), events.get(c), carried.get(c), agreed.get(c)
        )
        for c in codes
    ]  # fmt: skip
    total = {
        c: _sum(c, lines[:-1] if c in _OWED else lines)
        for c in (*_COUNTS, *_OWED, "Comptés", "Décompte inconnu", "En cours")
    }
    lines.append(dict.fromkeys(_SCHEMA) | total | {"Réservataire": TOTAL})
    shown_ = [{c: shown(v) if isinstance(v, Fraction) else v for c, v in x.items()} for x in lines]
    notes = (
        "« Logements de l'année » : libérés dans l'année, dans la ligne de qui les a eus en dernier ; leur total est l'assiette constatée.",
        "Les autres colonnes comptent les logements du flux d'après le jour de chaque événement, y compris ceux libérés une autre année.",
        "« Objectif constaté » : ce qui était dû pour l'année, chaque logement libéré à la part de son jour ; un nombre de droits ou de logements par an, ce nombre.",
        "« Comptés » : d'après le fait générateur et le décompte de la convention. « En cours » : proposés dans l'année, ils peuvent encore compter, ou rien ne "
        "dit s'ils comptent. Écarts : comptés − objectif.",
        "« Solde » : objectif constaté + solde reporté − comptés − en cours ; positif, ce qui reste dû ; négatif, le réservataire a eu plus que sa part. "
        "Le bailleur porte les soldes reportés : ils s'annulent au total"
        + ("." if closed else ". Le solde est vide tant que l'assiette constatée n'est pas connue."),
    )
    return Table(
        "T2-reservataires",
        "Réservataires : dû, proposé, attribué, solde",
        pl.DataFrame(shown_, schema=_SCHEMA),
        notes,
        chart=("Réservataire", "Attribués"),
    )


_OWED = (
    "Objectif prévisionnel",
    "Objectif constaté",
    "Solde reporté",
    "Écart au prévisionnel",
    "Écart au constaté",
    "Solde",
)
_SCHEMA = {
    "Réservataire": pl.String, "Part (%)": pl.Float64, "Objectif prévisionnel": pl.Float64, "Objectif constaté": pl.Float64, **_COUNTS,
    "Fait générateur": pl.String, "Comptés": pl.Int64, "Décompte inconnu": pl.Int64, "En cours": pl.Int64, "Écart au prévisionnel": pl.Float64,
    "Écart au constaté": pl.Float64, "Solde reporté": pl.Float64, "Solde": pl.Float64, "Tolérance": pl.String, "Dans la tolérance": pl.String,
}  # fmt: skip


def _sum(column: str, lines: Sequence[Mapping[str, object]]) -> Fraction | int | None:
    """Unknown as soon as one is."""
    values = [x[column] for x in lines]
    numbers = [v for v in values if isinstance(v, Fraction | int)]
    return sum(numbers) if len(numbers) == len(values) and values else None


def _owed(code: str, dues: Mapping[str, Due]) -> tuple[Fraction | None, Fraction | None]:
    """The dwellings owed, and the share. Who has no convention in force is owed none: that is known as soon as the year is."""
    if code in dues:
        return dues[code].yearly.value, dues[code].share.value
    known = BAILLEUR in dues and dues[BAILLEUR].yearly.value is not None and code != NOBODY
    return Fraction(0) if known else None, None


def _line(
    code: str, basis: Basis, plan: tuple[Fraction | None, Fraction | None], real: tuple[Fraction | None, Fraction | None],
    numbers: Mapping[str, int], counts: tuple[int, int, int], said: str | None, carried: Fraction | None, agreed: Report | None,
) -> dict[str, object]:  # fmt: skip
    """Exact: the sums are made before anything is cut for the eye."""
    (a, planned), (b, came) = plan, real
    share = planned if planned is not None else came
    yes, unknown, pending = counts
    past = None if code == NOBODY else carried or Fraction(0)
    tolerance, kept = _tolerated(agreed, yes, b, share)
    return {
        "Réservataire": basis.names.get(code, code), "Part (%)": None if share is None else share * 100, "Objectif prévisionnel": a,
        "Objectif constaté": b, **{c: numbers.get(c, 0) for c in _COUNTS}, "Fait générateur": said, "Comptés": yes, "Décompte inconnu": unknown,
        "En cours": pending, "Écart au prévisionnel": _gap(yes, a), "Écart au constaté": _gap(yes, b), "Solde reporté": past,
        "Solde": None if b is None else b + (past or 0) - yes - pending, "Tolérance": tolerance, "Dans la tolérance": kept,
    }  # fmt: skip


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


def _gap(counts: int, due: Fraction | None) -> Fraction | None:
    return None if due is None else counts - due


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
