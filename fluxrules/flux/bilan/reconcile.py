"""Every total against the others: the libérations of the year, where each went, and the residual, always shown."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from fluxrules.flux.assiette import Assiette
from fluxrules.flux.bilan.basis import DELIVERY, FATES, FLUX, LEFT, OUTSIDE, STOCK, SUBTRACTED, UNSURE, Basis
from fluxrules.flux.bilan.chain import shown
from fluxrules.flux.bilan.cross import GRANTED, PROPOSED
from fluxrules.flux.bilan.table import TOTAL, Table

_WHY = {
    FLUX: "c'est le total de T2", SUBTRACTED: "les cinq catégories de T4", DELIVERY: "tableau T5", STOCK: "défense, sécurité intérieure, santé : hors du flux",
    LEFT: "vendus ou démolis : ils ne se relouent pas", OUTSIDE: "le flux de l'année ne porte pas sur eux",
    UNSURE: "ce que lit le périmètre n'est pas renseigné : ils ne comptent nulle part ailleurs",
}  # fmt: skip


def reconcile(basis: Basis, came: Assiette, holders: Table, crossed: Table) -> tuple[Table, Fraction | None]:
    """The table, and the residual: what the assiette says less what was counted one by one (``None`` when it is not known)."""
    year = basis.freed.filter(basis.in_year("date_liberation"))
    counts = dict(year.group_by("destin").agg(pl.len()).iter_rows())
    lines: list[tuple[str, float | None, str]] = [("Libérations de l'année", len(year), "toutes celles du bailleur, sur le territoire du flux")]  # fmt: skip
    lines += [(f"  dont {fate}", counts.get(fate, 0), _WHY[fate]) for fate in FATES]
    mine = _total(holders, "Logements de l'année")
    included = came.deliveries in came.total.inputs
    found = mine + (counts.get(DELIVERY, 0) if included else 0)
    residual = None if came.total.value is None else came.total.value - found
    both = [
        (c, _total(holders, short) - _total(crossed, c))
        for c, short in ((PROPOSED, "Proposés"), (GRANTED, "Attribués"))
    ]
    lines += [
        ("Total de T2, logements de l'année", mine, "ligne « Total » de T2"),
        ("Assiette constatée (T1)", shown(came.total.value), came.total.formula),
        ("Résidu : T1 − T2" + (" − livraisons" if included else ""), shown(residual), _explained(residual, came, counts)),
        ("Résidu : livraisons, T1 − tables", _delivered(came, counts), "livrés qui n'étaient pas encore dans le parc au jour du périmètre, ou nombre écrit"),
        *((f"Résidu : T2 − T3, {c[0].lower() + c[1:]}", gap, "les deux tableaux comptent les mêmes logements") for c, gap in both),
    ]  # fmt: skip
    schema = {"Ligne": pl.String, "Logements": pl.Float64, "Explication": pl.String}
    table = Table("rapprochement", "Rapprochement des totaux", pl.DataFrame(lines, schema=schema, orient="row"),
                  ("Le résidu est toujours montré, même nul.",))  # fmt: skip
    worst = next((Fraction(gap) for _, gap in both if gap), None)
    return table, worst if worst is not None and not residual else residual


def _total(table: Table, column: str) -> int:
    frame = table.frame
    found = frame.filter(pl.col(frame.columns[0]) == TOTAL)[column]
    return int(found[0] or 0)


def _delivered(came: Assiette, counts: dict[str, int]) -> float | None:
    return None if came.deliveries.value is None else shown(came.deliveries.value - counts.get(DELIVERY, 0))


def _explained(residual: Fraction | None, came: Assiette, counts: dict[str, int]) -> str:
    if residual is None:
        return "l'assiette constatée n'est pas connue : l'année n'est pas close, ou un nombre n'est pas écrit"
    if residual == 0:
        return "aucun"
    written = [
        f.name
        for f in (came.releases, *came.subtracted.inputs, came.deliveries)
        if "compté" not in f.source and not f.inputs
    ]
    if written:
        return f"écrits dans le flux, et non comptés dans les tables : {', '.join(written)}"
    return f"logements livrés hors du périmètre au jour du parc, ou tables changées ({counts.get(UNSURE, 0)} de périmètre inconnu)"
