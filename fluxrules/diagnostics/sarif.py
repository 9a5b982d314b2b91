"""Diagnostics for continuous integration: SARIF 2.1.0, and GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from fluxrules.diagnostics.diagnostic import Cell, Diagnostic, Severity
from fluxrules.diagnostics.registry import page
from fluxrules.text.source import Span

_LEVELS = {Severity.ERREUR: "error", Severity.AVERTISSEMENT: "warning", Severity.CONSEIL: "note"}
_COMMANDS = {Severity.ERREUR: "error", Severity.AVERTISSEMENT: "warning", Severity.CONSEIL: "notice"}


def render_sarif(items: Sequence[Diagnostic], version: str) -> str:
    """One run; columns are in UTF-16 units, as SARIF counts by default."""
    codes = sorted({d.code for d in items})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": page(code).name},
            "fullDescription": {"text": page(code).what},
            "help": {"text": f"{page(code).why} {page(code).todo}"},
            "defaultConfiguration": {"level": _LEVELS[page(code).severity]},
        }
        for code in codes
    ]
    driver = {"name": "fluxrules", "version": version, "language": "fr-FR", "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "results": [_result(d, codes.index(d.code)) for d in items],
    }
    whole = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _result(d: Diagnostic, index: int) -> dict[str, Any]:
    cited = "".join(f" Voir : {r}." for r in d.references)
    shown = f"\nExemple :\n{d.witness}" if d.witness else ""
    result: dict[str, Any] = {
        "ruleId": d.code,
        "ruleIndex": index,
        "level": _LEVELS[d.severity],
        "message": {"text": f"{d.message} {d.help}{cited}{shown}"},
        "locations": [{"physicalLocation": _physical(d.where)}],
    }
    if d.labels:
        result["relatedLocations"] = [
            {"id": i, "message": {"text": label.text}, "physicalLocation": _physical(label.span)}
            for i, label in enumerate(d.labels)
        ]
    return result


def _physical(where: Span | Cell) -> dict[str, Any]:
    if isinstance(where, Cell):
        place: dict[str, Any] = {"artifactLocation": {"uri": _uri(where.file)}}
        return place | ({"region": {"startLine": where.row}} if where.row else {})
    (line, column), (end_line, end_column) = _ends(where)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"artifactLocation": {"uri": _uri(where.source.name)}, "region": region}


def _ends(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    """Both ends in lines and UTF-16 columns, from 1."""
    found = []
    for offset in (span.start, span.end):
        line, column = span.source.position(offset)
        before = span.source.text[offset - column + 1 : offset]
        found.append((line, len(before.encode("utf-16-le")) // 2 + 1))
    return found[0], found[1]


def _uri(name: str) -> str:
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def render_github(items: Sequence[Diagnostic]) -> str:
    """An annotation a line."""
    return "\n".join(_annotation(d) for d in items)


def _annotation(d: Diagnostic) -> str:
    where = {"file": d.where.file if isinstance(d.where, Cell) else d.where.source.name}
    if isinstance(d.where, Span):
        (line, column), (end_line, end_column) = _ends(d.where)
        where |= {"line": str(line), "col": str(column), "endLine": str(end_line), "endColumn": str(end_column)}
    elif d.where.row:
        where |= {"line": str(d.where.row)}
    where["title"] = f"{d.code} {page(d.code).name}"
    said = ",".join(f"{k}={_escaped(v, ':,')}" for k, v in where.items())
    cited = "".join(f"\nVoir : {r}" for r in d.references)
    return f"::{_COMMANDS[d.severity]} {said}::" + _escaped(f"{d.message}\n{d.help}{cited}")


def _escaped(text: str, more: str = "") -> str:
    for sign in "%\r\n" + more:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
