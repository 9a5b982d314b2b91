"""Where a character of a scalar's value stands in the source: quotes, folded lines and doubled apostrophes shift it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from fluxrules.document.nodes import Scalar
from fluxrules.text.source import Span


def value_span(scalar: Scalar, start: int, end: int) -> Span:
    """The span in the source of ``scalar.text[start:end]``; the whole scalar when escapes make it uncertain."""
    places = _places(scalar)
    if places is None or not scalar.text:
        return scalar.span
    start = max(0, min(start, len(scalar.text)))
    end = max(start, min(end, len(scalar.text)))
    first = places[start] if start < len(places) else places[-1] + 1
    last = places[end - 1] + 1 if end > start else first
    source = scalar.span.source
    return source.span(first, max(first, last))


def _places(scalar: Scalar) -> list[int] | None:
    """The source offset of each character of the value, found by walking both texts side by side."""
    raw, base = scalar.span.text, scalar.span.start
    if scalar.style == '"' and "\\" in raw:
        return None
    at = 1 if scalar.style in ('"', "'") else 0
    if scalar.style in ("|", ">"):
        at = raw.find("\n") + 1
    places: list[int] = []
    for c, blank in _runs(scalar.text):
        end = at
        while end < len(raw) and raw[end].isspace():
            end += 1
        if blank:  # as many blanks on both sides, or a line break and a margin folded into fewer
            places += [base + max(0, min(at + i, end - 1)) for i in range(len(c))]
            at = end
            continue
        at = end
        if at >= len(raw) or raw[at] != c:
            return None
        places.append(base + at)
        at += 2 if scalar.style == "'" and c == "'" else 1
    return places


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """The characters of a text one by one, blanks by runs."""
    for blank, run in groupby(text, str.isspace):
        if blank:
            yield "".join(run), True
        else:
            yield from ((c, False) for c in run)
