"""Tables that an order fixes each year (« barèmes »): read from ``rulesets/référentiels/plafonds.yaml``, never computed here."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.document.nodes import Mapping, Scalar, Sequence
from fluxrules.vocabulary.blocks import text, texts
from fluxrules.vocabulary.fields import Published, PublishedTable

UNREAD = "inconnu"


def published_table(name: str, block: Mapping) -> PublishedTable:
    """One block of « barèmes ». Raises ``ValueError`` for a value given twice or out of its bounds."""
    columns = tuple(texts(block.get("colonnes")))
    low, high = map(int, texts(block.get("bornes")))
    years = block.get("valeurs")
    assert isinstance(years, Sequence), block.span.place
    values = [v for year in years if isinstance(year, Mapping) for v in _year(year, columns)]
    if len({(v.key, v.year) for v in values}) != len(values) or any(not low <= v.value <= high for v in values):
        raise ValueError(f"{block.span.place}: a value is given twice, or is out of bounds")
    rows = tuple(dict.fromkeys(v.key[0] for v in sorted(values, key=lambda v: v.key)))
    keys = (rows, columns) if columns else (rows,)
    return PublishedTable(
        name, text(block, "libellé"), text(block, "source"), text(block, "unité"), low, high, keys, tuple(values)
    )


def _year(block: Mapping, columns: tuple[str, ...]) -> Iterator[Published]:
    year, status, sources = int(text(block, "année")), text(block, "statut"), tuple(texts(block.get("s")))
    if status not in ("publié", "calculé"):
        raise ValueError(f"{block.span.place}: « {status} » is not a status")
    lines = block.get("lignes")
    assert isinstance(lines, Mapping), block.span.place
    for entry in lines:
        row = entry.key.text
        cells = (
            {(row, c): v for c, v in zip(columns, texts(entry.value), strict=True)}
            if columns
            else {(row,): entry.value.text if isinstance(entry.value, Scalar) else ""}
        )
        for key, value in cells.items():
            if value != UNREAD:
                yield Published(key, year, int(value), status, sources)
