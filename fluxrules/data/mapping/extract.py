"""The files of a mapping → rows of the canonical tables, each still knowing its file and line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fluxrules.data.columns import dtype_of
from fluxrules.data.findings import Findings
from fluxrules.data.mapping.identity import looks_like_nir, named_identity
from fluxrules.data.mapping.spec import Column, FileRule, Layout, MappingFile, RowRule
from fluxrules.data.mapping.values import Values
from fluxrules.data.tables import KEY
from fluxrules.data.text_table import UnreadableTableError, header, read_text_table
from fluxrules.data.workbook import SURE_DIGITS, number_cells, read_sheet
from fluxrules.diagnostics.diagnostic import Cell
from fluxrules.text.near import nearest
from fluxrules.vocabulary.fields import EntityDef, Vocabulary

SAMPLE = 200
RANK = "rang"


@dataclass(frozen=True)
class Part:
    """Rows of one table from one file: ``numero_unique``, ``_ligne``, then the columns of the fields it gives."""

    table: str
    frame: pl.DataFrame
    file: str
    rule: FileRule


def extract(path: Path, mapping: MappingFile, vocabulary: Vocabulary, findings: Findings) -> list[Part]:
    """Read every file of the mapping. What cannot be read is reported as an error; the parts are then not to be used."""
    parts: list[Part] = []
    for rule in mapping.files:
        file = _file(path, rule, mapping, findings)
        if file is None:
            continue
        try:
            frame = _frame(file, rule, findings)
        except UnreadableTableError as error:
            error.report(file.name, findings.bag)
            continue
        except OSError:
            findings.bag.add(
                "FX5032",
                "La table ne se lit pas : l'accès au fichier est refusé ou a échoué.",
                Cell(file.name),
                "Vérifiez le chemin et les droits.",
            )
            continue
        if frame is not None:
            parts += _parts(frame, file, rule, vocabulary, findings)
    return parts


def _file(path: Path, rule: FileRule, mapping: MappingFile, findings: Findings) -> Path | None:
    """The file a rule names: by its name in the folder, or the one given when the mapping describes one."""
    if path.is_file() and (len(mapping.files) == 1 or path.match(rule.pattern)):
        return path
    if path.is_file():
        findings.bag.add("FX5036", f"La correspondance décrit {len(mapping.files)} fichiers ; un seul est donné.", rule.span,
                         "Donnez le dossier qui les contient tous.")  # fmt: skip
        return None
    found = sorted(p for p in path.glob(rule.pattern) if p.is_file()) if path.is_dir() else []
    if len(found) == 1:
        return found[0]
    near = nearest(rule.pattern, [p.name for p in path.iterdir()]) if path.is_dir() else None
    what = (
        f"Aucun fichier « {rule.pattern} » dans « {path.name} »."
        if not found
        else f"Plusieurs fichiers répondent à « {rule.pattern} »."
    )
    findings.bag.add("FX5036", what, rule.span,
                     f"Vouliez-vous écrire « {near} » ?" if near and not found else "Donnez le nom du fichier, ou un motif qui n'en trouve qu'un.")  # fmt: skip
    return None


def is_workbook(file: Path) -> bool:
    return file.suffix.lower() in (".xlsx", ".xlsm")


def columns_of(file: Path, layout: Layout, sheet: str | None) -> tuple[list[str], pl.DataFrame]:
    """The names of the columns as written, and the first rows. Raises ``UnreadableTableError``."""
    if is_workbook(file):
        sample = read_sheet(file, sheet, rows=SAMPLE)
        return sample.columns, sample
    given = {"encoding": layout.encoding, "separator": layout.separator, "quote": layout.quote}
    return header(file, **given), read_text_table(file, rows=SAMPLE, **given)  # type: ignore[arg-type]


def _frame(file: Path, rule: FileRule, findings: Findings) -> pl.DataFrame | None:
    """The columns that the mapping reads, as text, with ``_ligne``; ``None`` when one is missing or says who a person is."""
    names, sample = columns_of(file, rule.layout, rule.sheet)
    wanted = rule.read()
    good = [_present(c, names, file, findings) and _anonymous(c, sample, file, findings) for c in wanted]
    if not all(good):
        return None
    _left_out(names, sample, rule, file, findings)
    read = [c.name for c in wanted]
    if is_workbook(file):
        frame = read_sheet(file, rule.sheet).select(read)
    else:
        layout = rule.layout
        frame = read_text_table(
            file, encoding=layout.encoding, separator=layout.separator, quote=layout.quote, columns=read
        )
    return frame.with_row_index("_ligne", offset=2)  # the line that a spreadsheet shows: the first one holds the names


def _present(column: Column, names: list[str], file: Path, findings: Findings) -> bool:
    count = names.count(column.name)
    if count == 1:
        return True
    near = nearest(column.name, names)
    what = (
        f"La colonne « {column.name} » n'est pas dans « {file.name} »."
        if not count
        else f"« {file.name} » a {count} colonnes « {column.name} »."
    )
    findings.bag.add("FX5033", what, column.span,
                     "Gardez-en une seule dans le fichier." if count else f"Vouliez-vous écrire « {near} » ?" if near else "Vérifiez le nom, le séparateur et l'encodage.")  # fmt: skip
    return False


def _anonymous(column: Column, sample: pl.DataFrame, file: Path, findings: Findings) -> bool:
    if not named_identity(column.name) and not looks_like_nir(sample[column.name]):
        return True
    findings.bag.add("FX5006", f"La colonne « {column.name} » semble contenir une identité ou un numéro de sécurité sociale.", Cell(file.name, None, column.name),
                     "Retirez-la de la correspondance : fluxrules n'en a pas l'usage.")  # fmt: skip
    return False


def _left_out(names: list[str], sample: pl.DataFrame, rule: FileRule, file: Path, findings: Findings) -> None:
    """Columns that the mapping does not read: those of identities, and those that it does not list as « ignorées »."""
    read = {c.name for c in rule.read()}
    others = [n for n in dict.fromkeys(names) if n not in read and n in sample.columns]
    secret = [n for n in others if looks_like_nir(sample[n])]
    for name in secret:
        findings.bag.add("FX5042", f"La colonne « {name} » semble contenir des numéros de sécurité sociale ; elle n'est pas lue.", Cell(file.name, None, name),
                         "Demandez un export sans cette colonne, et effacez ce fichier dès que possible.")  # fmt: skip
    new = [n for n in others if n not in rule.ignored and n not in secret and not named_identity(n)]
    if new:
        shown = ", ".join(f"« {n} »" for n in new[:8]) + (" …" if len(new) > 8 else "")
        findings.bag.add("FX5044", f"{len(new)} colonne(s) de « {file.name} » ne sont ni lues ni ignorées : {shown}.", rule.span,
                         "Donnez-leur un champ, ou ajoutez-les à « ignorées ».")  # fmt: skip


def _parts(frame: pl.DataFrame, file: Path, rule: FileRule, vocabulary: Vocabulary, findings: Findings) -> list[Part]:
    key = _key(frame, file, rule, findings)
    used = pl.any_horizontal(
        pl.col(c.name).is_not_null() & (pl.col(c.name).str.strip_chars() != "") for c in rule.read()
    )
    kept = frame.select(used.fill_null(False)).to_series()
    frame, key = frame.filter(kept), key.filter(kept)
    values = Values(frame, file.name, rule.layout, vocabulary, findings, is_workbook(file))
    entities = {e.table: e for e in vocabulary.entities.values()}
    parts: list[Part] = []
    for table in dict.fromkeys(r.table for r in rule.rows):
        blocks = [r for r in rule.rows if r.table == table]
        frames: list[pl.DataFrame] = []
        rank = 0
        for block in blocks:
            for index in range(block.repeats):
                rank += 1
                frames.append(
                    _rows(values, key, block, index, rank if len(blocks) + block.repeats > 2 else None, entities[table])
                )
        parts.append(Part(table, pl.concat(frames, how="diagonal"), file.name, rule))
    return parts


def _rows(
    values: Values, key: pl.Series, block: RowRule, index: int, rank: int | None, entity: EntityDef
) -> pl.DataFrame:
    """The rows a block makes for one index: those where a column says something, or all with « ligne: toujours »."""
    keep: pl.Series | None = None
    if block.table != "demandes" and not block.always:
        filled = [f for r in block.rules if (f := values.filled(r, index)) is not None]
        if filled:
            keep = (
                pl.DataFrame({f"f{i}": f for i, f in enumerate(filled)}).select(pl.any_horizontal(pl.all())).to_series()
            )
    columns = {r.field.column: values.read(r, index, keep) for r in block.rules}
    out = pl.DataFrame({KEY: key, "_ligne": values.frame["_ligne"], **columns})
    ranked = entity.fields.get(RANK)
    if rank is not None and ranked is not None and ranked.column not in columns:
        out = out.with_columns(pl.lit(rank, dtype_of(ranked)).alias(ranked.column))
    return out.filter(keep) if keep is not None else out


def _key(frame: pl.DataFrame, file: Path, rule: FileRule, findings: Findings) -> pl.Series:
    """The numbers, as text. One that a spreadsheet turned into 1,1E+17, or cut at fifteen digits, is no longer a number."""
    name = rule.key.name
    key = frame[name].str.strip_chars()
    bad = key.str.contains(r"^\d([.,]\d+)?[eE]\+?\d+$").fill_null(False)
    if is_workbook(file) and number_cells(file, rule.sheet, name):
        bad = bad | key.str.contains(rf"^\d{{{SURE_DIGITS + 1},}}$").fill_null(False)
    if bad.any():
        first = int(frame.filter(bad)["_ligne"][0])
        findings.bag.add("FX5040", f"{int(bad.sum())} numéro(s) ont perdu des chiffres dans un tableur.", Cell(file.name, first, name),
                         "Refaites l'export avec cette colonne en texte : ces demandes ne peuvent plus être reconnues.")  # fmt: skip
    return (
        pl.DataFrame({"v": key, "b": bad})
        .select(pl.when(~pl.col("b") & (pl.col("v") != "")).then("v").alias(KEY))
        .to_series()
    )
