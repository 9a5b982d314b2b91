"""The parts of a mapping joined on the number: into whole tables, or onto tables already read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from fluxrules.data.columns import dtype_of
from fluxrules.data.findings import Findings
from fluxrules.data.mapping.extract import Part, extract
from fluxrules.data.mapping.spec import MappingFile
from fluxrules.data.raw import RawTable
from fluxrules.data.read import Reading, typed_tables
from fluxrules.data.tables import KEY, Tables
from fluxrules.diagnostics.diagnostic import Cell, Diagnostic
from fluxrules.vocabulary.fields import Vocabulary


def read_mapped(path: Path, mapping: MappingFile, vocabulary: Vocabulary, reference: date) -> Reading:
    """Read a file or a folder as the mapping says. Never raises for what the files hold."""
    findings = Findings()
    parts = extract(path, mapping, vocabulary, findings)
    main = next((p for p in parts if p.rule is mapping.main and p.table == "demandes"), None)
    if mapping.main is None:
        findings.bag.add("FX5035", "Aucun fichier ne donne la date de dépôt initial : rien ne dit où sont les demandes.", mapping.source.span(0, 0),
                         "Donnez « date_dépôt_initial » dans un bloc « demandes », ou cette correspondance par « --complement ».")  # fmt: skip
    if main is None or findings.bag.has_errors:
        return Reading(None, findings.all_rejects(), tuple(findings.bag.items))
    reading = typed_tables(_raw(main, parts, findings), vocabulary, reference, findings)
    return replace(reading, diagnostics=tuple(_in_words_of_the_file(d, main) for d in reading.diagnostics))


def _in_words_of_the_file(d: Diagnostic, main: Part) -> Diagnostic:
    """A finding on a canonical column of the demandes, said of the column that gave it."""
    if not isinstance(d.where, Cell) or d.where.file != main.file or d.where.column is None:
        return d
    rules = [r for rows in main.rule.rows if rows.table == "demandes" for r in rows.rules]
    given = {r.field.column: r.columns[0].name for r in rules if r.columns} | {KEY: main.rule.key.name}
    return replace(d, where=replace(d.where, column=given.get(d.where.column, d.where.column)))


def _raw(main: Part, parts: Sequence[Part], findings: Findings) -> dict[str, RawTable]:
    demandes = _one_each(main, findings) if main.rule.several else main.frame
    rows_of = demandes[KEY]
    for part in parts:
        if part.table == "demandes" and part is not main:
            given = _one_each(_attached(part, rows_of, findings), findings).drop("_ligne")
            demandes = demandes.join(given, on=KEY, how="left", maintain_order="left")
    raw = {"demandes": RawTable(demandes, main.file)}
    for table in dict.fromkeys(p.table for p in parts if p.table != "demandes"):
        raw[table] = hung(
            [p if p.file == main.file else _attached(p, rows_of, findings) for p in parts if p.table == table]
        )
    return raw


def hung(parts: Sequence[Part]) -> RawTable:
    """The rows of a table from all its files. A place wanted twice by a demande is wanted once."""
    frames = [_distinct_places(p) for p in parts]
    return RawTable(pl.concat(frames, how="diagonal"), ", ".join(dict.fromkeys(p.file for p in parts)))


def _distinct_places(part: Part) -> pl.DataFrame:
    place = "code_commune"
    if part.table != "choix" or place not in part.frame.columns:
        return part.frame
    return part.frame.filter(pl.col(place).is_null() | pl.struct(KEY, place).is_first_distinct())


def _attached(part: Part, numbers: pl.Series, findings: Findings) -> Part:
    """The rows of a demande that was read; the others are counted."""
    known = part.frame[KEY].is_in(numbers.drop_nulls().implode()).fill_null(False)
    if not known.all():
        first = int(part.frame.filter(~known)["_ligne"][0])
        findings.bag.add("FX5009", f"{int((~known).sum())} ligne(s) ne se rattachent à aucune demande lue.", Cell(part.file, first, part.rule.key.name),
                         "Vérifiez les numéros uniques ; ces lignes ne servent pas.")  # fmt: skip
    return replace(part, frame=part.frame.filter(known))


def _one_each(part: Part, findings: Findings) -> pl.DataFrame:
    """One row a demande. Rows of the same number complete each other; where they disagree, the value is unknown.

    Lists are put together: a demande with three rows of one verified document has three verified documents. Rows without
    a number stay as they are, and are rejected later.
    """
    frame = part.frame
    shared = frame[KEY].is_duplicated() & frame[KEY].is_not_null()
    if not shared.any():
        return frame
    columns = [c for c in frame.columns if c not in (KEY, "_ligne")]
    lists = [c for c in columns if isinstance(frame.schema[c], pl.List)]
    singles = [c for c in columns if c not in lists]
    groups = frame.filter(shared).group_by(KEY, maintain_order=True)
    merged = groups.agg(
        pl.col("_ligne").first(),
        *(pl.col(c).drop_nulls().first().alias(c) for c in singles),
        *(pl.col(c).drop_nulls().n_unique().alias(f"_n_{c}") for c in singles),
        *(pl.col(c).drop_nulls().list.explode().unique(maintain_order=True).alias(c) for c in lists),
    )
    for c in singles:
        split = merged.filter(pl.col(f"_n_{c}") > 1)
        if len(split):
            findings.bag.add("FX5041", f"{len(split)} demande(s) ont plusieurs valeurs de « {c} » dans leurs lignes, lue(s) comme inconnue(s).",
                             Cell(part.file, int(split["_ligne"][0]), c), "Corrigez la source : rien ne dit quelle ligne croire.")  # fmt: skip
    merged = merged.with_columns(
        *(pl.when(pl.col(f"_n_{c}") <= 1).then(pl.col(c)).alias(c) for c in singles),
        *(pl.when(pl.col(c).list.len() > 0).then(pl.col(c)).alias(c) for c in lists),
    ).select(frame.columns)
    return pl.concat([frame.filter(~shared), merged]).sort("_ligne")


def complete(tables: Tables, parts: Sequence[Part], vocabulary: Vocabulary, findings: Findings) -> Tables:
    """Tables already read (SNE XML, Parquet) with what a second file adds, joined on the number.

    A value of the demande that both give differently is unknown, and said; lists are put together. Events are added to those
    known. ``membres`` and ``choix`` are added only where the tables have none.
    """
    demandes = tables.demandes
    for part in parts:
        if part.table == "demandes":
            given = _one_each(_attached(part, tables.demandes[KEY], findings), findings)
            demandes = _filled(demandes, given, part, findings)
    others: dict[str, pl.DataFrame | None] = {
        "membres": tables.membres,
        "choix": tables.choix,
        "evenements": tables.evenements,
    }
    for table in dict.fromkeys(p.table for p in parts if p.table != "demandes"):
        mine = [_attached(p, tables.demandes[KEY], findings) for p in parts if p.table == table]
        before = others[table]
        if before is not None and table != "evenements":
            findings.bag.add("FX5007", f"La table « {table} » est donnée par les données et par le complément.", Cell(mine[0].file),
                             "Retirez-la du complément : les personnes et les choix ne s'ajoutent pas.")  # fmt: skip
            continue
        added = _whole(hung(mine).frame, table, vocabulary)
        others[table] = added if before is None else pl.concat([before, added], how="diagonal_relaxed")
    return Tables(demandes, others["membres"], others["choix"], others["evenements"])


def _whole(frame: pl.DataFrame, table: str, vocabulary: Vocabulary) -> pl.DataFrame:
    """Every column of the canonical table: a field that no file gives is unknown."""
    entity = next(e for e in vocabulary.entities.values() if e.table == table)
    dtypes = {f.column: dtype_of(f) for f in entity.fields.values() if f.column != KEY}
    return frame.select(
        KEY, *(pl.col(c) if c in frame.columns else pl.lit(None, t).alias(c) for c, t in dtypes.items())
    )


def _filled(demandes: pl.DataFrame, given: pl.DataFrame, part: Part, findings: Findings) -> pl.DataFrame:
    columns = [c for c in given.columns if c not in (KEY, "_ligne")]
    joined = demandes.join(
        given.rename({c: f"_c_{c}" for c in columns} | {"_ligne": "_l"}), on=KEY, how="left", maintain_order="left"
    )
    for c in columns:
        new = pl.col(f"_c_{c}")
        if c not in demandes.columns:
            joined = joined.with_columns(new.alias(c))
        elif isinstance(given.schema[c], pl.List):
            both = pl.concat_list(pl.col(c).fill_null([]), new.fill_null([])).list.unique(maintain_order=True)
            joined = joined.with_columns(pl.when(pl.col(c).is_not_null() | new.is_not_null()).then(both).alias(c))
        else:
            differ = (pl.col(c) != new).fill_null(False)
            split = joined.filter(differ)
            if len(split):
                findings.bag.add("FX5041", f"{len(split)} demande(s) ont une autre valeur de « {c} » dans les données, lue(s) comme inconnue(s).",
                                 Cell(part.file, int(split["_l"][0]), c), "Corrigez l'une des deux sources, ou retirez ce champ du complément.")  # fmt: skip
            joined = joined.with_columns(pl.when(~differ).then(pl.coalesce(c, new)).alias(c))
    return joined.select(demandes.columns + [c for c in columns if c not in demandes.columns])


__all__ = ["complete", "extract", "read_mapped"]
