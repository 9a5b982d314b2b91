"""What the data of a territory are worth for its grid: unknowns and the points they hold, incoherences, lines without evidence.

Counts are of demandes, so they add up. Points of a line are those it could add or take away before floors and caps of families.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from fluxrules.data.places import wanted_places
from fluxrules.data.tables import KEY, Tables
from fluxrules.engines.numpy import score
from fluxrules.ir import nodes as n
from fluxrules.ir.evidence import declared, verified
from fluxrules.ir.walk import children, fields_read, line_exprs, lines
from fluxrules.model.checks import Check, quality_checks
from fluxrules.model.grid import Grid
from fluxrules.vocabulary.territoires import attach_territoire

ABSENT, PENDING, ACQUIRED = 0, 1, 2
Given = Mapping[str, pl.DataFrame | None]


@dataclass(frozen=True)
class FieldQuality:
    """``unknown``: demandes in which the field is not known. ``pending``: those in which it keeps a line en suspens, and ``points``
    what these lines could give in all. The name is that of « manque »."""

    name: str
    unknown: int
    pending: int
    points: Fraction


@dataclass(frozen=True)
class EvidenceQuality:
    """A line counted while its document was not seen: in how many demandes, for how many points in all."""

    line: str
    document: str
    demandes: int
    points: Fraction


@dataclass(frozen=True)
class Incoherence:
    """``found``: demandes in which the check is true; ``undecided``: in which a field that it needs is unknown."""

    check: Check
    found: int
    undecided: int


@dataclass(frozen=True)
class TerritoryQuality:
    """``spread``: sum over the demandes of note_max − note_min; ``open``: demandes in which it is not zero."""

    grid: Grid
    territory: str | None
    demandes: int
    open: int
    spread: Fraction
    fields: tuple[FieldQuality, ...]
    evidence: tuple[EvidenceQuality, ...]
    incoherences: tuple[Incoherence, ...]


@dataclass(frozen=True)
class Counts:
    """``read`` = ``struck_off`` + ``covered`` + ``without_grid``."""

    read: int
    struck_off: int
    covered: int
    without_grid: int


def quality(
    grids: list[Grid], tables: Tables, reference: date, *, everyone: bool = False
) -> tuple[list[TerritoryQuality], Counts]:
    """The quality of each grid's demandes, and counts of demandes that add up. Raises ``ValueError`` for a parameter without value."""
    active = tables.demandes.filter((pl.col("statut_demande") != "radiee").fill_null(True))
    choix = attach_territoire(tables.choix) if tables.choix is not None else None
    found, covered = [], pl.Series(KEY, [], dtype=pl.String)
    for grid in grids:
        for territory in grid.header.territories if not everyone and grid.header.territories else (None,):
            wanted = active
            if territory is not None:
                assert choix is not None
                numbers = choix.filter(pl.col("territoire") == territory).select(KEY).unique()
                wanted = active.join(numbers, on=KEY, how="semi", maintain_order="left")
            covered = pl.concat([covered, wanted[KEY]])
            given = {"demandes": wanted, "membres": tables.membres, "evenements": tables.evenements,
                     "choix": wanted_places(Tables(wanted, choix=tables.choix), territory)}  # fmt: skip
            found.append(_territory(grid, territory, given, reference))
    count = covered.n_unique()
    return found, Counts(len(tables.demandes), len(tables.demandes) - len(active), count, len(active) - count)


def together(
    several: Iterable[tuple[list[TerritoryQuality], Counts]],
) -> tuple[list[TerritoryQuality], Counts]:
    """What ``quality`` gives of all demandes, from what it gives of each of several parts of them."""
    measured = list(several)
    found = [_sum(parts) for parts in zip(*(found for found, _ in measured), strict=True)]
    counts = [(c.read, c.struck_off, c.covered, c.without_grid) for _, c in measured]
    return found, Counts(*map(sum, zip(*counts, strict=True)))


def _sum(parts: Sequence[TerritoryQuality]) -> TerritoryQuality:
    fields: dict[str, list[FieldQuality]] = {}
    evidence: dict[tuple[str, str], list[EvidenceQuality]] = {}
    for part in parts:
        for f in part.fields:
            fields.setdefault(f.name, []).append(f)
        for e in part.evidence:
            evidence.setdefault((e.line, e.document), []).append(e)
    return TerritoryQuality(
        parts[0].grid,
        parts[0].territory,
        sum(p.demandes for p in parts),
        sum(p.open for p in parts),
        sum((p.spread for p in parts), Fraction(0)),
        _ranked_fields(
            FieldQuality(
                n, sum(f.unknown for f in fs), sum(f.pending for f in fs), sum((f.points for f in fs), Fraction(0))
            )
            for n, fs in fields.items()
        ),
        _ranked_evidence(
            EvidenceQuality(*k, sum(e.demandes for e in es), sum((e.points for e in es), Fraction(0)))
            for k, es in evidence.items()
        ),
        tuple(
            Incoherence(same[0].check, sum(i.found for i in same), sum(i.undecided for i in same))
            for same in zip(*(p.incoherences for p in parts), strict=True)
        ),
    )


def _ranked_fields(found: Iterable[FieldQuality]) -> tuple[FieldQuality, ...]:
    kept = [f for f in found if f.unknown or f.pending]
    return tuple(sorted(kept, key=lambda f: (-f.points, -f.unknown, f.name)))


def _ranked_evidence(found: Iterable[EvidenceQuality]) -> tuple[EvidenceQuality, ...]:
    return tuple(sorted(found, key=lambda e: (-abs(e.points), e.line)))


def _territory(grid: Grid, territory: str | None, given: Given, reference: date) -> TerritoryQuality:
    wanted = given["demandes"]
    assert wanted is not None
    program = declared(grid.program)
    out = _run(program, given, reference)
    scale = grid.program.scale
    spread = out["note_max"] - out["note_min"]
    return TerritoryQuality(
        grid,
        territory,
        len(wanted),
        int((spread != 0).sum()),
        Fraction(int(spread.sum()), scale),
        _fields(program, out, given, scale),
        _evidence(grid.program, out, given, reference),
        _incoherences(given, reference),
    )


def _run(program: n.Program, given: Given, reference: date) -> pl.DataFrame:
    return score(program, given, reference, principal="demandes", key=KEY, detail=True)


def _fields(program: n.Program, out: pl.DataFrame, given: Given, scale: int) -> tuple[FieldQuality, ...]:
    read = [names_of(line, program) for line in lines(program.root)]
    held = out.select(
        "manque",
        *(
            pl.when(pl.col(f"etat_{i}") == PENDING)
            .then(pl.max_horizontal(pl.col(f"max_{i}"), 0) - pl.min_horizontal(pl.col(f"min_{i}"), 0))
            .otherwise(0)
            .alias(f"l{i}")
            for i in range(len(read))
        ),
    )
    unknown = _unknown(program, given)
    found = []
    for name in sorted(set().union(*read) | set(unknown)):
        missing = held.filter(pl.col("manque").list.contains(name))
        stake = sum(int(missing[f"l{i}"].sum()) for i, names in enumerate(read) if name in names)
        found.append(FieldQuality(name, unknown.get(name, len(missing)), len(missing), Fraction(stake, scale)))
    return _ranked_fields(found)


def _unknown(program: n.Program, given: Given) -> dict[str, int]:
    """Demandes in which each field that the program reads is not known; of rows, in which one row at least does not say it."""
    demandes = given["demandes"]
    assert demandes is not None
    tables = {r.entity: r.table for r in _rows(program)}
    found: dict[str, int] = {}
    for f in fields_read(program):
        if f == program.verified:
            continue
        if f.entity not in tables:
            known = f.column in demandes.columns
            found[f.name] = demandes[f.column].null_count() if known else len(demandes)
            continue
        rows = given.get(tables[f.entity])
        if rows is None:
            continue  # the whole table is missing: it is in « manque » under its own name
        if f.column in rows.columns:
            blank = rows.filter(pl.col(f.column).is_null()).select(KEY).unique()
            found[f"{f.entity}.{f.name}"] = demandes.join(blank, on=KEY, how="semi").height
    return found


def names_of(line: n.Line, program: n.Program) -> frozenset[str]:
    """What « manque » may name because of a line, definitions followed."""
    definitions, parameters = dict(program.definitions), dict(program.parameters)
    found: set[str] = set()
    seen: set[str] = set()
    stack: list[tuple[n.Expr, bool]] = [(e, False) for e in line_exprs(line)]
    while stack:
        node, inside = stack.pop()
        match node:
            case n.Ref(name=name):
                if name not in seen:
                    seen.add(name)
                    stack.append((definitions[name], inside))
            case n.Field():
                found.add(f"{node.entity}.{node.name}" if inside else node.name)
            case n.Param(name=name):
                found |= {f"barème:{parameters[name].table}"} if parameters[name].table else set()
            case n.Evidence(document=document):
                found.add(f"pièce:{document}")
            case n.Count(rows=rows) | n.Exists(rows=rows) | n.ForAll(rows=rows):
                found.add(rows.table)
                stack += [(c, True) for c in children(node)]
            case _:
                stack += [(c, inside) for c in children(node)]
    return frozenset(found)


def _rows(program: n.Program) -> set[n.Rows]:
    from fluxrules.ir.walk import descend, program_exprs

    kinds = (n.Count, n.Exists, n.ForAll)
    return {x.rows for e in program_exprs(program) for x in descend(e) if isinstance(x, kinds)}


def _evidence(program: n.Program, out: pl.DataFrame, given: Given, reference: date) -> tuple[EvidenceQuality, ...]:
    asked = [(i, line) for i, line in enumerate(lines(program.root)) if line.evidence is not None]
    if not asked:
        return ()
    proved = _run(verified(program), given, reference)
    found = []
    for i, line in asked:
        unseen = (out[f"etat_{i}"] == ACQUIRED) & (proved[f"etat_{i}"] != ACQUIRED)
        points = Fraction(int(out.filter(unseen)[f"points_{i}"].sum()), program.scale)
        assert line.evidence is not None
        if unseen.any():
            found.append(EvidenceQuality(line.label or " › ".join(line.path), line.evidence, int(unseen.sum()), points))
    return _ranked_evidence(found)


def _incoherences(given: Given, reference: date) -> tuple[Incoherence, ...]:
    checks, program = quality_checks()
    out = _run(program, given, reference)
    return tuple(
        Incoherence(c, int((out[f"etat_{i}"] == ACQUIRED).sum()), int((out[f"etat_{i}"] == PENDING).sum()))
        for i, c in enumerate(checks)
    )
