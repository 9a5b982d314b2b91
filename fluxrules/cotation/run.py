"""Grids and tables → one result a demande and territory, and positions in their own table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from fluxrules.data.tables import KEY, Tables
from fluxrules.diagnostics.diagnostic import Bag, Diagnostic
from fluxrules.engines.polars import score as run_engine
from fluxrules.ir import nodes as n
from fluxrules.ir.evidence import declared, verified
from fluxrules.language.numbers import show_date
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.territoires import attach_territoire, nom_territoire

NOTES = ("note", "note_min", "note_max")
DIGITS = 4
WANTED = "types_logement_recherches"


@dataclass(frozen=True)
class Scores:
    """``results``: numero_unique, territoire, grille, note, note_min, note_max, note_verifiee, note_verifiee_min, note_verifiee_max, manque.

    ``positions``: numero_unique, territoire, classe (type of dwelling wanted), position (1 is first, equals share), effectif.
    Notes are whole numbers, or decimals with four digits when a grid has decimal points. Rows are sorted by number, then territory.
    """

    results: pl.DataFrame
    positions: pl.DataFrame
    diagnostics: tuple[Diagnostic, ...]
    without_grid: int = 0
    struck_off: int = 0


def score_tables(grids: Sequence[Grid], tables: Tables, reference: date, *, everyone: bool = False) -> Scores:
    """Score the demandes that want a place in each grid's territory (all of them, with ``everyone`` or a grid without territory)."""
    bag = Bag()
    _check_grids(grids, reference, bag)
    choix = attach_territoire(tables.choix) if tables.choix is not None else None
    if choix is None and not everyone and any((g.header.territories or (None,))[0] for g in grids):
        first = next(g for g in grids if (g.header.territories or (None,))[0])
        bag.add("FX6003", "La table « choix » n'est pas donnée : rien ne dit quelles demandes relèvent de la grille.",
                first.source.span(0, 0), "Ajoutez la table, ou demandez « --tous ».")  # fmt: skip
    if bag.has_errors:
        return Scores(_empty_results(), _empty_positions(), tuple(bag.items))
    active = (
        tables.demandes.filter((pl.col("statut_demande") != "radiee").fill_null(True))
        if "statut_demande" in tables.demandes.columns
        else tables.demandes
    )
    parts = [_score_grid(g, active, tables, choix, reference, everyone) for g in grids]
    decimal = any(g.program.scale > 1 for g in grids)
    keys = max((len(g.program.ties) for g in grids), default=0)
    whole = (
        pl.concat([_common(p, g, decimal, keys) for p, g in zip(parts, grids, strict=True)], how="vertical_relaxed")
        if parts
        else None
    )
    if whole is None:
        return Scores(_empty_results(), _empty_positions(), tuple(bag.items))
    whole = whole.sort(KEY, "territoire", "grille")
    results = whole.select(
        KEY, "territoire", "grille", *NOTES, "note_verifiee", "note_verifiee_min", "note_verifiee_max", "manque"
    )
    left = (
        _without_grid(choix, {(g.header.territories or (None,))[0] for g in grids}, active)
        if choix is not None and not everyone
        else 0
    )
    return Scores(results, positions(whole, active, keys), tuple(bag.items), left, len(tables.demandes) - len(active))


def _check_grids(grids: Sequence[Grid], reference: date, bag: Bag) -> None:
    seen: dict[str | None, Grid] = {}
    for grid in grids:
        start = grid.source.span(0, 0)
        if not grid.header.applies(reference):
            bag.add("FX6002", f"La grille « {grid.header.name} » ne vaut pas à la date du {show_date(reference)}.", start,
                    "Donnez la grille en vigueur à cette date, ou une autre date de référence.")  # fmt: skip
        territory = (grid.header.territories or (None,))[0]
        if territory in seen:
            where = nom_territoire(territory) if territory else "toutes les demandes"
            bag.add("FX6001", f"Deux grilles portent sur {where} : « {seen[territory].header.name} » et « {grid.header.name} ».", start,
                    "Retirez l'une des deux.")  # fmt: skip
        seen.setdefault(territory, grid)


def _score_grid(
    grid: Grid, active: pl.DataFrame, tables: Tables, choix: pl.DataFrame | None, reference: date, everyone: bool
) -> pl.DataFrame:
    wanted = active
    if (grid.header.territories or (None,))[0] and choix is not None and not everyone:
        numbers = choix.filter(pl.col("territoire") == (grid.header.territories or (None,))[0]).select(KEY).unique()
        wanted = active.join(numbers, on=KEY, how="semi", maintain_order="left")
    given = {"demandes": wanted, "membres": tables.membres, "evenements": tables.evenements}
    first = _run(declared(grid.program), given, reference)
    if not _has_evidence(grid.program.root):
        return first.with_columns(pl.col(c).alias(v) for c, v in _VERIFIED.items())
    second = _run(verified(grid.program), given, reference)
    return first.with_columns(second[c].alias(v) for c, v in _VERIFIED.items())


_VERIFIED = {"note": "note_verifiee", "note_min": "note_verifiee_min", "note_max": "note_verifiee_max"}


def _run(program: n.Program, given: dict[str, pl.DataFrame | None], reference: date) -> pl.DataFrame:
    return run_engine(program, given, reference, principal="demandes", key=KEY)


def _has_evidence(root: n.Family) -> bool:
    return any(_has_evidence(i) if isinstance(i, n.Family) else i.evidence is not None for i in root.items)


def _common(part: pl.DataFrame, grid: Grid, decimal: bool, keys: int) -> pl.DataFrame:
    """The same columns for every grid. Points are divided by the grid's scale exactly: it always divides 10,000."""
    notes = [*NOTES, *_VERIFIED.values()]
    if decimal:
        per_point = 10**DIGITS // grid.program.scale
        part = part.with_columns(
            ((pl.col(c) * per_point).cast(pl.Decimal(38, 0)) * pl.lit("0.0001").cast(pl.Decimal(38, 4))).cast(
                pl.Decimal(38, 4)
            )
            for c in notes
        )
    ties = [_tie_column(part, i) for i in range(keys)]
    territory = pl.lit((grid.header.territories or (None,))[0] or "", dtype=pl.String)
    return part.select(
        KEY, territory.alias("territoire"), pl.lit(grid.header.name).alias("grille"), *notes, "manque", *ties
    )


def _tie_column(part: pl.DataFrame, i: int) -> pl.Expr:
    name = f"_cle_{i}"
    return pl.col(name).cast(pl.Int64).alias(name) if name in part.columns else pl.lit(0, dtype=pl.Int64).alias(name)


def positions(whole: pl.DataFrame, demandes: pl.DataFrame, keys: int) -> pl.DataFrame:
    """Positions per territory and type wanted (docs/calculus.md §6)."""
    wanted = (
        demandes.select(KEY, pl.col(WANTED).alias("classe"))
        .explode("classe", empty_as_null=True, keep_nulls=True)
        .unique()
    )
    frame = whole.join(wanted, on=KEY, how="left").with_columns(pl.col("classe").fill_null("non renseigné"))
    group = ["territoire", "classe"]
    ties = [f"_cle_{i}" for i in range(keys)]
    descending = [False, False, True, *[False] * keys, False]
    ranked = frame.sort([*group, "note", *ties, KEY], descending=descending, nulls_last=True).with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(group).alias("_i"),
        pl.len().over(group).cast(pl.Int64).alias("effectif"),
    )
    return ranked.with_columns(pl.col("_i").min().over([*group, "note", *ties]).alias("position")).select(
        KEY, "territoire", "classe", "position", "effectif"
    ).sort(KEY, "territoire", "classe")  # fmt: skip


def _without_grid(choix: pl.DataFrame, territories: set[str | None], active: pl.DataFrame) -> int:
    """Pairs (demande, territory) for which no grid was given, unknown territories included."""
    pairs = choix.join(active.select(KEY), on=KEY, how="semi").select(KEY, "territoire").unique()
    return (
        len(pairs.filter(~pl.col("territoire").is_in([t for t in territories if t]).fill_null(False)))
        if None not in territories
        else 0
    )


def _empty_results() -> pl.DataFrame:
    text = {KEY: pl.String, "territoire": pl.String, "grille": pl.String}
    notes = dict.fromkeys((*NOTES, *_VERIFIED.values()), pl.Int64)
    return pl.DataFrame(schema={**text, **notes, "manque": pl.List(pl.String)})


def _empty_positions() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            KEY: pl.String,
            "territoire": pl.String,
            "classe": pl.String,
            "position": pl.Int64,
            "effectif": pl.Int64,
        }
    )
