"""What the SNE must know of a run: one row a demande and territory, and what changed since the last export.

The layout is ours and neutral: the payload of the State's service for EPCIs is not public (docs/sorties.md).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import polars as pl

from fluxrules.cotation.receipt import data_hashes
from fluxrules.data.cells import JOIN, unguarded
from fluxrules.data.outputs import PSEUDONYM
from fluxrules.data.run_folder import Run
from fluxrules.data.tables import KEY
from fluxrules.data.write import scan_csv
from fluxrules.diagnostics.diagnostic import Bag, Cell
from fluxrules.language.numbers import show_date
from fluxrules.vocabulary.territoires import attach_territoire

PAIR = (KEY, "territoire")
CREATED, CHANGED, SAME, WITHDRAWN = "créée", "modifiée", "inchangée", "retirée"
COLUMNS = (*PAIR, "communes", "note", "grille", "version", "empreinte", "date", "mouvement", "mention")
SLICE = 400_000
"""About how many results are held at once."""
SAMPLED = 4_000
COMPARED = ("communes", "note", "grille", "version", "empreinte", "mention")
"""A new reference date alone is not a change."""


@dataclass
class SneExport:
    """Every score to transmit, and those withdrawn since the last export.

    What it counts is whole once ``parts`` are all given. ``without_place``: results left out, no commune wanted there.
    """

    run: Run
    choix: pl.LazyFrame
    before: pl.LazyFrame | None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((CREATED, CHANGED, SAME, WITHDRAWN), 0))
    without_place: int = 0

    def parts(self) -> Iterator[pl.DataFrame]:
        """The rows in order, those of a range of numbers at a time."""
        for inside in ranges(self.run.scan("resultats"), SLICE):
            now, without = _now(self.run, self.choix, inside)
            before = None if self.before is None else self.before.filter(inside).collect()
            rows = _moved(now, before, self.run)
            self.without_place += without
            for word, count in rows["mouvement"].value_counts().iter_rows():
                self.counts[word] += count
            yield rows


def changes(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that moved since the last export."""
    return rows.filter(pl.col("mouvement") != SAME)


@contextmanager
def export_sne(
    run: Run, data: Path, choix: pl.LazyFrame, bag: Bag, *, previous: Path | None = None, trial: bool = False
) -> Iterator[SneExport | None]:
    """The export of a run; ``None`` and diagnostics when it must not leave. ``trial`` lets a grid that is not in force out, marked."""
    _gate(run, bag, trial)
    _same_data(run, data, bag)
    with tempfile.TemporaryDirectory(prefix="fluxrules-") as folder:
        before = None
        if previous is not None:
            before = _held(previous, Path(folder), bag)
            if before is not None and not bag.has_errors:
                _comparable(run, before, previous, bag)
        yield None if bag.has_errors else SneExport(run, choix, before)


def ranges(scan: pl.LazyFrame, size: int) -> Iterator[pl.Expr]:
    """Conditions on the number that cut a table in ranges of about so many rows, in order; every number meets one."""
    height = int(scan.select(pl.len()).collect().item())
    each = max(1, size // SAMPLED)
    some = scan.select(KEY).with_row_index("_row").filter(pl.col("_row") % each == 0).select(KEY)
    held = some.collect(engine="streaming")[KEY].sort() if height > size else pl.Series(KEY, [], dtype=pl.String)
    step = max(1, size // each)
    cuts: list[str | None] = [None, *held[step::step].unique(maintain_order=True).to_list(), None]
    for low, high in pairwise(cuts):
        above = pl.lit(True) if low is None else pl.col(KEY) > low
        yield above if high is None else above & (pl.col(KEY) <= high)


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


def _now(run: Run, choix: pl.LazyFrame, inside: pl.Expr) -> tuple[pl.DataFrame, int]:
    """The rows of this run in a range of numbers, without movement, and how many results had no place."""
    order = ["rang"] if "rang" in choix.collect_schema() else []
    wanted = choix.select(KEY, "code_commune", *order).filter(inside).collect()
    placed = attach_territoire(wanted).drop_nulls("territoire")
    ranked = placed.sort(order, nulls_last=True, maintain_order=True) if order else placed
    once = ranked.unique([*PAIR, "code_commune"], keep="first", maintain_order=True)
    places = once.group_by(PAIR).agg(pl.col("code_commune").str.join(JOIN).alias("communes"))
    grids = pl.DataFrame(
        [(g.name, t, g.version, g.hash) for g in run.grids for t in g.territories],
        schema={"grille": pl.String, "territoire": pl.String, "version": pl.String, "empreinte": pl.String},
        orient="row",
    ).unique()
    results = run.scan("resultats").select(*PAIR, "grille", _exact("note")).filter(inside).collect()
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
    with tempfile.TemporaryDirectory(prefix="fluxrules-") as folder:
        held = _held(path, Path(folder), bag)
        return None if held is None else held.collect()


def _held(path: Path, folder: Path, bag: Bag) -> pl.LazyFrame | None:
    """The same, not read yet: laid out in ``folder``, where a range of numbers is read without the others."""
    try:
        scan = unguarded(scan_csv(path))
        if tuple(scan.collect_schema()) != COLUMNS:
            raise ValueError(path)
        scan.sink_parquet(folder / "avant.parquet")
        held = pl.scan_parquet(folder / "avant.parquet", glob=False)
        if held.select(pl.col(KEY).has_nulls()).collect().item():
            raise ValueError(path)
        for inside in ranges(held, SLICE):
            if held.select(PAIR).filter(inside).collect().is_duplicated().any():
                raise ValueError(path)
    except (pl.exceptions.PolarsError, OSError, ValueError):
        bag.add("FX5066", "Ce fichier n'est pas un export écrit par « fluxrules export sne ».", Cell(str(path)),
                "Donnez le fichier de l'export, sans l'avoir enregistré depuis un tableur.")  # fmt: skip
        return None
    return held


def _comparable(run: Run, before: pl.LazyFrame, path: Path, bag: Bag) -> None:
    """A partial or older run would withdraw or undo scores that still hold."""
    ours = {t for g in run.grids for t in g.territories}
    held = before.filter(pl.col("mouvement") != WITHDRAWN).select(pl.col("territoire").unique()).collect()
    foreign = sorted(set(held["territoire"].to_list()) - ours)
    if foreign:
        bag.add("FX5067", f"L'export précédent porte aussi sur {', '.join(foreign[:5])}, que ce calcul ne note pas : "
                "toutes ces notes seraient retirées.", Cell(str(path)),
                "Notez les mêmes territoires, ou donnez l'export précédent de ce territoire.")  # fmt: skip
    last = before.select(pl.col("date").max()).collect().item()
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
