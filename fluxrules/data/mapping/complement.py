"""What no interface carries (offers, refusals, verified documents, essential workers): a second source joined on the number."""

from __future__ import annotations

from pathlib import Path

from fluxrules.data.columns import LIST_SEPARATOR
from fluxrules.data.findings import Findings
from fluxrules.data.mapping.extract import Part, columns_of, extract
from fluxrules.data.mapping.join import complete
from fluxrules.data.mapping.spec import Column, FileRule, Layout, MappingFile, RowRule, Rule
from fluxrules.data.raw import NAMES
from fluxrules.data.tables import KEY, Tables
from fluxrules.data.text_table import UnreadableTableError
from fluxrules.diagnostics.diagnostic import Cell
from fluxrules.text.source import Source
from fluxrules.vocabulary.fields import EntityDef, Vocabulary

FORMATS = (".csv", ".xlsx")


def read_complement(
    path: Path, mapping: MappingFile | None, tables: Tables, vocabulary: Vocabulary, findings: Findings
) -> Tables | None:
    """``tables`` completed by a file or a folder; ``None`` when it cannot be read. Without a mapping, columns bear the names
    of the vocabulary, and files those of tables (a single file completes ``demandes``)."""
    before = len(findings.bag.items)
    parts = extract(path, mapping, vocabulary, findings) if mapping is not None else _plain(path, vocabulary, findings)
    if any(d.severity.label == "erreur" for d in findings.bag.items[before:]):
        return None
    done = complete(tables, parts, vocabulary, findings)
    return None if any(d.severity.label == "erreur" for d in findings.bag.items[before:]) else done


def _plain(path: Path, vocabulary: Vocabulary, findings: Findings) -> list[Part]:
    entities = {e.table: e for e in vocabulary.entities.values()}
    found = {n: path / f"{n}{x}" for n in NAMES for x in FORMATS if (path / f"{n}{x}").is_file()} if path.is_dir() else {
        path.stem if path.stem in NAMES else "demandes": path
    }  # fmt: skip
    if not found:
        findings.bag.add("FX5001", "Le complément ne contient aucune table.", Cell(str(path)),
                         "Donnez un CSV ou un xlsx, ou un dossier de tables demandes, membres, choix, evenements.")  # fmt: skip
    parts: list[Part] = []
    for table, file in found.items():
        try:
            names, _ = columns_of(file, Layout(), None)
        except UnreadableTableError as error:
            error.report(file.name, findings.bag)
            continue
        except OSError:
            findings.bag.add(
                "FX5001",
                "La table ne se lit pas : le fichier n'existe pas ou ne s'ouvre pas.",
                Cell(file.name),
                "Vérifiez le chemin et les droits.",
            )
            continue
        if KEY not in names:
            findings.bag.add(
                "FX5002",
                f"La colonne « {KEY} » manque.",
                Cell(file.name, None, KEY),
                "Ajoutez le numéro unique de chaque demande.",
            )
            continue
        parts += extract(file, _by_names(file, names, entities[table]), vocabulary, findings)
    return parts


def _by_names(file: Path, names: list[str], entity: EntityDef) -> MappingFile:
    """The mapping that a table of canonical columns needs: each field from its own column."""
    source = Source(file.name, "")
    span = source.span(0, 0)
    fields = [f for f in entity.fields.values() if f.column in names and f.column != entity.key]
    rules = tuple(
        Rule(f, span, (Column(f.column, span),), split=LIST_SEPARATOR if f.kind == "liste" else None) for f in fields
    )
    row = RowRule(entity.table, rules, span, always=True)
    return MappingFile(file.stem, source, (FileRule(file.name, span, Column(KEY, span), (row,), Layout()),))
