"""A bilan as one page that anyone can read, print and send: no network, no script, no colour that says something alone (RGAA)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from html import escape
from typing import Any

from fluxrules.flux.bilan.build import Bilan
from fluxrules.flux.bilan.table import TOTAL, Table
from fluxrules.language.numbers import show_date

_STYLE = """
:root{--texte:#1b1b1b;--trait:#767676;--fond:#f3f3f3;--barre:#1f4e79}
body{font:1rem/1.5 system-ui,sans-serif;color:var(--texte);background:#fff;max-width:75rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:2px solid var(--trait)}
a{color:#0b3d91}a:focus,.cadre:focus{outline:3px solid #0b3d91;outline-offset:2px}
.cadre{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{border:1px solid var(--trait);padding:.25rem .5rem;vertical-align:top;text-align:left}
thead th{background:var(--fond)}td.n{text-align:right;white-space:nowrap}tr.total>*{font-weight:bold;border-top:3px double var(--texte)}
figure{margin:1rem 0}svg{max-width:100%;height:auto}.saut{position:absolute;left:-99rem}.saut:focus{position:static}
@page{size:A4 landscape;margin:12mm}
@media print{body{max-width:none;padding:0;font-size:9pt}table{font-size:7pt}th,td{padding:.1rem .25rem;hyphens:auto}nav,.saut{display:none}.cadre{overflow:visible}thead{display:table-header-group}tr{break-inside:avoid}h2{break-after:avoid}a{color:inherit}}
""".strip()
_BAR, _ROW, _LEFT = 320, 24, 300
_MASKED, _EMPTY = "masqué", "—"


def page(bilan: Bilan) -> str:
    """The whole page."""
    title = escape(bilan.title)
    links = "".join(f'<li><a href="#{escape(t.name)}">{escape(t.title)}</a></li>' for t in bilan.tables)
    body = "\n".join(_section(t) for t in bilan.tables)
    return (
        f'<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<a class="saut" href="#contenu">Aller au contenu</a>\n<header><h1>{title}</h1>\n'
        "<p>Bilan annuel de l'article R. 441-5-1 du code de la construction et de l'habitation. Aucun demandeur n'y est nommé.</p></header>\n"
        f'<nav aria-label="Sommaire"><h2>Sommaire</h2><ol>{links}</ol></nav>\n<main id="contenu">\n{body}\n</main>\n</body>\n</html>\n'
    )


def _section(table: Table) -> str:
    name = escape(table.name)
    notes = "".join(f"<p>{escape(n)}</p>" for n in table.notes)
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{escape(table.title)}</h2>\n{notes}\n{_chart(table)}{_table(table)}\n</section>'


def _table(table: Table) -> str:
    frame = table.frame
    if frame.is_empty():
        return "<p>Aucune ligne.</p>"
    numeric = [t.is_numeric() for t in frame.dtypes]
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in frame.columns)
    rows = []
    for row in frame.iter_rows():
        cells = "".join(_cell(v, n, table.masked) for v, n in zip(row[1:], numeric[1:], strict=True))
        kind = ' class="total"' if TOTAL in row[:2] else ""
        rows.append(f'<tr{kind}><th scope="row">{escape(_text(row[0]))}</th>{cells}</tr>')
    lines_ = "\n".join(rows)
    return (
        f'<div class="cadre" tabindex="0" role="region" aria-label="{escape(table.title)}">\n<table>\n<caption>{escape(table.title)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{lines_}\n</tbody>\n</table>\n</div>"
    )


def _cell(value: Any, numeric: bool, masked: bool) -> str:
    """An empty number of a masked table says that it is hidden."""
    if not numeric:
        return f"<td>{escape(_text(value))}</td>"
    shown = _number(value) if value is not None else _MASKED if masked else _EMPTY
    return f'<td class="n">{shown}</td>'


def _text(value: Any) -> str:
    if isinstance(value, date):
        return show_date(value)
    return _EMPTY if value is None else str(value)


def _number(value: int | float) -> str:
    """French: a narrow no-break space between thousands, a comma."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return text.replace(",", "\u202f").replace(".", ",").replace("-", "−")


def _chart(table: Table) -> str:
    """Bars, described; the table that follows has the same numbers."""
    if table.chart is None:
        return ""
    label, number = table.chart
    bars = [
        (str(a), int(b or 0)) for a, b in table.frame.select(label, number).iter_rows() if a not in (TOTAL, "Total")
    ]
    most = max((n for _, n in bars), default=0)
    if not most:
        return ""
    said = f"{number} : " + " ; ".join(f"{a}, {n}" for a, n in bars) + "."
    drawn = "".join(_bar(i, a, n, most) for i, (a, n) in enumerate(bars))
    width = _LEFT + _BAR + 80
    return (
        f'<figure><svg role="img" aria-label="{escape(said)}" viewBox="0 0 {width} {_ROW * len(bars)}" width="{width}" height="{_ROW * len(bars)}">'
        f"{drawn}</svg><figcaption>{escape(number)}. Les mêmes nombres sont dans le tableau qui suit.</figcaption></figure>\n"
    )


def _bar(at: int, name: str, count: int, most: int) -> str:
    y, long = at * _ROW, count * _BAR // most
    short = name if len(name) <= 38 else f"{name[:37]}…"
    return (
        f'<text x="{_LEFT - 8}" y="{y + 16}" text-anchor="end" font-size="13">{escape(short)}</text>'
        f'<rect x="{_LEFT}" y="{y + 4}" width="{max(1, long)}" height="16" fill="#1f4e79"/>'
        f'<text x="{_LEFT + long + 6}" y="{y + 16}" font-size="13">{count}</text>'
    )


def lines(bilan: Bilan) -> Iterator[str]:
    """What a terminal shows: the table of réservataires in short, and the residual."""
    for row in bilan.table("T2-reservataires").frame.iter_rows(named=True):
        yield (f"  {row['Réservataire']:<45} proposés {row['Proposés']:>5}  attribués {row['Attribués']:>5}  baux {row['Baux signés']:>5}"
               + (f"  solde {_number(row['Solde'])}" if row["Solde"] is not None else ""))  # fmt: skip
