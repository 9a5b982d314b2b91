"""Renderers: the same diagnostics for a person, and for a machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fluxrules.diagnostics.diagnostic import MOST_SHOWN, Cell, Diagnostic, Severity
from fluxrules.text.source import Span

_COLOURS = {Severity.ERREUR: "31", Severity.AVERTISSEMENT: "33", Severity.CONSEIL: "36"}


def render_text(items: Sequence[Diagnostic], *, colour: bool = False) -> str:
    """Severity and code, the sentence, the place, the line underlined, what to do. Past ``MOST_SHOWN``, the gravest alone."""

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    out: list[str] = []
    kept = _gravest(items)
    for d in kept:
        out.append(f"{paint(f'{d.severity.label} {d.code}', _COLOURS[d.severity])} : {d.message}")
        out.append(f"  --> {d.place}")
        if isinstance(d.where, Span):
            out += _excerpt(d.where, "^", "")
        for label in d.labels:
            out.append(f"  --> {label.span.place}")
            out += _excerpt(label.span, "-", label.text)
        out.append(f"  aide : {d.help}")
        out += [f"  voir : {r}" for r in d.references]
        if d.witness:
            out += ["  exemple :", *("    " + line for line in d.witness.splitlines())]
        out.append(f"  page : fluxrules explain-code {d.code}")
        out.append("")
    hidden = len(items) - len(kept)
    if hidden:
        said = f"{hidden} autres messages ne sont pas montrés" if hidden > 1 else "1 autre message n'est pas montré"
        out.append(f"{said} : corrigez ceux-ci, puis relancez.\n")
    return "\n".join(out)


def _gravest(items: Sequence[Diagnostic]) -> Sequence[Diagnostic]:
    if len(items) <= MOST_SHOWN:
        return items
    ranked = sorted(range(len(items)), key=lambda i: -items[i].severity)
    return [items[i] for i in sorted(ranked[:MOST_SHOWN])]


def _excerpt(span: Span, mark: str, label: str) -> list[str]:
    if not span.source.text:
        return []
    number, column = span.source.position(span.start)
    line = span.source.line(number)
    if len(line) > 200:
        return []
    width = max(1, min(span.end - span.start, len(line) - column + 1))
    gutter = " " * len(str(number))
    tail = f" {label}" if label else ""
    return [f" {gutter} |", f" {number} | {line}", f" {gutter} | {' ' * (column - 1)}{mark * width}{tail}"]


def summary(items: Sequence[Diagnostic]) -> str:
    """« 2 erreurs, 1 avertissement »."""
    parts = []
    for severity, word in (
        (Severity.ERREUR, "erreur"),
        (Severity.AVERTISSEMENT, "avertissement"),
        (Severity.CONSEIL, "conseil"),
    ):
        count = sum(d.severity is severity for d in items)
        if count:
            parts.append(f"{count} {word}{'s' if count > 1 else ''}")
    return ", ".join(parts) or "aucune erreur"


def as_json(items: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """One object a diagnostic; lines and columns from 1, ends excluded."""
    return [
        {
            "code": d.code,
            "gravité": d.severity.label,
            "message": d.message,
            "aide": d.help,
            "place": _place(d.where),
            "autres": [{"texte": label.text, **_place(label.span)} for label in d.labels],
            "références": list(d.references),
        }
        for d in items
    ]


def render_json(items: Sequence[Diagnostic]) -> str:
    return json.dumps(as_json(items), ensure_ascii=False, indent=2)


def _place(where: Span | Cell) -> dict[str, Any]:
    if isinstance(where, Cell):
        return {"fichier": where.file, "ligne": where.row, "colonne": where.column}
    line, column = where.source.position(where.start)
    end_line, end_column = where.source.position(where.end)
    return {
        "fichier": where.source.name,
        "ligne": line,
        "colonne": column,
        "ligne fin": end_line,
        "colonne fin": end_column,
    }
