"""Which legal priorities the lines of a grid say they cover, on their own or through the families above them."""

from __future__ import annotations

from collections.abc import Iterator

from fluxrules.ir import nodes as n
from fluxrules.law.rules import Rule
from fluxrules.model.library import legal_categories

Path = tuple[str, ...]


def claimed(root: n.Family) -> dict[Path, tuple[str, ...]]:
    """The categories that each line claims, by its path. A claim is believed here; it is proved elsewhere."""
    return dict(_lines(root, ()))


def _lines(item: n.Line | n.Family, above: tuple[str, ...]) -> Iterator[tuple[Path, tuple[str, ...]]]:
    covers = tuple(dict.fromkeys((*above, *item.covers)))
    if isinstance(item, n.Line):
        yield item.path, covers
        return
    for child in item.items:
        yield from _lines(child, covers)


def library_name(rule: Rule) -> str | None:
    """The criterion of the library that says a priority; a category that a decree adds may have none yet."""
    found = legal_categories().get(rule.id)
    return found.name if found else None
