"""What the SNE must know of a run: one row a demande and territory, and what changed since the last export.

The layout is ours and neutral: the payload of the State's service for EPCIs is not public (docs/sorties.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fluxrules.cotation.receipt import data_hashes
from fluxrules.data.cells import JOIN
from fluxrules.data.outputs import PSEUDONYM
from fluxrules.data.run_folder import Run
from fluxrules.data.tables import KEY
from fluxrules.data.write import read_csv
from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.language.numbers import show_date
from fluxrules.vocabulary.territoires import attach_territoire

PAIR = (KEY, "territoire")
CREATED, CHANGED, SAME, WITHDRAWN = "créée", "modifiée", "inchangée", "retirée"
COLUMNS = (*PAIR, "communes", "note", "grille", "version", "empreinte", "date", "mouvement", "mention")
COMPARED = ("communes", "note", "grille", "version", "empreinte", "mention")
"""A new reference date alone is not a change."""


@dataclass(frozen=True)
class SneExport:
    """``rows``: every score to transmit, and those withdrawn since the last export. ``without_place``: results left out, no commune wanted there."""

    rows: pl.DataFrame
    without_place: int

    @property
    def counts(self) -> dict[str, int]:
        found = dict(self.rows["mouvement"].value_counts().iter_rows())
        return {word: int(found.get(word, 0)) for word in (CREATED, CHANGED, SAME, WITHDRAWN)}

    @property
    def changes(self) -> pl.DataFrame:
        """The rows that moved since the last export."""
        return self.rows.filter(pl.col("mouvement") != SAME)


def export_sne(
    run: Run, data: Path, choix: pl.DataFrame, bag: Bag, *, previous: Path | None = None, trial: bool = False
) -> SneExport | None:
    """The export of a run; ``None`` and diagnostics when it must not leave. ``trial`` lets a grid that is not in force out, marked."""
    _gate(run, bag, trial)
    _same_data(run, data, bag)
    before = read_export(previous, bag) if previous is not None else None
    if bag.has_errors:
        return None
    now, without = _now(run, choix)
    if without:
        bag.add("FX5064", f"{without} résultat(s) ne visent aucune commune du territoire noté : ils ne sont pas exportés.",
                Cell(str(run.folder)), "Notez sans « --tous », ou vérifiez la table « choix ».")  # fmt: skip
    if before is not None and previous is not None:
        _comparable(run, before, previous, bag)
    return None if bag.has_errors else SneExport(_moved(now, before, run), without)


def _gate(run: Run, bag: Bag, trial: bool) -> None:
    where = Cell(str(run.folder))
    if run.identifier == PSEUDONYM:
        bag.add("FX5063", "Ces résultats portent des pseudonymes : le SNE ne saurait les rattacher.", where,
                "Exportez le dossier de résultats d'origine.")  # fmt: skip
    if not run.grids or any(not g.territories for g in run.grids):
        bag.add("FX5063", "Une grille du calcul n'a pas de territoire : ses notes ne se transmettent pas.", where,
                "Notez avec la grille d'un territoire.")  # fmt: skip
    if trial:
        return
    if run.synthetic:
        bag.add("FX5063", "Ces demandes sont synthétiques : leurs notes ne se transmettent pas.", where,
                "Notez des demandes réelles, ou demandez « --essai » pour un fichier marqué comme tel.")  # fmt: skip
    for g in run.trials:
        bag.add("FX5062", f"La grille « {g.name} » n'est pas en vigueur (nature : {g.nature}) : ses notes ne se transmettent pas.",
                    where, "Notez avec la grille en vigueur, ou demandez « --essai » pour un fichier marqué comme tel.")  # fmt: skip


def _same_data(run: Run, data: Path, bag: Bag) -> None:
    known = run.receipt.get("données")
    if isinstance(known, dict) and data.exists() and known != data_hashes(data):
        bag.add("FX5065", "Ces demandes ne sont pas celles du calcul : leurs empreintes diffèrent de celles du reçu.", Cell(str(data)),
                "Donnez les demandes qui ont été notées, ou relancez « fluxrules score ».")  # fmt: skip


def _now(run: Run, choix: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The rows of this run, without movement, and how many results had no place."""
    order = ["rang"] if "rang" in choix.columns else []
    placed = attach_territoire(choix.select(KEY, "code_commune", *order)).drop_nulls("territoire")
    ranked = placed.sort(order, nulls_last=True, maintain_order=True) if order else placed
    once = ranked.unique([*PAIR, "code_commune"], keep="first", maintain_order=True)
    places = once.group_by(PAIR).agg(pl.col("code_commune").str.join(JOIN).alias("communes"))
    grids = pl.DataFrame(
        [(g.name, t, g.version, g.hash) for g in run.grids for t in g.territories],
        schema={"grille": pl.String, "territoire": pl.String, "version": pl.String, "empreinte": pl.String},
        orient="row",
    ).unique()
    results = run.scan("resultats").select(*PAIR, "grille", _exact("note")).collect()
    joined = results.join(places, on=PAIR, how="inner").join(grids, on=["grille", "territoire"], how="left")
    rows = joined.with_columns(
        pl.lit(run.day).alias("date"), pl.lit(run.short_mark).alias("mention"), pl.lit(CREATED).alias("mouvement")
    )
    return rows.select(COLUMNS).sort(PAIR), len(results) - len(rows)


def _exact(name: str) -> pl.Expr:
    """A note as text, without the zeros that another grid of the run would add to it."""
    text = pl.col(name).cast(pl.String)
    bare = text.str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.when(text.str.contains(".", literal=True)).then(bare).otherwise(text).alias(name)


def read_export(path: Path, bag: Bag) -> pl.DataFrame | None:
    """An export that this module wrote, all text; ``None`` and a diagnostic when it is not one."""
    try:
        frame = read_csv(path)
        if tuple(frame.columns) != COLUMNS or frame.select(PAIR).is_duplicated().any() or frame[KEY].has_nulls():
            raise ValueError(path)
    except (pl.exceptions.PolarsError, OSError, ValueError):
        bag.add("FX5066", "Ce fichier n'est pas un export écrit par « fluxrules export sne ».", Cell(str(path)),
                "Donnez le fichier de l'export, sans l'avoir enregistré depuis un tableur.")  # fmt: skip
        return None
    return frame


def _comparable(run: Run, before: pl.DataFrame, path: Path, bag: Bag) -> None:
    """A partial or older run would withdraw or undo scores that still hold."""
    ours = {t for g in run.grids for t in g.territories}
    foreign = sorted(set(before.filter(pl.col("mouvement") != WITHDRAWN)["territoire"].to_list()) - ours)
    if foreign:
        bag.add("FX5067", f"L'export précédent porte aussi sur {', '.join(foreign[:5])}, que ce calcul ne note pas : "
                "toutes ces notes seraient retirées.", Cell(str(path)),
                "Notez les mêmes territoires, ou donnez l'export précédent de ce territoire.")  # fmt: skip
    last = before["date"].max()
    if isinstance(last, str) and last > run.day.isoformat():
        bag.add("FX5067", f"L'export précédent est plus récent que ce calcul, fait au {show_date(run.day)}.", Cell(str(path)),
                "Donnez un export plus ancien, ou relancez « fluxrules score » à la date du jour.")  # fmt: skip


def _moved(now: pl.DataFrame, before: pl.DataFrame | None, run: Run) -> pl.DataFrame:
    if before is None:
        return now
    held = before.filter(pl.col("mouvement") != WITHDRAWN)
    old = held.select(*PAIR, *(pl.col(c).fill_null("").alias(f"_{c}") for c in COMPARED), pl.lit(True).alias("_held"))
    pairs = now.join(old, on=PAIR, how="left")
    differs = pl.any_horizontal(pl.col(c).fill_null("") != pl.col(f"_{c}") for c in COMPARED)
    word = (
        pl.when(pl.col("_held").is_null())
        .then(pl.lit(CREATED))
        .when(differs)
        .then(pl.lit(CHANGED))
        .otherwise(pl.lit(SAME))
    )
    moved = pairs.with_columns(word.alias("mouvement")).select(COLUMNS)
    blank = pl.lit(None, dtype=pl.String)
    gone = held.join(now, on=PAIR, how="anti").with_columns(
        blank.alias("communes"),
        blank.alias("note"),
        pl.lit(run.day).alias("date"),
        pl.lit(WITHDRAWN).alias("mouvement"),
        pl.lit(run.short_mark).alias("mention"),
    )
    return pl.concat([moved, gone.select(COLUMNS)]).sort(PAIR)
