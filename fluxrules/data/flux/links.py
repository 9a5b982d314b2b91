"""What the tables say of each other: dwellings of the parc, releases of these dwellings, attributions of these releases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from fluxrules.data.findings import Findings

OWN = "bailleur"
"""What stands for a réservataire on a dwelling that nobody has reserved, and for the list that the bailleur keeps itself."""
_QPV = {2015: r"^QP[0-9A-Z]{3}[0-9]{3}$", 2024: r"^(QN[0-9A-Z]{3}[0-9]{2}[A-Z]|QN[0-9]{6})$"}
"""How the codes of each perimeter are made (RPLS, PLG_QP15 and PLG_QP24)."""
_HOLDERS = (("logements", "reserve_stock"), ("attributions", "reservataire"), ("droits", "reservataire"), ("droits", "liste"))  # fmt: skip


@dataclass(frozen=True)
class Links:
    """``frames``: rows that have a key. ``keys``: the keys of all rows of the files, so that what hangs on a rejected row is said so."""

    frames: Mapping[str, pl.DataFrame]
    files: Mapping[str, str]
    keys: Mapping[str, pl.Series]
    bailleurs: Collection[str] | None = None


def linked(links: Links, findings: Findings) -> dict[str, pl.DataFrame]:
    """The rows that hang on a row that is kept. A table that was not given is not held against anything."""
    frames = dict(links.frames)
    if "logements" in frames:
        frames["logements"] = _dwellings(frames["logements"], links, findings)
    for table, column in _HOLDERS:
        if table in frames and "reservataires" in frames:
            known = frames["reservataires"]["code"]
            odd = ~(frames[table][column].is_in(known.implode()) | (frames[table][column] == OWN))
            reason = f"« {column} » n'est pas un code de la table des réservataires"
            frames[table] = findings.reject(
                frames[table], odd.fill_null(False), links.files[table], column, "FX8309", reason
            )
    for table, column, above, code, what in (
        ("liberations", "id_logement", "logements", "FX8304", "son logement"),
        ("attributions", "id_liberation", "liberations", "FX8305", "sa libération"),
    ):
        if table in frames and above in frames:
            frames[table] = _hung(frames[table], column, frames[above], links, (table, above, code, what), findings)
    return frames


def _dwellings(frame: pl.DataFrame, links: Links, findings: Findings) -> pl.DataFrame:
    file = links.files["logements"]
    if links.bailleurs is not None:
        others = ~frame["siren_bailleur"].is_in(sorted(links.bailleurs)).fill_null(True)
        frame = findings.reject(frame, others, file, "siren_bailleur", "FX8312", "le logement est d'un autre bailleur")
    for year, form in _QPV.items():
        column = f"code_qpv_{year}"
        odd = ~frame[column].str.contains(form).fill_null(True)
        reason = f"le code de « {column} » n'a pas la forme de ceux de {year}"
        frame = findings.reject(frame, odd, file, column, "FX8313", reason)
    return frame


def _hung(
    frame: pl.DataFrame,
    column: str,
    above: pl.DataFrame,
    links: Links,
    named: tuple[str, str, str, str],
    findings: Findings,
) -> pl.DataFrame:
    """Rows whose ``column`` names a row kept above; the others are missing a name, hang on a rejected row, or on none."""
    table, over, code, what = named
    file = links.files[table]
    participle = "rejetée" if what.startswith("sa ") else "rejeté"
    frame = findings.reject(frame, frame[column].is_null(), file, column, code, f"« {column} » n'est pas renseigné")
    lost = ~frame[column].is_in(above[column].implode())
    known = frame[column].is_in(links.keys[over].drop_nulls().implode()) if lost.any() else lost
    unknown = lost & ~known
    frame, lost = (
        findings.reject(frame, unknown, file, column, code, f"{what} n'est pas dans la table « {over} »"),
        lost.filter(~unknown),
    )
    return findings.reject(frame, lost, file, column, code, f"{what} est {participle}")
